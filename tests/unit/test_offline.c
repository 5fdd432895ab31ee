/* SPDX-License-Identifier: MIT */
/* The offline provider through the public call: pictures, and each class of failure as scripted. */
#include "support/testing.h"

#include <string.h>

#include <pixazo/client.h>

#include "base/mem.h"
#include "image/codec.h"
#include "support/client_kit.h"

typedef struct told {
  uint32_t progress;
  uint32_t retries;
  uint32_t last_delay_ms;
  int64_t answer; /* of the retry hook */
  int32_t stop;   /* of the progress hook */
} told;

static int32_t on_progress(const pixazo_progress *progress, void *user_data)
{
  told *self = user_data;
  self->progress++;
  assert_true(progress->struct_size == sizeof *progress);
  assert_int_equal(strlen(progress->generation), 36);
  return self->stop;
}

static int64_t on_retry(const pixazo_retry *retry, void *user_data)
{
  told *self = user_data;
  self->retries++;
  self->last_delay_ms = retry->delay_ms;
  assert_int_equal(retry->retry, self->retries);
  assert_non_null(retry->cause);
  return self->answer;
}

static pixazo_client *make_client(const char *script, told *hooks)
{
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  pixazo_client *client = NULL;
  pixazo_error *error = NULL;
  options.provider = "offline";
  options.offline_script = script;
  options.retry_delay_ms = 1;
  if (hooks) {
    options.on_progress = on_progress;
    options.on_progress_data = hooks;
    options.on_retry = on_retry;
    options.on_retry_data = hooks;
  }
  assert_ok(pixazo_client_new(&options, &client, &error), error);
  return client;
}

static pixazo_status generate(pixazo_client *client, const char *json, pixazo_cancel *cancel, pixazo_generation **out,
                              pixazo_error **error)
{
  pixazo_request *request = NULL;
  assert_ok(pixazo_request_new_from_json(json, &request, error), *error);
  pixazo_status status = pixazo_client_generate(client, request, cancel, out, error);
  pixazo_request_free(request);
  return status;
}

static void test_offline__gives_a_picture_of_the_size_that_was_asked(void **state)
{
  (void)state;
  pixazo_client *client = make_client(NULL, NULL);
  pixazo_generation *record = NULL;
  pixazo_error *error = NULL;
  assert_ok(generate(client, "{\"prompt\":\"a red fox\",\"width\":320,\"height\":200,\"seed\":7}", NULL, &record, &error),
            error);
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_DONE);
  assert_int_equal(pixazo_generation_image_count(record), 1);
  assert_string_equal(pixazo_generation_image_content_type(record, 0), "image/png");
  assert_int_equal(pixazo_generation_cost_micros(record), 0);
  assert_int_equal(pixazo_generation_confidence(record), PIXAZO_CONFIDENCE_BILLED);
  pixazo_blob *blob = pixazo_generation_image_blob(record, 0);
  const px_image_limits limits = PX_IMAGE_LIMITS_INIT;
  px_image_info info;
  px_bytes file = {pixazo_blob_data(blob), pixazo_blob_size(blob)};
  px_auto(px_metadata) metadata = PX_METADATA_INIT;
  assert_ok(px_codec_probe(file, &limits, &info, &error), error);
  assert_int_equal(info.width, 320);
  assert_int_equal(info.height, 200);
  assert_ok(px_codec_metadata(file, &limits, &metadata, &error), error);
  assert_string_equal(px_metadata_text(&metadata, "Title"), "offline test picture");
  assert_string_equal(px_metadata_text(&metadata, "Description"), "a red fox");
  pixazo_generation_free(record);
  (void)pixazo_client_unref(client);
}

static void test_offline__a_count_gives_so_many_different_pictures(void **state)
{
  (void)state;
  pixazo_client *client = make_client(NULL, NULL);
  pixazo_generation *record = NULL;
  pixazo_error *error = NULL;
  assert_ok(generate(client, "{\"prompt\":\"p\",\"width\":64,\"height\":64,\"seed\":7,\"count\":3}", NULL, &record, &error),
            error);
  assert_int_equal(pixazo_generation_image_count(record), 3);
  assert_int_equal(pixazo_generation_attempts(record), 3);
  assert_string_not_equal(pixazo_generation_image_sha256(record, 0), pixazo_generation_image_sha256(record, 1));
  assert_string_not_equal(pixazo_generation_image_sha256(record, 1), pixazo_generation_image_sha256(record, 2));
  pixazo_generation_free(record);
  (void)pixazo_client_unref(client);
}

