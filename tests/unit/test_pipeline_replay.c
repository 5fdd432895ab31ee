/* SPDX-License-Identifier: MIT */
/* Equal requests: answered by an earlier one, or waiting for the one in flight. */
#include <string.h>
#include <unistd.h>

#include "pipeline/stepped.h"
#include "support/testing.h"

#define FOX "{\"prompt\":\"a fox\",\"seed\":7,\"width\":16,\"height\":16}"
#define FOX_NEVER "{\"prompt\":\"a fox\",\"seed\":7,\"width\":16,\"height\":16,\"replay\":\"never\"}"
#define ANY_EXACT "{\"prompt\":\"any\",\"width\":16,\"height\":16,\"replay\":\"exact\"}"

static void open_kit(stepped *s, uint32_t replay, const char *script)
{
  s->kit.pipeline_options.replay = replay;
  s->kit.client_options.offline_script = script;
  s->kit.client_options.retry_delay_ms = 1;
  s->kit.client_options.max_retries = PIXAZO_NO_RETRY;
  kit_open(&s->kit);
}

static int64_t calls(const stepped *s)
{
  px_series *series = px_metrics_series(pixazo_client_metrics(s->kit.client), "offline", "pattern");
  int64_t count = 0;
  for (int i = 1; i < PX_METRIC_CLASSES; i++)
    count += series->attempts[i];
  return count;
}

static int64_t counted(const stepped *s, px_count what)
{
  return px_metrics_series(pixazo_client_metrics(s->kit.client), "offline", "pattern")->counts[what];
}

static pixazo_generation *finish(stepped *s, char *id)
{
  pixazo_generation *record = kit_wait(&s->kit, id);
  pixazo_free(id);
  return record;
}

static void test_hit__gives_the_earlier_pictures_and_makes_no_call(void **state)
{
  stepped *s = *state;
  open_kit(s, PIXAZO_REPLAY_SEEDED, NULL);
  pixazo_generation *first = finish(s, kit_add(&s->kit, FOX));
  pixazo_generation *second = finish(s, kit_add(&s->kit, FOX));
  assert_string_equal(pixazo_generation_replayed_from(first), "");
  assert_string_equal(pixazo_generation_replayed_from(second), pixazo_generation_uuid(first));
  assert_string_equal(pixazo_generation_image_sha256(second, 0), pixazo_generation_image_sha256(first, 0));
  assert_int_equal(access(pixazo_generation_image_path(second, 0), R_OK), 0);
  assert_int_equal(pixazo_generation_attempts(second), 0);
  assert_int_equal(calls(s), 1);
  assert_int_equal(counted(s, PX_COUNT_REPLAYED), 1);
  assert_int_equal(counted(s, PX_COUNT_ADDED), 2);
  pixazo_generation_free(first);
  pixazo_generation_free(second);
}

static void test_hit__reaches_over_the_end_of_the_process(void **state)
{
  stepped *s = *state;
  open_kit(s, PIXAZO_REPLAY_SEEDED, NULL);
  pixazo_generation_free(finish(s, kit_add(&s->kit, FOX)));
  kit_close(&s->kit);
  kit_open(&s->kit);
  pixazo_generation *second = finish(s, kit_add(&s->kit, FOX));
  assert_true(*pixazo_generation_replayed_from(second) != '\0');
  assert_int_equal(calls(s), 0);
  pixazo_generation_free(second);
}

static void test_hit__whose_file_is_gone_is_none(void **state)
{
  stepped *s = *state;
  open_kit(s, PIXAZO_REPLAY_SEEDED, NULL);
  pixazo_generation *first = finish(s, kit_add(&s->kit, FOX));
  assert_int_equal(unlink(pixazo_generation_image_path(first, 0)), 0);
  pixazo_generation_free(first);
  pixazo_generation *second = finish(s, kit_add(&s->kit, FOX));
  assert_string_equal(pixazo_generation_replayed_from(second), "");
  assert_int_equal(calls(s), 2);
  pixazo_generation_free(second);
}

static void test_replay__is_off_unless_it_is_asked_for(void **state)
{
  stepped *s = *state;
  open_kit(s, PIXAZO_REPLAY_ASKED, NULL);
  pixazo_generation_free(finish(s, kit_add(&s->kit, FOX)));
  pixazo_generation_free(finish(s, kit_add(&s->kit, FOX)));
  assert_int_equal(calls(s), 2);
  pixazo_generation_free(finish(s, kit_add(&s->kit, ANY_EXACT)));
  pixazo_generation_free(finish(s, kit_add(&s->kit, ANY_EXACT))); /* without a seed: the caller's word counts */
  assert_int_equal(calls(s), 3);
}

