/* SPDX-License-Identifier: MIT */
/* store.h and store_backend.h: one contract for the stores of the library and for one of the program's own. */
#include "check.h"

/* One object is enough to see that the port is asked for everything. */
typedef struct shelf {
  char key[64];
  char bytes[64];
  size_t size;
  int has;
  int destroyed;
  int flushed;
} shelf;

static pixazo_status shelf_put(void *self, const pixazo_store_put_job *job, pixazo_error **error)
{
  shelf *to = self;
  char bytes[sizeof to->bytes];
  size_t done = 0;
  size_t got = 1;
  CHECK(job->key && job->sha256 && job->read && job->rewind && job->size <= sizeof bytes);
  while (done < job->size && got > 0) {
    pixazo_status status = job->read(job->source, bytes + done, job->size - done, &got, error);
    if (status != PIXAZO_OK)
      return status;
    done += got;
  }
  if (to->has && strcmp(to->key, job->key) == 0 && (to->size != done || memcmp(to->bytes, bytes, done) != 0))
    return pixazo_error_set(error, PIXAZO_E_EXISTS, "other bytes are there");
  (void)snprintf(to->key, sizeof to->key, "%s", job->key);
  memcpy(to->bytes, bytes, done);
  to->size = done;
  to->has = 1;
  return PIXAZO_OK;
}

static int shelf_holds(const shelf *from, const char *key)
{
  return from->has && strcmp(from->key, key) == 0;
}

static pixazo_status shelf_get(void *self, const char *key, uint64_t offset, uint64_t length, pixazo_store_write_fn write,
                               void *sink, pixazo_error **error)
{
  const shelf *from = self;
  if (!shelf_holds(from, key))
    return pixazo_error_set(error, PIXAZO_E_NOT_FOUND, "no such object");
  if (offset >= from->size)
    return PIXAZO_OK;
  size_t rest = from->size - (size_t)offset;
  return write(sink, from->bytes + offset, length < rest ? (size_t)length : rest, error);
}

static pixazo_status shelf_stat(void *self, const char *key, pixazo_store_info *info, pixazo_error **error)
{
  const shelf *from = self;
  if (!shelf_holds(from, key))
    return pixazo_error_set(error, PIXAZO_E_NOT_FOUND, "no such object");
  info->size = from->size;
  return PIXAZO_OK;
}

static pixazo_status shelf_remove(void *self, const char *key, pixazo_error **error)
{
  shelf *from = self;
  (void)error;
  if (shelf_holds(from, key))
    from->has = 0;
  return PIXAZO_OK;
}

static pixazo_status shelf_list(void *self, const char *prefix, const char *cursor, uint32_t limit,
                                pixazo_store_listing *listing, pixazo_error **error)
{
  const shelf *from = self;
  CHECK(prefix && cursor && limit > 0);
  CHECK(pixazo_store_listing_add(listing, "/no key", 1, 0) == PIXAZO_E_ARGUMENT);
  CHECK(pixazo_store_listing_set_cursor(listing, NULL) == PIXAZO_E_ARGUMENT);
  if (!from->has)
    return PIXAZO_OK;
  pixazo_status status = pixazo_store_listing_add(listing, from->key, from->size, 0);
  if (status != PIXAZO_OK)
    return pixazo_error_set(error, status, "the page takes no entry");
  return pixazo_store_listing_set_cursor(listing, "what comes next");
}

static pixazo_status shelf_url(void *self, const char *key, uint32_t seconds, char *text, size_t capacity,
                               pixazo_error **error)
{
  (void)self;
  (void)seconds;
  (void)error;
  (void)snprintf(text, capacity, "https://pictures.example/%s", key);
  return PIXAZO_OK;
}

static pixazo_status shelf_flush(void *self, pixazo_error **error)
{
  (void)error;
  ((shelf *)self)->flushed++;
  return PIXAZO_OK;
}

static void shelf_destroy(void *self)
{
  ((shelf *)self)->destroyed++;
}

