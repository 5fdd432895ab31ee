/* SPDX-License-Identifier: MIT */
/* The hooks that look at prompts and pictures, step by step. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/mem.h"
#include "pipeline/stepped.h"
#include "support/testing.h"
#include "support/tmpdir.h"

/* Its answer is too large for a copy in its row. */
static const char large_owl[] = "{\"prompt\":\"an owl\",\"width\":512,\"height\":512,\"seed\":1}";
static const char owl[] = "{\"prompt\":\"an owl\",\"negative_prompt\":\"blur\",\"width\":32,\"height\":32,\"seed\":1}";

/* What the hooks answer, and what they saw. */
typedef struct answers {
  pixazo_status status;
  bool block;
  int block_picture; /* this one, counted from 1 */
  const char *alt_text;
  int prompts;
  int pictures;
  stepped *s;
} answers;

static void answer(const answers *a, pixazo_review *review)
{
  if (!a->block && (a->pictures == 0 || a->pictures != a->block_picture))
    return;
  pixazo_review_set_blocked(review, "no birds");
  pixazo_review_add_category(review, "birds");
}

static pixazo_status on_prompt(const pixazo_prompt_facts *facts, pixazo_review *review, void *user_data, pixazo_error **error)
{
  answers *a = user_data;
  a->prompts++;
  assert_int_equal(facts->struct_size, sizeof *facts);
  assert_string_equal(facts->prompt, "an owl");
  assert_string_equal(facts->negative_prompt, "blur");
  assert_string_equal(facts->provider, "offline");
  assert_string_equal(facts->principal, "");
  assert_int_equal(facts->pictures, 0);
  assert_true(px_uuid_valid(facts->generation) && *facts->model);
  assert_int_equal(a->s->kit.pipeline->synced.in_flight, 0);
  answer(a, review);
  return a->status == PIXAZO_OK ? PIXAZO_OK : pixazo_error_set(error, a->status, "the service is away");
}

static void expect_file(const pixazo_picture_facts *facts)
{
  struct stat file;
  char sha256[PX_SHA256_HEX] = "";
  pixazo_picture *picture = NULL;
  pixazo_exporter *exporter = NULL;
  pixazo_error *error = NULL;
  assert_ok(pixazo_exporter_new(NULL, &exporter, &error), error);
  assert_ok(pixazo_exporter_inspect_file(exporter, facts->path, NULL, &picture, &error), error);
  (void)snprintf(sha256, sizeof sha256, "%s", pixazo_picture_sha256(picture));
  assert_string_equal(sha256, facts->sha256);
  assert_string_equal(pixazo_picture_content_type(picture), facts->content_type);
  assert_int_equal(stat(facts->path, &file), 0);
  assert_int_equal(file.st_size, facts->bytes);
  pixazo_picture_free(picture);
  (void)pixazo_exporter_unref(exporter);
}

static pixazo_status on_picture(const pixazo_picture_facts *facts, pixazo_review *review, void *user_data, pixazo_error **error)
{
  answers *a = user_data;
  a->pictures++;
  assert_int_equal(facts->struct_size, sizeof *facts);
  assert_string_equal(facts->prompt, "an owl");
  assert_string_equal(facts->alt_text, "an owl");
  assert_string_equal(facts->principal, "");
  assert_true(facts->width == 32 || facts->width == 512);
  assert_int_equal(facts->height, facts->width);
  assert_true(px_uuid_valid(facts->generation) && px_uuid_valid(facts->image));
  expect_file(facts);
  answer(a, review);
  if (a->alt_text)
    assert_status(pixazo_review_set_alt_text(review, a->alt_text, error), PIXAZO_OK);
  return a->status;
}

static void set_hooks(answers *a, bool prompts, bool pictures)
{
  pixazo_pipeline_options *options = &a->s->kit.pipeline_options;
  options->on_prompt = prompts ? on_prompt : NULL;
  options->on_picture = pictures ? on_picture : NULL;
  options->on_prompt_data = options->on_picture_data = a;
}

/* Adds the owl and waits for its end; the failure is the caller's. */
static pixazo_status generate(stepped *s, pixazo_error **error)
{
  char *id = kit_add(&s->kit, owl);
  pixazo_status status = pixazo_pipeline_wait(s->kit.pipeline, id, 30000, NULL, NULL, error);
  pixazo_free(id);
  return status;
}