static void test_never__makes_a_call_of_its_own(void **state)
{
  stepped *s = *state;
  open_kit(s, PIXAZO_REPLAY_SEEDED, NULL);
  pixazo_generation_free(finish(s, kit_add(&s->kit, FOX)));
  pixazo_generation_free(finish(s, kit_add(&s->kit, FOX_NEVER)));
  assert_int_equal(calls(s), 2);
}

static void test_flight__equal_ones_wait_for_one_call(void **state)
{
  stepped *s = *state;
  open_kit(s, PIXAZO_REPLAY_SEEDED, NULL);
  char *ids[3];
  for (int i = 0; i < 3; i++)
    ids[i] = kit_add(&s->kit, FOX);
  pixazo_generation *first = finish(s, ids[0]);
  for (int i = 1; i < 3; i++) { /* the clock stands: its end wakes them */
    pixazo_generation *other = finish(s, ids[i]);
    assert_string_equal(pixazo_generation_replayed_from(other), pixazo_generation_uuid(first));
    pixazo_generation_free(other);
  }
  assert_int_equal(calls(s), 1);
  assert_int_equal(counted(s, PX_COUNT_JOINED), 2);
  pixazo_generation_free(first);
}

static void test_flight__one_that_fails_is_followed_by_the_next(void **state)
{
  stepped *s = *state;
  open_kit(s, PIXAZO_REPLAY_SEEDED, "[{\"class\":\"blocked\"},{}]");
  char *ids[3];
  for (int i = 0; i < 3; i++)
    ids[i] = kit_add(&s->kit, FOX);
  pixazo_error *error = NULL;
  assert_status(pixazo_pipeline_wait(s->kit.pipeline, ids[0], 1000, NULL, NULL, &error), PIXAZO_E_REJECTED);
  pixazo_error_free(error);
  pixazo_generation *second = finish(s, ids[1]);
  pixazo_generation *third = finish(s, ids[2]);
  assert_string_equal(pixazo_generation_replayed_from(second), "");
  assert_string_equal(pixazo_generation_replayed_from(third), pixazo_generation_uuid(second));
  assert_int_equal(calls(s), 2);
  pixazo_generation_free(second);
  pixazo_generation_free(third);
  pixazo_free(ids[0]);
}

static void test_flight__a_cancelled_one_that_waits_ends_alone(void **state)
{
  stepped *s = *state;
  open_kit(s, PIXAZO_REPLAY_SEEDED, NULL);
  pixazo_error *error = NULL;
  char *first = kit_add(&s->kit, FOX);
  char *second = kit_add(&s->kit, FOX);
  while (counted(s, PX_COUNT_JOINED) == 0)
    assert_true(px_pipeline_step(s->kit.pipeline, false));
  assert_ok(pixazo_pipeline_cancel(s->kit.pipeline, second, PIXAZO_CANCEL_SOFT, &error), error);
  assert_status(pixazo_pipeline_wait(s->kit.pipeline, second, 1000, NULL, NULL, &error), PIXAZO_E_CANCELLED);
  pixazo_error_free(error);
  pixazo_generation_free(finish(s, first));
  pixazo_free(second);
}

static void test_flight__of_another_principal_is_not_joined(void **state)
{
  stepped *s = *state;
  open_kit(s, PIXAZO_REPLAY_SEEDED, NULL);
  char *first = kit_add(&s->kit, FOX);
  char *second = kit_add(&s->kit, "{\"prompt\":\"a fox\",\"seed\":7,\"width\":16,\"height\":16,\"principal\":\"you\"}");
  pixazo_generation_free(finish(s, first));
  pixazo_generation_free(finish(s, second));
  assert_int_equal(calls(s), 2);
  assert_int_equal(counted(s, PX_COUNT_JOINED), 0);
}

static void test_flight__one_that_ends_between_look_and_row_is_seen(void **state)
{
  stepped *s = *state;
  open_kit(s, PIXAZO_REPLAY_SEEDED, NULL);
  char *first = kit_add(&s->kit, FOX);
  stepped_until(s, first, stepped_is_placed);
  char *second = kit_add(&s->kit, FOX); /* its look finds nothing, and its row is written with the end of the first one */
  pixazo_generation *one = finish(s, first);
  pixazo_generation *two = finish(s, second);
  assert_string_equal(pixazo_generation_replayed_from(two), pixazo_generation_uuid(one));
  assert_int_equal(calls(s), 1);
  assert_int_equal(counted(s, PX_COUNT_JOINED), 0); /* nobody was there to wait for any more */
  pixazo_generation_free(one);
  pixazo_generation_free(two);
}

