/* SPDX-License-Identifier: MIT */
/* Wherever a paid call is cut, the server saw it once. Each cut for each provider that may bill; a new one is a line. */
#include "kit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/provider.h"
#include "support/pictures.h"
#include "support/tmpdir.h"

/* A model whose price is not known to be zero, so that every doubt counts. */
static const struct row {
  const char *provider;
  const char *path;    /* of the gateway, where the provider's addresses begin */
  const char *request; /* NULL: an edit */
} providers[] = {
    {"pixazo", "", "{\"prompt\":\"p\",\"model\":\"pixazo/sdxl-turbo\"}"},
    {"pixazo", "", "{\"prompt\":\"p\",\"model\":\"pixazo/gpt-image-2\"}"},
    {"openai", "/v1", "{\"prompt\":\"p\"}"},
    {"openai", "/v1", NULL},
    {"google", "", "{\"prompt\":\"p\"}"},
    {"together", "/as/together/v1", "{\"prompt\":\"p\"}"},
};

enum { PROVIDERS = sizeof providers / sizeof providers[0], SHORT_MS = 800 };

typedef enum ending { WIRE, UNREAD, DEADLINE, CANCEL } ending;

#define POST(members) "[{\"method\":\"POST\"," members "}]"
#define PICTURE "\"answer\":\"base64\",\"image_bytes\":100000"

static const struct cut {
  const char *what;
  const char *script;
  int32_t attempt_class;
  ending by; /* the wire, the wire before the body was read, a deadline of SHORT_MS, or the caller */
} cuts[] = {
    {"reset behind the head of the request", "[{\"at\":\"head\",\"method\":\"POST\",\"drop\":true,\"cut\":\"reset\"}]",
     PIXAZO_CLASS_AMBIGUOUS, UNREAD},
    {"closed behind the head of the request", "[{\"at\":\"head\",\"method\":\"POST\",\"drop\":true}]", PIXAZO_CLASS_AMBIGUOUS,
     UNREAD},
    {"reset behind the body", POST("\"drop\":true,\"cut\":\"reset\""), PIXAZO_CLASS_AMBIGUOUS, WIRE},
    {"closed behind the body", POST("\"drop\":true"), PIXAZO_CLASS_AMBIGUOUS, WIRE},
    {"closed behind the body, TLS ended", POST("\"drop\":true,\"cut\":\"close\""), PIXAZO_CLASS_AMBIGUOUS, WIRE},
    {"closed behind 100 Continue", POST("\"raw\":\"HTTP/1.1 100 Continue\\r\\n\\r\\n\""), PIXAZO_CLASS_AMBIGUOUS, WIRE},
    {"reset behind 100 Continue", POST("\"raw\":\"HTTP/1.1 100 Continue\\r\\n\\r\\n\",\"cut\":\"reset\""),
     PIXAZO_CLASS_AMBIGUOUS, WIRE},
    {"something that is not HTTP", POST("\"raw\":\"SSH-2.0-x\\r\\n\""), PIXAZO_CLASS_AMBIGUOUS, WIRE},
    {"one byte of the answer", POST("\"cut_head_after\":1"), PIXAZO_CLASS_AMBIGUOUS, WIRE},
    {"half a status line", POST("\"cut_head_after\":11"), PIXAZO_CLASS_AMBIGUOUS, WIRE},
    {"half a status line, reset", POST("\"cut_head_after\":11,\"cut\":\"reset\""), PIXAZO_CLASS_AMBIGUOUS, WIRE},
    {"a whole status line that tells success", POST("\"raw\":\"HTTP/1.1 200 OK\\r\\n\""), PIXAZO_CLASS_LOST, WIRE},
    {"half a head that tells success", POST("\"cut_head_after\":40"), PIXAZO_CLASS_LOST, WIRE},
    {"a head without its body", POST(PICTURE ",\"cut_after\":0"), PIXAZO_CLASS_LOST, WIRE},
    {"half a body", POST(PICTURE ",\"cut_after\":50000"), PIXAZO_CLASS_LOST, WIRE},
    {"half a body, reset", POST(PICTURE ",\"cut_after\":50000,\"cut\":\"reset\""), PIXAZO_CLASS_LOST, WIRE},
    {"half a body, TLS ended", POST(PICTURE ",\"cut_after\":50000,\"cut\":\"close\""), PIXAZO_CLASS_LOST, WIRE},
    {"a body short of its length", POST(PICTURE ",\"length_off\":10"), PIXAZO_CLASS_LOST, WIRE},
    {"chunks without the last one", POST(PICTURE ",\"chunked\":\"no-end\""), PIXAZO_CLASS_LOST, WIRE},
    {"a chunk of no size", POST(PICTURE ",\"chunked\":\"garbage\""), PIXAZO_CLASS_LOST, WIRE},
    {"a head of which nothing can be kept", POST("\"fill_headers\":1,\"fill_size\":1000000"), PIXAZO_CLASS_LOST, WIRE},
    {"silence until the deadline", POST("\"drop\":true,\"cut\":\"stall\""), PIXAZO_CLASS_AMBIGUOUS, DEADLINE},
    {"half a body, then silence", POST(PICTURE ",\"cut_after\":50000,\"cut\":\"stall\""), PIXAZO_CLASS_LOST, DEADLINE},
    {"cancelled while it waits", POST("\"drop\":true,\"cut\":\"stall\""), PIXAZO_CLASS_AMBIGUOUS, CANCEL},
    {"cancelled within the body", POST(PICTURE ",\"cut_after\":50000,\"cut\":\"stall\""), PIXAZO_CLASS_LOST, CANCEL},
};

