/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdatomic.h>

#include "base/parts.h"

enum { PARTS = 300 };

typedef struct tally {
  px_crew *crew;
  atomic_uint runs[PARTS];
  atomic_uint inner;
} tally;

static void count(void *argument, size_t part)
{
  tally *self = argument;
  atomic_fetch_add(&self->runs[part], 1);
}

static void expect_each_once(tally *self)
{
  for (size_t i = 0; i < PARTS; i++)
    assert_int_equal(atomic_load(&self->runs[i]), 1);
}

static void test_parts__run_here_without_a_crew(void **state)
{
  (void)state;
  tally self = {0};
  px_parts_run(NULL, &(px_parts){count, &self, PARTS});
  expect_each_once(&self);
  px_parts_run(NULL, &(px_parts){count, &self, 0});
  expect_each_once(&self);
}

static void test_parts__run_once_each_on_any_number_of_threads(void **state)
{
  (void)state;
  for (unsigned threads = 1; threads < 5; threads++) {
    tally self = {0};
    px_crew *crew = NULL;
    pixazo_error *error = NULL;
    assert_ok(px_crew_new("parts", threads, &crew, &error), error);
    px_parts_run(crew, &(px_parts){count, &self, PARTS});
    expect_each_once(&self);
    px_crew_free(crew);
  }
}

static void add_inner(void *argument, size_t part)
{
  (void)part;
  atomic_fetch_add(&((tally *)argument)->inner, 1);
}

static void run_inner(void *argument, size_t part)
{
  tally *self = argument;
  px_parts_run(self->crew, &(px_parts){add_inner, self, 7});
  count(self, part);
}

static void test_parts__may_have_parts_of_their_own(void **state)
{
  (void)state;
  tally self = {0};
  pixazo_error *error = NULL;
  assert_ok(px_crew_new("parts", 2, &self.crew, &error), error);
  px_parts_run(self.crew, &(px_parts){run_inner, &self, PARTS});
  expect_each_once(&self);
  assert_int_equal(atomic_load(&self.inner), 7 * PARTS);
  px_crew_free(self.crew);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_parts__run_here_without_a_crew),
      cmocka_unit_test(test_parts__run_once_each_on_any_number_of_threads),
      cmocka_unit_test(test_parts__may_have_parts_of_their_own),
  };
  return cmocka_run_group_tests_name("parts", tests, NULL, NULL);
}
