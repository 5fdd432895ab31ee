/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "support/journal.h"

static void assert_text(journal_kit *kit, const char *expected, const char *sql)
{
  char *text = ask_text(kit, sql);
  if (!px_str_equal(expected, text))
    fail_msg("%s: \"%s\" instead of \"%s\"", sql, text ? text : "(null)", expected ? expected : "(null)");
  free(text);
}

static void assert_status(journal_kit *kit, const char *expected)
{
  assert_text(kit, expected, "SELECT status FROM generations ORDER BY id DESC LIMIT 1");
}

static void test_views__planned_and_sent_are_pending(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  plan(kit, generation, "a fox");
  assert_status(kit, "PENDING");
  (void)begin_attempt(kit, generation, attempt, 1);
  assert_status(kit, "PENDING");
  fail_attempt(kit, generation, attempt, PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED, 429, false);
  assert_status(kit, "PENDING"); /* it waits for another attempt */
}

static void test_views__recorded_is_a_success_with_a_local_path(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], expected[512];
  make_done(kit, generation, "a fox");
  assert_status(kit, "SUCCESS");
  char *key = ask_text(kit, "SELECT store_key FROM image");
  (void)snprintf(expected, sizeof expected, "%s/%s", kit->directory, key);
  assert_text(kit, expected, "SELECT image_url FROM generations");
  free(key);
}

static void test_views__accepted_without_its_picture_is_a_failed_download_with_the_remote_link(void **state)
{
  journal_kit *kit = *state;
  static const int32_t endings[] = {0, PIXAZO_IMAGE_LOST, PIXAZO_IMAGE_QUARANTINED};
  for (size_t i = 0; i < PX_ARRAY_SIZE(endings); i++) {
    char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT], image[1][PX_UUID_TEXT];
    plan(kit, generation, "a fox");
    (void)begin_attempt(kit, generation, attempt, 1);
    accept_attempt(kit, generation, attempt, image, 1);
    if (endings[i])
      MUST(record_image(kit->journal, generation, image[0], endings[i], error));
    assert_status(kit, "DOWNLOAD_FAILED");
    assert_text(kit, "https://cdn.example/picture.png?signature=fake-signature",
                "SELECT image_url FROM generations ORDER BY id DESC LIMIT 1");
  }
}

static void test_views__one_recorded_picture_of_several_is_a_success(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT], images[2][PX_UUID_TEXT];
  plan(kit, generation, "two foxes");
  (void)begin_attempt(kit, generation, attempt, 1);
  accept_attempt(kit, generation, attempt, images, 2);
  MUST(record_image(kit->journal, generation, images[0], PIXAZO_IMAGE_LOST, error));
  assert_status(kit, "DOWNLOAD_FAILED");
  MUST(record_image(kit->journal, generation, images[1], PIXAZO_IMAGE_RECORDED, error));
  assert_status(kit, "SUCCESS");
  char *url = ask_text(kit, "SELECT image_url FROM generations");
  assert_int_equal('/', url[0]);
  free(url);
}

static void test_views__an_accepted_queue_without_pictures_is_pending_until_it_ends(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  plan(kit, generation, "a fox");
  (void)begin_attempt(kit, generation, attempt, 1);
  accept_attempt(kit, generation, attempt, NULL, 0);
  assert_status(kit, "PENDING");
  end_generation(kit, generation, PIXAZO_GENERATION_ABANDONED);
  assert_status(kit, "DOWNLOAD_FAILED");
}

static void test_views__everything_else_ended_has_its_own_word(void **state)
{
  journal_kit *kit = *state;
  static const struct {
    int32_t attempt_class;
    int32_t http_status;
    const char *expected;
  } cases[] = {
      {PIXAZO_CLASS_REFUSED, 401, "HTTP_401"},  {PIXAZO_CLASS_REFUSED, 429, "HTTP_429"},
      {PIXAZO_CLASS_FAILED, 500, "HTTP_500"},   {PIXAZO_CLASS_AMBIGUOUS, 502, "HTTP_502"},
      {PIXAZO_CLASS_BLOCKED, 400, "HTTP_400"},  {PIXAZO_CLASS_BLOCKED, 200, "EXCEPTION"},
      {PIXAZO_CLASS_EMPTY, 200, "EXCEPTION"},   {PIXAZO_CLASS_LOST, 200, "EXCEPTION"},
      {PIXAZO_CLASS_AMBIGUOUS, 0, "EXCEPTION"}, {PIXAZO_CLASS_NOT_SENT, 0, "EXCEPTION"},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++) {
    char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
    plan(kit, generation, "a fox");
    (void)begin_attempt(kit, generation, attempt, 1);
    fail_attempt(kit, generation, attempt, cases[i].attempt_class, PIXAZO_CHARGE_NOT_CHARGED, cases[i].http_status, true);
    assert_status(kit, cases[i].expected);
  }
  char generation[PX_UUID_TEXT];
  plan(kit, generation, "a fox");
  end_generation(kit, generation, PIXAZO_GENERATION_CANCELLED);
  assert_status(kit, "EXCEPTION");
}

static void test_views__generations_has_the_columns_of_the_old_tool(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT];
  make_done(kit, generation, "a \"fox\"");
  assert_text(kit, "id,timestamp,prompt,parameters_json,image_url,status",
              "SELECT group_concat(name) FROM pragma_table_info('generations')");
  assert_text(kit, "a \"fox\"", "SELECT prompt FROM generations");
  assert_text(kit, "{\"prompt\":\"x\"}", "SELECT parameters_json FROM generations");
  assert_text(kit, "2026-11-18T11:06:40.000000Z", "SELECT timestamp FROM generations");
  assert_text(kit, "integer", "SELECT typeof(id) FROM generations");
}

