/* SPDX-License-Identifier: MIT */
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kit.h"
#include "support/testing.h"

static int setup(void **state)
{
  static kit k;
  kit_prepare(&k);
  *state = &k;
  return 0;
}

static int teardown(void **state)
{
  kit_remove(*state);
  return 0;
}

static void test_pipeline__brings_a_picture_from_prompt_to_record(void **state)
{
  kit *k = *state;
  kit_open(k);
  char *id = kit_add(k, "{\"prompt\":\"a red fox\",\"width\":96,\"height\":64,\"seed\":7,\"THEME\":\"autumn\"}");
  pixazo_generation *record = kit_wait(k, id);
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_DONE);
  assert_int_equal(pixazo_generation_image_count(record), 1);
  assert_int_equal(pixazo_generation_image_state(record, 0), PIXAZO_IMAGE_RECORDED);
  assert_int_equal(pixazo_generation_image_width(record, 0), 96);
  assert_int_equal(pixazo_generation_image_height(record, 0), 64);
  assert_string_equal(pixazo_generation_image_content_type(record, 0), "image/png");
  assert_int_equal(strlen(pixazo_generation_image_sha256(record, 0)), 64);
  assert_int_equal(access(pixazo_generation_image_path(record, 0), R_OK), 0);
  assert_non_null(strstr(pixazo_generation_request_json(record), "THEME"));
  assert_null(strstr(pixazo_generation_effective_json(record), "THEME"));
  assert_non_null(strstr(pixazo_generation_outcome_json(record), "\"delivered\":96"));
  assert_int_equal(pixazo_generation_attempts(record), 1);
  pixazo_generation_free(record);
  pixazo_free(id);
  assert_int_equal(kit_files(k, "originals"), 1);
}

static void test_pipeline__leaves_nothing_in_the_spool(void **state)
{
  kit *k = *state;
  kit_open(k);
  char *id = kit_add(k, "{\"prompt\":\"a\",\"width\":32,\"height\":32}");
  pixazo_generation_free(kit_wait(k, id));
  pixazo_free(id);
  kit_close(k);
  assert_int_equal(kit_files(k, "spool"), 0);
}

static void test_pipeline__splits_a_count_and_hands_out_all_pictures(void **state)
{
  kit *k = *state;
  kit_open(k);
  char *id = kit_add(k, "{\"prompt\":\"three\",\"width\":32,\"height\":32,\"count\":3,\"seed\":1}");
  pixazo_generation *record = kit_wait(k, id);
  assert_string_equal(pixazo_generation_uuid(record), id);
  assert_int_equal(pixazo_generation_image_count(record), 3);
  assert_string_not_equal(pixazo_generation_image_sha256(record, 0), pixazo_generation_image_sha256(record, 1));
  assert_int_equal(pixazo_generation_attempts(record), 3);
  pixazo_generation_free(record);
  pixazo_free(id);
}

static void test_pipeline__sends_an_idempotency_key_once(void **state)
{
  kit *k = *state;
  static const char json[] = "{\"prompt\":\"once\",\"width\":32,\"height\":32,\"idempotency_key\":\"k1\"}";
  kit_open(k);
  char *first = kit_add(k, json);
  char *again = kit_add(k, json); /* still open */
  assert_string_equal(first, again);
  pixazo_generation_free(kit_wait(k, first));
  char *later = kit_add(k, json); /* recorded */
  assert_string_equal(first, later);
  pixazo_generation *record = kit_wait(k, later);
  assert_int_equal(pixazo_generation_attempts(record), 1);
  pixazo_generation_free(record);
  assert_int_equal(kit_files(k, "originals"), 1);
  pixazo_free(first);
  pixazo_free(again);
  pixazo_free(later);
}

static void add_recipe(kit *k, pixazo_recipe **recipe)
{
  pixazo_error *error = NULL;
  assert_ok(pixazo_recipe_new_named("fit-256", recipe, &error), error);
  k->pipeline_options.recipes = (const pixazo_recipe *const *)recipe;
  k->pipeline_options.recipe_count = 1;
}

