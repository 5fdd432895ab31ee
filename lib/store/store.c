/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/options.h"
#include "base/str.h"
#include "store/handle.h"

/* Stores that can be made from text. A new one is a file in backends/, its row here and its line in the build. */
static const struct {
  const char *kind;
  pixazo_status (*from_json)(const px_json *options, pixazo_log *log, pixazo_store **out, pixazo_error **error);
} registry[] = {
    {"local", px_store_local_from_json},
    {"memory", px_store_memory_from_json},
};

void pixazo_store_local_options_init(pixazo_store_local_options *options, size_t size)
{
  px_options_init(options, size);
}

void pixazo_store_info_init(pixazo_store_info *info, size_t size)
{
  px_options_init(info, size);
}

void pixazo_store_ops_init(pixazo_store_ops *ops, size_t size)
{
  px_options_init(ops, size);
}

pixazo_status px_store_new(const char *kind, const pixazo_store_ops *ops, void *self, bool any_thread, pixazo_log *log,
                           pixazo_store **out, pixazo_error **error)
{
  pixazo_store *store = px_calloc(1, sizeof *store);
  if (!store || pthread_mutex_init(&store->serial, NULL) != 0) {
    px_free(store);
    return px_fail_nomem(error);
  }
  atomic_init(&store->references, 1);
  store->ops = *ops;
  store->self = self;
  store->kind = kind;
  store->log = pixazo_log_ref(log);
  store->process = getpid();
  store->any_thread = any_thread;
  *out = store;
  return PIXAZO_OK;
}

pixazo_store *pixazo_store_ref(pixazo_store *store)
{
  if (store)
    atomic_fetch_add_explicit(&store->references, 1, memory_order_relaxed);
  return store;
}

pixazo_store *pixazo_store_unref(pixazo_store *store)
{
  if (!store || atomic_fetch_sub_explicit(&store->references, 1, memory_order_acq_rel) != 1)
    return NULL;
  if (store->ops.destroy)
    store->ops.destroy(store->self);
  (void)pixazo_log_unref(store->log);
  (void)pthread_mutex_destroy(&store->serial);
  px_free(store);
  return NULL;
}

pixazo_status px_store_check(const pixazo_store *store, bool able, const char *what, const char *key, pixazo_error **error)
{
  if (store->process != getpid())
    return px_fail(error, PIXAZO_E_STATE, "the store was made before fork, by another process");
  if (!able)
    return px_fail(error, PIXAZO_E_UNSUPPORTED, "a %s store cannot %s", store->kind, what);
  return key ? pixazo_store_check_key(key, error) : PIXAZO_OK;
}

pixazo_store *px_store_enter(pixazo_store *store)
{
  if (!store->any_thread)
    (void)pthread_mutex_lock(&store->serial);
  return store;
}

void px_store_leave(pixazo_store **store)
{
  if (!(*store)->any_thread)
    (void)pthread_mutex_unlock(&(*store)->serial);
  px_log_deliver((*store)->log);
}

const char *pixazo_store_kind(const pixazo_store *store)
{
  return store ? store->kind : "";
}

int32_t pixazo_store_any_thread(const pixazo_store *store)
{
  return store && store->any_thread;
}

int32_t pixazo_store_supports(const pixazo_store *store, int32_t what)
{
  if (!store)
    return 0;
  const bool able[] = {
      [PIXAZO_STORE_CAN_GET] = store->ops.get != NULL,       [PIXAZO_STORE_CAN_STAT] = store->ops.stat != NULL,
      [PIXAZO_STORE_CAN_REMOVE] = store->ops.remove != NULL, [PIXAZO_STORE_CAN_LIST] = store->ops.list != NULL,
      [PIXAZO_STORE_CAN_URL] = store->ops.url != NULL,       [PIXAZO_STORE_CAN_PATH] = store->ops.path != NULL,
      [PIXAZO_STORE_CAN_FLUSH] = store->ops.flush != NULL,
  };
  return what > 0 && (size_t)what < PX_ARRAY_SIZE(able) && able[what];
}

pixazo_status pixazo_store_flush(pixazo_store *store, pixazo_error **error)
{
  PX_REQUIRE(store, error, "store is NULL");
  PX_TRY(px_store_check(store, true, "flush", NULL, error));
  if (!store->ops.flush)
    return PIXAZO_OK;
  px_cleanup(px_store_leave) pixazo_store *inside = px_store_enter(store);
  return inside->ops.flush(inside->self, error);
}

/* The caller's struct may be older than ours or newer: what both know is filled. */
static pixazo_status give_info(const pixazo_store_info *from, pixazo_store_info *to, pixazo_error **error)
{
  size_t size = to->struct_size;
  if (size < sizeof size || size > 4096)
    return px_fail(error, PIXAZO_E_ABI, "pixazo_store_info: struct_size %zu cannot be right", size);
  size_t known = size < sizeof *from ? size : sizeof *from;
  memcpy((char *)to + sizeof size, (const char *)from + sizeof size, known - sizeof size);
  return PIXAZO_OK;
}