static pixazo_status collect(void *sink, const void *data, size_t size, pixazo_error **error)
{
  (void)error;
  (void)strncat(sink, data, size);
  return PIXAZO_OK;
}

static pixazo_status stop(void *sink, const void *data, size_t size, pixazo_error **error)
{
  (void)sink;
  (void)data;
  (void)size;
  return pixazo_error_set(error, PIXAZO_E_CANCELLED, "that is enough");
}

static void putting(pixazo_store *store)
{
  pixazo_store_put_job job;
  pixazo_store_put_job_init(&job, sizeof job);
  FAILS(PIXAZO_E_ARGUMENT, pixazo_store_put(store, &job, &error));
  job.key = "a/one.txt";
  job.data = "hello";
  job.size = 5;
  job.flags = PIXAZO_STORE_DEFER_FLUSH;
  WORKS(pixazo_store_put(store, &job, &error));
  WORKS(pixazo_store_put(store, &job, &error));
  WORKS(pixazo_store_flush(store, &error));
  job.data = "other";
  FAILS(PIXAZO_E_EXISTS, pixazo_store_put(store, &job, &error));
  job.key = "a/two.txt";
  job.sha256 = "0000000000000000000000000000000000000000000000000000000000000000";
  FAILS(PIXAZO_E_CORRUPT, pixazo_store_put(store, &job, &error));
  job.key = "../two.txt";
  FAILS(PIXAZO_E_ARGUMENT, pixazo_store_put(store, &job, &error));
}

