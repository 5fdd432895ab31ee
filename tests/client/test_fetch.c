/* SPDX-License-Identifier: MIT */
/* Bringing result URLs home. */
#include "kit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/tmpdir.h"

static pixazo_status fetch(kit *self, const char *path, pixazo_blob **out)
{
  char url[512];
  (void)snprintf(url, sizeof url, "%s%s", self->gateway.base, path);
  kit_forget(self);
  return pixazo_client_fetch(self->client, url, NULL, out, &self->error);
}

static void test_fetch__a_cut_download_is_tried_again_and_comes_whole(void **state)
{
  kit *self = *state;
  pixazo_blob *first = NULL;
  pixazo_blob *second = NULL;
  kit_script(self, "[{\"path\":\"/files/*\",\"times\":2,\"cut_after\":1000}]");
  assert_ok(fetch(self, "/files/same.png", &first), self->error);
  assert_ok(fetch(self, "/files/same.png", &second), self->error);
  assert_int_equal(gateway_count(&self->gateway, "downloads"), 4);
  assert_int_equal(pixazo_blob_size(first), pixazo_blob_size(second));
  assert_memory_equal(pixazo_blob_data(first), pixazo_blob_data(second), pixazo_blob_size(first));
  (void)pixazo_blob_unref(first);
  (void)pixazo_blob_unref(second);
}

static void test_fetch__an_error_status_is_not_a_picture(void **state)
{
  kit *self = *state;
  pixazo_blob *out = NULL;
  kit_script(self, "[{\"path\":\"/files/*\",\"answer\":\"not-found\"}]");
  assert_status(fetch(self, "/files/a.png", &out), PIXAZO_E_PROVIDER);
  assert_int_equal(pixazo_error_http_status(self->error), 404);
  assert_int_equal(gateway_count(&self->gateway, "downloads"), 1);
  kit_script(self, "[{\"path\":\"/files/*\",\"answer\":\"own-500\"}]");
  assert_status(fetch(self, "/files/a.png", &out), PIXAZO_E_PROVIDER);
  assert_int_equal(gateway_count(&self->gateway, "downloads"), 6);
  assert_null(out);
}

static void test_fetch__the_guard_holds_on_every_hop(void **state)
{
  kit *self = *state;
  pixazo_blob *out = NULL;
  kit_script(self, "[{\"path\":\"/files/*\",\"redirect\":\"http://169.254.169.254/latest/\"}]");
  assert_status(fetch(self, "/files/a.png", &out), PIXAZO_E_NETWORK);
  assert_int_equal(gateway_count(&self->gateway, "downloads"), 1);
  assert_status(pixazo_client_fetch(self->client, "file:///etc/passwd", NULL, &out, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_client_fetch(self->client, "http://10.0.0.1/a.png", NULL, &out, NULL), PIXAZO_E_NETWORK);
  assert_null(out);
}

static void test_fetch__a_redirect_to_an_allowed_place_is_followed_without_the_key(void **state)
{
  kit *self = *state;
  pixazo_blob *out = NULL;
  kit_script(self, "[{\"path\":\"/files/a.png\",\"redirect\":\"{{base}}/files/b.png\"}]");
  assert_ok(fetch(self, "/files/a.png", &out), self->error);
  assert_memory_equal(pixazo_blob_data(out), "\x89PNG", 4);
  assert_int_equal(gateway_count(&self->gateway, "keys_on_files"), 0);
  char *page = gateway_page(&self->gateway, "requests");
  assert_null(strstr(page, kit_secret));
  free(page);
  (void)pixazo_blob_unref(out);
}

/* Who can make us fetch addresses must not learn from our errors what listens where. */
static void test_fetch__what_listens_at_an_address_is_not_told(void **state)
{
  static const char *const rules[] = {
      "\"drop\":true",
      "\"drop\":true,\"cut\":\"reset\"",
      "\"raw\":\"SSH-2.0-OpenSSH\\r\\n\"",
      "\"raw\":\"220 mail\\r\\n\"",
      "\"raw\":\"\\u0000\\u0001\"",
      "\"cut_head_after\":5",
      "\"cut_after\":100",
  };
  kit *self = *state;
  pixazo_blob *out = NULL;
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
    char script[128];
    (void)snprintf(script, sizeof script, "[{\"path\":\"/files/*\",%s}]", rules[i]);
    kit_script(self, script);
    assert_status(fetch(self, "/files/a.png", &out), PIXAZO_E_NETWORK);
    kit_forget(self);
  }
  assert_status(pixazo_client_fetch(self->client, "http://127.0.0.1:1/", NULL, &out, NULL), PIXAZO_E_NETWORK);
  assert_status(pixazo_client_fetch(self->client, "https://10.0.0.1/", NULL, &out, NULL), PIXAZO_E_NETWORK);
  assert_null(out);
  tell_cases("listeners that answer alike", sizeof rules / sizeof *rules + 2);
}

