/* SPDX-License-Identifier: MIT */
/* The repository's inner door: the journal of one worker. One thread uses a px_journal at a time
 * (the pipeline's journal thread); every px_journal_* write belongs to a transaction between
 * px_journal_begin and px_journal_commit, so one flush serves many generations.
 * A failed single write leaves the transaction usable and its own rows untouched. */
#ifndef PX_REPOSITORY_JOURNAL_H
#define PX_REPOSITORY_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixazo/repository.h>

#include "base/clock.h"
#include "base/gate.h"
#include "base/record.h"
#include "base/terms.h"

typedef struct px_journal px_journal;

typedef struct px_journal_options {
  pixazo_repository *repository; /* one reference is taken */
  const char *spool;             /* directory: <worker uuid>.lock is made there and held by flock */
  const px_clock *clock;
  const px_budget_terms *budget; /* of this run: everything this journal sends; NULL: none. Scope and name are set here */
} px_journal_options;

pixazo_status px_journal_open(const px_journal_options *options, px_journal **out, pixazo_error **error);
/* The worker row goes when nothing names it any more; the lock is released. */
void px_journal_close(px_journal *journal);
const char *px_journal_worker(const px_journal *journal); /* UUID */
/* Says that this worker lives; of its own transaction. At least every 10 s. */
pixazo_status px_journal_heartbeat(px_journal *journal, pixazo_error **error);

pixazo_status px_journal_begin(px_journal *journal, pixazo_error **error);
pixazo_status px_journal_commit(px_journal *journal, pixazo_error **error); /* durable when it returns */
void px_journal_rollback(px_journal *journal);

/* T1. Text is borrowed. */
typedef struct px_journal_new {
  const char *uuid;
  const char *batch; /* NULL: none */
  const char *principal;
  const char *idempotency_key; /* NULL: none */
  const char *parent;          /* NULL: none */
  const char *relation;
  const char *request_json, *metadata_json, *effective_json, *outcome_json;
  const char *prompt, *provider, *model;
  const char *replay_key; /* NULL: none */
  int32_t images;
} px_journal_new;
/* E_EXISTS with `existing` filled: the principal used this idempotency key before; nothing is written. */
pixazo_status px_journal_add(px_journal *journal, const px_journal_new *row, char existing[PX_UUID_TEXT], pixazo_error **error);
/* The generation of a principal's key, "" when there is none; any thread. */
pixazo_status px_journal_find_key(pixazo_repository *repository, const char *principal, const char *key,
                                  char uuid[PX_UUID_TEXT], pixazo_error **error);

/* T1 of a generation that tries `old` again: it takes over its idempotency key, and what was pending of `old` (planned,
 * ambiguous, lost) is abandoned. E_STATE: nothing to be tried again; E_EXISTS: it was already, and that may still bring it. */
pixazo_status px_journal_retry(px_journal *journal, const char *old, const px_journal_new *row, pixazo_error **error);
/* The newest that is done with the key, principal, provider and model of `row`; any thread. E_NOT_FOUND. */
pixazo_status px_journal_find_replay(pixazo_repository *repository, const px_journal_new *row, pixazo_generation **out,
                                     pixazo_error **error);
/* A planned generation is done, with the pictures of `source` and at no cost. E_NOT_FOUND: not all of them are there. */
pixazo_status px_journal_replay(px_journal *journal, const char *generation, const char *source, pixazo_error **error);
/* The same with the newest equal one that is done, by the key in the row of `generation`; E_NOT_FOUND, also when that is
 * `gone`, whose files are known to be missing. Inside the transaction nothing can end between the look and the write. */
pixazo_status px_journal_replay_newest(px_journal *journal, const char *generation, const char *gone, pixazo_error **error);
/* T2 for each: attempt `sending`, reservation, token. Conflicts (an accepted attempt exists, not mine) are DENIED. */
pixazo_status px_journal_send(px_journal *journal, const px_gate_attempt *attempts, size_t count, px_gate_verdict *verdicts,
                              pixazo_error **error);

typedef struct px_journal_image { /* an expected picture; text is borrowed */
  const char *uuid;
  const char *remote_url; /* NULL: in the answer */
  const char *revised_prompt, *alt_text;
  const char *store, *key; /* {sha256}, {md5} and {ext} may still stand in it */
  int32_t index;
  int64_t seed; /* -1: not known */
} px_journal_image;

