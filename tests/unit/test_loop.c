/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>
#include <unistd.h>

#include "net/loop.h"
#include "support/gateway.h"

static gateway server;
static px_transfer *over[8];
static size_t over_count;

static int set_up(void **state)
{
  (void)state;
  gateway_start(&server, NULL);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  gateway_stop(&server);
  return 0;
}

static void on_ended(void *self, px_transfer *transfer)
{
  (void)self;
  assert_true(over_count < sizeof over / sizeof over[0]);
  over[over_count++] = transfer;
}

/* One call at a time. */
static void open_loop(px_loop *loop, const char *script)
{
  px_multi_settings settings = {.clock = px_clock_system(), .connect_ms = 5000};
  gateway_script(&server, script);
  gateway_reset(&server);
  over_count = 0;
  *loop = (px_loop){.clock = settings.clock, .allow_hosts = "127.0.0.1", .max_calls = 1, .ended = on_ended};
  assert_status(px_loop_open(loop, &settings, NULL), PIXAZO_OK);
}

static px_transfer *admit_call(px_loop *loop, px_http_call *call, int64_t total_ms, int64_t delay_ms)
{
  static char url[128];
  px_transfer *transfer = NULL;
  (void)snprintf(url, sizeof url, "%s/files/a.png", server.base);
  *call = (px_http_call){
      .kind = PX_HTTP_DOWNLOAD, .url = url, .total_ms = (uint32_t)total_ms, .delay_ms = (uint32_t)delay_ms};
  assert_status(px_transfer_new(call, loop->allow_hosts, &transfer, NULL), PIXAZO_OK);
  transfer->pause_until_us = px_mono_us(loop->clock) + delay_ms * 1000;
  transfer->deadline_us = transfer->pause_until_us + total_ms * 1000;
  px_loop_admit(loop, transfer);
  return transfer;
}

static px_transfer *admit(px_loop *loop, px_http_call *call, int64_t total_ms)
{
  return admit_call(loop, call, total_ms, 0);
}

static px_transfer *admit_later(px_loop *loop, px_http_call *call, int64_t delay_ms)
{
  return admit_call(loop, call, 9000, delay_ms);
}

static void turn_until(px_loop *loop, size_t wanted)
{
  int64_t give_up = px_mono_us(loop->clock) + 10000000;
  while (over_count < wanted) {
    px_loop_turn(loop, false);
    if (over_count < wanted)
      px_loop_wait(loop);
    assert_true(px_mono_us(loop->clock) < give_up);
  }
}

static void free_over(void)
{
  while (over_count > 0)
    px_transfer_free(over[--over_count]);
}

static void test_loop__a_deadline_holds_while_queued(void **state)
{
  px_loop loop;
  px_http_call calls[2];
  (void)state;
  open_loop(&loop, "[{\"path\":\"/files/*\",\"drop\":true,\"cut\":\"stall\"}]");
  px_transfer *first = admit(&loop, &calls[0], 9000);
  px_transfer *second = admit(&loop, &calls[1], 200);
  turn_until(&loop, 1);
  assert_ptr_equal(over[0], second);
  assert_int_equal(second->outcome.trouble, PX_TROUBLE_TIMEOUT);
  assert_false(second->outcome.body_asked);
  assert_int_equal(loop.running.count, 1);
  assert_ptr_equal(loop.running.first, first);
  px_loop_done(&loop);
  assert_int_equal(over_count, 2);
  free_over();
}

static void test_loop__what_is_delayed_waits_for_its_time_and_for_room(void **state)
{
  px_loop loop;
  px_http_call calls[4];
  px_transfer *late[2];
  (void)state;
  open_loop(&loop, "[]");
  int64_t begun = px_mono_us(loop.clock);
  for (int i = 0; i < 2; i++) { /* the later one first */
    late[i] = admit_later(&loop, &calls[i], i == 0 ? 400 : 150);
    assert_int_equal(loop.delayed.count, i + 1);
  }
  px_transfer *now = admit(&loop, &calls[2], 9000);
  turn_until(&loop, 3);
  assert_ptr_equal(over[0], now);
  assert_ptr_equal(over[1], late[1]);
  assert_ptr_equal(over[2], late[0]);
  assert_true(px_mono_us(loop.clock) - begun >= 400000);
  free_over();
  gateway_script(&server, "[{\"path\":\"/files/*\",\"nth\":1,\"drop\":true,\"cut\":\"stall\"}]");
  now = admit(&loop, &calls[2], 1200); /* takes the only place */
  px_loop_turn(&loop, false);
  late[0] = admit_later(&loop, &calls[0], 100);
  for (begun = px_mono_us(loop.clock); px_mono_us(loop.clock) < begun + 200000; px_loop_turn(&loop, false))
    px_loop_wait(&loop);
  assert_int_equal(over_count, 0);
  px_transfer *next = admit(&loop, &calls[3], 9000);
  turn_until(&loop, 3);
  assert_ptr_equal(over[0], now);
  assert_ptr_equal(over[1], next); /* though the other's time came long before */
  assert_ptr_equal(over[2], late[0]);
  px_loop_done(&loop);
  free_over();
}

static void test_loop__a_free_place_goes_to_who_waited_longest(void **state)
{
  px_loop loop;
  px_http_call calls[3];
  px_transfer *admitted[3];
  (void)state;
  open_loop(&loop, "[]");
  for (int i = 0; i < 3; i++)
    admitted[i] = admit(&loop, &calls[i], 9000);
  px_loop_turn(&loop, false);
  assert_int_equal(loop.running.count, 1);
  assert_int_equal(loop.ready.count, 2);
  turn_until(&loop, 3);
  for (int i = 0; i < 3; i++) {
    assert_ptr_equal(over[i], admitted[i]);
    assert_status(over[i]->outcome.status, PIXAZO_OK);
  }
  assert_int_equal(gateway_count(&server, "downloads"), 3);
  px_loop_done(&loop);
  free_over();
}

static void test_loop__cutting_ends_each_once(void **state)
{
  px_loop loop;
  px_http_call calls[3];
  (void)state;
  open_loop(&loop, "[{\"path\":\"/files/*\",\"drop\":true,\"cut\":\"stall\"}]");
  for (int i = 0; i < 3; i++)
    (void)admit(&loop, &calls[i], 9000);
  px_loop_turn(&loop, false);
  px_loop_cut_all(&loop);
  assert_int_equal(over_count, 3);
  for (int i = 0; i < 3; i++)
    assert_int_equal(over[i]->outcome.trouble, PX_TROUBLE_CANCEL);
  px_loop_done(&loop);
  assert_int_equal(over_count, 3);
  free_over();
}

static void test_loop__a_wake_ends_a_wait_without_end(void **state)
{
  px_loop loop;
  (void)state;
  open_loop(&loop, "[]");
  px_loop_turn(&loop, false);
  px_loop_wake(&loop);
  px_loop_wake(&loop);
  px_loop_wait(&loop); /* returns, or the test times out */
  uint64_t count = 0;
  assert_int_equal(read(loop.wake, &count, sizeof count), -1); /* it was taken */
  px_loop_done(&loop);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_loop__a_deadline_holds_while_queued),
      cmocka_unit_test(test_loop__what_is_delayed_waits_for_its_time_and_for_room),
      cmocka_unit_test(test_loop__a_free_place_goes_to_who_waited_longest),
      cmocka_unit_test(test_loop__cutting_ends_each_once),
      cmocka_unit_test(test_loop__a_wake_ends_a_wait_without_end),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