static void test_views__the_old_tool_writes_through_its_view(void **state)
{
  journal_kit *kit = *state;
  static const struct {
    const char *status;
    const char *url; /* SQL */
    int32_t state;
  } cases[] = {
      {"SUCCESS", "'/data/generated/default/pixazo_0123456789abcdef.png'", PIXAZO_GENERATION_DONE},
      {"SUCCESS", "'https://cdn.example/a.png'", PIXAZO_GENERATION_DONE},
      {"DOWNLOAD_FAILED", "'https://cdn.example/a.png'", PIXAZO_GENERATION_FAILED},
      {"HTTP_401", "NULL", PIXAZO_GENERATION_FAILED},
      {"HTTP_500", "NULL", PIXAZO_GENERATION_FAILED},
      {"EXCEPTION", "NULL", PIXAZO_GENERATION_FAILED},
      {"something of its own", "NULL", PIXAZO_GENERATION_FAILED},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++) {
    char sql[512], image_url[256];
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO generations (timestamp, prompt, parameters_json, image_url, status) VALUES "
                   "('2025-08-01T10:00:00.123456', 'an old fox', '{\"THEME\": \"x\"}', %s, '%s')",
                   cases[i].url, cases[i].status);
    tell(kit, sql);
    assert_status(kit, cases[i].status);
    assert_text(kit, "2025-08-01T10:00:00.123456", "SELECT timestamp FROM generations ORDER BY id DESC LIMIT 1");
    assert_text(kit, "{\"THEME\": \"x\"}", "SELECT parameters_json FROM generations ORDER BY id DESC LIMIT 1");
    (void)snprintf(image_url, sizeof image_url, "SELECT image_url IS %s FROM generations ORDER BY id DESC LIMIT 1",
                   cases[i].url);
    assert_int_equal(1, ask(kit, image_url));
    assert_int_equal(cases[i].state, ask(kit, "SELECT state FROM generation ORDER BY id DESC LIMIT 1"));
    assert_int_equal(i + 1, ask(kit, "SELECT count(*) FROM ledger"));
  }
  assert_int_equal(401, ask(kit, "SELECT http_status FROM generation WHERE legacy_status = 'HTTP_401'"));
  assert_int_equal(2, ask(kit, "SELECT sum(done) FROM stat_day"));
  assert_int_equal(5, ask(kit, "SELECT sum(failed) FROM stat_day"));
  char *report = NULL;
  MUST(pixazo_repository_check(kit->repository, &report, error));
  px_free(report);
}

static void test_views__a_row_without_a_prompt_is_refused_as_before(void **state)
{
  journal_kit *kit = *state;
  pixazo_error *error = NULL;
  px_db_link *link = NULL;
  assert_int_equal(PIXAZO_OK, px_db_begin_write(kit->repository->db, &link, &error));
  assert_int_equal(PIXAZO_E_CONFLICT, px_db_run(link, "INSERT INTO generations (timestamp, status) VALUES ('x', 'SUCCESS')",
                                                PX_BIND_NONE, NULL, NULL));
  px_db_end(&link);
  assert_int_equal(0, ask(kit, "SELECT count(*) FROM generation"));
}

static void test_views__generated_images_names_the_facts(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT], images[2][PX_UUID_TEXT];
  px_journal_new row = {.prompt = "two foxes",
                        .principal = "blog",
                        .provider = "pixazo",
                        .model = "sdxl",
                        .effective_json = "{\"negative_prompt\":\"blur\",\"quality\":\"high\"}",
                        .images = 2};
  plan_row(kit, generation, &row);
  (void)begin_attempt(kit, generation, attempt, 50000);
  accept_attempt(kit, generation, attempt, images, 2);
  MUST(record_image(kit->journal, generation, images[0], PIXAZO_IMAGE_RECORDED, error));
  MUST(pixazo_repository_update(kit->repository, images[0], "{\"post_id\":\"p1\",\"rating\":4,\"alt_text\":\"foxes\"}",
                                error));
  assert_text(
      kit, "blog|p1|two foxes|blur|pixazo|sdxl|foxes|640|480|1000|png|high|4|0.02|2.0|recorded|2026-11-18T11:06:40.000000Z",
      "SELECT \"user\" || '|' || post_id || '|' || prompt || '|' || negative_prompt || '|' || provider || '|' || "
      "model_used || '|' || alt_text || '|' || width || '|' || height || '|' || file_size || '|' || format || '|' || "
      "quality || '|' || rating || '|' || cost || '|' || generation_time || '|' || status || '|' || created_at "
      "FROM generated_images WHERE status = 'recorded'");
  assert_int_equal(1, ask(kit, "SELECT count(*) FROM generated_images WHERE status = 'expected'"));
  assert_text(
      kit,
      "id,user,post_id,prompt_id,prompt,negative_prompt,provider,model_used,parameters,image_file,thumbnail,image_url,"
      "alt_text,width,height,file_size,format,quality,rating,cost,generation_time,status,created_at,updated_at",
      "SELECT group_concat(name) FROM pragma_table_info('generated_images')");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_kit_setup, journal_kit_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_views__planned_and_sent_are_pending),
      TEST(test_views__recorded_is_a_success_with_a_local_path),
      TEST(test_views__accepted_without_its_picture_is_a_failed_download_with_the_remote_link),
      TEST(test_views__one_recorded_picture_of_several_is_a_success),
      TEST(test_views__an_accepted_queue_without_pictures_is_pending_until_it_ends),
      TEST(test_views__everything_else_ended_has_its_own_word),
      TEST(test_views__generations_has_the_columns_of_the_old_tool),
      TEST(test_views__the_old_tool_writes_through_its_view),
      TEST(test_views__a_row_without_a_prompt_is_refused_as_before),
      TEST(test_views__generated_images_names_the_facts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
