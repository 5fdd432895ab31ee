/* SPDX-License-Identifier: MIT */
/* Partial pictures on their way to the program, and that what is paid for does not depend on them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kit.h"
#include "support/gateway.h"
#include "support/testing.h"

#define HELD "[{\"method\":\"POST\",\"event_ms\":600000}]"
#define TWO "{\"prompt\":\"p\",\"partial_images\":2}"

static gateway server;
static char base[96];

static int start_server(void **state)
{
  (void)state;
  gateway_start(&server, (const char *const[]){NULL});
  (void)snprintf(base, sizeof base, "%s/v1", server.base);
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
  kit_ask(&k, "openai", base);
  k.client_options.max_retries = PIXAZO_NO_RETRY;
  gateway_script(&server, HELD);
  gateway_reset(&server);
  *state = &k;
  return 0;
}

static int teardown(void **state)
{
  kit_remove(*state);
  return 0;
}

/* The next event of this kind; others go. */
static pixazo_event *next_of(const kit *k, int32_t kind)
{
  for (;;) {
    pixazo_event *event = NULL;
    pixazo_error *error = NULL;
    assert_ok(pixazo_pipeline_next_event(k->pipeline, 20000, &event, &error), error);
    if (pixazo_event_kind(event) == kind)
      return event;
    assert_int_not_equal(pixazo_event_kind(event), PIXAZO_EVENT_ENDED);
    pixazo_event_free(event);
  }
}

static void expect_picture(pixazo_blob *picture)
{
  assert_non_null(picture);
  assert_true(pixazo_blob_size(picture) > 20000);
  assert_memory_equal(pixazo_blob_data(picture), "\x89PNG", 4);
}

static void expect_done(kit *k, const char *id)
{
  pixazo_generation *record = kit_wait(k, id);
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_DONE);
  assert_int_equal(pixazo_generation_image_count(record), 1);
  assert_int_equal(gateway_count(&server, "posts"), 1);
  assert_int_equal(kit_files(k, "originals"), 1);
  pixazo_generation_free(record);
}

static void test_partials__are_events_while_the_call_runs(void **state)
{
  kit *k = *state;
  kit_open(k);
  (void)pixazo_pipeline_fd(k->pipeline); /* somebody listens */
  char *id = kit_add(k, TWO);
  for (int32_t i = 0; i < 2; i++) {
    pixazo_event *event = next_of(k, PIXAZO_EVENT_PARTIAL);
    assert_int_equal(gateway_count(&server, "posts_answered"), 0);
    assert_string_equal(pixazo_event_generation(event), id);
    assert_int_equal(pixazo_event_partial_index(event), i);
    assert_int_equal(pixazo_event_state(event), PIXAZO_GENERATION_ACTIVE);
    expect_picture(pixazo_event_partial(event));
    pixazo_event_free(event);
    gateway_hurry(&server);
  }
  pixazo_event_free(next_of(k, PIXAZO_EVENT_ENDED));
  expect_done(k, id);
  pixazo_free(id);
}

typedef struct looking {
  int seen;
  int32_t answer;
} looking;

static int32_t look(const pixazo_progress *progress, void *user_data)
{
  looking *self = user_data;
  if (progress->stage != PIXAZO_STAGE_PARTIAL)
    return 0;
  assert_int_equal(progress->partial_index, self->seen);
  assert_int_equal(gateway_count(&server, "posts_answered"), 0);
  expect_picture(progress->partial);
  self->seen++;
  gateway_hurry(&server);
  return self->answer;
}

static void test_partials__are_shown_to_the_hook_of_who_waits(void **state)
{
  kit *k = *state;
  looking heard = {.answer = 0};
  k->pipeline_options.on_progress = look;
  k->pipeline_options.on_progress_data = &heard;
  kit_open(k);
  char *id = kit_add(k, TWO);
  expect_done(k, id);
  assert_int_equal(heard.seen, 2);
  pixazo_free(id);
}

/* Stopping is soft here: the answer that is paid for is listened to until its end. */
static void test_partials__a_hook_that_stops_loses_no_picture(void **state)
{
  kit *k = *state;
  looking heard = {.answer = 1};
  k->pipeline_options.on_progress = look;
  k->pipeline_options.on_progress_data = &heard;
  kit_open(k);
  char *id = kit_add(k, "{\"prompt\":\"p\",\"partial_images\":1}");
  expect_done(k, id);
  assert_int_equal(heard.seen, 1);
  pixazo_free(id);
}

static void test_partials__that_nobody_fetches_cost_nothing(void **state)
{
  kit *k = *state;
  kit_open(k);
  (void)pixazo_pipeline_fd(k->pipeline);
  gateway_script(&server, "[{\"method\":\"POST\",\"partials\":3}]");
  char *id = kit_add(k, TWO);
  expect_done(k, id);
  for (bool ended = false; !ended;) {
    pixazo_event *event = NULL;
    assert_status(pixazo_pipeline_next_event(k->pipeline, 20000, &event, NULL), PIXAZO_OK);
    assert_int_not_equal(pixazo_event_kind(event), PIXAZO_EVENT_PARTIAL);
    assert_null(pixazo_event_partial(event));
    ended = pixazo_event_kind(event) == PIXAZO_EVENT_ENDED;
    pixazo_event_free(event);
  }
  pixazo_free(id);
}

static void test_partials__one_that_waits_goes_with_its_pipeline(void **state)
{
  kit *k = *state;
  k->pipeline_options.drain_ms = 1;
  kit_open(k);
  (void)pixazo_pipeline_fd(k->pipeline);
  pixazo_free(kit_add(k, TWO));
  pixazo_event_free(next_of(k, PIXAZO_EVENT_PARTIAL));
  gateway_hurry(&server);
  (void)usleep(20000); /* the second one may wait now: what is left behind is told by the sanitizer */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_partials__are_events_while_the_call_runs, setup, teardown),
      cmocka_unit_test_setup_teardown(test_partials__are_shown_to_the_hook_of_who_waits, setup, teardown),
      cmocka_unit_test_setup_teardown(test_partials__a_hook_that_stops_loses_no_picture, setup, teardown),
      cmocka_unit_test_setup_teardown(test_partials__that_nobody_fetches_cost_nothing, setup, teardown),
      cmocka_unit_test_setup_teardown(test_partials__one_that_waits_goes_with_its_pipeline, setup, teardown),
  };
  return cmocka_run_group_tests_name("partials", tests, start_server, stop_server);
}
