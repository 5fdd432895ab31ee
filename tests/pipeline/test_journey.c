/* SPDX-License-Identifier: MIT */
/* The way through a real server on loopback: what it answers, what it does wrong, what is paid. */
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "kit.h"
#include "support/gateway.h"
#include "support/testing.h"
#include "support/tmpdir.h"

static gateway server;
static kit k;

static int start_server(void **state)
{
  static const char *const arguments[] = {"--polls", "1", NULL};
  (void)state;
  gateway_start(&server, arguments);
  return 0;
}

static int stop_server(void **state)
{
  (void)state;
  gateway_stop(&server);
  return 0;
}

static int setup(void **state)
{
  (void)state;
  gateway_script(&server, "[]");
  gateway_reset(&server);
  kit_prepare(&k);
  kit_ask(&k, "pixazo", server.base);
  k.client_options.model = "sdxl-turbo"; /* its price is not known, so doubt stays doubt */
  k.client_options.retry_delay_ms = 10;
  k.client_options.poll_interval_ms = 20;
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  kit_remove(&k);
  return 0;
}

static pixazo_generation *generate(const char *json)
{
  char *id = kit_add(&k, json);
  pixazo_generation *record = kit_wait(&k, id);
  pixazo_free(id);
  return record;
}

/* Ends badly; the record is the caller's. */
static pixazo_generation *generate_badly(const char *json, pixazo_status wanted)
{
  pixazo_error *error = NULL;
  pixazo_generation *record = NULL;
  char *id = kit_add(&k, json);
  assert_status(pixazo_pipeline_wait(k.pipeline, id, 20000, NULL, NULL, &error), wanted);
  assert_string_equal(pixazo_error_generation(error), id);
  pixazo_error_free(error);
  error = NULL;
  assert_ok(pixazo_repository_find(k.repository, id, &record, &error), error);
  pixazo_free(id);
  return record;
}

static void expect_recorded(pixazo_generation *record, size_t pictures, int posts)
{
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_DONE);
  assert_int_equal(pixazo_generation_image_count(record), pictures);
  for (size_t i = 0; i < pictures; i++) {
    assert_int_equal(pixazo_generation_image_state(record, i), PIXAZO_IMAGE_RECORDED);
    assert_int_equal(access(pixazo_generation_image_path(record, i), R_OK), 0);
    assert_string_equal(pixazo_generation_image_url(record, i), "");
  }
  assert_int_equal(gateway_count(&server, "posts"), posts);
  assert_int_equal(gateway_count(&server, "keys_on_files"), 0);
  pixazo_generation_free(record);
}

static void test_journey__a_link_is_brought_home(void **state)
{
  (void)state;
  kit_open(&k);
  expect_recorded(generate("{\"prompt\":\"a\"}"), 1, 1);
}

static void test_journey__a_queue_is_polled_until_it_is_done(void **state)
{
  (void)state;
  kit_open(&k);
  expect_recorded(generate("{\"prompt\":\"a\",\"model\":\"pixazo/gpt-image-2\"}"), 1, 1);
  assert_true(gateway_count(&server, "polls") >= 2);
}

static void test_journey__a_job_that_ends_badly_is_in_doubt_and_the_user_decides(void **state)
{
  static const char *const ends[] = {"FAILED", "ERROR", "CANCELLED"};
  (void)state;
  kit_open(&k);
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    char rules[200];
    pixazo_error *error = NULL;
    (void)snprintf(rules, sizeof rules,
                   "[{\"method\":\"POST\",\"queue\":[\"PROCESSING\",\"%s\"],\"queue_error\":\"the gpu fell over\"}]", ends[i]);
    gateway_script(&server, rules);
    pixazo_generation *record = generate_badly("{\"prompt\":\"a\",\"model\":\"pixazo/gpt-image-2\"}", PIXAZO_E_AMBIGUOUS);
    assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_AMBIGUOUS);
    assert_non_null(strstr(pixazo_generation_message(record), "the gpu fell over"));
    assert_int_equal(gateway_count(&server, "posts"), i + 1);
    assert_ok(pixazo_pipeline_abandon(k.pipeline, pixazo_generation_uuid(record), &error), error);
    pixazo_generation_free(record);
  }
}

static void test_journey__a_picture_inside_the_answer_is_unpacked(void **state)
{
  (void)state;
  gateway_script(&server, "[{\"method\":\"POST\",\"answer\":\"base64\",\"image_bytes\":2000000}]");
  kit_open(&k);
  expect_recorded(generate("{\"prompt\":\"a\"}"), 1, 1);
  assert_int_equal(gateway_count(&server, "downloads"), 0);
}

