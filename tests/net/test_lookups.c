/* SPDX-License-Identifier: MIT */
/* Names: this program brings its own getaddrinfo, which libcurl finds before libc's. */
#include "support/testing.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "probe.h"
#include "support/gateway.h"

enum { HANG_MS = 10000 };

static gateway server;
static atomic_int lookups; /* of any name */
static atomic_int lookups_open;
static atomic_int lookups_open_peak;
static atomic_bool release_gated;
static atomic_bool release_hanging; /* at the end: the threads that hang go home */

#define EXPORTED __attribute__((visibility("default")))
EXPORTED int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **out);
EXPORTED void freeaddrinfo(struct addrinfo *list);

static struct addrinfo *make_address(const char *address, uint16_t port, struct addrinfo *next)
{
  struct addrinfo *entry = calloc(1, sizeof *entry + sizeof(struct sockaddr_in));
  if (!entry)
    abort();
  struct sockaddr_in *place = (struct sockaddr_in *)(void *)(entry + 1);
  place->sin_family = AF_INET;
  place->sin_port = htons(port);
  (void)inet_pton(AF_INET, address, &place->sin_addr);
  entry->ai_family = AF_INET;
  entry->ai_socktype = SOCK_STREAM;
  entry->ai_protocol = IPPROTO_TCP;
  entry->ai_addrlen = sizeof *place;
  entry->ai_addr = (struct sockaddr *)place;
  entry->ai_next = next;
  return entry;
}

static int answer(const char *name, uint16_t port, struct addrinfo **out)
{
  if (strstr(name, "unknown"))
    return EAI_NONAME;
  if (strstr(name, "metadata"))
    *out = make_address("169.254.169.254", port, NULL);
  else if (strstr(name, "both")) /* first a private one, then ours */
    *out = make_address("10.0.0.1", port, make_address("127.0.0.1", port, NULL));
  else
    *out = make_address("127.0.0.1", port, NULL);
  return 0;
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
  (void)hints;
  (void)atomic_fetch_add(&lookups, 1);
  int open = atomic_fetch_add(&lookups_open, 1) + 1;
  if (open > atomic_load(&lookups_open_peak))
    atomic_store(&lookups_open_peak, open);
  for (int i = 0; strstr(name, "hang") && i < HANG_MS / 20 && !atomic_load(&release_hanging); i++)
    (void)usleep(20000);
  while (strstr(name, "gated") && !atomic_load(&release_gated))
    (void)usleep(1000);
  if (strstr(name, "slow"))
    (void)usleep(200000);
  int result = answer(name, service ? (uint16_t)atoi(service) : 0, out);
  (void)atomic_fetch_sub(&lookups_open, 1);
  return result;
}

void freeaddrinfo(struct addrinfo *list)
{
  while (list) {
    struct addrinfo *next = list->ai_next;
    free(list);
    list = next;
  }
}

static int set_up(void **state)
{
  (void)state;
  gateway_start(&server, NULL);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  atomic_store(&release_hanging, true);
  while (atomic_load(&lookups_open) > 0)
    (void)usleep(10000);
  (void)usleep(50000);
  gateway_stop(&server);
  return 0;
}

static px_engine *make_engine(const char *allow_hosts, uint32_t connect_ms)
{
  px_engine *engine = NULL;
  px_engine_options options = {.allow_hosts = allow_hosts, .connect_ms = connect_ms};
  assert_status(px_engine_new(&options, &engine, NULL), PIXAZO_OK);
  return engine;
}

static void aim(probe *call, const char *scheme, const char *name)
{
  char base[128];
  (void)snprintf(base, sizeof base, "%s://%s:%u", scheme, name, (unsigned)server.port);
  probe_init(call, PX_HTTP_DOWNLOAD, base, "/files/a.png");
}