/* T3: how an attempt ended; for an accepted one its expected pictures and, when small, the answer itself.
 * `message` NULL when accepted. Accepting from `sending`, `ambiguous` or `lost` is allowed (late answers). */
typedef struct px_journal_answer {
  px_gate_answer facts;
  const void *answer; /* NULL: it stays in the spool as <attempt>.answer */
  size_t answer_size;
  const px_journal_image *images;
  size_t image_count;
  int64_t not_before_us; /* a planned generation waits until then; 0: not */
  bool final;            /* no further attempt will follow by itself: derive the ended state */
  bool later;            /* the attempt was accepted before (a queue): only its pictures or its failure are new */
} px_journal_answer;
pixazo_status px_journal_answered(px_journal *journal, const px_journal_answer *answer, pixazo_error **error);
/* T4: what became of one picture. state RECORDED needs the measured facts, else `reason`; EXPECTED: why it is not here yet. */
typedef struct px_journal_facts {
  const char *image, *generation; /* UUIDs */
  int32_t state;
  const char *key; /* final */
  const char *sha256, *md5, *content_type;
  const char *reason, *alt_text, *safety_json; /* the last two of the program; NULL: unchanged, nothing was said */
  const char *outcome_json; /* with delivered values; NULL: unchanged */
  int32_t width, height, has_alpha;
  int64_t bytes;
  int64_t generation_us, download_us, processing_us;
  const px_rendition_record *renditions; /* written with the picture */
  size_t rendition_count;
} px_journal_facts;
pixazo_status px_journal_recorded(px_journal *journal, const px_journal_facts *facts, pixazo_error **error);

/* A generation ends without a further attempt: CANCELLED (only planned), ABANDONED, FAILED. */
pixazo_status px_journal_end(px_journal *journal, const char *generation, int32_t state, const char *message,
                             pixazo_error **error);
/* The program will not have a planned one sent. *state: BLOCKED, or AMBIGUOUS where an earlier call may have been paid. */
pixazo_status px_journal_block(px_journal *journal, const char *generation, const char *message, const char *safety_json,
                               int32_t *state, pixazo_error **error);
/* Each budget with what is used of it in its present period; text is borrowed for the call. Outside of a transaction. */
typedef struct px_journal_budget {
  const char *scope, *name, *period, *currency;
  int64_t id, cap_micros, used_micros, period_id;
} px_journal_budget;
pixazo_status px_journal_budgets(px_journal *journal, void (*tell)(void *user, const px_journal_budget *budget), void *user,
                                 pixazo_error **error);

/* One open attempt or picture of a dead worker whose work may be taken over, or of this one. */
typedef struct px_journal_work {
  pixazo_generation *record; /* owned */
  char attempt[PX_UUID_TEXT]; /* "" for a planned generation */
  int32_t n, attempt_state; /* PX_ATTEMPT_* */
  char *remote_id, *poll_url;
  void *answer; /* the copy in the row; NULL when it is in the spool */
  size_t answer_size;
  int64_t sent_us, not_before_us;
} px_journal_work;
enum { PX_ATTEMPT_SENDING = 1, PX_ATTEMPT_ACCEPTED = 2, PX_ATTEMPT_NOT_SENT = 3, PX_ATTEMPT_REFUSED = 4, PX_ATTEMPT_BLOCKED = 5,
       PX_ATTEMPT_FAILED = 6, PX_ATTEMPT_EMPTY = 7, PX_ATTEMPT_LOST = 8, PX_ATTEMPT_AMBIGUOUS = 9 };

/* Takes over what dead workers of this spool left, then gives the open work one by one:
 * attempts `sending`, `accepted` with pictures `expected` or none yet, and planned generations.
 * Start with after = ""; E_NOT_FOUND at the end. Work of live workers is counted in *elsewhere. */
pixazo_status px_journal_take_over(px_journal *journal, size_t *elsewhere, pixazo_error **error);
/* Takes over this one if it is planned and its worker is dead; else nothing. */
pixazo_status px_journal_take_planned(px_journal *journal, const char *generation, pixazo_error **error);
pixazo_status px_journal_next_work(px_journal *journal, char after[PX_UUID_TEXT], px_journal_work *work, pixazo_error **error);
void px_journal_work_done(px_journal_work *work);

#endif
