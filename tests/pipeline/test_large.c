/* SPDX-License-Identifier: MIT */
/* An answer of 80 MB on its way through the whole pipeline, as JSON and as events: neither the answer nor its text in base64
 * nor the picture in it is ever in memory. */
#include <stdio.h>
#include <stdlib.h>

#include "kit.h"
#include "support/gateway.h"
#include "support/resident.h"
#include "support/testing.h"

enum { MEGABYTE = 1000 * 1000, PICTURE = 60 * MEGABYTE, ALLOWED = 8 * 1024 * 1024 };

/* Ten pictures in one answer: the model of which the largest answer may come. */
static const char json[] = "{\"prompt\":\"p\",\"n\":10,\"model\":\"pixazo/gpt-image-2\"}";
static const char events[] = "{\"prompt\":\"p\",\"n\":10,\"model\":\"openai/gpt-image-2\",\"partial_images\":1}";

static void answer_with(const gateway *server, const char *form, int bytes)
{
  char rules[128];
  (void)snprintf(rules, sizeof rules, "[{\"method\":\"POST\",%s\"image_bytes\":%d}]", form, bytes);
  gateway_script(server, rules);
}

static int64_t generate(kit *k, const char *request)
{
  char *id = kit_add(k, request);
  pixazo_generation *record = kit_wait(k, id);
  int64_t bytes = pixazo_generation_image_bytes(record, 0);
  pixazo_generation_free(record);
  pixazo_free(id);
  return bytes;
}

static void expect_no_rise(const char *provider, const char *path, const char *request, const char *form)
{
  gateway server;
  kit k;
  char base[128];
  gateway_start(&server, NULL);
  (void)snprintf(base, sizeof base, "%s%s", server.base, path);
  kit_prepare(&k);
  kit_ask(&k, provider, base);
  kit_open(&k);
  answer_with(&server, form, 60000);
  (void)generate(&k, request); /* what a first generation makes for good is not meant */
  answer_with(&server, form, PICTURE);
  int64_t before = resident_begin();
  int64_t bytes = generate(&k, request);
  int64_t rise = resident_peak() - before;
  print_message("a picture of %lld KB: memory rose by %lld KB\n", (long long)bytes / 1024, (long long)rise / 1024);
  assert_true(bytes > 59 * MEGABYTE);
  assert_true(rise < ALLOWED);
  kit_remove(&k);
  gateway_stop(&server);
}

static void test_large__nothing_of_a_large_answer_is_held(void **state)
{
  (void)state;
  expect_no_rise("pixazo", "", json, "\"answer\":\"base64\",");
}

static void test_large__nothing_of_a_large_event_is_held(void **state)
{
  (void)state;
  expect_no_rise("openai", "/v1", events, "\"partials\":0,\"images\":1,");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_large__nothing_of_a_large_answer_is_held),
      cmocka_unit_test(test_large__nothing_of_a_large_event_is_held),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
