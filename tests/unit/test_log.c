/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"

struct heard {
  size_t lines;
  int32_t level;
  char last[256];
};

static void hear(int32_t level, const char *line, size_t length, void *user_data)
{
  struct heard *heard = user_data;
  heard->lines++;
  heard->level = level;
  assert_int_equal(strlen(line), length);
  (void)snprintf(heard->last, sizeof heard->last, "%s", line);
}

static pixazo_log *new_log(int32_t level, pixazo_log_fn sink, void *user_data)
{
  pixazo_log *log = NULL;
  assert_status(pixazo_log_new(level, sink, user_data, &log, NULL), PIXAZO_OK);
  return log;
}

static void test_log__lines_wait_until_a_thread_of_the_program_takes_them(void **state)
{
  (void)state;
  struct heard heard = {0};
  pixazo_log *log = new_log(0, hear, &heard);
  px_log(log, PIXAZO_LOG_INFO, "client", "sent %d", 3);
  assert_int_equal(heard.lines, 0);
  px_log_deliver(log);
  assert_int_equal(heard.lines, 1);
  assert_int_equal(heard.level, PIXAZO_LOG_INFO);
  assert_string_equal(heard.last, "client: sent 3");
  px_log_deliver(log);
  assert_int_equal(heard.lines, 1);
  assert_null(pixazo_log_unref(log));
}

static void test_log__keeps_its_level_and_everything_more_important(void **state)
{
  (void)state;
  pixazo_log *log = new_log(PIXAZO_LOG_WARNING, NULL, NULL);
  px_log(log, PIXAZO_LOG_INFO, "x", "not kept");
  px_log(log, PIXAZO_LOG_ERROR, "x", "first");
  px_log(log, PIXAZO_LOG_WARNING, "x", "second");
  int32_t level = 0;
  px_autofree char *first = NULL;
  px_autofree char *second = NULL;
  char *none = NULL;
  assert_status(pixazo_log_next(log, &level, &first), PIXAZO_OK);
  assert_int_equal(level, PIXAZO_LOG_ERROR);
  assert_string_equal(first, "x: first");
  assert_status(pixazo_log_next(log, NULL, &second), PIXAZO_OK);
  assert_string_equal(second, "x: second");
  assert_status(pixazo_log_next(log, NULL, &none), PIXAZO_E_AGAIN);
  assert_null(none);
  assert_status(pixazo_log_next(NULL, NULL, &none), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_log_next(log, NULL, NULL), PIXAZO_E_ARGUMENT);
  (void)pixazo_log_unref(log);
}

static void test_log__secrets_never_reach_a_line(void **state)
{
  (void)state;
  pixazo_log *log = new_log(PIXAZO_LOG_TRACE, NULL, NULL);
  px_log_add_secret(log, "pxz-CANARY-7f3a9d52c1e84b60");
  px_log_add_secret(log, "short");
  px_log_add_secret(log, NULL);
  px_log_add_secret(NULL, "pxz-CANARY-7f3a9d52c1e84b60");
  px_log(log, PIXAZO_LOG_INFO, "net", "key=pxz-CANARY-7f3a9d52c1e84b60, again pxz-CANARY-7f3a9d52c1e84b60 short");
  px_autofree char *line = NULL;
  assert_status(pixazo_log_next(log, NULL, &line), PIXAZO_OK);
  assert_null(strstr(line, "CANARY"));
  assert_non_null(strstr(line, "key=****"));
  assert_non_null(strstr(line, "short"));
  (void)pixazo_log_unref(log);
}

static void test_log__a_line_is_one_line_and_bounded(void **state)
{
  (void)state;
  pixazo_log *log = new_log(0, NULL, NULL);
  char text[5000];
  memset(text, 'a', sizeof text);
  memcpy(text, "x\ny\x1B[31m", 8);
  text[sizeof text - 1] = '\0';
  px_log(log, PIXAZO_LOG_INFO, "net", "%s", text);
  px_autofree char *line = NULL;
  assert_status(pixazo_log_next(log, NULL, &line), PIXAZO_OK);
  assert_true(strlen(line) < 1024);
  assert_null(strpbrk(line, "\n\x1B"));
  (void)pixazo_log_unref(log);
}

static void test_log__a_full_list_drops_the_oldest_and_says_how_many(void **state)
{
  (void)state;
  pixazo_log *log = new_log(0, NULL, NULL);
  for (int i = 0; i < 1030; i++)
    px_log(log, PIXAZO_LOG_INFO, "n", "%d", i);
  px_autofree char *first = NULL;
  assert_status(pixazo_log_next(log, NULL, &first), PIXAZO_OK);
  assert_string_equal(first, "n: 6");
  size_t lines = 0;
  bool said = false;
  for (char *line = NULL; pixazo_log_next(log, NULL, &line) == PIXAZO_OK; lines++) {
    said = said || strcmp(line, "log: 6 lines were dropped") == 0;
    px_free(line);
  }
  assert_int_equal(lines, 1024);
  assert_true(said);
  (void)pixazo_log_unref(log);
}

static void test_log__refuses_unknown_levels(void **state)
{
  (void)state;
  pixazo_log *log = NULL;
  pixazo_error *error = NULL;
  assert_status(pixazo_log_new(6, NULL, NULL, &log, &error), PIXAZO_E_ARGUMENT);
  assert_non_null(strstr(pixazo_error_message(error), "6"));
  pixazo_error_free(error);
  assert_status(pixazo_log_new(-1, NULL, NULL, &log, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_log_new(1, NULL, NULL, NULL, NULL), PIXAZO_E_ARGUMENT);
  assert_null(log);
}

static void test_log__null_is_a_log_that_keeps_nothing(void **state)
{
  (void)state;
  px_log(NULL, PIXAZO_LOG_ERROR, "x", "y");
  px_log_deliver(NULL);
  assert_null(pixazo_log_ref(NULL));
  assert_null(pixazo_log_unref(NULL));
}

static void *write_many(void *argument)
{
  for (int i = 0; i < 200; i++)
    px_log(argument, PIXAZO_LOG_INFO, "thread", "%d", i);
  return NULL;
}

static void test_log__threads_write_while_another_reads(void **state)
{
  (void)state;
  pixazo_log *log = new_log(0, NULL, NULL);
  pthread_t threads[4];
  for (size_t i = 0; i < 4; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, write_many, pixazo_log_ref(log)), 0);
  size_t lines = 0;
  char *line = NULL;
  while (pixazo_log_next(log, NULL, &line) == PIXAZO_OK) {
    lines++;
    px_free(line);
  }
  for (size_t i = 0; i < 4; i++) {
    assert_int_equal(pthread_join(threads[i], NULL), 0);
    (void)pixazo_log_unref(log);
  }
  while (pixazo_log_next(log, NULL, &line) == PIXAZO_OK) {
    lines++;
    px_free(line);
  }
  assert_int_equal(lines, 800);
  (void)pixazo_log_unref(log);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_log__lines_wait_until_a_thread_of_the_program_takes_them),
      cmocka_unit_test(test_log__keeps_its_level_and_everything_more_important),
      cmocka_unit_test(test_log__secrets_never_reach_a_line),
      cmocka_unit_test(test_log__a_line_is_one_line_and_bounded),
      cmocka_unit_test(test_log__a_full_list_drops_the_oldest_and_says_how_many),
      cmocka_unit_test(test_log__refuses_unknown_levels),
      cmocka_unit_test(test_log__null_is_a_log_that_keeps_nothing),
      cmocka_unit_test(test_log__threads_write_while_another_reads),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
