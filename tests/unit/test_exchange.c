/* SPDX-License-Identifier: MIT */
#include "client/kit.h"

#include <stdio.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "client/handle.h"
#include "client/hooks.h"

static int64_t now_us(void)
{
  return px_mono_us(px_clock_system());
}

static void test_exchange__a_set_token_ends_a_sleep_at_once(void **state)
{
  const kit *self = *state;
  px_cleanup(px_waiter_done) px_waiter waiter;
  pixazo_cancel *token = NULL;
  assert_status(pixazo_cancel_new(&token, NULL), PIXAZO_OK);
  assert_status(px_waiter_init(&waiter, self->client, token, NULL), PIXAZO_OK);
  assert_false(px_waiter_stopping(&waiter));
  int64_t begun = now_us();
  assert_status(px_waiter_sleep(&waiter, 60, NULL), PIXAZO_OK);
  assert_true(now_us() - begun >= 60000);
  pixazo_cancel_set(token, PIXAZO_CANCEL_SOFT);
  begun = now_us();
  assert_status(px_waiter_sleep(&waiter, 60000, NULL), PIXAZO_E_CANCELLED);
  assert_true(now_us() - begun < 2000000);
  (void)pixazo_cancel_unref(token);
}

typedef struct hearing {
  pixazo_progress last;
  int32_t answer;
  int calls;
} hearing;

static int32_t on_progress(const pixazo_progress *progress, void *user_data)
{
  hearing *self = user_data;
  self->last = *progress;
  self->calls++;
  return self->answer;
}

static pixazo_client *hearing_client(const kit *self, hearing *heard)
{
  pixazo_client *client = NULL;
  pixazo_client_options options = kit_options(self);
  options.on_progress = on_progress;
  options.on_progress_data = heard;
  assert_status(pixazo_client_new(&options, &client, NULL), PIXAZO_OK);
  return client;
}

static void test_exchange__the_hook_hears_the_stage_and_may_stop(void **state)
{
  hearing heard = {.answer = 0};
  pixazo_client *client = hearing_client(*state, &heard);
  px_waiter waiter;
  assert_status(px_waiter_init(&waiter, client, NULL, NULL), PIXAZO_OK);
  waiter.generation = "some-generation";
  waiter.attempt = 3;
  px_waiter_tell(&waiter, PIXAZO_STAGE_QUEUED);
  assert_int_equal(heard.last.struct_size, sizeof heard.last);
  assert_int_equal(heard.last.stage, PIXAZO_STAGE_QUEUED);
  assert_int_equal(heard.last.attempt, 3);
  assert_string_equal(heard.last.generation, "some-generation");
  assert_false(px_waiter_stopping(&waiter));
  heard.answer = 1;
  px_waiter_tell(&waiter, 0);
  assert_int_equal(heard.last.stage, PIXAZO_STAGE_QUEUED); /* the one it is in */
  assert_true(px_waiter_stopping(&waiter));
  int calls = heard.calls;
  px_waiter_tell(&waiter, PIXAZO_STAGE_GENERATING);
  assert_int_equal(heard.calls, calls); /* it said stop: it is not asked again */
  px_waiter_done(&waiter);
  (void)pixazo_client_unref(client);
}

/* The waiter lets go of a partial picture in any case; the hook that said stop over one hears nothing more. */
static void test_exchange__a_veto_over_a_partial_picture_is_the_last_word(void **state)
{
  hearing heard = {.answer = 1};
  pixazo_client *client = hearing_client(*state, &heard);
  px_waiter waiter;
  assert_status(px_waiter_init(&waiter, client, NULL, NULL), PIXAZO_OK);
  assert_status(pixazo_blob_new("half", 4, &waiter.partial, NULL), PIXAZO_OK);
  waiter.partial_index = 2;
  px_waiter_tell(&waiter, PIXAZO_STAGE_GENERATING);
  assert_int_equal(heard.calls, 1);
  assert_int_equal(heard.last.stage, PIXAZO_STAGE_PARTIAL);
  assert_int_equal(heard.last.partial_index, 2);
  assert_null(waiter.partial);
  assert_true(px_waiter_stopping(&waiter));
  assert_status(pixazo_blob_new("more", 4, &waiter.partial, NULL), PIXAZO_OK);
  px_waiter_tell(&waiter, 0);
  assert_int_equal(heard.calls, 1);
  px_waiter_done(&waiter); /* and with the one that was never shown */
  (void)pixazo_client_unref(client);
}

/* Fetches a file into memory with this waiter. */
static void fetch(kit *self, px_waiter *waiter)
{
  char url[256];
  px_autoclose int descriptor = -1;
  pixazo_error *error = NULL;
  (void)snprintf(url, sizeof url, "%s/files/a.png", self->gateway.base);
  assert_status(px_memory_file("test", &descriptor, NULL), PIXAZO_OK);
  assert_ok(px_waiter_fetch(waiter, url, descriptor, &error), error);
}

static void test_exchange__a_veto_cuts_a_transfer_that_hangs(void **state)
{
  kit *self = *state;
  hearing heard = {.answer = 1};
  pixazo_client *client = hearing_client(self, &heard);
  px_waiter waiter;
  kit_script(self, "[{\"path\":\"/files/*\",\"cut_after\":1000,\"cut\":\"stall\"}]");
  assert_status(px_waiter_init(&waiter, client, NULL, NULL), PIXAZO_OK);
  int64_t begun = now_us();
  fetch(self, &waiter);
  assert_true(now_us() - begun < 4000000); /* sooner than the limit on silence */
  assert_status(waiter.evidence.status, PIXAZO_E_CANCELLED);
  assert_int_equal(heard.last.stage, PIXAZO_STAGE_DOWNLOADING);
  assert_true(heard.last.bytes_done > 0);
  px_waiter_done(&waiter);
  (void)pixazo_client_unref(client);
}

static void test_exchange__the_evidence_and_its_error_stay_until_the_next_step(void **state)
{
  kit *self = *state;
  px_waiter waiter;
  kit_script(self, "[{\"path\":\"/files/*\",\"times\":1,\"answer\":\"not-found\"}]");
  assert_status(px_waiter_init(&waiter, self->client, NULL, NULL), PIXAZO_OK);
  fetch(self, &waiter);
  assert_status(waiter.evidence.status, PIXAZO_E_PROVIDER);
  assert_ptr_equal(waiter.evidence.error, waiter.error);
  assert_int_equal(pixazo_error_http_status(waiter.error), 404);
  fetch(self, &waiter);
  assert_status(waiter.evidence.status, PIXAZO_OK);
  assert_null(waiter.error);
  px_waiter_done(&waiter);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_exchange__a_set_token_ends_a_sleep_at_once),
      cmocka_unit_test(test_exchange__the_hook_hears_the_stage_and_may_stop),
      cmocka_unit_test(test_exchange__a_veto_over_a_partial_picture_is_the_last_word),
      cmocka_unit_test(test_exchange__a_veto_cuts_a_transfer_that_hangs),
      cmocka_unit_test(test_exchange__the_evidence_and_its_error_stay_until_the_next_step),
  };
  return cmocka_run_group_tests(tests, kit_start, kit_stop);
}