static int64_t ask(stepped *s, const char *text)
{
  pixazo_query *query = NULL;
  int64_t count = -1;
  assert_status(pixazo_query_new(&query, NULL), PIXAZO_OK);
  assert_status(pixazo_query_set_string(query, "text", text, NULL), PIXAZO_OK);
  assert_status(pixazo_repository_count(s->kit.repository, query, &count, NULL), PIXAZO_OK);
  pixazo_query_free(query);
  return count;
}

static void expect_whole(stepped *s)
{
  char *report = NULL;
  pixazo_error *error = NULL;
  if (pixazo_repository_check(s->kit.repository, &report, &error) != PIXAZO_OK)
    fail_msg("%s: %s", pixazo_error_message(error), report ? report : "");
  pixazo_free(report);
}

static void expect_blocked(stepped *s)
{
  pixazo_generation *record = stepped_record(s);
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_BLOCKED);
  assert_int_equal(pixazo_generation_attempts(record), 0);
  assert_int_equal(pixazo_generation_cost_micros(record), 0);
  assert_non_null(strstr(pixazo_generation_message(record), "no birds"));
  assert_string_equal(pixazo_generation_safety_json(record),
                      "{\"source\":\"program\",\"stage\":\"input\",\"categories\":[\"birds\"],\"text\":\"no birds\",\"code\":\"\","
                      "\"charge\":\"not_charged\"}");
  pixazo_generation_free(record);
  expect_whole(s);
}

static void test_prompt__that_is_blocked_is_never_sent(void **state)
{
  stepped *s = *state;
  answers a = {.block = true, .s = s};
  pixazo_error *error = NULL;
  set_hooks(&a, true, true);
  kit_open(&s->kit);
  assert_status(generate(s, &error), PIXAZO_E_REJECTED);
  assert_int_equal(pixazo_error_charge(error), PIXAZO_CHARGE_NONE);
  assert_int_equal(pixazo_error_class(error), PIXAZO_CLASS_NONE);
  assert_int_equal(pixazo_error_is_retryable(error), 0);
  assert_non_null(strstr(pixazo_error_message(error), "no birds"));
  pixazo_error_free(error);
  assert_int_equal(a.prompts, 1);
  assert_int_equal(a.pictures, 0);
  expect_blocked(s);
  pixazo_generation *record = stepped_record(s);
  kit_close(&s->kit);
  kit_open(&s->kit); /* who comes later is told the same */
  assert_status(pixazo_pipeline_wait(s->kit.pipeline, pixazo_generation_uuid(record), 0, NULL, NULL, NULL), PIXAZO_E_REJECTED);
  pixazo_generation_free(record);
}

static void test_prompt__that_is_allowed_is_sent_once_and_asked_about_once(void **state)
{
  stepped *s = *state;
  answers a = {.s = s};
  pixazo_error *error = NULL;
  set_hooks(&a, true, false);
  s->kit.client_options.offline_script = "[{\"class\":\"failed\"},{}]";
  s->kit.client_options.retry_delay_ms = 1;
  kit_open(&s->kit);
  char *id = kit_add(&s->kit, owl);
  px_pipeline_pump(s->kit.pipeline);
  assert_int_equal(s->kit.pipeline->synced.in_flight, 0); /* it waits, and no slot with it */
  pixazo_event *event = NULL;
  while (pixazo_pipeline_open_count(s->kit.pipeline) > 0) {
    if (pixazo_pipeline_next_event(s->kit.pipeline, 0, &event, NULL) == PIXAZO_OK)
      pixazo_event_free(event);
    px_pipeline_pump(s->kit.pipeline);
    fake_clock_advance(&s->clock, 1000000);
  }
  assert_ok(pixazo_pipeline_wait(s->kit.pipeline, id, 0, NULL, NULL, &error), error);
  assert_int_equal(a.prompts, 1);
  pixazo_free(id);
  pixazo_generation *record = stepped_record(s);
  assert_int_equal(pixazo_generation_attempts(record), 2);
  assert_string_equal(pixazo_generation_safety_json(record), "");
  pixazo_generation_free(record);
}

