/* SPDX-License-Identifier: MIT */
#include "support/journal.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/tmpdir.h"

void must_be(pixazo_status expected, pixazo_status got, pixazo_error *error)
{
  if (got != expected)
    fail_msg("%s instead of %s: %s", pixazo_status_name(got), pixazo_status_name(expected), pixazo_error_message(error));
  if (got == PIXAZO_OK)
    assert_null(error);
  pixazo_error_free(error);
}

static int64_t read_kit_clock(void *self)
{
  return ((journal_kit *)self)->now_us;
}

static void read_random(void *self, void *data, size_t size)
{
  (void)self;
  px_random(px_clock_system(), data, size);
}

static void open_repository(journal_kit *kit)
{
  pixazo_repository_options options = PIXAZO_REPOSITORY_OPTIONS_INIT;
  options.path = kit->path;
  options.media_root = kit->directory;
  MUST(pixazo_repository_new(&options, &kit->repository, error));
}

px_journal *journal_kit_another(journal_kit *kit)
{
  px_journal *journal = NULL;
  px_journal_options options = {.repository = kit->repository, .spool = kit->spool, .clock = &kit->clock};
  MUST(px_journal_open(&options, &journal, error));
  return journal;
}

int journal_kit_setup(void **state)
{
  journal_kit *kit = calloc(1, sizeof *kit);
  if (!kit)
    return 1;
  kit->directory = tmpdir_make();
  kit->path = tmpdir_path(kit->directory, "pixazo.db");
  kit->spool = tmpdir_path(kit->directory, "spool");
  kit->now_us = INT64_C(1795000000000000); /* a day in November 2026 */
  kit->clock = (px_clock){read_kit_clock, read_kit_clock, read_kit_clock, read_random, kit};
  open_repository(kit);
  kit->journal = journal_kit_another(kit);
  *state = kit;
  return 0;
}

int journal_kit_teardown(void **state)
{
  journal_kit *kit = *state;
  px_journal_close(kit->journal);
  (void)pixazo_repository_unref(kit->repository);
  tmpdir_remove(kit->directory);
  free(kit->path);
  free(kit->spool);
  free(kit);
  return 0;
}

void journal_kit_reopen(journal_kit *kit)
{
  px_journal_close(kit->journal);
  (void)pixazo_repository_unref(kit->repository);
  open_repository(kit);
  kit->journal = journal_kit_another(kit);
}

void plan_row(journal_kit *kit, char generation[PX_UUID_TEXT], px_journal_new *row)
{
  char existing[PX_UUID_TEXT];
  px_uuid_new(px_clock_system(), generation);
  row->uuid = generation;
  MUST(px_journal_begin(kit->journal, error));
  MUST(px_journal_add(kit->journal, row, existing, error));
  MUST(px_journal_commit(kit->journal, error));
}

void plan(journal_kit *kit, char generation[PX_UUID_TEXT], const char *prompt)
{
  px_journal_new row = {
      .prompt = prompt, .provider = "pixazo", .model = "sdxl", .request_json = "{\"prompt\":\"x\"}", .images = 1};
  plan_row(kit, generation, &row);
}

pixazo_status begin_attempt_as(px_journal *journal, const char *generation, char attempt[PX_UUID_TEXT], int64_t price,
                               px_gate_verdict *verdict, pixazo_error **error)
{
  px_uuid_new(px_clock_system(), attempt);
  px_gate_attempt row = {.attempt = attempt,
                         .generation = generation,
                         .principal = "",
                         .provider = "pixazo",
                         .model = "sdxl",
                         .currency = "USD",
                         .upper_bound_micros = price < 0 ? 0 : price,
                         .price_known = price >= 0,
                         .n = 1};
  pixazo_status status = px_journal_begin(journal, error);
  if (status == PIXAZO_OK)
    status = px_journal_send(journal, &row, 1, verdict, error);
  if (status == PIXAZO_OK)
    return px_journal_commit(journal, error);
  px_journal_rollback(journal);
  return status;
}

int32_t begin_attempt(journal_kit *kit, const char *generation, char attempt[PX_UUID_TEXT], int64_t price)
{
  px_gate_verdict verdict = {0};
  MUST(begin_attempt_as(kit->journal, generation, attempt, price, &verdict, error));
  pixazo_error_free(verdict.error);
  return verdict.verdict;
}

pixazo_status answer_attempt(px_journal *journal, const px_journal_answer *answer, pixazo_error **error)
{
  pixazo_status status = px_journal_begin(journal, error);
  if (status != PIXAZO_OK)
    return status;
  status = px_journal_answered(journal, answer, error);
  if (status == PIXAZO_OK)
    return px_journal_commit(journal, error);
  px_journal_rollback(journal);
  return status;
}