static void test_lookups__a_name_that_hangs_holds_nobody_else_up(void **state)
{
  enum { OTHERS = 10 };
  probe hanging, others[OTHERS];
  (void)state;
  px_engine *engine = make_engine("hang.test,fine.test", 0);
  aim(&hanging, "http", "hang.test");
  probe_submit(&hanging, engine);
  (void)usleep(150000);
  int64_t begun = test_now_ms();
  for (int i = 0; i < OTHERS; i++) {
    aim(&others[i], "http", "fine.test");
    probe_submit(&others[i], engine);
  }
  for (int i = 0; i < OTHERS; i++) {
    assert_true(probe_wait(&others[i], 20000));
    assert_status(others[i].outcome.status, PIXAZO_OK);
    probe_done(&others[i]);
  }
  assert_true(test_now_ms() - begun < HANG_MS / 2);
  begun = test_now_ms();
  px_engine_cancel(engine, &hanging.call);
  assert_true(probe_wait(&hanging, HANG_MS / 2));
  assert_status(hanging.outcome.status, PIXAZO_E_CANCELLED);
  probe_done(&hanging);
  px_engine_unref(engine);
  assert_true(test_now_ms() - begun < HANG_MS / 2);
}

static void test_lookups__the_deadline_counts_the_wait_for_a_lookup(void **state)
{
  probe first, second;
  (void)state;
  px_engine *engine = make_engine("hang.test", 0);
  aim(&first, "http", "hang.test");
  aim(&second, "http", "hang.test");
  second.call.total_ms = 300;
  probe_submit(&first, engine);
  int64_t begun = test_now_ms();
  probe_run(&second, engine);
  assert_true(test_now_ms() - begun < HANG_MS / 2);
  assert_status(second.outcome.status, PIXAZO_E_TIMEOUT);
  assert_int_equal(first.ends, 0);
  px_engine_unref(engine);
  assert_int_equal(first.ends, 1);
  probe_done(&first);
  probe_done(&second);
}

static void test_lookups__many_calls_make_one_lookup(void **state)
{
  enum { CALLS = 50 };
  static probe calls[CALLS];
  (void)state;
  px_engine *engine = make_engine("slow.test", 0);
  int before = atomic_load(&lookups);
  atomic_store(&lookups_open_peak, atomic_load(&lookups_open));
  int peak_before = atomic_load(&lookups_open_peak);
  for (int i = 0; i < CALLS; i++) {
    aim(&calls[i], "http", "slow.test");
    calls[i].call.kind = PX_HTTP_PAID; /* each on a connection of its own */
    probe_submit(&calls[i], engine);
  }
  for (int i = 0; i < CALLS; i++) {
    assert_true(probe_wait(&calls[i], 10000));
    assert_string_equal(calls[i].message, "");
    probe_done(&calls[i]);
  }
  assert_int_equal(atomic_load(&lookups) - before, 1);
  assert_true(atomic_load(&lookups_open_peak) <= peak_before + 1);
  px_engine_unref(engine);
}

static void test_lookups__who_joined_a_lookup_gets_its_answer(void **state)
{
  enum { CALLS = 5 };
  probe calls[CALLS];
  (void)state;
  px_engine *engine = make_engine("slow-unknown.test", 0);
  int before = atomic_load(&lookups);
  for (int i = 0; i < CALLS; i++) {
    aim(&calls[i], "http", "slow-unknown.test");
    probe_submit(&calls[i], engine);
  }
  for (int i = 0; i < CALLS; i++) {
    assert_true(probe_wait(&calls[i], 20000));
    assert_status(calls[i].outcome.status, PIXAZO_E_NETWORK);
    assert_int_equal(calls[i].outcome.trouble, PX_TROUBLE_RESOLVE);
    assert_false(calls[i].outcome.body_asked);
    assert_non_null(strstr(calls[i].message, "slow-unknown.test"));
    probe_done(&calls[i]);
  }
  assert_true(atomic_load(&lookups) - before <= 2);
  px_engine_unref(engine);
}

static void test_lookups__when_the_one_that_looks_up_is_cancelled_the_next_takes_over(void **state)
{
  probe first, second;
  (void)state;
  px_engine *engine = make_engine("gated.test", 0);
  aim(&first, "http", "gated.test");
  aim(&second, "http", "gated.test");
  int before = atomic_load(&lookups);
  probe_submit(&first, engine);
  probe_submit(&second, engine);
  while (atomic_load(&lookups) == before)
    (void)usleep(1000);
  px_engine_cancel(engine, &first.call);
  assert_true(probe_wait(&first, 20000));
  atomic_store(&release_gated, true);
  assert_true(probe_wait(&second, 20000));
  assert_status(second.outcome.status, PIXAZO_OK);
  assert_status(first.outcome.status, PIXAZO_E_CANCELLED);
  probe_done(&first);
  probe_done(&second);
  px_engine_unref(engine);
}