static void test_prompt__that_nobody_could_judge_stays_planned_until_it_is_asked_again(void **state)
{
  stepped *s = *state;
  answers a = {.status = PIXAZO_E_NETWORK, .block = true, .s = s};
  pixazo_error *error = NULL;
  set_hooks(&a, true, false);
  kit_open(&s->kit);
  assert_status(generate(s, &error), PIXAZO_E_NETWORK);
  assert_non_null(strstr(pixazo_error_message(error), "the service is away"));
  assert_non_null(strstr(pixazo_error_message(error), "stays planned"));
  assert_non_null(strstr(pixazo_error_hint(error), "PIXAZO_RESUME_CONTINUE"));
  pixazo_error_free(error);
  pixazo_generation *record = stepped_record(s);
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_PLANNED);
  assert_string_equal(pixazo_generation_safety_json(record), "");
  pixazo_generation_free(record);
  stepped_resume(s, PIXAZO_RESUME_PAID, "\"planned\":1");
  assert_int_equal(a.prompts, 1);
  a.status = PIXAZO_OK;
  stepped_resume(s, PIXAZO_RESUME_CONTINUE, "\"failed\":1");
  assert_int_equal(a.prompts, 2);
  expect_blocked(s);
}

static void test_prompt__a_generation_tried_again_is_asked_about(void **state)
{
  stepped *s = *state;
  answers a = {.block = true, .s = s};
  pixazo_error *error = NULL;
  char *again = NULL;
  set_hooks(&a, true, false);
  kit_open(&s->kit);
  assert_status(generate(s, NULL), PIXAZO_E_REJECTED);
  pixazo_generation *record = stepped_record(s);
  a.block = false;
  assert_ok(pixazo_pipeline_retry(s->kit.pipeline, pixazo_generation_uuid(record), &again, &error), error);
  pixazo_generation_free(record);
  record = kit_wait(&s->kit, again);
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_DONE);
  assert_int_equal(a.prompts, 2);
  pixazo_generation_free(record);
  pixazo_free(again);
}

static void test_prompt__cancelled_while_it_waits_for_its_hook_is_not_asked_about(void **state)
{
  stepped *s = *state;
  answers a = {.s = s};
  set_hooks(&a, true, false);
  kit_open(&s->kit);
  char *id = kit_add(&s->kit, owl);
  px_pipeline_pump(s->kit.pipeline);
  assert_status(pixazo_pipeline_cancel(s->kit.pipeline, id, PIXAZO_CANCEL_SOFT, NULL), PIXAZO_OK);
  px_pipeline_pump(s->kit.pipeline);
  assert_int_equal(pixazo_pipeline_open_count(s->kit.pipeline), 0); /* at once, with nobody inside */
  assert_status(pixazo_pipeline_wait(s->kit.pipeline, id, 0, NULL, NULL, NULL), PIXAZO_E_CANCELLED);
  assert_int_equal(a.prompts, 0);
  pixazo_free(id);
}

static pixazo_status cancel_and_block(const pixazo_prompt_facts *facts, pixazo_review *review, void *user_data,
                                      pixazo_error **error)
{
  answers *a = user_data;
  a->prompts++;
  pixazo_review_set_blocked(review, "late");
  return pixazo_pipeline_cancel(a->s->kit.pipeline, facts->generation, PIXAZO_CANCEL_SOFT, error);
}

static void test_prompt__cancelled_while_its_hook_runs_ends_cancelled(void **state)
{
  stepped *s = *state;
  answers a = {.s = s};
  set_hooks(&a, true, false);
  s->kit.pipeline_options.on_prompt = cancel_and_block;
  kit_open(&s->kit);
  assert_status(generate(s, NULL), PIXAZO_E_CANCELLED);
  assert_int_equal(a.prompts, 1);
  pixazo_generation *record = stepped_record(s);
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_CANCELLED);
  pixazo_generation_free(record);
}

static void test_prompt__that_waits_when_the_pipeline_closes_stays_planned(void **state)
{
  stepped *s = *state;
  answers a = {.s = s};
  set_hooks(&a, true, false);
  kit_open(&s->kit);
  pixazo_free(kit_add(&s->kit, owl));
  px_pipeline_pump(s->kit.pipeline);
  kit_close(&s->kit);
  assert_int_equal(a.prompts, 0);
  kit_open(&s->kit);
  pixazo_generation *record = stepped_record(s);
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_PLANNED);
  pixazo_generation_free(record);
  stepped_resume(s, PIXAZO_RESUME_CONTINUE, "\"done\":1");
  assert_int_equal(a.prompts, 1);
}