static void test_fetch__more_than_the_bound_is_refused(void **state)
{
  kit *self = *state;
  pixazo_blob *out = NULL;
  pixazo_client_options options = kit_options(self);
  options.max_download_bytes = 10000;
  kit_use(self, &options);
  kit_script(self, "[]");
  assert_status(fetch(self, "/files/a.png", &out), PIXAZO_E_LIMIT);
  assert_null(out);
  assert_int_equal(gateway_count(&self->gateway, "downloads"), 1);
  options = kit_options(self);
  kit_use(self, &options);
}

static size_t files_in(const char *directory)
{
  size_t count = 0;
  DIR *listing = opendir(directory);
  assert_non_null(listing);
  for (const struct dirent *entry = readdir(listing); entry; entry = readdir(listing))
    count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
  (void)closedir(listing);
  return count;
}

static void test_fetch__a_file_appears_whole_or_not_at_all(void **state)
{
  kit *self = *state;
  char *directory = tmpdir_make();
  char *path = tmpdir_path(directory, "a.png");
  char url[256];
  struct stat facts;
  (void)snprintf(url, sizeof url, "%s/files/a.png", self->gateway.base);
  kit_script(self, "[{\"path\":\"/files/*\",\"cut_after\":1000}]");
  assert_status(pixazo_client_fetch_file(self->client, url, path, NULL, NULL), PIXAZO_E_NETWORK);
  assert_int_equal(files_in(directory), 0);
  kit_script(self, "[]");
  assert_ok(pixazo_client_fetch_file(self->client, url, path, NULL, &self->error), self->error);
  assert_int_equal(files_in(directory), 1);
  assert_int_equal(stat(path, &facts), 0);
  assert_int_equal(facts.st_mode & 0777, 0644);
  assert_true(facts.st_size > 60000);
  assert_status(pixazo_client_fetch_file(self->client, url, "/nonexistent/x/a.png", NULL, NULL), PIXAZO_E_NOT_FOUND);
  free(path);
  tmpdir_remove(directory);
}

static void test_fetch__a_set_token_fetches_nothing(void **state)
{
  kit *self = *state;
  pixazo_cancel *token = NULL;
  pixazo_blob *out = NULL;
  char url[256];
  (void)snprintf(url, sizeof url, "%s/files/a.png", self->gateway.base);
  assert_status(pixazo_cancel_new(&token, NULL), PIXAZO_OK);
  pixazo_cancel_set(token, PIXAZO_CANCEL_NOW);
  kit_script(self, "[]");
  assert_status(pixazo_client_fetch(self->client, url, token, &out, NULL), PIXAZO_E_CANCELLED);
  assert_int_equal(gateway_count(&self->gateway, "downloads"), 0);
  (void)pixazo_cancel_unref(token);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_fetch__a_cut_download_is_tried_again_and_comes_whole),
      cmocka_unit_test(test_fetch__an_error_status_is_not_a_picture),
      cmocka_unit_test(test_fetch__the_guard_holds_on_every_hop),
      cmocka_unit_test(test_fetch__a_redirect_to_an_allowed_place_is_followed_without_the_key),
      cmocka_unit_test(test_fetch__what_listens_at_an_address_is_not_told),
      cmocka_unit_test(test_fetch__more_than_the_bound_is_refused),
      cmocka_unit_test(test_fetch__a_file_appears_whole_or_not_at_all),
      cmocka_unit_test(test_fetch__a_set_token_fetches_nothing),
  };
  return cmocka_run_group_tests(tests, kit_start, kit_stop);
}