static void test_pipeline__records_renditions_with_the_picture(void **state)
{
  kit *k = *state;
  pixazo_recipe *recipe = NULL;
  add_recipe(k, &recipe);
  kit_open(k);
  pixazo_recipe_free(recipe);
  char *id = kit_add(k, "{\"prompt\":\"wide\",\"width\":512,\"height\":256}");
  pixazo_generation *record = kit_wait(k, id);
  assert_int_equal(pixazo_generation_rendition_count(record, 0), 1);
  assert_string_equal(pixazo_generation_rendition_name(record, 0, 0), "fit-256");
  assert_string_equal(pixazo_generation_rendition_content_type(record, 0, 0), "image/jpeg");
  assert_int_equal(access(pixazo_generation_rendition_path(record, 0, 0), R_OK), 0);
  pixazo_generation_free(record);
  pixazo_free(id);
}

static void test_pipeline__tells_events_through_its_descriptor(void **state)
{
  kit *k = *state;
  int kinds[8] = {0};
  kit_open(k);
  struct pollfd fd = {.fd = pixazo_pipeline_fd(k->pipeline), .events = POLLIN};
  assert_int_equal(poll(&fd, 1, 0), 0);
  char *id = kit_add(k, "{\"prompt\":\"events\",\"width\":32,\"height\":32}");
  while (kinds[PIXAZO_EVENT_ENDED] == 0) {
    pixazo_event *event = NULL;
    assert_int_equal(poll(&fd, 1, 10000), 1);
    if (pixazo_pipeline_next_event(k->pipeline, 0, &event, NULL) != PIXAZO_OK)
      continue;
    assert_string_equal(pixazo_event_generation(event), id);
    kinds[pixazo_event_kind(event)]++;
    pixazo_event_free(event);
  }
  assert_int_equal(kinds[PIXAZO_EVENT_PLANNED], 1);
  assert_int_equal(kinds[PIXAZO_EVENT_STARTED], 1);
  assert_int_equal(kinds[PIXAZO_EVENT_ANSWERED], 1);
  assert_int_equal(kinds[PIXAZO_EVENT_IMAGE], 1);
  assert_int_equal(poll(&fd, 1, 0), 0);
  assert_int_equal(pixazo_pipeline_open_count(k->pipeline), 0);
  pixazo_free(id);
}

static int32_t count_ends(const pixazo_event *event, void *user_data)
{
  *(int *)user_data += pixazo_event_kind(event) == PIXAZO_EVENT_ENDED;
  return 0;
}

static void test_pipeline__runs_many_until_all_have_ended(void **state)
{
  kit *k = *state;
  pixazo_error *error = NULL;
  int ends = 0;
  k->pipeline_options.concurrency = 4;
  kit_open(k);
  for (size_t i = 0; i < 20; i++)
    pixazo_free(kit_add(k, "{\"prompt\":\"many\",\"width\":32,\"height\":32}"));
  assert_ok(pixazo_pipeline_run(k->pipeline, NULL, count_ends, &ends, &error), error);
  assert_int_equal(ends, 20);
  assert_int_equal(kit_files(k, "originals"), 20);
}

static void test_pipeline__cancels_what_is_not_sent(void **state)
{
  kit *k = *state;
  pixazo_error *error = NULL;
  k->client_options.offline_script = "[{\"delay_ms\":300}]";
  k->pipeline_options.concurrency = 1;
  kit_open(k);
  char *running = kit_add(k, "{\"prompt\":\"slow\",\"width\":32,\"height\":32}");
  char *waiting = kit_add(k, "{\"prompt\":\"never\",\"width\":32,\"height\":32}");
  assert_ok(pixazo_pipeline_cancel(k->pipeline, waiting, PIXAZO_CANCEL_SOFT, &error), error);
  assert_status(pixazo_pipeline_wait(k->pipeline, waiting, 5000, NULL, NULL, &error), PIXAZO_E_CANCELLED);
  assert_string_equal(pixazo_error_generation(error), waiting);
  pixazo_error_free(error);
  pixazo_generation_free(kit_wait(k, running));
  pixazo_generation *record = NULL;
  error = NULL;
  assert_ok(pixazo_repository_find(k->repository, waiting, &record, &error), error);
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_CANCELLED);
  assert_int_equal(pixazo_generation_attempts(record), 0);
  pixazo_generation_free(record);
  pixazo_free(running);
  pixazo_free(waiting);
}