static bool is_planned(const px_job *job)
{
  return job->counted && job->n == 0;
}

static void test_resume__of_equal_ones_makes_one_call(void **state)
{
  stepped *s = *state;
  s->kit.pipeline_options.replay = PIXAZO_REPLAY_SEEDED;
  stepped_die(s, FOX, is_planned);
  stepped_die(s, FOX, is_planned);
  kit_open(&s->kit);
  stepped_resume(s, PIXAZO_RESUME_CONTINUE, "\"done\":2");
  assert_int_equal(calls(s), 1);
  assert_int_equal(counted(s, PX_COUNT_REPLAYED), 1);
}

static void test_resume__of_one_that_was_asked_for_meanwhile_makes_no_call(void **state)
{
  stepped *s = *state;
  s->kit.pipeline_options.replay = PIXAZO_REPLAY_SEEDED;
  stepped_die(s, FOX, is_planned);
  open_kit(s, PIXAZO_REPLAY_SEEDED, NULL);
  pixazo_generation_free(finish(s, kit_add(&s->kit, FOX)));
  stepped_resume(s, PIXAZO_RESUME_CONTINUE, "\"done\":1");
  assert_int_equal(calls(s), 1);
}

static void test_resume__of_one_without_a_key_makes_its_call(void **state)
{
  stepped *s = *state;
  stepped_die(s, FOX, is_planned);
  stepped_die(s, FOX, is_planned);
  open_kit(s, PIXAZO_REPLAY_SEEDED, NULL);
  stepped_resume(s, PIXAZO_RESUME_CONTINUE, "\"done\":2");
  assert_int_equal(calls(s), 2);
}

static void test_retry__is_a_call_that_answers_later_ones(void **state)
{
  stepped *s = *state;
  open_kit(s, PIXAZO_REPLAY_SEEDED, "[{\"class\":\"blocked\"},{}]");
  pixazo_error *error = NULL;
  char *blocked = kit_add(&s->kit, FOX);
  char *again = NULL;
  assert_status(pixazo_pipeline_wait(s->kit.pipeline, blocked, 1000, NULL, NULL, &error), PIXAZO_E_REJECTED);
  pixazo_error_free(error);
  error = NULL;
  assert_ok(pixazo_pipeline_retry(s->kit.pipeline, blocked, &again, &error), error);
  pixazo_generation *second = finish(s, again);
  pixazo_generation *third = finish(s, kit_add(&s->kit, FOX));
  assert_string_equal(pixazo_generation_replayed_from(third), pixazo_generation_uuid(second));
  assert_int_equal(calls(s), 2);
  pixazo_generation_free(second);
  pixazo_generation_free(third);
  pixazo_free(blocked);
}

static void test_options__of_no_meaning_are_refused(void **state)
{
  stepped *s = *state;
  pixazo_pipeline *none = NULL;
  kit_open(&s->kit);
  s->kit.pipeline_options.spool = s->kit.directory;
  s->kit.pipeline_options.replay = 2;
  assert_status(px_pipeline_new(&s->kit.pipeline_options, s->kit.clock, true, &none, NULL), PIXAZO_E_ARGUMENT);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, stepped_setup, stepped_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_hit__gives_the_earlier_pictures_and_makes_no_call),
      TEST(test_hit__reaches_over_the_end_of_the_process),
      TEST(test_hit__whose_file_is_gone_is_none),
      TEST(test_replay__is_off_unless_it_is_asked_for),
      TEST(test_never__makes_a_call_of_its_own),
      TEST(test_flight__equal_ones_wait_for_one_call),
      TEST(test_flight__one_that_fails_is_followed_by_the_next),
      TEST(test_flight__a_cancelled_one_that_waits_ends_alone),
      TEST(test_flight__of_another_principal_is_not_joined),
      TEST(test_flight__one_that_ends_between_look_and_row_is_seen),
      TEST(test_resume__of_equal_ones_makes_one_call),
      TEST(test_resume__of_one_that_was_asked_for_meanwhile_makes_no_call),
      TEST(test_resume__of_one_without_a_key_makes_its_call),
      TEST(test_retry__is_a_call_that_answers_later_ones),
      TEST(test_options__of_no_meaning_are_refused),
  };
  return cmocka_run_group_tests_name("pipeline_replay", tests, NULL, NULL);
}
