/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include "base/mem.h"
#include "export/parameters.h"

static void check(const char *text, const char *wanted)
{
  px_auto(px_json_writer) w = PX_JSON_WRITER_INIT(65536);
  px_autofree char *json = NULL;
  px_parameters_write(text, &w, NULL);
  assert_status(px_json_writer_finish(&w, &json, NULL), PIXAZO_OK);
  assert_string_equal(json, wanted);
}

static void test_parameters__of_image_tools_are_taken_apart(void **state)
{
  (void)state;
  check("a red fox,\nin snow\nNegative prompt: blurry, text\nSteps: 20, Sampler: DPM++ 2M, CFG scale: 7.5, Seed: 42, "
        "Size: 512x768, Model: sdxl, Version: v1.9, Lora hashes: \"a: 1, b: 2\"",
        "{\"prompt\":\"a red fox,\\nin snow\",\"negative_prompt\":\"blurry, text\",\"steps\":\"20\","
        "\"sampler\":\"DPM++ 2M\",\"cfg_scale\":\"7.5\",\"seed\":\"42\",\"size\":\"512x768\",\"model\":\"sdxl\","
        "\"other\":{\"Version\":\"v1.9\",\"Lora hashes\":\"\\\"a: 1, b: 2\\\"\"}}");
  check("a fox\nSeed: 7\n", "{\"prompt\":\"a fox\",\"seed\":\"7\",\"other\":{}}");
  check("Steps: 4, Seed: 1", "{\"steps\":\"4\",\"seed\":\"1\",\"other\":{}}");
}

static void test_parameters__in_no_known_form_are_the_prompt(void **state)
{
  (void)state;
  check("", "{}");
  check("just words", "{\"prompt\":\"just words\"}");
  check("a sign that says: Steps", "{\"prompt\":\"a sign that says: Steps\"}");
  check("fox\nNote: 3, Other: 4", "{\"prompt\":\"fox\\nNote: 3, Other: 4\"}");
  check("no Negative prompt: here", "{\"prompt\":\"no Negative prompt: here\"}");
  check("Negative prompt: only", "{\"negative_prompt\":\"only\"}");
}

static void test_parameters__that_repeat_or_never_end_are_still_read(void **state)
{
  (void)state;
  check("x\nSeed: 1, Seed: 2, A: 1, A: 2", "{\"prompt\":\"x\",\"seed\":\"1\",\"other\":{\"A\":\"1\"}}");
  check("x\nSeed: 1, A: \"open, B: 2", "{\"prompt\":\"x\",\"seed\":\"1\",\"other\":{\"A\":\"\\\"open, B: 2\"}}");
  check("x\nSeed: 1, no label, B: 2", "{\"prompt\":\"x\",\"seed\":\"1\",\"other\":{}}");
  check("x\nSeed:", "{\"prompt\":\"x\",\"seed\":\"\",\"other\":{}}");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_parameters__of_image_tools_are_taken_apart),
      cmocka_unit_test(test_parameters__in_no_known_form_are_the_prompt),
      cmocka_unit_test(test_parameters__that_repeat_or_never_end_are_still_read),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
