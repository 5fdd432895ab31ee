/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "studio/config.h"
#include "json/json.h"

typedef struct scene {
  pixazo_config *config;
  char *text;
  px_json *root;
} scene;

static int begin(void **state)
{
  static scene self;
  self = (scene){NULL, NULL, NULL};
  *state = &self;
  return pixazo_config_new(&self.config, NULL) == PIXAZO_OK ? 0 : -1;
}

static int end(void **state)
{
  scene *self = *state;
  px_json_free(self->root);
  px_free(self->text);
  pixazo_config_free(self->config);
  return 0;
}

static void set(scene *self, const char *key, const char *value)
{
  px_autoerror error = NULL;
  assert_ok(pixazo_config_set(self->config, key, value, &error), error);
}

static void print(scene *self)
{
  px_autoerror error = NULL;
  assert_ok(pixazo_config_to_json(self->config, &self->text, &error), error);
  assert_ok(px_json_parse(self->text, strlen(self->text), NULL, &self->root, &error), error);
}

/* A member of the setting of this name. */
static const char *told(const scene *self, const char *key, const char *member)
{
  for (const px_json *at = px_json_first(px_json_member(self->root, "settings")); at; at = px_json_next(at)) {
    if (strcmp(px_json_text(px_json_member(at, "key")), key) == 0)
      return px_json_text(px_json_member(at, member));
  }
  fail_msg("%s is not told", key);
  return NULL;
}

static void test_config_json__tells_every_setting_as_it_reads(void **state)
{
  scene *self = *state;
  set(self, "width", "640");
  print(self);
  const px_json *settings = px_json_member(self->root, "settings");
  assert_int_equal(px_json_size(settings), px_config_key_count());
  for (size_t i = 0; i < px_config_key_count(); i++) {
    const px_config_key *key = px_config_key_at(i);
    const char *value = pixazo_config_get(self->config, key->name);
    const char *found = told(self, key->name, "value");
    assert_string_equal(px_json_text(px_json_member(px_json_element(settings, i), "key")), key->name);
    assert_int_equal(value != NULL, found != NULL);
    if (value && !key->secret)
      assert_string_equal(found, value);
    assert_string_equal(told(self, key->name, "source"), pixazo_config_source(self->config, key->name));
  }
  assert_string_equal(told(self, "width", "source"), "set");
}

static void test_config_json__what_it_told_can_be_set_again(void **state)
{
  scene *self = *state;
  px_cleanup(px_config_scoped) pixazo_config *other = NULL;
  set(self, "width", "640");
  set(self, "model", "flux-schnell");
  set(self, "allow_hosts", "a \"quoted\" host");
  print(self);
  assert_status(pixazo_config_new(&other, NULL), PIXAZO_OK);
  for (size_t i = 0; i < px_config_key_count(); i++) {
    const char *name = px_config_key_at(i)->name;
    const char *value = told(self, name, "value");
    if (value && strcmp(told(self, name, "source"), "set") == 0)
      assert_status(pixazo_config_set(other, name, value, NULL), PIXAZO_OK);
  }
  assert_string_equal(pixazo_config_get(other, "width"), "640");
  assert_string_equal(pixazo_config_get(other, "model"), "flux-schnell");
  assert_string_equal(pixazo_config_get(other, "allow_hosts"), "a \"quoted\" host");
}

static void test_config_json__a_secret_is_only_said_to_be_set(void **state)
{
  scene *self = *state;
  set(self, "api_key", "fake-key-of-a-test");
  print(self);
  assert_string_equal(told(self, "api_key", "value"), "(set)");
  assert_null(strstr(self->text, "fake-key"));
}

static void test_config_json__a_secret_that_is_not_set_is_null(void **state)
{
  scene *self = *state;
  print(self);
  assert_null(told(self, "api_key", "value"));
  assert_null(strstr(self->text, "(set)"));
  assert_string_equal(told(self, "api_key", "variable"), "PIXAZO_API_KEY");
  assert_status(pixazo_config_to_json(NULL, &self->text, NULL), PIXAZO_E_ARGUMENT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_config_json__tells_every_setting_as_it_reads, begin, end),
      cmocka_unit_test_setup_teardown(test_config_json__what_it_told_can_be_set_again, begin, end),
      cmocka_unit_test_setup_teardown(test_config_json__a_secret_is_only_said_to_be_set, begin, end),
      cmocka_unit_test_setup_teardown(test_config_json__a_secret_that_is_not_set_is_null, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
