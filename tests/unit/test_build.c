/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "client/provider.h"

static const px_size sizes[] = {{1024, 1024, "1:1"}, {1536, 1024, NULL}, {0, 0, NULL}};
static const px_rate rates[] = {{"low", 0, 10}, {"high", 1048576, 40}, {"high", 0, 60}};
static const px_model model = {
    .name = "m",
    .path = "/m",
    .params = {[PX_FIELD_PROMPT] = {"prompt", 0, 0, 0},
               [PX_FIELD_WIDTH] = {"size", 1, 4096, 1024},
               [PX_FIELD_HEIGHT] = {"size", 1, 4096, 1024},
               [PX_FIELD_QUALITY] = {"grade", 0, 0, 0}},
    .size_wire = "size",
    .sizes = sizes,
    .extras = "{\"background\":\"auto\",\"n\":1}",
    .pictures_per_call = 1,
    .price = {true, 100, PIXAZO_CONFIDENCE_ESTIMATED, "s", "d"},
    .rates = rates,
    .rate_count = PX_ARRAY_SIZE(rates),
};

static char *build(const char *effective_json)
{
  px_cleanup(px_json_done) px_json *effective = NULL;
  px_auto(px_body) body = PX_BODY_INIT;
  px_auto(px_buf) path = PX_BUF_INIT(64);
  px_autoerror error = NULL;
  assert_ok(px_json_parse(effective_json, strlen(effective_json), NULL, &effective, &error), error);
  px_build job = {.model = &model, .name = "m", .effective = effective, .body = &body, .path = &path};
  assert_ok(px_build_plain(&job, &error), error);
  return px_steal(&body.pieces[0].text);
}

static void expect(const char *effective_json, const char *wanted)
{
  px_autofree char *found = build(effective_json);
  assert_string_equal(found, wanted);
}

static void test_build__a_size_goes_by_its_name_or_by_its_figures(void **state)
{
  (void)state;
  expect("{\"prompt\":\"p\",\"width\":1024,\"height\":1024}",
         "{\"prompt\":\"p\",\"size\":\"1:1\",\"background\":\"auto\",\"n\":1}");
  expect("{\"prompt\":\"p\",\"width\":1536,\"height\":1024}",
         "{\"prompt\":\"p\",\"size\":\"1536x1024\",\"background\":\"auto\",\"n\":1}");
}

static void test_build__the_callers_own_members_win(void **state)
{
  (void)state;
  expect("{\"prompt\":\"p\",\"quality\":\"low\",\"width\":1024,\"height\":1024,"
         "\"provider_options\":{\"n\":7,\"size\":\"auto\",\"grade\":null}}",
         "{\"prompt\":\"p\",\"background\":\"auto\",\"n\":7,\"size\":\"auto\",\"grade\":null}");
}

static int64_t price(const char *effective_json)
{
  px_cleanup(px_json_done) px_json *effective = NULL;
  assert_status(px_json_parse(effective_json, strlen(effective_json), NULL, &effective, NULL), PIXAZO_OK);
  return px_model_price(&model, effective);
}

static void test_build__the_first_rate_that_fits_is_the_price(void **state)
{
  (void)state;
  assert_int_equal(price("{\"quality\":\"low\",\"width\":4096,\"height\":4096}"), 10);
  assert_int_equal(price("{\"quality\":\"high\",\"width\":1024,\"height\":1024}"), 40);
  assert_int_equal(price("{\"quality\":\"high\",\"width\":1536,\"height\":1024}"), 60);
  assert_int_equal(price("{\"quality\":\"auto\",\"width\":512,\"height\":512}"), 100);
  assert_int_equal(price("{}"), 100);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_build__a_size_goes_by_its_name_or_by_its_figures),
      cmocka_unit_test(test_build__the_callers_own_members_win),
      cmocka_unit_test(test_build__the_first_rate_that_fits_is_the_price),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