static void test_pipeline__planned_work_survives_closing_and_is_continued(void **state)
{
  kit *k = *state;
  pixazo_error *error = NULL;
  char *report = NULL;
  k->client_options.offline_script = "[{\"delay_ms\":300}]";
  k->pipeline_options.concurrency = 1;
  kit_open(k);
  char *first = kit_add(k, "{\"prompt\":\"slow\",\"width\":32,\"height\":32}");
  char *second = kit_add(k, "{\"prompt\":\"later\",\"width\":32,\"height\":32,\"seed\":99}");
  pixazo_event *event = NULL;
  assert_ok(pixazo_pipeline_next_event(k->pipeline, 5000, &event, &error), error); /* planned */
  pixazo_event_free(event);
  kit_close(k);
  k->client_options.offline_script = NULL;
  kit_open(k);
  assert_ok(pixazo_pipeline_resume(k->pipeline, PIXAZO_RESUME_PAID, NULL, &report, &error), error);
  assert_non_null(strstr(report, "\"done\":0"));
  pixazo_free(report);
  assert_ok(pixazo_pipeline_resume(k->pipeline, PIXAZO_RESUME_CONTINUE, NULL, &report, &error), error);
  pixazo_free(report);
  pixazo_generation *record = NULL;
  assert_ok(pixazo_repository_find(k->repository, second, &record, &error), error);
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_DONE);
  assert_non_null(strstr(pixazo_generation_effective_json(record), "99"));
  pixazo_generation_free(record);
  pixazo_free(first);
  pixazo_free(second);
}

typedef struct votes {
  int asked;
  int64_t answer;
} votes;

static int64_t vote(const pixazo_retry *retry, void *user_data)
{
  votes *v = user_data;
  v->asked++;
  assert_non_null(retry->cause);
  return v->answer;
}

static void test_pipeline__asks_the_retry_hook_and_obeys_a_veto(void **state)
{
  kit *k = *state;
  votes v = {0, -1};
  pixazo_error *error = NULL;
  k->client_options.offline_script = "[{\"class\":\"failed\"},{}]";
  k->pipeline_options.on_retry = vote;
  k->pipeline_options.on_retry_data = &v;
  k->client_options.retry_delay_ms = 20000;
  kit_open(k);
  char *id = kit_add(k, "{\"prompt\":\"veto\",\"width\":32,\"height\":32}");
  assert_status(pixazo_pipeline_wait(k->pipeline, id, 15000, NULL, NULL, &error), PIXAZO_E_PROVIDER);
  pixazo_error_free(error);
  assert_int_equal(v.asked, 1);
  pixazo_free(id);
}

static void test_pipeline__retries_after_the_delay_the_hook_chose(void **state)
{
  kit *k = *state;
  votes v = {0, 1};
  k->client_options.offline_script = "[{\"class\":\"failed\"},{}]";
  k->pipeline_options.on_retry = vote;
  k->pipeline_options.on_retry_data = &v;
  k->client_options.retry_delay_ms = 20000;
  kit_open(k);
  char *id = kit_add(k, "{\"prompt\":\"again\",\"width\":32,\"height\":32}");
  pixazo_generation *record = kit_wait(k, id);
  assert_int_equal(pixazo_generation_attempts(record), 2);
  assert_int_equal(v.asked, 1);
  pixazo_generation_free(record);
  pixazo_free(id);
}

static void test_pipeline__quarantines_what_is_no_picture(void **state)
{
  kit *k = *state;
  pixazo_error *error = NULL;
  k->client_options.offline_script = "[{\"not_an_image\":true}]";
  kit_open(k);
  char *id = kit_add(k, "{\"prompt\":\"noise\",\"width\":32,\"height\":32}");
  assert_int_not_equal(pixazo_pipeline_wait(k->pipeline, id, 15000, NULL, NULL, &error), PIXAZO_OK);
  assert_non_null(strstr(pixazo_error_message(error), "quarantine"));
  assert_non_null(strstr(pixazo_error_hint(error), "kept as it is"));
  pixazo_error_free(error);
  assert_int_equal(kit_files(k, "originals"), 0);
  pixazo_free(id);
}

static int32_t count_progress(const pixazo_progress *progress, void *user_data)
{
  (void)progress;
  ++*(int *)user_data;
  return 1; /* stop: there is nothing to be stopped any more */
}