static void test_offline__each_class_can_be_had_from_a_script(void **state)
{
  (void)state;
  static const struct {
    const char *script;
    int32_t attempt_class;
    int32_t charge;
    pixazo_status status;
    int http_status;
  } cases[] = {
      {"[{\"class\":\"not_sent\"}]", PIXAZO_CLASS_NOT_SENT, PIXAZO_CHARGE_NOT_CHARGED, PIXAZO_E_NETWORK, 0},
      {"[{\"class\":\"refused\",\"http_status\":401}]", PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED, PIXAZO_E_AUTH, 401},
      {"[{\"class\":\"refused\"}]", PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED, PIXAZO_E_THROTTLED, 429},
      {"[{\"class\":\"blocked\"}]", PIXAZO_CLASS_BLOCKED, PIXAZO_CHARGE_NOT_CHARGED, PIXAZO_E_REJECTED, 400},
      {"[{\"class\":\"failed\"}]", PIXAZO_CLASS_FAILED, PIXAZO_CHARGE_NOT_CHARGED, PIXAZO_E_PROVIDER, 500},
      {"[{\"class\":\"empty\"}]", PIXAZO_CLASS_EMPTY, PIXAZO_CHARGE_UNKNOWN, PIXAZO_E_PROVIDER, 200},
      {"[{\"class\":\"ambiguous\"}]", PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN, PIXAZO_E_AMBIGUOUS, 0},
      {"[{\"class\":\"lost\"}]", PIXAZO_CLASS_LOST, PIXAZO_CHARGE_CHARGED, PIXAZO_E_PROVIDER, 200},
      {"[{\"cut\":10}]", PIXAZO_CLASS_LOST, PIXAZO_CHARGE_CHARGED, PIXAZO_E_PROVIDER, 200},
      {"[{\"http_status\":504}]", PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN, PIXAZO_E_AMBIGUOUS, 504},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++) {
    told hooks = {.answer = -1};
    pixazo_client *client = make_client(cases[i].script, &hooks);
    pixazo_generation *record = NULL;
    pixazo_error *error = NULL;
    assert_status(generate(client, "{\"prompt\":\"p\",\"width\":32,\"height\":32}", NULL, &record, &error), cases[i].status);
    assert_null(record);
    if (pixazo_error_class(error) != cases[i].attempt_class || pixazo_error_charge(error) != cases[i].charge)
      fail_msg("%s: %s", cases[i].script, pixazo_error_message(error));
    assert_int_equal(pixazo_error_http_status(error), cases[i].http_status);
    assert_int_equal(strlen(pixazo_error_generation(error)), 36);
    pixazo_error_free(error);
    (void)pixazo_client_unref(client);
  }
}

static void test_offline__what_is_free_is_tried_again(void **state)
{
  (void)state;
  told hooks = {.answer = 0};
  pixazo_client *client = make_client("[{\"class\":\"refused\",\"retry_after_ms\":15},{\"class\":\"failed\"}]", &hooks);
  pixazo_generation *record = NULL;
  pixazo_error *error = NULL;
  assert_ok(generate(client, "{\"prompt\":\"p\",\"width\":32,\"height\":32}", NULL, &record, &error), error);
  assert_int_equal(pixazo_generation_attempts(record), 3);
  assert_int_equal(hooks.retries, 2);
  assert_true(hooks.progress >= 3);
  pixazo_generation_free(record);
  (void)pixazo_client_unref(client);
}

static void test_offline__a_veto_ends_the_retries(void **state)
{
  (void)state;
  told hooks = {.answer = -1};
  pixazo_client *client = make_client("[{\"class\":\"refused\",\"retry_after_ms\":15}]", &hooks);
  pixazo_generation *record = NULL;
  pixazo_error *error = NULL;
  assert_status(generate(client, "{\"prompt\":\"p\"}", NULL, &record, &error), PIXAZO_E_THROTTLED);
  assert_int_equal(hooks.retries, 1);
  assert_int_equal(hooks.last_delay_ms, 15);
  assert_int_equal(pixazo_error_retry_after_ms(error), 15);
  pixazo_error_free(error);
  (void)pixazo_client_unref(client);
}

static void test_offline__a_price_in_the_script_is_an_upper_bound_of_the_doubt(void **state)
{
  (void)state;
  pixazo_client *client = make_client("{\"price_micros\":40000,\"calls\":[{\"class\":\"ambiguous\"}]}", NULL);
  pixazo_generation *record = NULL;
  pixazo_error *error = NULL;
  assert_status(generate(client, "{\"prompt\":\"p\"}", NULL, &record, &error), PIXAZO_E_AMBIGUOUS);
  assert_non_null(strstr(pixazo_error_message(error), "may be charged, at most 0.04 USD"));
  pixazo_error_free(error);
  (void)pixazo_client_unref(client);
}