static void with_recipe(stepped *s, pixazo_recipe **recipe)
{
  assert_status(pixazo_recipe_new(recipe, NULL), PIXAZO_OK);
  s->kit.pipeline_options.recipes = (const pixazo_recipe *const *)recipe;
  s->kit.pipeline_options.recipe_count = 1;
}

static char *quarantined(stepped *s, const pixazo_generation *record)
{
  char name[64];
  (void)snprintf(name, sizeof name, "spool/quarantine/%s", pixazo_generation_image_uuid(record, 0));
  return tmpdir_path(s->kit.directory, name);
}

/* Withheld: its bytes in quarantine, and nothing anywhere else. */
static void expect_withheld(stepped *s)
{
  pixazo_generation *record = stepped_record(s);
  pixazo_picture *picture = NULL;
  pixazo_error *error = NULL;
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_FAILED);
  assert_int_equal(pixazo_generation_attempts(record), 1);
  assert_int_equal(pixazo_generation_class(record), PIXAZO_CLASS_ACCEPTED);
  assert_int_equal(pixazo_generation_image_state(record, 0), PIXAZO_IMAGE_QUARANTINED);
  assert_int_equal(pixazo_generation_rendition_count(record, 0), 0);
  assert_string_equal(pixazo_generation_image_path(record, 0), "");
  assert_non_null(strstr(pixazo_generation_image_reason(record, 0), "no birds"));
  assert_non_null(strstr(pixazo_generation_image_safety_json(record, 0), "\"source\":\"program\",\"stage\":\"output\","
                                                                         "\"categories\":[\"birds\"]"));
  assert_string_equal(pixazo_generation_safety_json(record), pixazo_generation_image_safety_json(record, 0));
  char *path = quarantined(s, record);
  pixazo_exporter *exporter = NULL;
  assert_ok(pixazo_exporter_new(NULL, &exporter, &error), error);
  assert_ok(pixazo_exporter_inspect_file(exporter, path, NULL, &picture, &error), error);
  assert_string_equal(pixazo_picture_sha256(picture), pixazo_generation_image_sha256(record, 0));
  pixazo_picture_free(picture);
  (void)pixazo_exporter_unref(exporter);
  free(path);
  assert_int_equal(kit_files(&s->kit, "originals"), 0);
  assert_int_equal(kit_files(&s->kit, "renditions"), 0);
  assert_int_equal(stepped_unspool(s, ".pic"), 0);
  assert_int_equal(stepped_unspool(s, ".ren"), 0);
  assert_status(pixazo_pipeline_wait(s->kit.pipeline, pixazo_generation_uuid(record), 0, NULL, NULL, NULL), PIXAZO_E_REJECTED);
  pixazo_generation_free(record);
  expect_whole(s);
}

static void test_picture__that_is_withheld_is_kept_and_shown_nowhere(void **state)
{
  stepped *s = *state;
  answers a = {.block = true, .s = s};
  pixazo_error *error = NULL;
  pixazo_recipe *recipe = NULL;
  set_hooks(&a, false, true);
  with_recipe(s, &recipe);
  kit_open(&s->kit);
  assert_status(generate(s, &error), PIXAZO_E_REJECTED);
  assert_int_equal(pixazo_error_charge(error), PIXAZO_CHARGE_CHARGED);
  assert_non_null(strstr(pixazo_error_message(error), "no birds"));
  assert_non_null(strstr(pixazo_error_hint(error), "quarantine"));
  pixazo_error_free(error);
  assert_int_equal(a.pictures, 1);
  expect_withheld(s);
  stepped_resume(s, PIXAZO_RESUME_CONTINUE, "\"resumed\":0"); /* it is over */
  pixazo_recipe_free(recipe);
}

