/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include <pixazo/store_backend.h>

#include "base/error.h"
#include "base/mem.h"

static pixazo_status refuse_put(void *self, const pixazo_store_put_job *job, pixazo_error **error)
{
  (void)self;
  (void)job;
  return pixazo_error_set(error, PIXAZO_E_UNSUPPORTED, "read only");
}

static pixazo_store *listing_store(pixazo_status (*list)(void *, const char *, const char *, uint32_t,
                                                         pixazo_store_listing *, pixazo_error **))
{
  pixazo_store_ops ops;
  pixazo_store *store = NULL;
  pixazo_store_ops_init(&ops, sizeof ops);
  ops.put = refuse_put;
  ops.list = list;
  assert_int_equal(pixazo_store_new_custom(&ops, NULL, 0, &store, NULL), PIXAZO_OK);
  return store;
}

static pixazo_status list_two(void *self, const char *prefix, const char *cursor, uint32_t limit,
                              pixazo_store_listing *listing, pixazo_error **error)
{
  (void)self;
  (void)error;
  assert_string_equal(prefix, "p\"");
  assert_string_equal(cursor, "");
  assert_int_equal(limit, 2);
  assert_int_equal(pixazo_store_listing_add(listing, "p\"/\xC3\xA9", 1, 2), PIXAZO_OK);
  assert_int_equal(pixazo_store_listing_add(listing, "../x", 1, 2), PIXAZO_E_ARGUMENT);
  assert_int_equal(pixazo_store_listing_add(listing, "p", UINT64_MAX, 2), PIXAZO_E_ARGUMENT);
  assert_int_equal(pixazo_store_listing_add(listing, "q", 3, 0), PIXAZO_OK);
  assert_int_equal(pixazo_store_listing_add(listing, "r", 3, 0), PIXAZO_E_LIMIT);
  return pixazo_store_listing_set_cursor(listing, "next \\ page");
}

static void test_list__writes_one_page_as_json(void **state)
{
  (void)state;
  pixazo_store *store = listing_store(list_two);
  px_autofree char *text = NULL;
  assert_int_equal(pixazo_store_list(store, "p\"", NULL, 2, &text, NULL), PIXAZO_OK);
  assert_string_equal(text, "{\"schema\":1,\"entries\":[{\"key\":\"p\\\"/\xC3\xA9\",\"size\":1,\"modified_us\":2},"
                            "{\"key\":\"q\",\"size\":3,\"modified_us\":0}],\"cursor\":\"next \\\\ page\"}");
  (void)pixazo_store_unref(store);
}

static pixazo_status list_badly(void *self, const char *prefix, const char *cursor, uint32_t limit,
                                pixazo_store_listing *listing, pixazo_error **error)
{
  char cursor_text[2000];
  (void)self;
  (void)prefix;
  (void)cursor;
  assert_int_equal(limit, 100);
  memset(cursor_text, 'c', sizeof cursor_text);
  cursor_text[1024] = '\0';
  assert_int_equal(pixazo_store_listing_set_cursor(listing, cursor_text), PIXAZO_E_LIMIT);
  cursor_text[1023] = '\0';
  assert_int_equal(pixazo_store_listing_set_cursor(listing, cursor_text), PIXAZO_OK);
  assert_int_equal(pixazo_store_listing_set_cursor(NULL, cursor_text), PIXAZO_E_ARGUMENT);
  return pixazo_error_set(error, PIXAZO_E_NETWORK, "gone");
}

static void test_list__returns_the_failure_of_the_port(void **state)
{
  (void)state;
  pixazo_store *store = listing_store(list_badly);
  char *text = NULL;
  assert_int_equal(pixazo_store_list(store, "", "", 0, &text, NULL), PIXAZO_E_NETWORK);
  assert_null(text);
  (void)pixazo_store_unref(store);
}

static pixazo_status list_full(void *self, const char *prefix, const char *cursor, uint32_t limit,
                               pixazo_store_listing *listing, pixazo_error **error)
{
  (void)self;
  (void)prefix;
  (void)cursor;
  (void)error;
  char key[513];
  for (uint32_t i = 0; i < limit; i++) {
    (void)snprintf(key, sizeof key, "%04u", i);
    memset(key + 4, '"', 250);
    key[254] = '/';
    memset(key + 255, '"', 255);
    key[510] = '\0';
    assert_int_equal(pixazo_store_listing_add(listing, key, INT64_MAX, INT64_MIN), PIXAZO_OK);
  }
  return PIXAZO_OK;
}

static void test_list__holds_the_largest_page(void **state)
{
  (void)state;
  pixazo_store *store = listing_store(list_full);
  px_autofree char *text = NULL;
  assert_int_equal(pixazo_store_list(store, NULL, NULL, 1000, &text, NULL), PIXAZO_OK);
  assert_true(strlen(text) > 1000 * 1000);
  (void)pixazo_store_unref(store);
}

static void test_list__checks_its_arguments(void **state)
{
  (void)state;
  pixazo_store *store = listing_store(list_full);
  pixazo_store *mute = listing_store(NULL);
  char *text = NULL;
  assert_int_equal(pixazo_store_list(store, NULL, NULL, 1001, &text, NULL), PIXAZO_E_ARGUMENT);
  assert_int_equal(pixazo_store_list(store, "\xFF", NULL, 1, &text, NULL), PIXAZO_E_ARGUMENT);
  assert_int_equal(pixazo_store_list(store, NULL, NULL, 1, NULL, NULL), PIXAZO_E_ARGUMENT);
  assert_int_equal(pixazo_store_list(NULL, NULL, NULL, 1, &text, NULL), PIXAZO_E_ARGUMENT);
  assert_int_equal(pixazo_store_list(mute, NULL, NULL, 1, &text, NULL), PIXAZO_E_UNSUPPORTED);
  (void)pixazo_store_unref(store);
  (void)pixazo_store_unref(mute);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_list__writes_one_page_as_json),
      cmocka_unit_test(test_list__returns_the_failure_of_the_port),
      cmocka_unit_test(test_list__holds_the_largest_page),
      cmocka_unit_test(test_list__checks_its_arguments),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