static void test_offline__pictures_that_came_survive_a_later_failure(void **state)
{
  (void)state;
  pixazo_client *client = make_client("[{},{\"class\":\"refused\",\"http_status\":401}]", NULL);
  pixazo_generation *record = NULL;
  pixazo_error *error = NULL;
  assert_ok(generate(client, "{\"prompt\":\"p\",\"width\":32,\"height\":32,\"n\":3}", NULL, &record, &error), error);
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_PARTIAL);
  assert_int_equal(pixazo_generation_image_count(record), 1);
  assert_non_null(strstr(pixazo_generation_message(record), "HTTP 401"));
  pixazo_generation_free(record);
  (void)pixazo_client_unref(client);
}

static void test_offline__bytes_that_are_no_picture_are_handed_on_as_they_are(void **state)
{
  (void)state;
  pixazo_client *client = make_client("[{\"not_an_image\":true},{\"keep\":100}]", NULL);
  pixazo_generation *record = NULL;
  pixazo_error *error = NULL;
  assert_ok(generate(client, "{\"prompt\":\"p\",\"width\":32,\"height\":32}", NULL, &record, &error), error);
  assert_int_equal(pixazo_generation_image_bytes(record, 0), strlen("this is not a picture"));
  pixazo_generation_free(record);
  record = NULL;
  assert_ok(generate(client, "{\"prompt\":\"p\",\"width\":32,\"height\":32}", NULL, &record, &error), error);
  assert_int_equal(pixazo_generation_image_bytes(record, 0), 100);
  pixazo_generation_free(record);
  (void)pixazo_client_unref(client);
}

static int32_t stop_at_third(const pixazo_progress *progress, void *user_data)
{
  told *self = user_data;
  (void)progress;
  return ++self->progress >= 3;
}

static void test_offline__a_slow_call_can_be_stopped_by_its_hook(void **state)
{
  (void)state;
  told hooks = {0};
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  pixazo_client *client = NULL;
  pixazo_generation *record = NULL;
  pixazo_error *error = NULL;
  options.provider = "offline";
  options.offline_script = "[{\"delay_ms\":600000}]";
  options.on_progress = stop_at_third;
  options.on_progress_data = &hooks;
  assert_ok(pixazo_client_new(&options, &client, &error), error);
  assert_status(generate(client, "{\"prompt\":\"p\"}", NULL, &record, &error), PIXAZO_E_AMBIGUOUS);
  assert_int_equal(pixazo_error_class(error), PIXAZO_CLASS_AMBIGUOUS);
  pixazo_error_free(error);
  (void)pixazo_client_unref(client);
}

static void test_offline__a_token_or_a_hook_stops_before_anything_is_sent(void **state)
{
  (void)state;
  told hooks = {.stop = 1};
  pixazo_client *client = make_client("[{\"class\":\"refused\",\"retry_after_ms\":60000}]", &hooks);
  pixazo_cancel *cancel = NULL;
  pixazo_generation *record = NULL;
  pixazo_error *error = NULL;
  assert_status(pixazo_cancel_new(&cancel, NULL), PIXAZO_OK);
  pixazo_cancel_set(cancel, PIXAZO_CANCEL_SOFT);
  assert_status(generate(client, "{\"prompt\":\"p\"}", cancel, &record, &error), PIXAZO_E_CANCELLED);
  assert_int_equal(hooks.progress, 0);
  pixazo_error_free(error);
  error = NULL;
  hooks.answer = 60000;
  assert_status(generate(client, "{\"prompt\":\"p\"}", NULL, &record, &error), PIXAZO_E_THROTTLED);
  pixazo_error_free(error);
  (void)pixazo_cancel_unref(cancel);
  (void)pixazo_client_unref(client);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_offline__gives_a_picture_of_the_size_that_was_asked),
      cmocka_unit_test(test_offline__a_count_gives_so_many_different_pictures),
      cmocka_unit_test(test_offline__each_class_can_be_had_from_a_script),
      cmocka_unit_test(test_offline__what_is_free_is_tried_again),
      cmocka_unit_test(test_offline__a_veto_ends_the_retries),
      cmocka_unit_test(test_offline__a_price_in_the_script_is_an_upper_bound_of_the_doubt),
      cmocka_unit_test(test_offline__pictures_that_came_survive_a_later_failure),
      cmocka_unit_test(test_offline__bytes_that_are_no_picture_are_handed_on_as_they_are),
      cmocka_unit_test(test_offline__a_slow_call_can_be_stopped_by_its_hook),
      cmocka_unit_test(test_offline__a_token_or_a_hook_stops_before_anything_is_sent),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
