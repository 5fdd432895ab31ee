/* SPDX-License-Identifier: MIT */
/* Engines of one's own: what they tell beside the picture. */
#include <stdio.h>
#include <string.h>

#include "json/json.h"
#include "kit.h"
#include "support/gateway.h"
#include "support/testing.h"

static gateway server;

static int start_server(void **state)
{
  (void)state;
  gateway_start(&server, (const char *const[]){NULL});
  return 0;
}

static int stop_server(void **state)
{
  (void)state;
  gateway_stop(&server);
  return 0;
}

static int setup(void **state)
{
  static kit k;
  kit_prepare(&k);
  kit_ask(&k, "a1111", server.base);
  k.client_options.api_key = NULL;
  gateway_script(&server, "[]");
  gateway_reset(&server);
  *state = &k;
  return 0;
}

static int teardown(void **state)
{
  kit_remove(*state);
  return 0;
}

/* As programs see it in a record. */
static void expect_seeds(const pixazo_generation *record, int64_t first, size_t count)
{
  pixazo_error *error = NULL;
  char *text = NULL;
  px_json *root = NULL;
  assert_int_equal(pixazo_generation_image_count(record), count);
  assert_ok(pixazo_generation_to_json(record, &text, &error), error);
  assert_ok(px_json_parse(text, strlen(text), NULL, &root, &error), error);
  for (size_t i = 0; i < count; i++) {
    char place[48];
    int64_t seed = -1;
    assert_int_equal(pixazo_generation_image_seed(record, i), first + (int64_t)i);
    (void)snprintf(place, sizeof place, "images[%zu].seed", i);
    assert_ok(px_json_get_int64(root, place, &seed, &error), error);
    assert_int_equal(seed, first + (int64_t)i);
  }
  px_json_free(root);
  pixazo_free(text);
}

static void test_engines__the_seed_of_each_picture_is_recorded(void **state)
{
  kit *k = *state;
  kit_open(k);
  gateway_script(&server, "[{\"method\":\"POST\",\"grid\":true}]");
  char *id = kit_add(k, "{\"prompt\":\"p\",\"count\":3,\"seed\":40,\"width\":64,\"height\":64}");
  pixazo_generation *record = kit_wait(k, id);
  expect_seeds(record, 40, 3);
  pixazo_generation_free(record);
  kit_close(k);
  kit_open(k); /* out of the row alone */
  record = kit_wait(k, id);
  expect_seeds(record, 40, 3);
  pixazo_generation_free(record);
  pixazo_free(id);
}

static void test_engines__a_picture_given_again_has_the_seed_it_had(void **state)
{
  kit *k = *state;
  k->pipeline_options.replay = PIXAZO_REPLAY_SEEDED;
  kit_open(k);
  static const char request[] = "{\"prompt\":\"p\",\"seed\":7,\"width\":64,\"height\":64}";
  for (int i = 0; i < 2; i++) {
    char *id = kit_add(k, request);
    pixazo_generation *record = kit_wait(k, id);
    assert_int_equal(strlen(pixazo_generation_replayed_from(record)) > 0, i);
    expect_seeds(record, 7, 1);
    pixazo_generation_free(record);
    pixazo_free(id);
  }
  assert_int_equal(gateway_count(&server, "posts"), 1);
}

static void test_engines__what_says_no_seed_has_none(void **state)
{
  kit *k = *state;
  kit_open(k);
  gateway_script(&server, "[{\"method\":\"POST\",\"answer\":\"base64-list\"}]");
  char *id = kit_add(k, "{\"prompt\":\"p\",\"seed\":7,\"width\":64,\"height\":64}");
  pixazo_generation *record = kit_wait(k, id);
  assert_int_equal(pixazo_generation_image_seed(record, 0), -1);
  pixazo_generation_free(record);
  pixazo_free(id);
}

#define SLOW "{\"method\":\"POST\",\"delay_ms\":600000}"
#define PROGRESS "{\"path\":\"/sdapi/v1/progress*\","
#define PROMPT "{\"prompt\":\"p\",\"width\":64,\"height\":64}"

static void test_engines__tell_how_far_they_are(void **state)
{
  kit *k = *state;
  bool told = false;
  kit_open(k);
  (void)pixazo_pipeline_fd(k->pipeline); /* somebody listens */
  gateway_script(&server, "[" SLOW "," PROGRESS "\"body\":{\"progress\":0.42,\"eta_relative\":3.1,\"state\":{\"sampling_step\":8}}}]");
  char *id = kit_add(k, PROMPT);
  for (bool ended = false; !ended;) {
    pixazo_event *event = NULL;
    assert_status(pixazo_pipeline_next_event(k->pipeline, 20000, &event, NULL), PIXAZO_OK);
    if (pixazo_event_work_total(event) == 1000 && !told) {
      assert_int_equal(pixazo_event_kind(event), PIXAZO_EVENT_PROGRESS);
      assert_int_equal(pixazo_event_stage(event), PIXAZO_STAGE_GENERATING);
      assert_int_equal(pixazo_event_work_done(event), 420);
      told = true;
      gateway_hurry(&server);
    }
    ended = pixazo_event_kind(event) == PIXAZO_EVENT_ENDED;
    pixazo_event_free(event);
  }
  assert_true(told);
  pixazo_generation_free(kit_wait(k, id));
  assert_int_equal(gateway_count(&server, "posts"), 1);
  pixazo_free(id);
}

static void test_engines__may_be_left_while_they_are_asked(void **state)
{
  kit *k = *state;
  k->pipeline_options.drain_ms = 1;
  kit_open(k);
  gateway_script(&server, "[" SLOW "," PROGRESS "\"drop\":true,\"cut\":\"stall\"}]");
  pixazo_free(kit_add(k, PROMPT));
  assert_true(gateway_wait(&server, "polls", 1, 20000) >= 1); /* what is left behind is told by the sanitizers */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_engines__the_seed_of_each_picture_is_recorded, setup, teardown),
      cmocka_unit_test_setup_teardown(test_engines__a_picture_given_again_has_the_seed_it_had, setup, teardown),
      cmocka_unit_test_setup_teardown(test_engines__what_says_no_seed_has_none, setup, teardown),
      cmocka_unit_test_setup_teardown(test_engines__tell_how_far_they_are, setup, teardown),
      cmocka_unit_test_setup_teardown(test_engines__may_be_left_while_they_are_asked, setup, teardown),
  };
  return cmocka_run_group_tests_name("engines", tests, start_server, stop_server);
}