static void reading(pixazo_store *store)
{
  pixazo_blob *blob = UNTOUCHED;
  char *sum = UNTOUCHED;
  char text[16] = "";
  pixazo_store_info info;
  FAILS(PIXAZO_E_NOT_FOUND, pixazo_store_get(store, "a/none", 0, &blob, &error));
  FAILS(PIXAZO_E_LIMIT, pixazo_store_get(store, "a/one.txt", 4, &blob, &error));
  FAILS(PIXAZO_E_NOT_FOUND, pixazo_store_digest(store, "a/none", &sum, &error));
  CHECK(blob == UNTOUCHED && sum == UNTOUCHED);
  NEEDS(pixazo_store_get(store, "a/one.txt", 0, &blob, &error));
  CHECK(pixazo_blob_size(blob) == 5 && memcmp(pixazo_blob_data(blob), "hello", 5) == 0);
  (void)pixazo_blob_unref(blob);
  NEEDS(pixazo_store_digest(store, "a/one.txt", &sum, &error));
  CHECK_TEXT(sum, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
  pixazo_free(sum);
  WORKS(pixazo_store_get_range(store, "a/one.txt", 1, 3, collect, text, &error));
  CHECK_TEXT(text, "ell");
  WORKS(pixazo_store_get_range(store, "a/one.txt", 99, UINT64_MAX, collect, text, &error));
  CHECK_TEXT(text, "ell");
  FAILS(PIXAZO_E_CANCELLED, pixazo_store_get_range(store, "a/one.txt", 0, UINT64_MAX, stop, NULL, &error));
  pixazo_store_info_init(&info, sizeof info);
  WORKS(pixazo_store_stat(store, "a/one.txt", &info, &error));
  CHECK(info.size == 5);
  FAILS(PIXAZO_E_NOT_FOUND, pixazo_store_stat(store, "a/none", &info, &error));
  WORKS(pixazo_store_fetch_file(store, "a/one.txt", api_path("copy"), &error));
  FAILS(PIXAZO_E_NOT_FOUND, pixazo_store_fetch_file(store, "a/one.txt", api_path("none/copy"), &error));
}

static void files_and_lists(pixazo_store *store)
{
  char *list = UNTOUCHED;
  WORKS(pixazo_store_put_file(store, "a/one.txt", api_path("copy"), NULL, &error));
  FAILS(PIXAZO_E_NOT_FOUND, pixazo_store_put_file(store, "a/two.txt", api_path("absent"), NULL, &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_store_list(store, NULL, NULL, 1001, &list, &error));
  CHECK(list == UNTOUCHED);
  NEEDS(pixazo_store_list(store, "a/", NULL, 0, &list, &error));
  CHECK_HOLDS(list, "\"schema\":1");
  CHECK_HOLDS(list, "\"a/one.txt\"");
  pixazo_free(list);
  WORKS(pixazo_store_remove(store, "a/one.txt", &error));
  WORKS(pixazo_store_remove(store, "a/one.txt", &error));
  NEEDS(pixazo_store_list(store, NULL, NULL, 0, &list, &error));
  CHECK(!strstr(list, "a/one.txt"));
  pixazo_free(list);
}

static void contract(pixazo_store *store)
{
  putting(store);
  reading(store);
  files_and_lists(store);
  for (int32_t what = PIXAZO_STORE_CAN_GET; what <= PIXAZO_STORE_CAN_LIST; what++)
    CHECK(pixazo_store_supports(store, what) == 1);
  CHECK(pixazo_store_supports(store, 0) == 0 && pixazo_store_supports(store, 99) == 0);
  CHECK(pixazo_store_ref(store) == store && pixazo_store_unref(store) == NULL);
}

static void local_store(void)
{
  pixazo_store_local_options options;
  pixazo_store *store = UNTOUCHED;
  char *path = NULL;
  pixazo_store_local_options_init(&options, sizeof options);
  FAILS(PIXAZO_E_ARGUMENT, pixazo_store_new_local(&options, &store, &error));
  options.directory = api_file("no-directory", "", 0644);
  FAILS(PIXAZO_E_IO, pixazo_store_new_local(&options, &store, &error));
  CHECK(store == UNTOUCHED);
  options.directory = api_path("pictures");
  NEEDS(pixazo_store_new_local(&options, &store, &error));
  CHECK_TEXT(pixazo_store_kind(store), "local");
  CHECK(pixazo_store_any_thread(store) == 1);
  contract(store);
  CHECK(pixazo_store_supports(store, PIXAZO_STORE_CAN_PATH) == 1 && !pixazo_store_supports(store, PIXAZO_STORE_CAN_URL));
  NEEDS(pixazo_store_path(store, "a/b.png", &path, &error));
  CHECK_TEXT(path, api_path("pictures/a/b.png"));
  pixazo_free(path);
  FAILS(PIXAZO_E_UNSUPPORTED, pixazo_store_url(store, "a/b.png", 0, &path, &error));
  (void)pixazo_store_unref(store);
  CHECK(pixazo_store_unref(NULL) == NULL && pixazo_store_ref(NULL) == NULL);
}

static void memory_store(void)
{
  pixazo_store *store = NULL;
  char *path = UNTOUCHED;
  NEEDS(pixazo_store_new_memory(&store, &error));
  CHECK_TEXT(pixazo_store_kind(store), "memory");
  contract(store);
  FAILS(PIXAZO_E_UNSUPPORTED, pixazo_store_path(store, "a/b.png", &path, &error));
  CHECK(path == UNTOUCHED);
  (void)pixazo_store_unref(store);
}

static void custom_store(void)
{
  shelf self = {.has = 0};
  pixazo_store_ops ops;
  pixazo_store *store = UNTOUCHED;
  char *text = NULL;
  pixazo_store_ops_init(&ops, sizeof ops);
  FAILS(PIXAZO_E_ARGUMENT, pixazo_store_new_custom(&ops, &self, 0, &store, &error));
  ops.put = shelf_put;
  FAILS(PIXAZO_E_ARGUMENT, pixazo_store_new_custom(&ops, &self, 1024, &store, &error));
  CHECK(store == UNTOUCHED && self.destroyed == 0);
  ops.get = shelf_get;
  ops.stat = shelf_stat;
  ops.remove = shelf_remove;
  ops.list = shelf_list;
  ops.url = shelf_url;
  ops.flush = shelf_flush;
  ops.destroy = shelf_destroy;
  NEEDS(pixazo_store_new_custom(&ops, &self, 0, &store, &error));
  CHECK_TEXT(pixazo_store_kind(store), "custom");
  CHECK(pixazo_store_any_thread(store) == 0);
  contract(store);
  CHECK(self.flushed == 1);
  NEEDS(pixazo_store_url(store, "a/b.png", 60, &text, &error));
  CHECK_TEXT(text, "https://pictures.example/a/b.png");
  pixazo_free(text);
  (void)pixazo_store_unref(store);
  CHECK(self.destroyed == 1);
}

static void put_only_store(void)
{
  shelf self = {.has = 0};
  pixazo_store_ops ops = PIXAZO_STORE_OPS_INIT;
  pixazo_store *store = NULL;
  pixazo_blob *blob = UNTOUCHED;
  char *text = UNTOUCHED;
  ops.put = shelf_put;
  NEEDS(pixazo_store_new_custom(&ops, &self, PIXAZO_OPS_ANY_THREAD, &store, &error));
  CHECK(pixazo_store_any_thread(store) == 1 && pixazo_store_supports(store, PIXAZO_STORE_CAN_GET) == 0);
  FAILS(PIXAZO_E_UNSUPPORTED, pixazo_store_get(store, "a", 0, &blob, &error));
  FAILS(PIXAZO_E_UNSUPPORTED, pixazo_store_list(store, NULL, NULL, 0, &text, &error));
  FAILS(PIXAZO_E_UNSUPPORTED, pixazo_store_remove(store, "a", &error));
  CHECK(blob == UNTOUCHED && text == UNTOUCHED);
  (void)pixazo_store_unref(store);
}

static void from_json(void)
{
  pixazo_store *store = UNTOUCHED;
  FAILS(PIXAZO_E_UNSUPPORTED, pixazo_store_new_from_json("{\"kind\":\"tape\"}", NULL, &store, &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_store_new_from_json("{\"kind\":\"memory\",\"size\":1}", NULL, &store, &error));
  CHECK(store == UNTOUCHED);
  NEEDS(pixazo_store_new_from_json("{\"kind\":\"memory\"}", NULL, &store, &error));
  CHECK_TEXT(pixazo_store_kind(store), "memory");
  (void)pixazo_store_unref(store);
}

static void keys(void)
{
  pixazo_store_key_facts facts;
  char *key = UNTOUCHED;
  pixazo_store_key_facts_init(&facts, sizeof facts);
  facts.created_us = 1795132800000000; /* 2026-11-20 */
  facts.prompt = "A Red Fox!";
  facts.sequence = 7;
  FAILS(PIXAZO_E_ARGUMENT, pixazo_store_expand_key("{yyyy}/{uuid}.{ext}", &facts, &key, &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_store_expand_key("{colour}", &facts, &key, &error));
  CHECK(key == UNTOUCHED);
  NEEDS(pixazo_store_expand_key("{yyyy}/{mm}/{dd}/{slug}-{seq}", &facts, &key, &error));
  CHECK_TEXT(key, "2026/11/20/a-red-fox-0007");
  pixazo_free(key);
  facts.flags = PIXAZO_STORE_KEY_PARTIAL;
  NEEDS(pixazo_store_expand_key("{slug}.{ext}", &facts, &key, &error));
  CHECK_TEXT(key, "a-red-fox.{ext}");
  pixazo_free(key);
  WORKS(pixazo_store_check_key("originals/2026/11/fox.png", &error));
  static const char *const bad[] = {"", "/a", "a/", "a//b", "a/../b", ".", "a\\b", "a\nb", ".incoming/a"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    FAILS(PIXAZO_E_ARGUMENT, pixazo_store_check_key(bad[i], &error));
}

int main(void)
{
  api_begin();
  local_store();
  memory_store();
  custom_store();
  put_only_store();
  from_json();
  keys();
  return api_end();
}