static void test_pipeline__a_late_wait_still_tells_the_progress_hook(void **state)
{
  kit *k = *state;
  int told = 0;
  k->pipeline_options.on_progress = count_progress;
  k->pipeline_options.on_progress_data = &told;
  kit_open(k);
  char *id = kit_add(k, "{\"prompt\":\"early\",\"width\":32,\"height\":32}");
  while (pixazo_pipeline_open_count(k->pipeline) > 0)
    (void)usleep(1000);
  assert_int_equal(told, 0);
  pixazo_generation_free(kit_wait(k, id));
  assert_int_equal(told, 1);
  pixazo_free(id);
}

/* A store of the program's own: it must be called on the thread that waits, and on no other. */
typedef struct own_store {
  pixazo_store *inside;
  pthread_t thread;
  int puts;
  int foreign;
} own_store;

static pixazo_status own_put(void *self, const pixazo_store_put_job *job, pixazo_error **error)
{
  own_store *own = self;
  own->puts++;
  own->foreign += pthread_equal(own->thread, pthread_self()) ? 0 : 1;
  pixazo_store_put_job copy = *job;
  copy.path = NULL; /* the port offers a file and a reader of the same bytes; a put takes one of them */
  copy.flags = 0;
  return pixazo_store_put(own->inside, &copy, error);
}

static void test_pipeline__calls_a_custom_store_only_on_the_waiting_thread(void **state)
{
  kit *k = *state;
  pixazo_error *error = NULL;
  own_store own = {.thread = pthread_self()};
  pixazo_store_ops ops;
  pixazo_store_ops_init(&ops, sizeof ops);
  ops.put = own_put;
  assert_ok(pixazo_store_new_memory(&own.inside, &error), error);
  assert_ok(pixazo_store_new_custom(&ops, &own, 0, &k->store, &error), error);
  kit_open(k);
  char *id = kit_add(k, "{\"prompt\":\"custom\",\"width\":32,\"height\":32}");
  pixazo_generation_free(kit_wait(k, id));
  assert_int_equal(own.puts, 1);
  assert_int_equal(own.foreign, 0);
  kit_close(k);
  own.inside = pixazo_store_unref(own.inside);
  pixazo_free(id);
}

static void refuse_templates(kit *k, const char *original, const char *rendition)
{
  pixazo_error *error = NULL;
  pixazo_pipeline *pipeline = NULL;
  pixazo_pipeline_options options = k->pipeline_options;
  options.key_template = original;
  options.rendition_template = rendition;
  options.client = k->client;
  options.store = k->store;
  options.repository = k->repository;
  options.spool = k->directory;
  assert_status(pixazo_pipeline_new(&options, &pipeline, &error), PIXAZO_E_ARGUMENT);
  pixazo_error_free(error);
}

static void test_pipeline__tells_of_a_bad_template_before_anything_is_paid(void **state)
{
  kit *k = *state;
  kit_open(k);
  refuse_templates(k, "/absolute/{uuid}.{ext}", NULL);
  refuse_templates(k, "{yyyy}/same.{ext}", NULL);
  refuse_templates(k, "{nonsense}/{uuid}.{ext}", NULL);
  refuse_templates(k, NULL, "r/{uuid}.{ext}");
  refuse_templates(k, NULL, "../{uuid}-{name}.{ext}");
  refuse_templates(k, NULL, "r/{uuid}-{name}-{md5}.{ext}");
}

typedef struct listener {
  pthread_t thread;
  int lines;
  int foreign;
} listener;

static void hear(int32_t level, const char *line, size_t length, void *user_data)
{
  listener *l = user_data;
  (void)level;
  (void)line;
  (void)length;
  l->lines++;
  l->foreign += pthread_equal(l->thread, pthread_self()) ? 0 : 1;
}

static void test_pipeline__runs_the_log_hook_on_no_thread_of_its_own(void **state)
{
  kit *k = *state;
  listener l = {.thread = pthread_self()};
  pixazo_error *error = NULL;
  assert_ok(pixazo_log_new(PIXAZO_LOG_TRACE, hear, &l, &k->pipeline_options.log, &error), error);
  k->client_options.log = k->pipeline_options.log;
  kit_open(k);
  for (size_t i = 0; i < 5; i++) {
    char *id = kit_add(k, "{\"prompt\":\"log\",\"width\":32,\"height\":32}");
    pixazo_generation_free(kit_wait(k, id));
    pixazo_free(id);
  }
  kit_close(k);
  assert_true(l.lines >= 5);
  assert_int_equal(l.foreign, 0);
  (void)pixazo_log_unref(k->pipeline_options.log);
}

