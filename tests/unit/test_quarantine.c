/* SPDX-License-Identifier: MIT */
/* Where bytes lie that were paid for and are not to be shown. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "pipeline/stepped.h"
#include "support/testing.h"
#include "support/tmpdir.h"

static px_item picture(px_job *job)
{
  px_item item = {.job = job, .descriptor = -1};
  (void)strcpy(item.image.uuid, "01900000-0000-7000-8000-00000000000a");
  return item;
}

static void write_picture(const pixazo_pipeline *pipeline)
{
  int descriptor = -1;
  pixazo_error *error = NULL;
  assert_ok(px_file_create_at(pipeline->spool_fd, "01900000-0000-7000-8000-00000000000a.pic", 0600, &descriptor, &error), error);
  assert_int_equal(write(descriptor, "bytes", 5), 5);
  (void)close(descriptor);
}

static void test_quarantine__keeps_bytes_and_gives_them_back(void **state)
{
  stepped *s = *state;
  pixazo_error *error = NULL;
  char bytes[6] = "";
  kit_open(&s->kit);
  px_job *job = stepped_job(s);
  px_item item = picture(job);
  write_picture(s->kit.pipeline);
  assert_ok(px_quarantine_move(&item, &error), error);
  char *path = tmpdir_path(s->kit.directory, "spool/quarantine/01900000-0000-7000-8000-00000000000a");
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  assert_int_equal(read(descriptor, bytes, sizeof bytes), 5);
  assert_string_equal(bytes, "bytes");
  (void)close(descriptor);
  assert_ok(px_quarantine_fetch(&item, &error), error);
  assert_int_equal(access(path, F_OK), -1);
  free(path);
  assert_int_equal(stepped_unspool(s, ".pic"), 1);
  px_job_free(job);
}

static void test_quarantine__says_that_there_is_nothing(void **state)
{
  stepped *s = *state;
  kit_open(&s->kit);
  px_job *job = stepped_job(s);
  px_item item = picture(job);
  assert_status(px_quarantine_fetch(&item, NULL), PIXAZO_E_NOT_FOUND); /* not even the folder */
  assert_status(px_quarantine_move(&item, NULL), PIXAZO_E_NOT_FOUND);
  write_picture(s->kit.pipeline);
  assert_status(px_quarantine_move(&item, NULL), PIXAZO_OK);
  item.image.uuid[35] = 'b';
  assert_status(px_quarantine_fetch(&item, NULL), PIXAZO_E_NOT_FOUND);
  px_job_free(job);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_quarantine__keeps_bytes_and_gives_them_back, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_quarantine__says_that_there_is_nothing, stepped_setup, stepped_teardown),
  };
  return cmocka_run_group_tests_name("quarantine", tests, NULL, NULL);
}