static void test_journey__a_body_that_is_a_picture_is_kept_as_it_is(void **state)
{
  (void)state;
  gateway_script(&server, "[{\"method\":\"POST\",\"answer\":\"raw-image\",\"image_bytes\":300000}]");
  kit_open(&k);
  expect_recorded(generate("{\"prompt\":\"a\"}"), 1, 1);
}

static void test_journey__three_pictures_of_one_call_are_all_recorded(void **state)
{
  (void)state;
  gateway_script(&server, "[{\"method\":\"POST\",\"answer\":\"images\",\"images\":3}]");
  kit_open(&k);
  expect_recorded(generate("{\"prompt\":\"a\"}"), 3, 1);
}

static void test_journey__an_unknown_outcome_stops_and_can_be_abandoned(void **state)
{
  pixazo_error *error = NULL;
  pixazo_generation *record = NULL;
  (void)state;
  gateway_script(&server, "[{\"method\":\"POST\",\"drop\":true,\"cut\":\"reset\"}]");
  kit_open(&k);
  record = generate_badly("{\"prompt\":\"a\"}", PIXAZO_E_AMBIGUOUS);
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_AMBIGUOUS);
  assert_int_equal(pixazo_generation_class(record), PIXAZO_CLASS_AMBIGUOUS);
  assert_int_equal(gateway_count(&server, "posts"), 1);
  assert_ok(pixazo_pipeline_abandon(k.pipeline, pixazo_generation_uuid(record), &error), error);
  pixazo_generation *later = NULL;
  assert_ok(pixazo_repository_find(k.repository, pixazo_generation_uuid(record), &later, &error), error);
  assert_int_equal(pixazo_generation_state(later), PIXAZO_GENERATION_ABANDONED);
  pixazo_generation_free(later);
  pixazo_generation_free(record);
}

static void test_journey__a_lost_answer_can_be_abandoned(void **state)
{
  pixazo_error *error = NULL;
  pixazo_generation *later = NULL;
  (void)state;
  gateway_script(&server, "[{\"method\":\"POST\",\"answer\":\"base64\",\"image_bytes\":200000,\"cut_after\":1000}]");
  kit_open(&k);
  char *id = kit_add(&k, "{\"prompt\":\"a\"}");
  assert_int_not_equal(pixazo_pipeline_wait(k.pipeline, id, 20000, NULL, NULL, &error), PIXAZO_OK);
  assert_int_equal(pixazo_error_class(error), PIXAZO_CLASS_LOST);
  pixazo_error_free(error);
  error = NULL;
  assert_ok(pixazo_pipeline_abandon(k.pipeline, id, &error), error);
  assert_ok(pixazo_repository_find(k.repository, id, &later, &error), error);
  assert_int_equal(pixazo_generation_state(later), PIXAZO_GENERATION_ABANDONED);
  pixazo_generation_free(later);
  pixazo_free(id);
}

static void test_journey__a_refusal_with_a_wait_is_tried_again(void **state)
{
  (void)state;
  gateway_script(&server, "[{\"method\":\"POST\",\"times\":1,\"answer\":\"rate-limited\"}]");
  kit_open(&k);
  pixazo_generation *record = generate("{\"prompt\":\"a\"}");
  assert_int_equal(pixazo_generation_attempts(record), 2);
  expect_recorded(record, 1, 2);
}

static void test_journey__a_wrong_key_ends_at_once_and_makes_no_picture(void **state)
{
  (void)state;
  gateway_script(&server, "[{\"method\":\"POST\",\"answer\":\"bad-key\"}]");
  kit_open(&k);
  pixazo_generation *record = generate_badly("{\"prompt\":\"a\"}", PIXAZO_E_AUTH);
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_FAILED);
  assert_int_equal(pixazo_generation_image_count(record), 0);
  assert_int_equal(gateway_count(&server, "posts"), 1);
  pixazo_generation_free(record);
}

static void test_journey__a_download_has_retries_of_its_own(void **state)
{
  (void)state;
  gateway_script(&server, "[{\"path\":\"/files/*\",\"times\":1,\"answer\":\"unavailable\"},"
                          "{\"path\":\"/files/*\",\"times\":1,\"cut_after\":1000,\"cut\":\"reset\"}]");
  kit_open(&k);
  expect_recorded(generate("{\"prompt\":\"a\"}"), 1, 1);
  assert_int_equal(gateway_count(&server, "downloads"), 3);
}

