/* SPDX-License-Identifier: MIT */
/* Making a pipeline and closing it. */
#include "pipeline/stepped.h"
#include "support/testing.h"

static void expect_refused(stepped *s, pixazo_pipeline_options *options)
{
  pixazo_error *error = NULL;
  pixazo_pipeline *pipeline = NULL;
  assert_status(px_pipeline_new(options, s->kit.clock, true, &pipeline, &error), PIXAZO_E_ARGUMENT);
  assert_null(pipeline);
  assert_non_null(error);
  pixazo_error_free(error);
}

static void test_options__zero_means_the_default(void **state)
{
  stepped *s = *state;
  pixazo_pipeline_options options;
  pixazo_pipeline_options_init(&options, sizeof options);
  assert_int_equal(options.struct_size, sizeof options);
  assert_null(options.client);
  assert_int_equal(options.concurrency, 0);
  kit_open(&s->kit);
  assert_int_equal(s->kit.pipeline->slots, 3);
  assert_int_equal(s->kit.pipeline->downloads, 8);
  assert_int_equal(s->kit.pipeline->drain_ms, 10000);
  assert_int_equal(s->kit.pipeline->recipe_count, 0);
  assert_string_equal(s->kit.pipeline->key_template, "originals/{yyyy}/{mm}/{uuid}.{ext}");
  assert_string_equal(s->kit.pipeline->rendition_template, "renditions/{yyyy}/{mm}/{uuid}-{name}.{ext}");
  assert_non_null(s->kit.pipeline->exporter);
}

static void test_new__wants_its_handles_and_a_spool(void **state)
{
  stepped *s = *state;
  kit_open(&s->kit);
  pixazo_pipeline_options options = s->kit.pipeline_options;
  options.spool = s->kit.directory;
  options.client = NULL;
  expect_refused(s, &options);
  options.client = s->kit.client;
  options.store = NULL;
  expect_refused(s, &options);
  options.store = s->kit.store;
  options.repository = NULL;
  expect_refused(s, &options);
  options.repository = s->kit.repository;
  options.spool = NULL;
  expect_refused(s, &options);
  options.spool = s->kit.directory;
  options.recipe_count = 1;
  expect_refused(s, &options);
}

static void test_new__refuses_templates_that_do_not_tell_pictures_apart(void **state)
{
  stepped *s = *state;
  kit_open(&s->kit);
  pixazo_pipeline_options options = s->kit.pipeline_options;
  options.spool = s->kit.directory;
  options.key_template = "originals/{yyyy}.{ext}";
  expect_refused(s, &options);
  options.key_template = "originals/{nonsense}/{uuid}.{ext}";
  expect_refused(s, &options);
  options.key_template = NULL;
  options.rendition_template = "renditions/{uuid}.{ext}";
  expect_refused(s, &options);
  options.rendition_template = "renditions/{uuid}-{name}.{ext}";
  pixazo_error *error = NULL;
  pixazo_pipeline *pipeline = NULL;
  assert_ok(px_pipeline_new(&options, s->kit.clock, true, &pipeline, &error), error);
  pixazo_pipeline_free(pipeline);
}

static void test_free__finishes_a_call_that_was_sent(void **state)
{
  stepped *s = *state;
  kit_open(&s->kit);
  char *id = kit_add(&s->kit, "{\"prompt\":\"sent\",\"width\":16,\"height\":16}");
  stepped_until(s, id, stepped_is_sent);
  kit_close(&s->kit);
  kit_open(&s->kit);
  pixazo_generation *record = stepped_record(s);
  assert_string_equal(pixazo_generation_uuid(record), id);
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_DONE);
  pixazo_generation_free(record);
  pixazo_free(id);
}

static void test_free__takes_nothing_too(void **state)
{
  (void)state;
  pixazo_error *error = NULL;
  pixazo_pipeline_free(NULL);
  assert_status(pixazo_pipeline_new(NULL, NULL, &error), PIXAZO_E_ARGUMENT);
  pixazo_error_free(error);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_options__zero_means_the_default, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_new__wants_its_handles_and_a_spool, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_new__refuses_templates_that_do_not_tell_pictures_apart, stepped_setup,
                                      stepped_teardown),
      cmocka_unit_test_setup_teardown(test_free__finishes_a_call_that_was_sent, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_free__takes_nothing_too, stepped_setup, stepped_teardown),
  };
  return cmocka_run_group_tests_name("pipeline", tests, NULL, NULL);
}
