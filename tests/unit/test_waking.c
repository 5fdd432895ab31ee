/* SPDX-License-Identifier: MIT */
/* When threads of the program are woken. */
#include <pthread.h>

#include "pipeline/stepped.h"
#include "support/testing.h"

enum { MOMENT_US = 20000, SECOND_US = 1000000 };

static void news(pixazo_pipeline *pipeline)
{
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  px_visitors_news(pipeline);
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
}

static void progress(pixazo_pipeline *pipeline)
{
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  px_visitors_progress(pipeline);
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
}

typedef struct visitor {
  pixazo_pipeline *pipeline;
  bool there;
  bool woken;
} visitor;

static void *wait_for_news(void *argument)
{
  visitor *self = argument;
  pixazo_pipeline *pipeline = self->pipeline;
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  self->there = true;
  while (!self->woken && pthread_cond_wait(&pipeline->synced.visitor, &pipeline->synced.lock) == 0)
    self->woken = true;
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  return NULL;
}

static void test_waking__what_is_gathered_wakes_at_the_end_of_it(void **state)
{
  stepped *s = *state;
  kit_open(&s->kit);
  pixazo_pipeline *pipeline = s->kit.pipeline;
  visitor self = {.pipeline = pipeline};
  pthread_t thread;
  px_visitors_gather(pipeline);
  assert_int_equal(pthread_create(&thread, NULL, wait_for_news, &self), 0);
  for (bool there = false; !there;) {
    news(pipeline);
    (void)pthread_mutex_lock(&pipeline->synced.lock);
    there = self.there;
    (void)pthread_mutex_unlock(&pipeline->synced.lock);
  }
  assert_true(pipeline->synced.gathered);
  px_visitors_wake(pipeline);
  (void)pthread_join(thread, NULL);
  assert_true(self.woken);
  assert_false(pipeline->synced.gathered || pipeline->synced.gathering);
  px_visitors_gather(pipeline);
  px_visitors_wake(pipeline);
  assert_false(pipeline->synced.gathering);
}

static void test_waking__progress_alone_wakes_only_so_often(void **state)
{
  stepped *s = *state;
  kit_open(&s->kit);
  pixazo_pipeline *pipeline = s->kit.pipeline;
  px_visitors_gather(pipeline); /* notes what would wake */
  progress(pipeline);
  assert_true(pipeline->synced.gathered);
  pipeline->synced.gathered = false;
  fake_clock_advance(&s->clock, MOMENT_US - 1);
  progress(pipeline);
  assert_false(pipeline->synced.gathered);
  news(pipeline);
  assert_true(pipeline->synced.gathered);
  pipeline->synced.gathered = false;
  fake_clock_advance(&s->clock, 1);
  progress(pipeline);
  assert_true(pipeline->synced.gathered);
  px_visitors_wake(pipeline);
}

static void test_waking__a_reader_looks_for_the_progress_it_was_not_woken_for(void **state)
{
  stepped *s = *state;
  kit_open(&s->kit);
  pixazo_pipeline *pipeline = s->kit.pipeline;
  int64_t now = px_mono_us(&s->clock.clock), far = now + 60 * SECOND_US;
  assert_int_equal(px_visitors_look(pipeline, now, far), now + SECOND_US);
  progress(pipeline);
  assert_int_equal(px_visitors_look(pipeline, now + 5, far), now + MOMENT_US);
  assert_int_equal(px_visitors_look(pipeline, now + 5, now + 6), now + 6);
  assert_int_equal(px_visitors_look(pipeline, now + MOMENT_US, far), now + MOMENT_US + SECOND_US);
  assert_int_equal(px_visitors_look(pipeline, now, INT64_MAX), now + MOMENT_US);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, stepped_setup, stepped_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_waking__what_is_gathered_wakes_at_the_end_of_it),
      TEST(test_waking__progress_alone_wakes_only_so_often),
      TEST(test_waking__a_reader_looks_for_the_progress_it_was_not_woken_for),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
