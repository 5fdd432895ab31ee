/* SPDX-License-Identifier: MIT */
#include "client/kit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "client/hooks.h"
#include "support/tmpdir.h"

static void url_of(const kit *self, char url[static 256])
{
  (void)snprintf(url, 256, "%s/files/a.png", self->gateway.base);
}

static void test_download__a_file_that_was_there_is_replaced_whole_or_stays(void **state)
{
  kit *self = *state;
  char url[256];
  struct stat facts;
  char *directory = tmpdir_make();
  char *path = tmpdir_path(directory, "a.png");
  int descriptor = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  assert_int_equal(write(descriptor, "old", 3), 3);
  assert_int_equal(close(descriptor), 0);
  url_of(self, url);
  kit_script(self, "[{\"path\":\"/files/*\",\"answer\":\"not-found\"}]");
  assert_status(pixazo_client_fetch_file(self->client, url, path, NULL, NULL), PIXAZO_E_PROVIDER);
  assert_int_equal(stat(path, &facts), 0);
  assert_int_equal(facts.st_size, 3);
  kit_script(self, "[]");
  assert_ok(pixazo_client_fetch_file(self->client, url, path, NULL, &self->error), self->error);
  assert_int_equal(stat(path, &facts), 0);
  assert_true(facts.st_size > 60000);
  free(path);
  tmpdir_remove(directory);
}

static void test_download__a_directory_is_no_file_name(void **state)
{
  kit *self = *state;
  char url[256];
  kit_script(self, "[]");
  url_of(self, url);
  assert_status(pixazo_client_fetch_file(self->client, url, "/tmp/", NULL, &self->error), PIXAZO_E_ARGUMENT);
  assert_non_null(strstr(pixazo_error_message(self->error), "names a directory"));
  assert_int_equal(gateway_count(&self->gateway, "downloads"), 0);
}

static int64_t veto_second(const pixazo_retry *retry, void *user_data)
{
  uint32_t *heard = user_data;
  *heard = retry->retry;
  assert_int_equal(retry->attempt_class, PIXAZO_CLASS_NONE);
  assert_status(pixazo_error_status(retry->cause), PIXAZO_E_NETWORK);
  return retry->retry < 2 ? 0 : -1;
}

static void test_download__each_retry_is_put_to_the_vote(void **state)
{
  kit *self = *state;
  char url[256];
  uint32_t heard = 0;
  pixazo_blob *out = NULL;
  pixazo_client_options options = kit_options(self);
  options.on_retry = veto_second;
  options.on_retry_data = &heard;
  kit_use(self, &options);
  kit_script(self, "[{\"path\":\"/files/*\",\"cut_after\":1000}]");
  url_of(self, url);
  assert_status(pixazo_client_fetch(self->client, url, NULL, &out, NULL), PIXAZO_E_NETWORK);
  assert_null(out);
  assert_int_equal(heard, 2);
  assert_int_equal(gateway_count(&self->gateway, "downloads"), 2);
  options = kit_options(self);
  kit_use(self, &options);
}

static void test_download__a_retry_keeps_nothing_of_what_was_cut(void **state)
{
  kit *self = *state;
  char url[256];
  pixazo_blob *out = NULL;
  kit_script(self, "[{\"path\":\"/files/*\",\"times\":1,\"cut_after\":1000}]");
  url_of(self, url);
  assert_ok(pixazo_client_fetch(self->client, url, NULL, &out, &self->error), self->error);
  const char *data = pixazo_blob_data(out);
  assert_memory_equal(data, "\x89PNG", 4);
  assert_memory_equal(data + pixazo_blob_size(out) - 8, "IEND", 4);
  assert_null(memmem(data + 4, pixazo_blob_size(out) - 4, "\x89PNG\r\n\x1A\n", 8));
  (void)pixazo_blob_unref(out);
}

static void test_download__a_blob_is_the_whole_file_wherever_it_stands(void **state)
{
  int descriptor = -1;
  pixazo_blob *out = NULL;
  (void)state;
  assert_status(px_memory_file("test", &descriptor, NULL), PIXAZO_OK);
  assert_int_equal(write(descriptor, "picture", 7), 7);
  assert_status(px_blob_of_descriptor(descriptor, &out, NULL), PIXAZO_OK);
  assert_int_equal(pixazo_blob_size(out), 7);
  assert_memory_equal(pixazo_blob_data(out), "picture", 7);
  assert_int_equal(fcntl(descriptor, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
  (void)pixazo_blob_unref(out);
  (void)close(descriptor);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_download__a_file_that_was_there_is_replaced_whole_or_stays),
      cmocka_unit_test(test_download__a_directory_is_no_file_name),
      cmocka_unit_test(test_download__each_retry_is_put_to_the_vote),
      cmocka_unit_test(test_download__a_retry_keeps_nothing_of_what_was_cut),
      cmocka_unit_test(test_download__a_blob_is_the_whole_file_wherever_it_stands),
  };
  return cmocka_run_group_tests(tests, kit_start, kit_stop);
}