static void test_journey__a_picture_that_is_gone_is_lost_and_said_so(void **state)
{
  (void)state;
  gateway_script(&server, "[{\"path\":\"/files/*\",\"answer\":\"not-found\"}]");
  kit_open(&k);
  char *id = kit_add(&k, "{\"prompt\":\"a\"}");
  pixazo_error *error = NULL;
  assert_int_not_equal(pixazo_pipeline_wait(k.pipeline, id, 20000, NULL, NULL, &error), PIXAZO_OK);
  pixazo_error_free(error);
  error = NULL;
  pixazo_generation *record = NULL;
  assert_ok(pixazo_repository_find(k.repository, id, &record, &error), error);
  assert_int_equal(pixazo_generation_image_state(record, 0), PIXAZO_IMAGE_LOST);
  assert_string_not_equal(pixazo_generation_image_reason(record, 0), "");
  assert_int_equal(gateway_count(&server, "posts"), 1);
  pixazo_generation_free(record);
  pixazo_free(id);
}

/* Nobody says whether a job that failed is billed: that is a doubt, with its reason, and it is over. */
static void test_journey__a_queue_that_fails_is_in_doubt_and_over(void **state)
{
  (void)state;
  char *costs = NULL;
  gateway_script(&server, "[{\"method\":\"POST\",\"queue\":[\"PROCESSING\",\"FAILED\"],\"queue_error\":\"the gpu fell over\"}]");
  kit_open(&k);
  pixazo_generation *record = generate_badly("{\"prompt\":\"a\",\"model\":\"pixazo/gpt-image-2\"}", PIXAZO_E_AMBIGUOUS);
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_AMBIGUOUS);
  assert_non_null(strstr(pixazo_generation_message(record), "the gpu fell over"));
  assert_int_equal(gateway_count(&server, "posts"), 1);
  assert_ok(pixazo_pipeline_abandon(k.pipeline, pixazo_generation_uuid(record), NULL), NULL);
  assert_ok(pixazo_repository_costs(k.repository, "day", 0, &costs, NULL), NULL);
  assert_non_null(strstr(costs, "\"calls\":1,\"unknown_price_calls\":1"));
  pixazo_free(costs);
  pixazo_generation_free(record);
}

static void test_journey__a_queue_gives_a_fresh_link_for_one_that_expired(void **state)
{
  (void)state;
  gateway_script(&server, "[{\"path\":\"/files/*\",\"times\":1,\"answer\":\"not-found\"}]");
  kit_open(&k);
  expect_recorded(generate("{\"prompt\":\"a\",\"model\":\"pixazo/gpt-image-2\"}"), 1, 1);
  assert_true(gateway_count(&server, "polls") >= 3);
}

static void test_journey__what_is_no_picture_is_kept_in_quarantine(void **state)
{
  (void)state;
  gateway_script(&server, "[{\"path\":\"/files/*\",\"answer\":\"html\"}]");
  kit_open(&k);
  pixazo_generation *record = generate_badly("{\"prompt\":\"a\"}", PIXAZO_E_CORRUPT);
  assert_int_equal(pixazo_generation_image_state(record, 0), PIXAZO_IMAGE_QUARANTINED);
  assert_int_equal(kit_files(&k, "spool/quarantine"), 1);
  assert_int_equal(kit_files(&k, "originals"), 0);
  pixazo_generation_free(record);
}

