/* SPDX-License-Identifier: MIT */
/* A repository in a directory of its own, its journal, and one-line ways to write to it. */
#ifndef PX_SUPPORT_JOURNAL_H
#define PX_SUPPORT_JOURNAL_H

#include <stdbool.h>

#include "repository/internal.h"
#include "repository/journal.h"

typedef struct journal_kit {
  char *directory;
  char *path; /* of the database */
  char *spool;
  pixazo_repository *repository;
  px_journal *journal;
  px_clock clock; /* hand-set: now_us */
  int64_t now_us;
} journal_kit;

/* cmocka set-up and tear-down; the kit is in *state. */
int journal_kit_setup(void **state);
int journal_kit_teardown(void **state);
void journal_kit_reopen(journal_kit *kit); /* closes both and opens them again */
/* Another journal of the same spool and database. */
px_journal *journal_kit_another(journal_kit *kit);

/* Fails the test with the message of an error. */
void must_be(pixazo_status expected, pixazo_status got, pixazo_error *error);
#define MUST(call) MUST_FAIL(PIXAZO_OK, call)
#define MUST_FAIL(expected, call)                 \
  do {                                            \
    pixazo_error *must_error = NULL;              \
    pixazo_error **error = &must_error;           \
    pixazo_status must_status = (call);           \
    must_be((expected), must_status, must_error); \
  } while (0)

/* Each in a transaction of its own when the journal is in none. UUIDs are made for the caller. */
void plan(journal_kit *kit, char generation[PX_UUID_TEXT], const char *prompt);
void plan_row(journal_kit *kit, char generation[PX_UUID_TEXT], px_journal_new *row);
/* Gives the verdict; `price` < 0: not known. */
int32_t begin_attempt(journal_kit *kit, const char *generation, char attempt[PX_UUID_TEXT], int64_t price);
pixazo_status begin_attempt_as(px_journal *journal, const char *generation, char attempt[PX_UUID_TEXT], int64_t price,
                               px_gate_verdict *verdict, pixazo_error **error);
pixazo_status answer_attempt(px_journal *journal, const px_journal_answer *answer, pixazo_error **error);
/* An accepted answer with `count` pictures, whose UUIDs come back. */
void accept_attempt(journal_kit *kit, const char *generation, const char *attempt, char (*images)[PX_UUID_TEXT],
                    size_t count);
void fail_attempt(journal_kit *kit, const char *generation, const char *attempt, int32_t attempt_class, int32_t charge,
                  int32_t http_status, bool final);
pixazo_status record_image(px_journal *journal, const char *generation, const char *image, int32_t state,
                           pixazo_error **error);
void end_generation(journal_kit *kit, const char *generation, int32_t state);
/* Planned, sent, accepted, recorded. */
void make_done(journal_kit *kit, char generation[PX_UUID_TEXT], const char *prompt);
int32_t state_of(journal_kit *kit, const char *generation);
/* The first column of the first row, on a connection of the test's own; -1 when there is none. */
int64_t ask(journal_kit *kit, const char *sql);
/* The same as text; free() it; NULL when there is none. */
char *ask_text(journal_kit *kit, const char *sql);
void tell(journal_kit *kit, const char *sql);

#endif