void accept_attempt(journal_kit *kit, const char *generation, const char *attempt, char (*images)[PX_UUID_TEXT],
                    size_t count)
{
  px_journal_image rows[8] = {{0}};
  assert_true(count <= 8);
  for (size_t i = 0; i < count; i++) {
    px_uuid_new(px_clock_system(), images[i]);
    rows[i] = (px_journal_image){.uuid = images[i],
                                 .remote_url = "https://cdn.example/picture.png?signature=fake-signature",
                                 .store = "local",
                                 .key = "originals/{sha256}.{ext}",
                                 .index = (int32_t)i};
  }
  px_journal_answer answer = {.facts = {.attempt = attempt,
                                        .generation = generation,
                                        .attempt_class = PIXAZO_CLASS_ACCEPTED,
                                        .http_status = 200,
                                        .currency = "USD",
                                        .cost_micros = 40000,
                                        .confidence = PIXAZO_CONFIDENCE_ESTIMATED,
                                        .charge = PIXAZO_CHARGE_CHARGED},
                              .answer = "{\"imageUrl\":\"https://cdn.example/picture.png?signature=fake-signature\"}",
                              .answer_size = 20,
                              .images = rows,
                              .image_count = count,
                              .final = true};
  MUST(answer_attempt(kit->journal, &answer, error));
}

void fail_attempt(journal_kit *kit, const char *generation, const char *attempt, int32_t attempt_class, int32_t charge,
                  int32_t http_status, bool final)
{
  px_journal_answer answer = {.facts = {.attempt = attempt,
                                        .generation = generation,
                                        .attempt_class = attempt_class,
                                        .http_status = http_status,
                                        .message = "it failed for a test",
                                        .charge = charge},
                              .final = final};
  MUST(answer_attempt(kit->journal, &answer, error));
}

pixazo_status record_image(px_journal *journal, const char *generation, const char *image, int32_t state,
                           pixazo_error **error)
{
  char key[96];
  (void)snprintf(key, sizeof key, "originals/2026/11/%s.png", image);
  px_journal_facts facts = {.image = image, .generation = generation, .state = state};
  if (state == PIXAZO_IMAGE_RECORDED) {
    facts.key = key;
    facts.sha256 = "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f";
    facts.md5 = "d41d8cd98f00b204e9800998ecf8427e";
    facts.content_type = "image/png";
    facts.width = 640;
    facts.height = 480;
    facts.bytes = 1000;
    facts.generation_us = 2000000;
  } else {
    facts.reason = "no good";
  }
  pixazo_status status = px_journal_begin(journal, error);
  if (status != PIXAZO_OK)
    return status;
  status = px_journal_recorded(journal, &facts, error);
  if (status == PIXAZO_OK)
    return px_journal_commit(journal, error);
  px_journal_rollback(journal);
  return status;
}

void end_generation(journal_kit *kit, const char *generation, int32_t state)
{
  MUST(px_journal_begin(kit->journal, error));
  MUST(px_journal_end(kit->journal, generation, state, "ended by a test", error));
  MUST(px_journal_commit(kit->journal, error));
}

void make_done(journal_kit *kit, char generation[PX_UUID_TEXT], const char *prompt)
{
  char attempt[PX_UUID_TEXT], image[1][PX_UUID_TEXT];
  plan(kit, generation, prompt);
  assert_int_equal(PX_GATE_GO, begin_attempt(kit, generation, attempt, 50000));
  accept_attempt(kit, generation, attempt, image, 1);
  MUST(record_image(kit->journal, generation, image[0], PIXAZO_IMAGE_RECORDED, error));
}

int32_t state_of(journal_kit *kit, const char *generation)
{
  pixazo_generation *found = NULL;
  MUST(pixazo_repository_find(kit->repository, generation, &found, error));
  int32_t state = pixazo_generation_state(found);
  pixazo_generation_free(found);
  return state;
}

char *ask_text(journal_kit *kit, const char *sql)
{
  sqlite3 *connection = NULL;
  sqlite3_stmt *statement = NULL;
  char *text = NULL;
  assert_int_equal(SQLITE_OK, sqlite3_open(kit->path, &connection));
  (void)sqlite3_busy_timeout(connection, 5000);
  if (sqlite3_prepare_v2(connection, sql, -1, &statement, NULL) != SQLITE_OK)
    fail_msg("%s: %s", sql, sqlite3_errmsg(connection));
  if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_text(statement, 0))
    text = strdup((const char *)sqlite3_column_text(statement, 0));
  (void)sqlite3_finalize(statement);
  (void)sqlite3_close(connection);
  return text;
}

int64_t ask(journal_kit *kit, const char *sql)
{
  char *text = ask_text(kit, sql);
  int64_t number = text ? strtoll(text, NULL, 10) : -1;
  free(text);
  return number;
}

void tell(journal_kit *kit, const char *sql)
{
  sqlite3 *connection = NULL;
  char *message = NULL;
  assert_int_equal(SQLITE_OK, sqlite3_open(kit->path, &connection));
  (void)sqlite3_busy_timeout(connection, 5000);
  if (sqlite3_exec(connection, sql, NULL, NULL, &message) != SQLITE_OK)
    fail_msg("%s: %s", sql, message);
  (void)sqlite3_close(connection);
}
