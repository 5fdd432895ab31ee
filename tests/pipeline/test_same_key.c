/* SPDX-License-Identifier: MIT */
/* One idempotency key added twice at once, from two threads and from two processes: paid once, part by part. */
#include <pthread.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit.h"
#include "support/gateway.h"
#include "support/testing.h"

static const char three[] = "{\"prompt\":\"a\",\"count\":3,\"idempotency_key\":\"k1\"}";
static const char one[] = "{\"prompt\":\"a\",\"idempotency_key\":\"k1\"}";

/* The late add has looked for its key and found nothing when the early one begins, and goes on when that one is in. */
typedef struct meeting {
  sem_t looked;
  sem_t added;
} meeting;

static gateway server;
static kit k;
static px_clock clock_of_late;
static meeting *place;
static _Thread_local bool is_late;

/* An add asks the clock for its first id right after it has looked for its key. */
static int64_t wall_us(void *self)
{
  (void)self;
  if (is_late) {
    is_late = false;
    assert_int_equal(sem_post(&place->looked), 0);
    assert_int_equal(sem_wait(&place->added), 0);
  }
  return px_wall_us(px_clock_system());
}

static int start_server(void **state)
{
  (void)state;
  gateway_start(&server, NULL);
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
  gateway_reset(&server);
  kit_prepare(&k);
  kit_ask(&k, "pixazo", server.base);
  k.client_options.model = "sdxl-turbo"; /* one picture for each call */
  clock_of_late = *px_clock_system();
  clock_of_late.wall_us = wall_us;
  k.clock = &clock_of_late;
  place = mmap(NULL, sizeof *place, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  assert_ptr_not_equal(place, MAP_FAILED);
  assert_int_equal(sem_init(&place->looked, 1, 0), 0);
  assert_int_equal(sem_init(&place->added, 1, 0), 0);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  kit_remove(&k);
  return munmap(place, sizeof *place);
}

static void *add_late(void *unused)
{
  (void)unused;
  is_late = true;
  return kit_add(&k, three);
}

/* Both ids are the caller's. The early request is in before the late one, which both believed to be the first. */
static void add_both(const char *first, char **early, char **late)
{
  pthread_t thread;
  void *made = NULL;
  assert_int_equal(pthread_create(&thread, NULL, add_late, NULL), 0);
  assert_int_equal(sem_wait(&place->looked), 0);
  *early = kit_add(&k, first);
  assert_int_equal(sem_post(&place->added), 0);
  assert_int_equal(pthread_join(thread, &made), 0);
  *late = made;
  assert_string_not_equal(*early, *late);
}

static void expect_paid(pixazo_generation *record, const char *id, int pictures)
{
  assert_string_equal(pixazo_generation_uuid(record), id);
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_DONE);
  assert_int_equal(pixazo_generation_image_count(record), pictures);
  pixazo_generation_free(record);
}

/* The late id is waited for first: nothing may depend on its having been seen as another's name already. */
static void pay_once(const char *first, int pictures)
{
  char *early = NULL;
  char *late = NULL;
  kit_open(&k);
  add_both(first, &early, &late);
  expect_paid(kit_wait(&k, late), early, pictures);
  expect_paid(kit_wait(&k, early), early, pictures);
  kit_close(&k);
  assert_int_equal(gateway_count(&server, "posts"), pictures);
  assert_int_equal(kit_files(&k, "originals"), pictures);
  pixazo_free(early);
  pixazo_free(late);
}

static void test_same_key__of_two_threads_pays_each_part_once(void **state)
{
  (void)state;
  pay_once(three, 3);
}

static void test_same_key__waiting_for_the_late_id_waits_for_the_early_generation(void **state)
{
  (void)state;
  k.stepped = true; /* the wait itself learns that the key was taken */
  pay_once(three, 3);
}

static void test_same_key__a_late_request_for_more_pays_no_part_of_its_own(void **state)
{
  (void)state;
  pay_once(one, 1);
}

/* In a process of its own; drains before it ends. */
static _Noreturn void late_process(void)
{
  kit_open(&k);
  is_late = true;
  pixazo_free(kit_add(&k, three));
  kit_close(&k);
  _exit(0);
}

static void test_same_key__of_two_processes_pays_each_part_once(void **state)
{
  int ended = -1;
  (void)state;
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0)
    late_process();
  kit_open(&k);
  assert_int_equal(sem_wait(&place->looked), 0);
  char *early = kit_add(&k, three);
  expect_paid(kit_wait(&k, early), early, 3); /* what closes sends nothing new: the winner must not be the one that closes */
  assert_int_equal(sem_post(&place->added), 0);
  assert_int_equal(waitpid(child, &ended, 0), child);
  assert_int_equal(ended, 0);
  kit_close(&k);
  assert_int_equal(gateway_count(&server, "posts"), 3);
  assert_int_equal(kit_files(&k, "originals"), 3);
  pixazo_free(early);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_same_key__of_two_threads_pays_each_part_once, setup, teardown),
      cmocka_unit_test_setup_teardown(test_same_key__waiting_for_the_late_id_waits_for_the_early_generation, setup,
                                      teardown),
      cmocka_unit_test_setup_teardown(test_same_key__a_late_request_for_more_pays_no_part_of_its_own, setup, teardown),
      cmocka_unit_test_setup_teardown(test_same_key__of_two_processes_pays_each_part_once, setup, teardown),
  };
  return cmocka_run_group_tests_name("pipeline, one key added twice", tests, start_server, stop_server);
}
