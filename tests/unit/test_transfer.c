/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "net/transfer.h"

static px_transfer *make(px_http_call *call, const char *allow)
{
  px_transfer *transfer = NULL;
  pixazo_error *error = NULL;
  assert_ok(px_transfer_new(call, allow, &transfer, &error), error);
  return transfer;
}

static void test_transfer__lists_keep_the_order(void **state)
{
  px_transfer a = {0}, b = {0}, c = {0};
  px_list list = {0}, other = {0};
  (void)state;
  px_list_append(&list, &a);
  px_list_append(&list, &b);
  px_list_append(&list, &c);
  px_list_remove(&b);
  px_list_remove(&b);
  assert_int_equal(list.count, 2);
  assert_ptr_equal(list.first->next, &c);
  px_list_append(&other, &b);
  px_list_move(&other, &list);
  assert_int_equal(other.count, 3);
  assert_ptr_equal(other.last, &c);
  assert_null(list.first);
}

static void test_transfer__refuses_what_cannot_be_sent(void **state)
{
  static const px_http_call calls[] = {
      {.kind = 0, .url = "https://a.test/"},
      {.kind = 9, .url = "https://a.test/"},
      {.kind = PX_HTTP_POLL, .url = NULL},
      {.kind = PX_HTTP_POLL, .url = "a.test"},
      {.kind = PX_HTTP_POLL, .url = "https://a.test/", .method = "GET / HTTP/1.1"},
      {.kind = PX_HTTP_POLL, .url = "https://a.test/", .method = "get"},
      {.kind = PX_HTTP_POLL, .url = "https://a.test/", .method = ""},
      {.kind = PX_HTTP_DOWNLOAD, .url = "https://a.test/", .body = "x"},
      {.kind = PX_HTTP_DOWNLOAD, .url = "https://a.test/", .method = "DELETE"},
      {.kind = PX_HTTP_DOWNLOAD, .url = "https://a.test/", .secret_header = "K: not-a-real-key"},
      {.kind = PX_HTTP_PAID, .url = "https://a.test/", .secret_header = "K: not\na-real-key"},
      {.kind = PX_HTTP_PAID, .url = "https://a.test/", .secret_header = "K: x", .secret_origin = "nonsense"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
    px_http_call call = calls[i];
    px_transfer *transfer = NULL;
    pixazo_error *error = NULL;
    assert_status(px_transfer_new(&call, NULL, &transfer, &error), PIXAZO_E_ARGUMENT);
    assert_null(transfer);
    assert_null(strstr(pixazo_error_message(error), "a-real-key"));
    pixazo_error_free(error);
  }
}

static void test_transfer__the_guard_stands_before_it(void **state)
{
  px_http_call call = {.kind = PX_HTTP_POLL, .url = "https://10.0.0.1/"};
  px_transfer *transfer = NULL;
  (void)state;
  assert_status(px_transfer_new(&call, NULL, &transfer, NULL), PIXAZO_E_NETWORK);
  transfer = make(&call, "10.0.0.1");
  assert_true(transfer->listed);
  px_transfer_free(transfer);
}

static bool carries_secret(const char *url, const char *origin)
{
  px_http_call call = {.kind = PX_HTTP_PAID, .url = url, .secret_header = "K: not-a-real-key", .secret_origin = origin};
  px_transfer *transfer = make(&call, "a.test,b.test");
  bool result = transfer->with_secret;
  px_transfer_free(transfer);
  return result;
}

static void test_transfer__the_secret_is_pinned_to_its_origin(void **state)
{
  (void)state;
  assert_true(carries_secret("https://a.test/x", "https://a.test"));
  assert_true(carries_secret("https://A.test:443/x", "https://a.test/base/"));
  assert_false(carries_secret("https://a.test:444/x", "https://a.test"));
  assert_false(carries_secret("http://a.test/x", "https://a.test"));
  assert_false(carries_secret("https://b.test/x", "https://a.test"));
  assert_false(carries_secret("https://a.test/x", NULL));
}

static void test_transfer__the_method_follows_the_body(void **state)
{
  px_http_call call = {.kind = PX_HTTP_POLL, .url = "https://a.test/"};
  (void)state;
  px_transfer *transfer = make(&call, NULL);
  assert_string_equal(px_transfer_method(transfer), "GET");
  call.body = "";
  assert_string_equal(px_transfer_method(transfer), "POST");
  assert_true(px_transfer_has_body(transfer));
  assert_false(px_transfer_has_bytes(transfer));
  call.method = "PUT";
  assert_string_equal(px_transfer_method(transfer), "PUT");
  px_transfer_free(transfer);
}

static void test_transfer__the_first_failure_stays_and_names_the_host_only(void **state)
{
  px_http_call call = {.kind = PX_HTTP_POLL, .url = "https://a.test/path?signature=crumb"};
  (void)state;
  px_transfer *transfer = make(&call, NULL);
  px_transfer_fail(transfer, PX_TROUBLE_TIMEOUT, "no answer");
  px_transfer_fail(transfer, PX_TROUBLE_TRANSFER, "cut");
  assert_int_equal(transfer->outcome.trouble, PX_TROUBLE_TIMEOUT);
  assert_status(transfer->outcome.status, PIXAZO_E_TIMEOUT);
  assert_string_equal(pixazo_error_message(transfer->error), "GET https://a.test:443: no answer");
  px_transfer_rewind(transfer);
  assert_null(transfer->error);
  assert_status(transfer->outcome.status, PIXAZO_OK);
  px_transfer_free(transfer);
}

static void test_transfer__redirects_are_counted_and_guarded(void **state)
{
  px_http_call call = {.kind = PX_HTTP_DOWNLOAD, .url = "https://a.test/"};
  (void)state;
  px_transfer *transfer = make(&call, NULL);
  for (int i = 1; i <= 5; i++) {
    assert_true(px_transfer_redirect(transfer, "https://b.test/x", NULL));
    assert_int_equal(transfer->outcome.redirects, i);
  }
  assert_string_equal(transfer->target.host, "b.test");
  assert_string_equal(px_transfer_url(transfer), "https://b.test/x");
  assert_false(px_transfer_redirect(transfer, "https://c.test/", NULL));
  assert_int_equal(transfer->outcome.trouble, PX_TROUBLE_LIMIT);
  px_transfer_free(transfer);

  transfer = make(&call, NULL);
  assert_false(px_transfer_redirect(transfer, "http://b.test/", NULL));
  assert_int_equal(transfer->outcome.trouble, PX_TROUBLE_GUARD);
  assert_status(transfer->outcome.status, PIXAZO_E_NETWORK);
  px_transfer_free(transfer);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_transfer__lists_keep_the_order),
      cmocka_unit_test(test_transfer__refuses_what_cannot_be_sent),
      cmocka_unit_test(test_transfer__the_guard_stands_before_it),
      cmocka_unit_test(test_transfer__the_secret_is_pinned_to_its_origin),
      cmocka_unit_test(test_transfer__the_method_follows_the_body),
      cmocka_unit_test(test_transfer__the_first_failure_stays_and_names_the_host_only),
      cmocka_unit_test(test_transfer__redirects_are_counted_and_guarded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