enum { CUTS = sizeof cuts / sizeof cuts[0] };

static char *directory; /* of certificates; NULL: plain HTTP */
static char *drawings;  /* a directory with what edits take along */

static const char *request_of(const struct row *provider)
{
  static char edit[512];
  char *picture = tmpdir_path(drawings, "given.png");
  (void)snprintf(edit, sizeof edit, "{\"prompt\":\"p\",\"images\":[\"%s\"]}", picture);
  free(picture);
  return provider->request ? provider->request : edit;
}

static void use(kit *self, const struct row *provider, ending by)
{
  char base[128];
  char *ca_file = directory ? tmpdir_path(directory, "ca.pem") : NULL;
  pixazo_client_options options = kit_options(self);
  (void)snprintf(base, sizeof base, "%s%s", self->gateway.base, provider->path);
  options.provider = provider->provider;
  options.base_url = base;
  options.ca_file = ca_file;
  if (by == DEADLINE)
    options.generation_timeout_ms = SHORT_MS;
  kit_use(self, &options);
  free(ca_file);
}

/* On a busy machine a deadline or a cancel may come before what the server sent was read, and a reset before our side was
 * asked for the body: then nothing was sent, which is free, and tried again. */
static bool is_expected(const struct cut *cut, int32_t attempt_class)
{
  if (cut->by == UNREAD)
    return attempt_class == PIXAZO_CLASS_AMBIGUOUS || attempt_class == PIXAZO_CLASS_NOT_SENT;
  bool doubt = attempt_class == PIXAZO_CLASS_AMBIGUOUS || attempt_class == PIXAZO_CLASS_LOST;
  return cut->by == WIRE ? attempt_class == cut->attempt_class : doubt;
}

static void cut_once(kit *self, const struct row *provider, const struct cut *cut)
{
  use(self, provider, cut->by);
  kit_script(self, cut->script);
  const char *request = request_of(provider);
  pixazo_status status =
      cut->by == CANCEL ? kit_generate_cancelled(self, request, "posts") : kit_generate(self, request, NULL);
  int32_t found = pixazo_error_class(self->error);
  int64_t begun = gateway_count(&self->gateway, "posts_begun");
  int64_t whole = gateway_count(&self->gateway, "posts");
  bool once = cut->by == UNREAD ? whole == 0 && begun <= 3 : whole <= 1 && begun == 1;
  if (status == PIXAZO_OK || !is_expected(cut, found) || !once)
    fail_msg("%s, %s, %s: %s, %lld POSTs begun, %lld whole: %s", provider->provider, request, cut->what,
             pixazo_class_name(found), (long long)begun, (long long)whole, pixazo_error_message(self->error));
  assert_int_equal(pixazo_error_charge(self->error) == PIXAZO_CHARGE_NOT_CHARGED, found == PIXAZO_CLASS_NOT_SENT);
}

