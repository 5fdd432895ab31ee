/* SPDX-License-Identifier: MIT */
#include "client/kit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "client/trace.h"
#include "support/client_kit.h"

#define GOOD "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

static void test_check__takes_the_form_and_nothing_else(void **state)
{
  (void)state;
  static const char *const good[] = {GOOD, "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"};
  static const char *const bad[] = {
      "",
      "00",
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-",
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-011",
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
      "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
      "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
      "00-00000000000000000000000000000000-b7ad6b7169203331-01",
      "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
      "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331\r\nX",
  };
  assert_status(px_trace_check(NULL, NULL), PIXAZO_OK);
  for (size_t i = 0; i < PX_ARRAY_SIZE(good); i++)
    assert_status(px_trace_check(good[i], NULL), PIXAZO_OK);
  for (size_t i = 0; i < PX_ARRAY_SIZE(bad); i++) {
    if (px_trace_check(bad[i], NULL) != PIXAZO_E_ARGUMENT)
      fail_msg("taken: %s", bad[i]);
  }
}

static void test_plan__refuses_a_wrong_one_and_records_a_right_one(void **state)
{
  (void)state;
  pixazo_client *client = kit_client("pixazo", NULL);
  pixazo_request *request = NULL;
  pixazo_error *error = NULL;
  char *estimate = NULL;
  assert_ok(pixazo_request_new_from_json("{\"prompt\":\"a\",\"traceparent\":\"00-1-2-3\"}", &request, &error), error);
  assert_status(pixazo_client_estimate(client, request, &estimate, &error), PIXAZO_E_ARGUMENT);
  assert_non_null(strstr(pixazo_error_message(error), "traceparent"));
  pixazo_error_free(error);
  pixazo_request_free(request);
  px_plan *plan = kit_plan(client, "{\"prompt\":\"a\",\"traceparent\":\"" GOOD "\"}");
  assert_string_equal(plan->trace_header, "traceparent: " GOOD);
  assert_non_null(strstr(px_plan_get(plan)->effective_json, "\"traceparent\":\"" GOOD "\""));
  px_plan_unref(plan);
  plan = kit_plan(client, "{\"prompt\":\"a\"}");
  assert_null(plan->trace_header);
  px_plan_unref(plan);
  (void)pixazo_client_unref(client);
}

static int count(const char *text, const char *word)
{
  int found = 0;
  for (const char *hit = strstr(text, word); hit; hit = strstr(hit + 1, word))
    found++;
  return found;
}

static void test_header__goes_to_the_provider_and_not_along_with_a_download(void **state)
{
  kit *self = *state;
  pixazo_blob *blob = NULL;
  kit_script(self, "[]");
  gateway_reset(&self->gateway);
  kit_expect(self, kit_generate(self, "{\"prompt\":\"a red fox\",\"model\":\"sdxl\",\"traceparent\":\"" GOOD "\"}", NULL), PIXAZO_OK,
             PIXAZO_CLASS_ACCEPTED, 1);
  assert_ok(pixazo_client_fetch(self->client, pixazo_generation_image_url(self->record, 0), NULL, &blob, &self->error),
            self->error);
  (void)pixazo_blob_unref(blob);
  assert_int_equal(gateway_count(&self->gateway, "downloads"), 1);
  char *page = gateway_page(&self->gateway, "requests");
  assert_int_equal(count(page, GOOD), 1); /* in the head of the call, in no body, in no head of the download */
  free(page);
  kit_expect(self, kit_generate(self, "{\"prompt\":\"a red fox\",\"model\":\"sdxl\"}", NULL), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 2);
  page = gateway_page(&self->gateway, "requests");
  assert_int_equal(count(page, "raceparent"), 1); /* asked for by the first request alone */
  free(page);
}

static void test_header__goes_along_with_polls(void **state)
{
  kit *self = *state;
  kit_script(self, "[]");
  gateway_reset(&self->gateway);
  kit_expect(self, kit_generate(self, "{\"prompt\":\"x\",\"model\":\"gpt-image-2\",\"traceparent\":\"" GOOD "\"}", NULL), PIXAZO_OK,
             PIXAZO_CLASS_ACCEPTED, 1);
  char *page = gateway_page(&self->gateway, "requests");
  assert_int_equal(count(page, GOOD), 1 + (int)gateway_count(&self->gateway, "polls"));
  assert_true(gateway_count(&self->gateway, "polls") > 0);
  free(page);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_check__takes_the_form_and_nothing_else),
      cmocka_unit_test(test_plan__refuses_a_wrong_one_and_records_a_right_one),
      cmocka_unit_test(test_header__goes_to_the_provider_and_not_along_with_a_download),
      cmocka_unit_test(test_header__goes_along_with_polls),
  };
  return cmocka_run_group_tests_name("trace", tests, kit_start, kit_stop);
}