pixazo_status pixazo_store_stat(pixazo_store *store, const char *key, pixazo_store_info *info, pixazo_error **error)
{
  PX_REQUIRE(store, error, "store is NULL");
  PX_REQUIRE(key, error, "key is NULL");
  PX_REQUIRE(info, error, "info is NULL");
  PX_TRY(px_store_check(store, store->ops.stat != NULL, "tell facts of objects", key, error));
  px_cleanup(px_store_leave) pixazo_store *inside = px_store_enter(store);
  pixazo_store_info facts;
  pixazo_store_info_init(&facts, sizeof facts);
  PX_TRY(inside->ops.stat(inside->self, key, &facts, error));
  return give_info(&facts, info, error);
}

pixazo_status pixazo_store_remove(pixazo_store *store, const char *key, pixazo_error **error)
{
  PX_REQUIRE(store, error, "store is NULL");
  PX_REQUIRE(key, error, "key is NULL");
  PX_TRY(px_store_check(store, store->ops.remove != NULL, "remove objects", key, error));
  px_cleanup(px_store_leave) pixazo_store *inside = px_store_enter(store);
  return inside->ops.remove(inside->self, key, error);
}

static pixazo_status give_text(const char *text, char **out, pixazo_error **error)
{
  char *copy = px_strdup(text);
  if (!copy)
    return px_fail_nomem(error);
  *out = copy;
  return PIXAZO_OK;
}

pixazo_status pixazo_store_path(pixazo_store *store, const char *key, char **out, pixazo_error **error)
{
  PX_REQUIRE(store, error, "store is NULL");
  PX_REQUIRE(key, error, "key is NULL");
  PX_REQUIRE(out, error, "out is NULL");
  PX_TRY(px_store_check(store, store->ops.path != NULL, "give paths", key, error));
  px_cleanup(px_store_leave) pixazo_store *inside = px_store_enter(store);
  char text[PX_STORE_TEXT_MAX] = "";
  PX_TRY(inside->ops.path(inside->self, key, text, sizeof text, error));
  return give_text(text, out, error);
}

pixazo_status pixazo_store_url(pixazo_store *store, const char *key, uint32_t seconds, char **out, pixazo_error **error)
{
  PX_REQUIRE(store, error, "store is NULL");
  PX_REQUIRE(key, error, "key is NULL");
  PX_REQUIRE(out, error, "out is NULL");
  PX_TRY(px_store_check(store, store->ops.url != NULL, "give links", key, error));
  px_cleanup(px_store_leave) pixazo_store *inside = px_store_enter(store);
  char text[PX_STORE_TEXT_MAX] = "";
  PX_TRY(inside->ops.url(inside->self, key, seconds, text, sizeof text, error));
  return give_text(text, out, error);
}

pixazo_status px_store_known_members(const px_json *options, const char *const *names, pixazo_error **error)
{
  for (const px_json *member = px_json_first(options); member; member = px_json_next(member)) {
    const char *name = px_json_name(member);
    bool known = px_str_equal(name, "kind");
    for (size_t i = 0; names[i] && !known; i++)
      known = px_str_equal(name, names[i]);
    if (!known)
      return px_fail(error, PIXAZO_E_ARGUMENT, "unknown member \"%.64s\"", name);
  }
  return PIXAZO_OK;
}

static pixazo_status make_by_kind(const px_json *options, pixazo_log *log, pixazo_store **out, pixazo_error **error)
{
  const char *kind = NULL;
  PX_TRY(px_json_get_string(options, "kind", &kind, error));
  for (size_t i = 0; i < PX_ARRAY_SIZE(registry); i++) {
    if (px_str_equal(kind, registry[i].kind))
      return registry[i].from_json(options, log, out, error);
  }
  return px_fail(error, PIXAZO_E_UNSUPPORTED, "kind: there is no store \"%.64s\"; there are local and memory", kind);
}

pixazo_status pixazo_store_new_from_json(const char *json, pixazo_log *log, pixazo_store **out, pixazo_error **error)
{
  PX_REQUIRE(json, error, "json is NULL");
  PX_REQUIRE(out, error, "out is NULL");
  px_cleanup(px_json_done) px_json *options = NULL;
  px_autoerror found = NULL;
  pixazo_status status = px_json_parse(json, strlen(json), NULL, &options, &found);
  if (status == PIXAZO_OK)
    status = make_by_kind(options, log, out, &found);
  /* Text the caller wrote, not data from elsewhere: what is wrong in it is a wrong argument. */
  if (status == PIXAZO_E_CORRUPT || status == PIXAZO_E_NOT_FOUND)
    status = PIXAZO_E_ARGUMENT;
  return status == PIXAZO_OK ? PIXAZO_OK : px_fail(error, status, "store options: %s", pixazo_error_message(found));
}
