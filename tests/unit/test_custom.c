/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include <pixazo/store_backend.h>

#include "base/error.h"
#include "base/mem.h"

/* Those of crowd() begin together. */
static pthread_barrier_t beginning;

typedef struct port {
  atomic_int inside, most, calls, destroyed;
} port;

static pixazo_status take_time(void *self, const char *key, pixazo_error **error)
{
  port *mine = self;
  (void)key;
  (void)error;
  int now = atomic_fetch_add(&mine->inside, 1) + 1;
  int most = atomic_load(&mine->most);
  while (now > most && !atomic_compare_exchange_weak(&mine->most, &most, now)) {
  }
  (void)usleep(2000);
  atomic_fetch_add(&mine->calls, 1);
  atomic_fetch_sub(&mine->inside, 1);
  return PIXAZO_OK;
}

static pixazo_status put_nothing(void *self, const pixazo_store_put_job *job, pixazo_error **error)
{
  (void)self;
  (void)job;
  (void)error;
  return PIXAZO_OK;
}

static void count_destroy(void *self)
{
  atomic_fetch_add(&((port *)self)->destroyed, 1);
}

static pixazo_status make_link(void *self, const char *key, uint32_t seconds, char *text, size_t capacity,
                               pixazo_error **error)
{
  (void)self;
  (void)error;
  assert_string_equal(key, "k");
  assert_int_equal(seconds, 60);
  assert_true(capacity >= 1024);
  memcpy(text, "https://x.test/k", 17);
  return PIXAZO_OK;
}

static pixazo_store_ops full_ops(void)
{
  pixazo_store_ops ops;
  pixazo_store_ops_init(&ops, sizeof ops);
  ops.put = put_nothing;
  ops.remove = take_time;
  ops.url = make_link;
  ops.destroy = count_destroy;
  return ops;
}

static void *remove_ten(void *argument)
{
  (void)pthread_barrier_wait(&beginning);
  for (int i = 0; i < 10; i++) {
    if (pixazo_store_remove(argument, "k", NULL) != PIXAZO_OK)
      return argument;
  }
  return NULL;
}

/* How many calls were inside the port at once when four threads made ten each. */
static int crowd(uint32_t flags)
{
  port mine = {0};
  pixazo_store *store = NULL;
  pixazo_store_ops ops = full_ops();
  pthread_t threads[4];
  assert_int_equal(pixazo_store_new_custom(&ops, &mine, flags, &store, NULL), PIXAZO_OK);
  assert_int_equal(pixazo_store_any_thread(store), flags == PIXAZO_OPS_ANY_THREAD);
  assert_int_equal(pthread_barrier_init(&beginning, NULL, PX_ARRAY_SIZE(threads)), 0);
  for (size_t i = 0; i < PX_ARRAY_SIZE(threads); i++)
    assert_int_equal(pthread_create(&threads[i], NULL, remove_ten, store), 0);
  for (size_t i = 0; i < PX_ARRAY_SIZE(threads); i++)
    assert_int_equal(pthread_join(threads[i], NULL), 0);
  (void)pthread_barrier_destroy(&beginning);
  assert_int_equal(atomic_load(&mine.calls), 40);
  assert_int_equal(atomic_load(&mine.destroyed), 0);
  (void)pixazo_store_unref(store);
  assert_int_equal(atomic_load(&mine.destroyed), 1);
  return atomic_load(&mine.most);
}

static void test_custom__is_called_one_at_a_time_unless_it_says_otherwise(void **state)
{
  (void)state;
  assert_int_equal(crowd(0), 1);
  assert_true(crowd(PIXAZO_OPS_ANY_THREAD) > 1);
}

static void test_custom__gives_links(void **state)
{
  (void)state;
  port mine = {0};
  pixazo_store *store = NULL;
  pixazo_store_ops ops = full_ops();
  px_autofree char *text = NULL;
  assert_int_equal(pixazo_store_new_custom(&ops, &mine, 0, &store, NULL), PIXAZO_OK);
  assert_int_equal(pixazo_store_supports(store, PIXAZO_STORE_CAN_URL), 1);
  assert_int_equal(pixazo_store_supports(store, PIXAZO_STORE_CAN_GET), 0);
  assert_int_equal(pixazo_store_url(store, "k", 60, &text, NULL), PIXAZO_OK);
  assert_string_equal(text, "https://x.test/k");
  assert_string_equal(pixazo_store_kind(store), "custom");
  (void)pixazo_store_unref(store);
}

static void test_custom__refuses_a_table_it_cannot_use(void **state)
{
  (void)state;
  port mine = {0};
  pixazo_store *store = NULL;
  pixazo_store_ops ops = full_ops();
  assert_int_equal(pixazo_store_new_custom(NULL, &mine, 0, &store, NULL), PIXAZO_E_ARGUMENT);
  assert_int_equal(pixazo_store_new_custom(&ops, &mine, 0, NULL, NULL), PIXAZO_E_ARGUMENT);
  assert_int_equal(pixazo_store_new_custom(&ops, &mine, 2, &store, NULL), PIXAZO_E_ARGUMENT);
  ops.put = NULL;
  assert_int_equal(pixazo_store_new_custom(&ops, &mine, 0, &store, NULL), PIXAZO_E_ARGUMENT);
  struct {
    pixazo_store_ops ops;
    void *newer;
  } future = {full_ops(), NULL};
  future.ops.struct_size = sizeof future;
  future.newer = &mine;
  assert_int_equal(pixazo_store_new_custom(&future.ops, &mine, 0, &store, NULL), PIXAZO_E_ABI);
  assert_null(store);
  future.newer = NULL;
  assert_int_equal(pixazo_store_new_custom(&future.ops, &mine, 0, &store, NULL), PIXAZO_OK);
  (void)pixazo_store_unref(store);
  assert_int_equal(atomic_load(&mine.destroyed), 1); /* only by the store that was made */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_custom__is_called_one_at_a_time_unless_it_says_otherwise),
      cmocka_unit_test(test_custom__gives_links),
      cmocka_unit_test(test_custom__refuses_a_table_it_cannot_use),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
