/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "export/provenance.h"

static void test_provenance__writes_the_parameters_that_image_tools_read(void **state)
{
  (void)state;
  px_auto(px_provenance) made = PX_PROVENANCE_INIT;
  px_autoerror error = NULL;
  assert_ok(px_provenance_read("{\"prompt\":\"a fox\",\"negative_prompt\":\"blur\",\"steps\":20,\"sampler\":\"Euler a\","
                               "\"cfg_scale\":7.50,\"seed\":9007199254740993,\"width\":640,\"height\":480,"
                               "\"model\":\"sdxl\",\"provider\":\"pixazo\",\"alt_text\":\"A fox.\",\"mine\":{\"a\":1}}",
                               &made, &error),
            error);
  assert_string_equal(made.parameters, "a fox\nNegative prompt: blur\nSteps: 20, Sampler: Euler a, CFG scale: 7.50, "
                                       "Seed: 9007199254740993, Size: 640x480, Model: sdxl");
  assert_string_equal(made.system, "pixazo/sdxl");
  assert_string_equal(made.prompt, "a fox");
  assert_string_equal(made.alt_text, "A fox.");
  assert_string_equal(made.source_type, "trainedAlgorithmicMedia");
  assert_non_null(strstr(made.twin, "\"mine\":{\"a\":1}"));
}

static void test_provenance__parameters_of_the_caller_are_taken_as_they_are(void **state)
{
  (void)state;
  px_auto(px_provenance) made = PX_PROVENANCE_INIT;
  assert_status(px_provenance_read("{\"parameters\":\"mine\",\"prompt\":\"a\",\"model\":\"offline/noise\",\"provider\":"
                                   "\"offline\",\"digital_source_type\":\"algorithmicMedia\"}",
                                   &made, NULL),
                PIXAZO_OK);
  assert_string_equal(made.parameters, "mine");
  assert_string_equal(made.system, "offline/noise");
  assert_string_equal(made.source_type, "algorithmicMedia");
}

static void test_provenance__nothing_given_is_nothing_made(void **state)
{
  (void)state;
  px_auto(px_provenance) made = PX_PROVENANCE_INIT;
  assert_status(px_provenance_read(NULL, &made, NULL), PIXAZO_OK);
  assert_null(made.source_type);
  assert_null(made.parameters);
}

static void test_provenance__an_empty_object_still_says_the_source_type(void **state)
{
  (void)state;
  px_auto(px_provenance) made = PX_PROVENANCE_INIT;
  assert_status(px_provenance_read("{}", &made, NULL), PIXAZO_OK);
  assert_string_equal(made.source_type, "trainedAlgorithmicMedia");
  assert_null(made.parameters);
  assert_null(made.system);
}

static void test_provenance__a_date_is_one_or_none(void **state)
{
  (void)state;
  static const char *const dates[][2] = {{"2026-03-01", "2026-03-01"},
                                         {"2026-03-01T12:00:00.5+01:00", "2026-03-01T12:00:00.5+01:00"},
                                         {"yesterday", NULL},
                                         {"2026-3-1", NULL},
                                         {"2026-03-01 <b>", NULL},
                                         {"20260301", NULL},
                                         {"2026-03-01T00000000000000000000000000000000000", NULL}};
  for (size_t i = 0; i < PX_ARRAY_SIZE(dates); i++) {
    px_auto(px_provenance) made = PX_PROVENANCE_INIT;
    char json[100];
    (void)snprintf(json, sizeof json, "{\"created_at\":\"%s\"}", dates[i][0]);
    assert_status(px_provenance_read(json, &made, NULL), PIXAZO_OK);
    if (dates[i][1])
      assert_string_equal(made.created, dates[i][1]);
    else
      assert_null(made.created);
  }
}

static void test_provenance__wrong_documents_are_refused(void **state)
{
  (void)state;
  static const char *const wrong[] = {"", "{", "[]", "\"text\"", "{\"digital_source_type\":\"a b\"}",
                                      "{\"digital_source_type\":\"<x>\"}"};
  for (size_t i = 0; i < PX_ARRAY_SIZE(wrong); i++) {
    px_auto(px_provenance) made = PX_PROVENANCE_INIT;
    assert_status(px_provenance_read(wrong[i], &made, NULL), PIXAZO_E_ARGUMENT);
  }
  px_auto(px_provenance) made = PX_PROVENANCE_INIT;
  px_autofree char *longer = px_malloc(24 * 1024 + 2);
  assert_non_null(longer);
  memset(longer, ' ', 24 * 1024 + 1);
  longer[24 * 1024 + 1] = '\0';
  memcpy(longer, "{}", 2);
  assert_status(px_provenance_read(longer, &made, NULL), PIXAZO_E_ARGUMENT);
  longer[24 * 1024] = '\0';
  assert_status(px_provenance_read(longer, &made, NULL), PIXAZO_OK);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_provenance__writes_the_parameters_that_image_tools_read),
      cmocka_unit_test(test_provenance__parameters_of_the_caller_are_taken_as_they_are),
      cmocka_unit_test(test_provenance__nothing_given_is_nothing_made),
      cmocka_unit_test(test_provenance__an_empty_object_still_says_the_source_type),
      cmocka_unit_test(test_provenance__a_date_is_one_or_none),
      cmocka_unit_test(test_provenance__wrong_documents_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
