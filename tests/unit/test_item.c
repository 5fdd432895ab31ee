/* SPDX-License-Identifier: MIT */
/* Pictures of an accepted call. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "pipeline/stepped.h"
#include "support/testing.h"

static px_outcome *two_links(void)
{
  px_outcome *outcome = px_calloc(1, sizeof *outcome);
  assert_non_null(outcome);
  outcome->attempt_class = PIXAZO_CLASS_ACCEPTED;
  outcome->pictures = px_calloc(2, sizeof *outcome->pictures);
  assert_non_null(outcome->pictures);
  outcome->picture_count = 2;
  for (size_t i = 0; i < 2; i++) {
    outcome->pictures[i].kind = PX_PICTURE_URL;
    outcome->pictures[i].url = px_strdup(i == 0 ? "https://cdn.example/0.png" : "https://cdn.example/1.png");
  }
  outcome->pictures[1].revised_prompt = px_strdup("a redder fox");
  return outcome;
}

static void test_items__are_made_of_the_outcome_once(void **state)
{
  stepped *s = *state;
  pixazo_error *error = NULL;
  char first[PX_UUID_TEXT];
  kit_open(&s->kit);
  px_job *job = stepped_job(s);
  job->outcome = two_links();
  assert_ok(px_items_from_outcome(job, &error), error);
  assert_int_equal(job->item_count, 2);
  memcpy(first, job->items[0].image.uuid, sizeof first);
  const px_item *items = job->items;
  assert_ok(px_items_from_outcome(job, &error), error);
  assert_ptr_equal(job->items, items);
  assert_int_equal(job->item_count, 2);
  assert_string_equal(job->items[0].image.uuid, first);
  assert_string_not_equal(job->items[1].image.uuid, first);
  px_job_free(job);
}

static void test_items__carry_what_the_outcome_says_of_them(void **state)
{
  stepped *s = *state;
  pixazo_error *error = NULL;
  kit_open(&s->kit);
  px_job *job = stepped_job(s);
  job->outcome = two_links();
  assert_ok(px_items_from_outcome(job, &error), error);
  const px_item *item = &job->items[1];
  assert_ptr_equal(item->job, job);
  assert_int_equal(item->image.index, 1);
  assert_int_equal(item->image.state, PIXAZO_IMAGE_EXPECTED);
  assert_string_equal(item->image.remote_url, "https://cdn.example/1.png");
  assert_string_equal(item->image.revised_prompt, "a redder fox");
  assert_string_equal(item->image.alt_text, "a red fox");
  assert_non_null(strstr(item->image.key, item->image.uuid));
  assert_null(item->picture); /* its bytes are not in the answer */
  px_job_free(job);
}

static void expect_provenance(const px_item *item, const char *seed)
{
  pixazo_error *error = NULL;
  char *text = NULL;
  assert_ok(px_provenance(item, &text, &error), error);
  if (!strstr(text, seed))
    fail_msg("no %s in %s", seed, text);
  px_free(text);
}

static void test_items__have_the_seed_that_the_provider_says(void **state)
{
  stepped *s = *state;
  pixazo_error *error = NULL;
  char asked[64];
  kit_open(&s->kit);
  px_job *job = stepped_job(s);
  job->outcome = two_links();
  job->outcome->pictures[0].seed = -1;
  job->outcome->pictures[1].seed = 424242;
  assert_ok(px_items_from_outcome(job, &error), error);
  assert_int_equal(job->items[0].image.seed, -1);
  assert_int_equal(job->items[1].image.seed, 424242);
  const char *effective = strstr(px_plan_get(job->plan)->effective_json, "\"seed\":");
  assert_non_null(effective);
  (void)snprintf(asked, sizeof asked, "%.*s", (int)strcspn(effective, ",}"), effective);
  expect_provenance(&job->items[0], asked); /* what was asked for, where nothing is said */
  expect_provenance(&job->items[1], "\"seed\":424242");
  px_job_free(job);
}

static void test_path__is_in_the_spool_and_made_once(void **state)
{
  stepped *s = *state;
  pixazo_error *error = NULL;
  kit_open(&s->kit);
  px_job *job = stepped_job(s);
  job->outcome = two_links();
  assert_ok(px_items_from_outcome(job, &error), error);
  assert_ok(px_item_path(&job->items[0], &error), error);
  const char *path = job->items[0].path;
  size_t spool = strlen(s->kit.pipeline->spool);
  assert_memory_equal(path, s->kit.pipeline->spool, spool);
  assert_memory_equal(path + spool + 1, job->items[0].image.uuid, PX_UUID_TEXT - 1);
  assert_ok(px_item_path(&job->items[0], &error), error);
  assert_ptr_equal(job->items[0].path, path);
  px_job_free(job);
}

static void test_item__without_link_and_bytes_is_lost(void **state)
{
  stepped *s = *state;
  stepped_die(s, "{\"prompt\":\"large\",\"width\":1024,\"height\":1024,\"seed\":1}", stepped_is_answered);
  assert_int_equal(stepped_unspool(s, ".part") + stepped_unspool(s, ".answer"), 1); /* too large for its row */
  kit_open(&s->kit);
  stepped_resume(s, PIXAZO_RESUME_PAID, "\"failed\":1");
  pixazo_generation *record = stepped_record(s);
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_FAILED);
  assert_int_equal(pixazo_generation_image_state(record, 0), PIXAZO_IMAGE_LOST);
  pixazo_generation_free(record);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_items__are_made_of_the_outcome_once, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_items__have_the_seed_that_the_provider_says, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_items__carry_what_the_outcome_says_of_them, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_path__is_in_the_spool_and_made_once, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_item__without_link_and_bytes_is_lost, stepped_setup, stepped_teardown),
  };
  return cmocka_run_group_tests_name("item", tests, NULL, NULL);
}
