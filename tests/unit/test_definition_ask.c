/* SPDX-License-Identifier: MIT */
/* What a definition says about asking how far a call is; its poll rule is among test_definition's. */
#include "support/testing.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "client/definition.h"

#define DOCUMENT(more)                                                                                                  \
  "{\"schema\":1,\"name\":\"mine\",\"base_url\":\"https://images.example\",\"models\":[{\"name\":\"one\",\"path\":\"/v1/make\"," \
  "\"parameters\":{\"prompt\":\"prompt\"}}]" more "}"
#define PROGRESS(more) DOCUMENT(",\"progress\":{" more "}")

static void test_ask__what_is_wrong_is_named_with_its_path(void **state)
{
  static const char *const wrong[][2] = {
      {DOCUMENT(",\"progress\":5"), "progress: want an object, got number"},
      {PROGRESS(""), "progress.path: missing"},
      {PROGRESS("\"path\":\"/p\""), "progress.done: missing"},
      {PROGRESS("\"done\":\"d\""), "progress.path: missing"},
      {PROGRESS("\"path\":\"p\",\"done\":\"d\""), "progress.path: must begin with a slash"},
      {PROGRESS("\"path\":\"/p/{id}\",\"done\":\"d\""), "progress.path: there is no placeholder"},
      {PROGRESS("\"path\":\"/a b\",\"done\":\"d\""), "progress.path: character 3"},
      {PROGRESS("\"path\":\"/p\",\"done\":\"\""), "progress.done: must not be empty"},
      {PROGRESS("\"path\":\"/p\",\"done\":7"), "progress.done: want a string, got number"},
      {PROGRESS("\"path\":\"/p\",\"done\":\"a..b\""), "progress.done: want a path like error.message"},
      {PROGRESS("\"path\":\"/p\",\"done\":\"a[].b\""), "progress.done: want a path like error.message"},
      {PROGRESS("\"path\":\"/p\",\"done\":\"d\",\"total\":\"a[\""), "progress.total: want a path"},
      {PROGRESS("\"path\":\"/p\",\"done\":\"d\",\"interval_ms\":99"), "progress.interval_ms: want a whole number between 100"},
      {PROGRESS("\"path\":\"/p\",\"done\":\"d\",\"part\":1"), "progress.part: is not known here; known: path, interval_ms, done, total"},
  };
  (void)state;
  for (size_t i = 0; i < PX_ARRAY_SIZE(wrong); i++) {
    px_autoerror error = NULL;
    pixazo_provider *made = NULL;
    pixazo_status status = pixazo_provider_new(wrong[i][0], &made, &error);
    const char *message = pixazo_error_message(error);
    if (status != PIXAZO_E_ARGUMENT || made || strncmp(message, wrong[i][1], strlen(wrong[i][1])) != 0)
      fail_msg("%s\n  status %d, wanted \"%s\", got \"%s\"", wrong[i][0], status, wrong[i][1], message);
  }
}

static pixazo_provider *make(const char *json)
{
  pixazo_provider *made = NULL;
  pixazo_error *error = NULL;
  assert_ok(pixazo_provider_new(json, &made, &error), error);
  return made;
}

static void test_ask__progress_is_a_rule_of_the_row(void **state)
{
  (void)state;
  pixazo_provider *made = make(DOCUMENT(""));
  assert_null(made->row.progress.path);
  (void)pixazo_provider_unref(made);
  made = make(PROGRESS("\"path\":\"/p?x=1\",\"done\":\"state.step\""));
  assert_string_equal(made->row.progress.path, "/p?x=1");
  assert_string_equal(made->row.progress.done, "state.step");
  assert_null(made->row.progress.total);
  assert_int_equal(made->row.progress.interval_ms, 1000);
  (void)pixazo_provider_unref(made);
  made = make(PROGRESS("\"path\":\"/p\",\"interval_ms\":250,\"done\":\"a[0]\",\"total\":\"b\""));
  assert_int_equal(made->row.progress.interval_ms, 250);
  assert_string_equal(made->row.progress.total, "b");
  (void)pixazo_provider_unref(made);
}

static pixazo_status produce(void *self, pixazo_production *production, pixazo_error **error)
{
  (void)self;
  (void)production;
  return pixazo_error_set(error, PIXAZO_E_PROVIDER, "not asked for");
}

static void test_ask__what_is_made_inside_the_process_is_not_asked(void **state)
{
  static const char json[] = "{\"schema\":1,\"name\":\"mine\",\"models\":[{\"name\":\"one\",\"parameters\":{\"prompt\":\"prompt\"}}],"
                             "\"progress\":{\"path\":\"/p\",\"done\":\"d\"}}";
  pixazo_provider_ops ops = PIXAZO_PROVIDER_OPS_INIT;
  pixazo_provider *made = NULL;
  px_autoerror error = NULL;
  (void)state;
  ops.produce = produce;
  assert_status(pixazo_provider_new_custom(json, &ops, NULL, PIXAZO_OPS_ANY_THREAD, &made, &error), PIXAZO_E_ARGUMENT);
  assert_non_null(strstr(pixazo_error_message(error), "progress: pictures are made inside the process"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_ask__what_is_wrong_is_named_with_its_path),
      cmocka_unit_test(test_ask__progress_is_a_rule_of_the_row),
      cmocka_unit_test(test_ask__what_is_made_inside_the_process_is_not_asked),
  };
  return cmocka_run_group_tests_name("definition_ask", tests, NULL, NULL);
}