/* To wait takes its time and no provider has a part in it: deadlines are met by the first row alone and know no TLS, and
 * only that row is cancelled over TLS. */
static bool is_made(size_t row, const struct cut *cut)
{
  if (cut->by == DEADLINE)
    return row == 0 && !directory;
  return cut->by != CANCEL || row == 0 || !directory;
}

static void test_posts__a_cut_call_reaches_the_server_once(void **state)
{
  kit *self = *state;
  int made = 0;
  for (size_t p = 0; p < PROVIDERS; p++) {
    for (size_t c = 0; c < CUTS; c++) {
      if (!is_made(p, &cuts[c]))
        continue;
      cut_once(self, &providers[p], &cuts[c]);
      made++;
    }
  }
  tell_cases(directory ? "cut points over TLS" : "cut points over plain HTTP", made);
}

/* A connection kept by downloads and polls dies with the next request on it: a paid call is never that request. */
static void test_posts__a_kept_connection_that_dies_costs_no_second_call(void **state)
{
  enum { CALLS = 4 };
  kit *self = *state;
  for (size_t p = 0; p < PROVIDERS; p++) {
    use(self, &providers[p], WIRE);
    kit_script(self, "[{\"on_connection\":2,\"drop\":true},{\"on_connection\":3,\"drop\":true,\"cut\":\"reset\"}]");
    for (int i = 0; i < CALLS; i++)
      assert_ok(kit_generate(self, request_of(&providers[p]), NULL), self->error);
    assert_int_equal(gateway_count(&self->gateway, "posts_begun"), CALLS);
  }
}

static void test_posts__each_provider_that_may_bill_is_cut(void **state)
{
  (void)state;
  for (size_t i = 0; i < px_provider_count(); i++) {
    const px_provider *provider = px_provider_at(i);
    bool found = provider->billing.none;
    for (size_t p = 0; p < PROVIDERS && !found; p++)
      found = strcmp(provider->name, providers[p].provider) == 0;
    if (!found)
      fail_msg("provider %s has no row", provider->name);
  }
}

static unsigned sample(uint32_t x, uint32_t y, unsigned channel)
{
  return (x + y + channel) & 0xFF;
}

static void draw(const char *name)
{
  file_bytes file = {NULL, 0};
  png_plan plan = {.width = 32, .height = 32, .depth = 8, .color = 6, .sample = sample, .level = 1};
  char *path = tmpdir_path(drawings, name);
  png_make(&file, &plan);
  FILE *out = fopen(path, "wb");
  if (!out || fwrite(file.data, 1, file.size, out) != file.size || fclose(out) != 0)
    abort();
  free(path);
  file_bytes_done(&file);
}

static int start_tls(void **state)
{
  (void)kit_start(state);
  kit *self = *state;
  gateway_stop(&self->gateway);
  directory = tmpdir_make();
  gateway_start(&self->gateway, (const char *[]){"--key", kit_secret, "--make-tls", directory, NULL});
  return 0;
}

static int stop_tls(void **state)
{
  (void)kit_stop(state);
  tmpdir_remove(directory);
  directory = NULL;
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_posts__a_cut_call_reaches_the_server_once),
      cmocka_unit_test(test_posts__a_kept_connection_that_dies_costs_no_second_call),
      cmocka_unit_test(test_posts__each_provider_that_may_bill_is_cut),
  };
  drawings = tmpdir_make();
  draw("given.png");
  int failed = cmocka_run_group_tests_name("plain HTTP", tests, kit_start, kit_stop);
  failed += cmocka_run_group_tests_name("TLS", tests, start_tls, stop_tls);
  tmpdir_remove(drawings);
  return failed;
}
