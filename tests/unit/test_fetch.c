/* SPDX-License-Identifier: MIT */
#include "client/kit.h"

#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "client/handle.h"

typedef struct fetching {
  px_fetch fetch;
  char url[256];
  px_evidence evidence;
  pixazo_error *error;
  uint64_t done, total;
  int ends;
  sem_t ended;
} fetching;

static void on_progress(void *user, int32_t stage, uint64_t done, uint64_t total)
{
  fetching *self = user;
  assert_int_equal(stage, PIXAZO_STAGE_DOWNLOADING);
  self->done = done;
  self->total = total;
}

static void on_done(void *user, const px_evidence *evidence)
{
  fetching *self = user;
  self->evidence = *evidence;
  self->error = px_error_copy(evidence->error);
  self->ends++;
  (void)sem_post(&self->ended);
}

static void prepare(fetching *self, const kit *server, int descriptor)
{
  *self = (fetching){.fetch = {.descriptor = descriptor, .on_progress = on_progress, .on_done = on_done}};
  (void)snprintf(self->url, sizeof self->url, "%s/files/a.png", server->gateway.base);
  self->fetch.url = self->url;
  self->fetch.max_bytes = 1000000;
  self->fetch.user = self;
  (void)sem_init(&self->ended, 0, 0);
}

static void run(fetching *self, const kit *server)
{
  pixazo_error *error = NULL;
  assert_ok(px_client_start_fetch(server->client, &self->fetch, &error), error);
  while (sem_wait(&self->ended) != 0) {
  }
  assert_int_equal(self->ends, 1);
  assert_null(self->fetch.inner);
}

static void finish(fetching *self)
{
  pixazo_error_free(self->error);
  (void)sem_destroy(&self->ended);
  (void)close(self->fetch.descriptor);
}

static int file_in_memory(void)
{
  int descriptor = memfd_create("fetched", MFD_CLOEXEC);
  assert_true(descriptor >= 0);
  return descriptor;
}

static void test_fetch__the_whole_body_is_written_and_told(void **state)
{
  fetching self;
  char head[4];
  kit_script(*state, "[]");
  prepare(&self, *state, file_in_memory());
  run(&self, *state);
  assert_status(self.evidence.status, PIXAZO_OK);
  assert_true(self.evidence.body_complete);
  assert_true(self.total > 60000);
  assert_true(self.done == self.total);
  assert_true(lseek(self.fetch.descriptor, 0, SEEK_END) == (off_t)self.total);
  assert_int_equal(pread(self.fetch.descriptor, head, 4, 0), 4);
  assert_memory_equal(head, "\x89PNG", 4);
  finish(&self);
}

static void test_fetch__the_page_of_an_error_is_not_written(void **state)
{
  fetching self;
  kit_script(*state, "[{\"path\":\"/files/*\",\"answer\":\"not-found\"}]");
  prepare(&self, *state, file_in_memory());
  run(&self, *state);
  assert_status(self.evidence.status, PIXAZO_E_PROVIDER);
  assert_int_equal(self.evidence.http_status, 404);
  assert_int_equal(pixazo_error_http_status(self.error), 404);
  assert_true(lseek(self.fetch.descriptor, 0, SEEK_END) == 0);
  finish(&self);
}

static void test_fetch__more_than_the_cap_is_cut(void **state)
{
  fetching self;
  kit_script(*state, "[]");
  prepare(&self, *state, file_in_memory());
  self.fetch.max_bytes = 1000;
  run(&self, *state);
  assert_status(self.evidence.status, PIXAZO_E_LIMIT);
  assert_false(self.evidence.body_complete);
  assert_true(lseek(self.fetch.descriptor, 0, SEEK_END) <= 1000);
  finish(&self);
}

static void test_fetch__a_file_that_cannot_be_written_is_this_machines_fault(void **state)
{
  fetching self;
  kit_script(*state, "[]");
  prepare(&self, *state, open("/dev/null", O_RDONLY | O_CLOEXEC));
  run(&self, *state);
  assert_status(self.evidence.status, PIXAZO_E_IO);
  assert_int_equal(self.evidence.trouble, PX_TROUBLE_LOCAL);
  assert_false(self.evidence.body_complete);
  finish(&self);
}

static void test_fetch__what_is_refused_at_once_is_never_heard_of_again(void **state)
{
  const kit *server = *state;
  fetching self;
  kit_script(*state, "[]");
  prepare(&self, server, file_in_memory());
  self.fetch.url = "http://10.0.0.1/a.png";
  assert_status(px_client_start_fetch(server->client, &self.fetch, NULL), PIXAZO_E_NETWORK);
  self.fetch.url = "ftp://127.0.0.1/a.png";
  assert_status(px_client_start_fetch(server->client, &self.fetch, NULL), PIXAZO_E_ARGUMENT);
  assert_null(self.fetch.inner);
  assert_int_equal(self.ends, 0);
  finish(&self);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_fetch__the_whole_body_is_written_and_told),
      cmocka_unit_test(test_fetch__the_page_of_an_error_is_not_written),
      cmocka_unit_test(test_fetch__more_than_the_cap_is_cut),
      cmocka_unit_test(test_fetch__a_file_that_cannot_be_written_is_this_machines_fault),
      cmocka_unit_test(test_fetch__what_is_refused_at_once_is_never_heard_of_again),
  };
  return cmocka_run_group_tests(tests, kit_start, kit_stop);
}