static int64_t milliseconds(void)
{
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void test_journey__a_soft_cancel_returns_soon_and_still_records(void **state)
{
  pixazo_error *error = NULL;
  pixazo_cancel *cancel = NULL;
  (void)state;
  gateway_script(&server, "[{\"method\":\"POST\",\"delay_ms\":4000}]");
  kit_open(&k);
  assert_ok(pixazo_cancel_new(&cancel, &error), error);
  char *id = kit_add(&k, "{\"prompt\":\"a\"}");
  assert_int_equal(gateway_wait(&server, "posts", 1, 5000), 1);
  pixazo_cancel_set(cancel, PIXAZO_CANCEL_SOFT);
  int64_t before = milliseconds();
  assert_status(pixazo_pipeline_wait(k.pipeline, id, 20000, cancel, NULL, &error), PIXAZO_E_CANCELLED);
  assert_true(milliseconds() - before < 3500); /* 1 s, and what a busy machine adds */
  assert_string_equal(pixazo_error_generation(error), id);
  pixazo_error_free(error);
  (void)pixazo_cancel_unref(cancel);
  expect_recorded(kit_wait(&k, id), 1, 1);
  pixazo_free(id);
}

static void test_journey__a_hard_cancel_leaves_an_ambiguous_call(void **state)
{
  pixazo_error *error = NULL;
  (void)state;
  gateway_script(&server, "[{\"method\":\"POST\",\"drop\":true,\"cut\":\"stall\"}]");
  kit_open(&k);
  char *id = kit_add(&k, "{\"prompt\":\"a\"}");
  assert_int_equal(gateway_wait(&server, "posts", 1, 5000), 1);
  assert_ok(pixazo_pipeline_cancel(k.pipeline, id, PIXAZO_CANCEL_NOW, &error), error);
  assert_status(pixazo_pipeline_wait(k.pipeline, id, 20000, NULL, NULL, &error), PIXAZO_E_AMBIGUOUS);
  assert_int_equal(pixazo_error_charge(error), PIXAZO_CHARGE_UNKNOWN);
  pixazo_error_free(error);
  pixazo_free(id);
}

/* A host that takes connections and says nothing: a TLS handshake hangs. */
static int open_silent_host(char *url, size_t size)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(bind(listener, (struct sockaddr *)&address, length), 0);
  assert_int_equal(listen(listener, 8), 0);
  assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
  (void)snprintf(url, size, "https://127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
  return listener;
}

static void test_journey__a_soft_cancel_ends_at_once_what_never_left(void **state)
{
  pixazo_error *error = NULL;
  pixazo_generation *record = NULL;
  char url[64];
  int listener = open_silent_host(url, sizeof url);
  (void)state;
  k.client_options.base_url = url;
  kit_open(&k);
  char *id = kit_add(&k, "{\"prompt\":\"a\"}");
  struct pollfd arrival = {.fd = listener, .events = POLLIN};
  assert_int_equal(poll(&arrival, 1, 5000), 1);
  int64_t before = milliseconds();
  assert_ok(pixazo_pipeline_cancel(k.pipeline, id, PIXAZO_CANCEL_SOFT, &error), error);
  assert_status(pixazo_pipeline_wait(k.pipeline, id, 20000, NULL, NULL, &error), PIXAZO_E_CANCELLED);
  assert_true(milliseconds() - before < 5000); /* 1 s, and what a busy machine adds */
  assert_int_equal(pixazo_error_charge(error), PIXAZO_CHARGE_NONE);
  pixazo_error_free(error);
  error = NULL;
  assert_ok(pixazo_repository_find(k.repository, id, &record, &error), error);
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_CANCELLED);
  assert_int_equal(pixazo_generation_class(record), PIXAZO_CLASS_NOT_SENT);
  pixazo_generation_free(record);
  pixazo_free(id);
  (void)close(listener);
}

static void test_journey__freeing_drains_what_is_in_flight(void **state)
{
  (void)state;
  gateway_script(&server, "[{\"method\":\"POST\",\"delay_ms\":500}]");
  kit_open(&k);
  char *id = kit_add(&k, "{\"prompt\":\"a\"}");
  assert_int_equal(gateway_wait(&server, "posts", 1, 5000), 1);
  kit_close(&k);
  kit_open(&k);
  expect_recorded(kit_wait(&k, id), 1, 1);
  pixazo_free(id);
}

/* For every thread but the journal's a minute has passed since T2: as after a sleep of the machine. */
static int64_t jumped(void *self)
{
  char name[16] = "";
  (void)self;
  (void)pthread_getname_np(pthread_self(), name, sizeof name);
  int64_t now = px_alive_us(px_clock_system());
  return strcmp(name, "pixazo-journal") == 0 ? now : now + 60000000;
}

static void test_journey__a_worker_that_slept_after_its_reservation_sends_nothing(void **state)
{
  px_clock clock = *px_clock_system();
  (void)state;
  clock.alive_us = jumped;
  k.clock = &clock;
  kit_open(&k);
  pixazo_error *error = NULL;
  char *id = kit_add(&k, "{\"prompt\":\"a\"}");
  assert_int_not_equal(pixazo_pipeline_wait(k.pipeline, id, 20000, NULL, NULL, &error), PIXAZO_OK);
  assert_int_equal(pixazo_error_class(error), PIXAZO_CLASS_NOT_SENT);
  assert_int_equal(gateway_count(&server, "posts"), 0);
  pixazo_error_free(error);
  pixazo_free(id);
  kit_close(&k);
}