static void test_lookups__a_lookup_that_hangs_ends_with_connect_ms(void **state)
{
  probe call;
  (void)state;
  px_engine *engine = make_engine("hang.test", 300);
  aim(&call, "http", "hang.test");
  int64_t begun = test_now_ms();
  probe_run(&call, engine);
  assert_true(test_now_ms() - begun < HANG_MS / 2);
  assert_status(call.outcome.status, PIXAZO_E_TIMEOUT);
  assert_false(call.outcome.body_asked);
  probe_done(&call);
  px_engine_unref(engine);
}

/* https, so that only the address can be what is refused */
static void test_lookups__a_name_at_a_private_address_is_refused_before_any_socket(void **state)
{
  static const char *const names[] = {"metadata.test", "fine.test"};
  (void)state;
  px_engine *engine = make_engine("other.test", 0);
  gateway_reset(&server);
  int64_t accepted = gateway_count(&server, "accepted");
  for (size_t i = 0; i < 2; i++) {
    probe call;
    aim(&call, "https", names[i]);
    probe_run(&call, engine);
    assert_status(call.outcome.status, PIXAZO_E_NETWORK);
    if (call.outcome.trouble != PX_TROUBLE_GUARD)
      fail_msg("%s: trouble %d, %s", names[i], call.outcome.trouble, call.message);
    probe_done(&call);
  }
  /* one more: the connection that asks */
  assert_int_equal(gateway_count(&server, "accepted"), accepted + 1);
  px_engine_unref(engine);
  tell_cases("names at private addresses", sizeof names / sizeof names[0]);
}

static void test_lookups__a_listed_name_may_be_anywhere(void **state)
{
  probe call;
  (void)state;
  px_engine *engine = make_engine("fine.test", 0);
  aim(&call, "http", "fine.test");
  probe_run(&call, engine);
  assert_status(call.outcome.status, PIXAZO_OK);
  probe_done(&call);
  px_engine_unref(engine);
}

static void test_lookups__the_guard_judges_every_address_of_a_name(void **state)
{
  probe call;
  (void)state;
  px_engine *engine = make_engine(NULL, 0);
  aim(&call, "https", "both.test");
  probe_run(&call, engine);
  assert_int_equal(call.outcome.trouble, PX_TROUBLE_GUARD);
  probe_done(&call);
  px_engine_unref(engine);
}

/* libcurl's threads report over socket pairs made without close-on-exec. */
static void test_lookups__a_program_started_during_a_lookup_inherits_nothing(void **state)
{
  probe call;
  (void)state;
  char *before = descriptors_after_exec();
  px_engine *engine = make_engine("hang.test", 0);
  aim(&call, "http", "hang.test");
  int open_before = atomic_load(&lookups_open);
  probe_submit(&call, engine);
  for (int i = 0; i < 200 && atomic_load(&lookups_open) == open_before; i++)
    (void)usleep(5000);
  (void)usleep(50000);
  char *during = descriptors_after_exec();
  assert_string_equal(during, before);
  free(before);
  free(during);
  px_engine_unref(engine);
  probe_done(&call);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_lookups__a_name_that_hangs_holds_nobody_else_up),
      cmocka_unit_test(test_lookups__the_deadline_counts_the_wait_for_a_lookup),
      cmocka_unit_test(test_lookups__many_calls_make_one_lookup),
      cmocka_unit_test(test_lookups__who_joined_a_lookup_gets_its_answer),
      cmocka_unit_test(test_lookups__when_the_one_that_looks_up_is_cancelled_the_next_takes_over),
      cmocka_unit_test(test_lookups__a_lookup_that_hangs_ends_with_connect_ms),
      cmocka_unit_test(test_lookups__a_name_at_a_private_address_is_refused_before_any_socket),
      cmocka_unit_test(test_lookups__a_listed_name_may_be_anywhere),
      cmocka_unit_test(test_lookups__the_guard_judges_every_address_of_a_name),
      cmocka_unit_test(test_lookups__a_program_started_during_a_lookup_inherits_nothing),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
