/* SPDX-License-Identifier: MIT */
/* What a killed process left in the spool. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/answer.h"
#include "pipeline/stepped.h"
#include "support/testing.h"

static void put_answer(stepped *s, const char *name, const char *generation)
{
  pixazo_error *error = NULL;
  px_answer_writer writer = {0};
  int descriptor = openat(s->kit.pipeline->spool_fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  assert_true(descriptor >= 0);
  assert_ok(px_answer_writer_init(&writer, descriptor, &error), error);
  assert_ok(px_answer_writer_set(&writer, "generation", generation, &error), error);
  assert_ok(px_answer_writer_head(&writer, &error), error);
  assert_ok(px_answer_writer_body(&writer, "bytes", 5, &error), error);
  assert_ok(px_answer_writer_finish(&writer, &error), error);
  px_answer_writer_done(&writer);
  (void)close(descriptor);
}

static void put_temporary(stepped *s, const char *name, int64_t age_s)
{
  int64_t changed = s->clock.wall_us / 1000000 - age_s;
  struct timespec times[2] = {{.tv_sec = changed}, {.tv_sec = changed}};
  int spool = s->kit.pipeline->spool_fd;
  int descriptor = openat(spool, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  assert_true(descriptor >= 0);
  (void)close(descriptor);
  assert_int_equal(utimensat(spool, name, times, 0), 0);
}

static bool is_there(stepped *s, const char *name)
{
  return faccessat(s->kit.pipeline->spool_fd, name, F_OK, 0) == 0;
}

static void test_sweep__removes_the_answer_of_a_generation_that_is_done(void **state)
{
  stepped *s = *state;
  kit_open(&s->kit);
  char *id = kit_add(&s->kit, "{\"prompt\":\"done\",\"width\":16,\"height\":16}");
  px_pipeline_pump(s->kit.pipeline);
  put_answer(s, "one.answer", id);
  put_answer(s, "two.part", id);
  put_answer(s, "three.other", id);
  px_spool_sweep(s->kit.pipeline);
  assert_false(is_there(s, "one.answer"));
  assert_false(is_there(s, "two.part"));
  assert_true(is_there(s, "three.other"));
  pixazo_free(id);
}

static void test_sweep__keeps_answers_that_may_be_needed(void **state)
{
  stepped *s = *state;
  kit_open(&s->kit);
  char *id = kit_add(&s->kit, "{\"prompt\":\"open\",\"width\":16,\"height\":16}");
  put_answer(s, "open.answer", id);
  put_answer(s, "unknown.answer", "00000000-0000-7000-8000-000000000000");
  put_answer(s, "nobody.answer", "nonsense");
  px_spool_sweep(s->kit.pipeline);
  assert_true(is_there(s, "open.answer"));
  assert_true(is_there(s, "unknown.answer"));
  assert_true(is_there(s, "nobody.answer"));
  pixazo_free(id);
}

static void test_sweep__removes_temporary_files_a_day_old(void **state)
{
  stepped *s = *state;
  kit_open(&s->kit);
  put_temporary(s, "old.ren", 86500);
  put_temporary(s, "old.poll", 86500);
  put_temporary(s, "old.pic", 86500);
  put_temporary(s, "young.ren", 86300);
  px_spool_sweep(s->kit.pipeline);
  assert_false(is_there(s, "old.ren"));
  assert_false(is_there(s, "old.poll"));
  assert_true(is_there(s, "old.pic")); /* a picture may be all that is left of a call */
  assert_true(is_there(s, "young.ren"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_sweep__removes_the_answer_of_a_generation_that_is_done, stepped_setup,
                                      stepped_teardown),
      cmocka_unit_test_setup_teardown(test_sweep__keeps_answers_that_may_be_needed, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_sweep__removes_temporary_files_a_day_old, stepped_setup, stepped_teardown),
  };
  return cmocka_run_group_tests_name("sweep", tests, NULL, NULL);
}