static bool file_holds(const char *name, const char *wanted)
{
  char *path = tmpdir_path(k.directory, name);
  char *bytes = NULL;
  size_t size = 0;
  FILE *file = fopen(path, "rb");
  FILE *copy = open_memstream(&bytes, &size);
  free(path);
  assert_non_null(copy);
  for (int byte = file ? fgetc(file) : EOF; byte != EOF; byte = fgetc(file))
    (void)fputc(byte, copy);
  if (file)
    (void)fclose(file);
  assert_int_equal(fclose(copy), 0);
  bool found = memmem(bytes, size, wanted, strlen(wanted)) != NULL;
  free(bytes);
  return found;
}

static void expect_not_in_database(const char *words)
{
  assert_false(file_holds("pixazo.db", words));
  assert_false(file_holds("pixazo.db-wal", words));
}

static void test_journey__a_key_in_an_answer_does_not_get_into_the_database(void **state)
{
  (void)state;
  gateway_script(&server, "[{\"method\":\"POST\",\"body\":{\"output\":\"{{file}}\","
                          ""
                          "\"note\":\"for pxz-CANARY-7f3a9d52c1e84b60\",\"again\":\"https://x.test/?k=pxz%2DCANARY%2d7f3a9d52c1e84b60\"}}]");
  kit_open(&k);
  pixazo_generation *record = generate("{\"prompt\":\"a fox to be found\"}");
  assert_true(file_holds("pixazo.db", "a fox to be found") || file_holds("pixazo.db-wal", "a fox to be found"));
  expect_not_in_database("7f3a9d52c1e84b60");
  expect_recorded(record, 1, 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_journey__a_link_is_brought_home, setup, teardown),
      cmocka_unit_test_setup_teardown(test_journey__a_queue_is_polled_until_it_is_done, setup, teardown),
      cmocka_unit_test_setup_teardown(test_journey__a_job_that_ends_badly_is_in_doubt_and_the_user_decides, setup, teardown),
      cmocka_unit_test_setup_teardown(test_journey__a_picture_inside_the_answer_is_unpacked, setup, teardown),
      cmocka_unit_test_setup_teardown(test_journey__a_body_that_is_a_picture_is_kept_as_it_is, setup, teardown),
      cmocka_unit_test_setup_teardown(test_journey__three_pictures_of_one_call_are_all_recorded, setup, teardown),
      cmocka_unit_test_setup_teardown(test_journey__an_unknown_outcome_stops_and_can_be_abandoned, setup, teardown),
      cmocka_unit_test_setup_teardown(test_journey__a_lost_answer_can_be_abandoned, setup, teardown),
      cmocka_unit_test_setup_teardown(test_journey__a_refusal_with_a_wait_is_tried_again, setup, teardown),
      cmocka_unit_test_setup_teardown(test_journey__a_wrong_key_ends_at_once_and_makes_no_picture, setup, teardown),
      cmocka_unit_test_setup_teardown(test_journey__a_download_has_retries_of_its_own, setup, teardown),
      cmocka_unit_test_setup_teardown(test_journey__a_picture_that_is_gone_is_lost_and_said_so, setup, teardown),
      cmocka_unit_test_setup_teardown(test_journey__a_queue_that_fails_is_in_doubt_and_over, setup, teardown),
      cmocka_unit_test_setup_teardown(test_journey__a_queue_gives_a_fresh_link_for_one_that_expired, setup, teardown),
      cmocka_unit_test_setup_teardown(test_journey__what_is_no_picture_is_kept_in_quarantine, setup, teardown),
      cmocka_unit_test_setup_teardown(test_journey__a_soft_cancel_returns_soon_and_still_records, setup, teardown),
      cmocka_unit_test_setup_teardown(test_journey__a_hard_cancel_leaves_an_ambiguous_call, setup, teardown),
      cmocka_unit_test_setup_teardown(test_journey__a_soft_cancel_ends_at_once_what_never_left, setup, teardown),
      cmocka_unit_test_setup_teardown(test_journey__a_key_in_an_answer_does_not_get_into_the_database, setup, teardown),
      cmocka_unit_test_setup_teardown(test_journey__freeing_drains_what_is_in_flight, setup, teardown),
      cmocka_unit_test_setup_teardown(test_journey__a_worker_that_slept_after_its_reservation_sends_nothing, setup,
                                      teardown),
  };
  return cmocka_run_group_tests_name("pipeline, through the gateway", tests, start_server, stop_server);
}