static void test_pipeline__a_part_that_fails_makes_the_whole_partial(void **state)
{
  kit *k = *state;
  k->client_options.offline_script = "[{\"class\":\"blocked\"},{}]";
  k->pipeline_options.concurrency = 1;
  kit_open(k);
  char *id = kit_add(k, "{\"prompt\":\"two\",\"width\":32,\"height\":32,\"count\":2}");
  pixazo_generation *record = kit_wait(k, id);
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_PARTIAL);
  assert_int_equal(pixazo_generation_image_count(record), 1);
  pixazo_generation_free(record);
  pixazo_free(id);
}

static void test_pipeline__a_long_prompt_does_not_cost_the_renditions(void **state)
{
  kit *k = *state;
  enum { LENGTH = 30000 };
  static char json[2 * LENGTH + 200];
  pixazo_recipe *recipe = NULL;
  add_recipe(k, &recipe);
  kit_open(k);
  pixazo_recipe_free(recipe);
  strcpy(json, "{\"width\":64,\"height\":64,\"prompt\":\"");
  memset(json + strlen(json), 'x', LENGTH);
  strcat(json, "\",\"negative_prompt\":\"");
  for (char *end = json + strlen(json); end < json + 2 * LENGTH; end += 2)
    memcpy(end, "\\n", 3);
  strcat(json, "\"}");
  char *id = kit_add(k, json);
  pixazo_generation *record = kit_wait(k, id);
  assert_int_equal(pixazo_generation_rendition_count(record, 0), 1);
  pixazo_generation_free(record);
  pixazo_free(id);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_pipeline__brings_a_picture_from_prompt_to_record, setup, teardown),
      cmocka_unit_test_setup_teardown(test_pipeline__leaves_nothing_in_the_spool, setup, teardown),
      cmocka_unit_test_setup_teardown(test_pipeline__splits_a_count_and_hands_out_all_pictures, setup, teardown),
      cmocka_unit_test_setup_teardown(test_pipeline__sends_an_idempotency_key_once, setup, teardown),
      cmocka_unit_test_setup_teardown(test_pipeline__records_renditions_with_the_picture, setup, teardown),
      cmocka_unit_test_setup_teardown(test_pipeline__tells_events_through_its_descriptor, setup, teardown),
      cmocka_unit_test_setup_teardown(test_pipeline__runs_many_until_all_have_ended, setup, teardown),
      cmocka_unit_test_setup_teardown(test_pipeline__cancels_what_is_not_sent, setup, teardown),
      cmocka_unit_test_setup_teardown(test_pipeline__planned_work_survives_closing_and_is_continued, setup, teardown),
      cmocka_unit_test_setup_teardown(test_pipeline__asks_the_retry_hook_and_obeys_a_veto, setup, teardown),
      cmocka_unit_test_setup_teardown(test_pipeline__retries_after_the_delay_the_hook_chose, setup, teardown),
      cmocka_unit_test_setup_teardown(test_pipeline__quarantines_what_is_no_picture, setup, teardown),
      cmocka_unit_test_setup_teardown(test_pipeline__a_late_wait_still_tells_the_progress_hook, setup, teardown),
      cmocka_unit_test_setup_teardown(test_pipeline__calls_a_custom_store_only_on_the_waiting_thread, setup, teardown),
      cmocka_unit_test_setup_teardown(test_pipeline__tells_of_a_bad_template_before_anything_is_paid, setup, teardown),
      cmocka_unit_test_setup_teardown(test_pipeline__runs_the_log_hook_on_no_thread_of_its_own, setup, teardown),
      cmocka_unit_test_setup_teardown(test_pipeline__a_part_that_fails_makes_the_whole_partial, setup, teardown),
      cmocka_unit_test_setup_teardown(test_pipeline__a_long_prompt_does_not_cost_the_renditions, setup, teardown),
  };
  return cmocka_run_group_tests_name("pipeline, offline", tests, NULL, NULL);
}