static void test_picture__its_alternative_text_goes_everywhere(void **state)
{
  stepped *s = *state;
  answers a = {.alt_text = "A barn owl on a beam & a mouse.", .s = s};
  pixazo_error *error = NULL;
  pixazo_recipe *recipe = NULL;
  pixazo_blob *file = NULL;
  set_hooks(&a, true, true);
  with_recipe(s, &recipe);
  kit_open(&s->kit);
  assert_ok(generate(s, &error), error);
  pixazo_recipe_free(recipe);
  pixazo_generation *record = stepped_record(s);
  assert_int_equal(pixazo_generation_image_state(record, 0), PIXAZO_IMAGE_RECORDED);
  assert_string_equal(pixazo_generation_image_alt_text(record, 0), a.alt_text);
  assert_string_equal(pixazo_generation_safety_json(record), "");
  assert_int_equal(ask(s, "barn owl"), 1);
  assert_int_equal(ask(s, "mouse"), 1);
  assert_int_equal(ask(s, "eagle"), 0);
  assert_ok(pixazo_blob_new_from_file(pixazo_generation_rendition_path(record, 0, 0), 1 << 20, &file, &error), error);
  static const char wanted[] = "x-default\">A barn owl on a beam &amp; a mouse.<";
  assert_non_null(memmem(pixazo_blob_data(file), pixazo_blob_size(file), wanted, sizeof wanted - 1));
  (void)pixazo_blob_unref(file);
  pixazo_generation_free(record);
}

static void test_picture__a_hook_that_fails_costs_no_picture(void **state)
{
  stepped *s = *state;
  answers a = {.status = PIXAZO_E_TIMEOUT, .block = true, .alt_text = "wrong", .s = s};
  pixazo_error *error = NULL;
  pixazo_log *log = NULL;
  char *line = NULL;
  bool warned = false;
  set_hooks(&a, false, true);
  assert_ok(pixazo_log_new(PIXAZO_LOG_WARNING, NULL, NULL, &log, &error), error);
  s->kit.pipeline_options.log = log;
  kit_open(&s->kit);
  assert_ok(generate(s, &error), error);
  pixazo_generation *record = stepped_record(s);
  assert_int_equal(pixazo_generation_image_state(record, 0), PIXAZO_IMAGE_RECORDED);
  assert_string_equal(pixazo_generation_image_alt_text(record, 0), "an owl");
  assert_string_equal(pixazo_generation_safety_json(record), "");
  pixazo_generation_free(record);
  while (pixazo_log_next(log, NULL, &line) == PIXAZO_OK) {
    warned = warned || strstr(line, "the picture hook failed for");
    pixazo_free(line);
  }
  assert_true(warned);
  s->kit.pipeline_options.log = NULL;
  kit_close(&s->kit);
  (void)pixazo_log_unref(log);
}

static void test_picture__of_several_one_may_be_withheld(void **state)
{
  stepped *s = *state;
  answers a = {.block_picture = 2, .s = s};
  set_hooks(&a, false, true);
  kit_open(&s->kit);
  char *id = kit_add(&s->kit, "{\"prompt\":\"an owl\",\"width\":32,\"height\":32,\"seed\":1,\"count\":3}");
  pixazo_generation *record = kit_wait(&s->kit, id);
  assert_int_equal(pixazo_generation_image_count(record), 3);
  int withheld = 0;
  for (size_t i = 0; i < 3; i++)
    withheld += pixazo_generation_image_state(record, i) == PIXAZO_IMAGE_QUARANTINED;
  assert_int_equal(a.pictures, 3);
  assert_int_equal(withheld, 1);
  assert_int_equal(kit_files(&s->kit, "spool/quarantine"), 1);
  assert_int_equal(kit_files(&s->kit, "originals"), 2);
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_PARTIAL);
  pixazo_generation_free(record);
  pixazo_free(id);
}

static void test_picture__that_waits_when_the_pipeline_closes_is_asked_about_then(void **state)
{
  stepped *s = *state;
  answers a = {.block = true, .s = s};
  set_hooks(&a, false, true);
  kit_open(&s->kit);
  pixazo_free(kit_add(&s->kit, owl));
  px_pipeline_pump(s->kit.pipeline);
  assert_int_equal(a.pictures, 0);
  assert_int_equal(kit_files(&s->kit, "originals"), 0); /* not before somebody answers */
  kit_close(&s->kit);
  assert_int_equal(a.pictures, 1);
  kit_open(&s->kit);
  expect_withheld(s);
}

