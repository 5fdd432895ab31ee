/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdlib.h>
#include <string.h>

#include <pixazo/blob.h>
#include <pixazo/cancel.h>
#include <pixazo/log.h>
#include <pixazo/memory.h>

#include "base/buf.h"
#include "base/crew.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "support/tmpdir.h"
#include "support/torture.h"

static pixazo_status blob_there_and_back(void *user_data, pixazo_error **error)
{
  const char *path = user_data;
  pixazo_blob *blob = NULL;
  pixazo_blob *back = NULL;
  pixazo_status status = pixazo_blob_new("a picture", 9, &blob, error);
  if (status == PIXAZO_OK)
    status = pixazo_blob_save(blob, path, error);
  if (status == PIXAZO_OK)
    status = pixazo_blob_new_from_file(path, 0, &back, error);
  if (status == PIXAZO_OK)
    assert_memory_equal(pixazo_blob_data(back), "a picture", 9);
  (void)pixazo_blob_unref(blob);
  (void)pixazo_blob_unref(back);
  return status;
}

static void test_torture__a_blob_goes_to_a_file_and_comes_back(void **state)
{
  char *path = tmpdir_path(*state, "a.bin");
  assert_true(torture_run("blob", blob_there_and_back, path, 1) >= 4);
  free(path);
}

static pixazo_status log_and_cancel(void *user_data, pixazo_error **error)
{
  (void)user_data;
  pixazo_log *log = NULL;
  pixazo_cancel *cancel = NULL;
  char *line = NULL;
  pixazo_status status = pixazo_log_new(0, NULL, NULL, &log, error);
  if (status == PIXAZO_OK)
    status = pixazo_cancel_new(&cancel, error);
  px_log_add_secret(log, "fake-secret-of-a-test");
  px_log(log, PIXAZO_LOG_INFO, "test", "one");
  px_log(log, PIXAZO_LOG_INFO, "test", "two");
  while (log && pixazo_log_next(log, NULL, &line) == PIXAZO_OK)
    pixazo_free(line);
  (void)pixazo_log_unref(log);
  (void)pixazo_cancel_unref(cancel);
  return status;
}

static void test_torture__a_log_without_memory_loses_lines_and_nothing_else(void **state)
{
  (void)state;
  assert_true(torture_run("log", log_and_cancel, NULL, 1) >= 8);
}

/* The error object itself is what cannot be allocated. */
static pixazo_status fail_for_another_reason(void *user_data, pixazo_error **error)
{
  (void)user_data;
  pixazo_blob *blob = NULL;
  pixazo_error *own = NULL;
  pixazo_status status = pixazo_blob_new_from_file("/dev/null/none", 0, &blob, &own);
  assert_status(status, PIXAZO_E_IO);
  assert_non_null(own);
  assert_true(*pixazo_error_message(own) != '\0');
  pixazo_error *copy = px_error_copy(own);
  assert_non_null(copy);
  pixazo_error_free(copy);
  pixazo_error_free(own);
  (void)error;
  return PIXAZO_OK;
}

static void test_torture__a_failure_keeps_its_status_when_its_message_finds_no_memory(void **state)
{
  (void)state;
  assert_true(torture_run("error", fail_for_another_reason, NULL, 1) >= 3);
}

static void nothing(px_task *task)
{
  (void)task;
}

static pixazo_status crew_and_digest(void *user_data, pixazo_error **error)
{
  (void)user_data;
  px_crew *crew = NULL;
  px_task task = {NULL, nothing};
  PX_TRY(px_crew_new("torture", 2, &crew, error));
  px_crew_add(crew, &task);
  px_crew_free(crew);
  px_digest *digest = px_digest_new(true);
  if (!digest)
    return px_fail_nomem(error);
  px_digest_free(digest);
  px_auto(px_buf) buf = PX_BUF_INIT(100000);
  for (int i = 0; i < 1000; i++)
    (void)px_buf_printf(&buf, "%d,", i);
  px_autofree char *text = px_buf_steal(&buf);
  return text ? PIXAZO_OK : px_fail_nomem(error);
}

static void test_torture__threads_hashes_and_buffers_give_everything_back(void **state)
{
  (void)state;
  assert_true(torture_run("crew", crew_and_digest, NULL, 1) >= 10);
}

/* The harness itself: it must see a leak, a wrong status and a missing error object. */
static pixazo_status leaks(void *user_data, pixazo_error **error)
{
  void **kept = user_data;
  void *first = px_malloc(1);
  void *second = px_malloc(1);
  if (first && second) {
    px_free(second);
    px_free(first);
    return PIXAZO_OK;
  }
  *kept = first; /* second failed: first is forgotten */
  px_free(second);
  return px_fail_nomem(error);
}

static void test_torture__the_harness_counts_what_is_left(void **state)
{
  (void)state;
  void *kept = NULL;
  pixazo_error *error = NULL;
  size_t before = torture_live();
  torture_fail_at(2, 0);
  assert_status(leaks(&kept, &error), PIXAZO_E_NOMEM);
  assert_true(torture_hit());
  assert_int_equal(torture_live() - before, 1);
  torture_fail_at(0, 0);
  px_free(kept);
  pixazo_error_free(error);
  assert_int_equal(torture_live(), before);
}

int main(void)
{
  torture_install();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_torture__a_blob_goes_to_a_file_and_comes_back, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test(test_torture__a_log_without_memory_loses_lines_and_nothing_else),
      cmocka_unit_test(test_torture__a_failure_keeps_its_status_when_its_message_finds_no_memory),
      cmocka_unit_test(test_torture__threads_hashes_and_buffers_give_everything_back),
      cmocka_unit_test(test_torture__the_harness_counts_what_is_left),
  };
  return torture_report(cmocka_run_group_tests(tests, NULL, NULL));
}
