/* SPDX-License-Identifier: MIT */
/* A long answer that comes as events and is cut behind its finished picture: it is paid for, and nothing else holds the picture
 * until it is recorded. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kit.h"
#include "support/gateway.h"
#include "support/testing.h"
#include "support/tmpdir.h"

static gateway server;
static kit k;

/* A store that looks at the spool when the picture comes. */
typedef struct watcher {
  pixazo_store *inside;
  int sealed, open;
} watcher;

static int count_spooled(const char *ending)
{
  int count = 0;
  char command[512];
  char *spool = tmpdir_path(k.directory, "spool");
  (void)snprintf(command, sizeof command, "ls %s | grep -c '%s$'", spool, ending);
  FILE *lines = popen(command, "r");
  free(spool);
  assert_non_null(lines);
  assert_int_equal(fscanf(lines, "%d", &count), 1);
  (void)pclose(lines);
  return count;
}

static pixazo_status watch_put(void *self, const pixazo_store_put_job *job, pixazo_error **error)
{
  watcher *watching = self;
  pixazo_store_put_job copy = *job;
  copy.path = NULL; /* a put takes one source: the reader of the same bytes */
  copy.flags = 0;
  watching->sealed += count_spooled(".answer");
  watching->open += count_spooled(".part");
  return pixazo_store_put(watching->inside, &copy, error);
}

static pixazo_status watch_stat(void *self, const char *key, pixazo_store_info *info, pixazo_error **error)
{
  watcher *watching = self;
  return pixazo_store_stat(watching->inside, key, info, error);
}

static void test_cut_stream__is_durable_before_its_picture_is_kept(void **state)
{
  (void)state;
  watcher watching = {.sealed = 0};
  pixazo_store_ops ops;
  pixazo_error *error = NULL;
  pixazo_store_ops_init(&ops, sizeof ops);
  ops.put = watch_put;
  ops.stat = watch_stat;
  assert_ok(pixazo_store_new_memory(&watching.inside, &error), error);
  assert_ok(pixazo_store_new_custom(&ops, &watching, 0, &k.store, &error), error);
  kit_open(&k);
  gateway_script(&server, "[{\"method\":\"POST\",\"stream_error\":{\"error\":{\"message\":\"late\"}},\"error_after\":3}]");
  char *whole = kit_add(&k, "{\"prompt\":\"p\",\"partial_images\":2}");
  pixazo_generation_free(kit_wait(&k, whole));
  assert_int_equal(watching.sealed, 1);
  gateway_script(&server, "[{\"method\":\"POST\",\"done\":true,\"content_length\":\"9000000\",\"close\":true}]"); /* and then nothing more */
  char *cut = kit_add(&k, "{\"prompt\":\"p\",\"partial_images\":2}");
  pixazo_generation_free(kit_wait(&k, cut));
  assert_int_equal(watching.sealed, 2);
  assert_int_equal(watching.open, 0);
  assert_int_equal(gateway_count(&server, "posts"), 2);
  pixazo_free(whole);
  pixazo_free(cut);
  kit_close(&k);
  watching.inside = pixazo_store_unref(watching.inside);
}

static int setup(void **state)
{
  static char base[96];
  (void)state;
  gateway_start(&server, NULL);
  (void)snprintf(base, sizeof base, "%s/v1", server.base);
  kit_prepare(&k);
  kit_ask(&k, "openai", base);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  kit_remove(&k);
  gateway_stop(&server);
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_cut_stream__is_durable_before_its_picture_is_kept, setup, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