static bool waits_for_picture_hook(const px_job *job)
{
  return job->item_count > 0 && job->items[0].image.sha256[0];
}

static void test_picture__a_kill_before_its_record_asks_again(void **state)
{
  stepped *s = *state;
  answers a = {.alt_text = "A barn owl.", .s = s};
  set_hooks(&a, false, true);
  stepped_die(s, owl, waits_for_picture_hook);
  kit_open(&s->kit);
  stepped_resume(s, PIXAZO_RESUME_PAID, "\"done\":1");
  assert_int_equal(a.pictures, 1);
  pixazo_generation *record = stepped_record(s);
  assert_int_equal(pixazo_generation_attempts(record), 1);
  assert_string_equal(pixazo_generation_image_alt_text(record, 0), "A barn owl.");
  pixazo_generation_free(record);
}

/* An earlier run had it in the store already, with a rendition, when it was killed. */
static void test_picture__that_an_earlier_run_stored_is_taken_back_when_it_is_withheld(void **state)
{
  stepped *s = *state;
  answers a = {.block = true, .s = s};
  pixazo_recipe *recipe = NULL;
  with_recipe(s, &recipe);
  stepped_die(s, owl, stepped_is_placed);
  assert_int_equal(kit_files(&s->kit, "originals"), 1);
  assert_int_equal(kit_files(&s->kit, "renditions"), 1);
  set_hooks(&a, false, true);
  kit_open(&s->kit);
  pixazo_recipe_free(recipe);
  stepped_resume(s, PIXAZO_RESUME_PAID, "\"failed\":1");
  assert_int_equal(a.pictures, 1);
  expect_withheld(s);
}

static bool is_withheld_and_not_recorded(const px_job *job)
{
  return job->item_count > 0 && job->items[0].wanted_state == PIXAZO_IMAGE_QUARANTINED;
}

/* Gives the visits a thread: the child of stepped_die has only the steps of the library. */
static bool visit_and_look(const px_job *job)
{
  pixazo_pipeline *pipeline = job->pipeline;
  while (!is_withheld_and_not_recorded(job) && pipeline->synced.visits)
    (void)px_visit_one(pipeline);
  return is_withheld_and_not_recorded(job);
}

static void test_picture__in_quarantine_and_not_recorded_is_found_there(void **state)
{
  stepped *s = *state;
  answers a = {.block = true, .s = s};
  set_hooks(&a, false, true);
  stepped_die(s, large_owl, visit_and_look);
  assert_int_equal(kit_files(&s->kit, "spool/quarantine"), 1);
  assert_int_equal(stepped_unspool(s, ".answer") + stepped_unspool(s, ".part"), 1); /* nothing else has its bytes */
  kit_open(&s->kit);
  stepped_resume(s, PIXAZO_RESUME_PAID, "\"failed\":1");
  assert_int_equal(a.pictures, 1);
  expect_withheld(s);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, stepped_setup, stepped_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_prompt__that_is_blocked_is_never_sent),
      TEST(test_prompt__that_is_allowed_is_sent_once_and_asked_about_once),
      TEST(test_prompt__that_nobody_could_judge_stays_planned_until_it_is_asked_again),
      TEST(test_prompt__a_generation_tried_again_is_asked_about),
      TEST(test_prompt__cancelled_while_it_waits_for_its_hook_is_not_asked_about),
      TEST(test_prompt__cancelled_while_its_hook_runs_ends_cancelled),
      TEST(test_prompt__that_waits_when_the_pipeline_closes_stays_planned),
      TEST(test_picture__that_is_withheld_is_kept_and_shown_nowhere),
      TEST(test_picture__its_alternative_text_goes_everywhere),
      TEST(test_picture__a_hook_that_fails_costs_no_picture),
      TEST(test_picture__of_several_one_may_be_withheld),
      TEST(test_picture__that_waits_when_the_pipeline_closes_is_asked_about_then),
      TEST(test_picture__a_kill_before_its_record_asks_again),
      TEST(test_picture__that_an_earlier_run_stored_is_taken_back_when_it_is_withheld),
      TEST(test_picture__in_quarantine_and_not_recorded_is_found_there),
  };
  return cmocka_run_group_tests_name("reviewing", tests, NULL, NULL);
}
