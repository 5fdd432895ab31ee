/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/handle.h"
#include "json/writer.h"

enum { DEFAULT_LIMIT = 100, LIMIT_MAX = 1000, TEXT_MAX = LIMIT_MAX * (PX_STORE_KEY_MAX * 6 + 128) };

struct pixazo_store_listing {
  px_json_writer text; /* open inside "entries" */
  uint32_t count, limit;
  bool more;
  char cursor[PX_STORE_CURSOR_MAX];
};

pixazo_status pixazo_store_listing_add(pixazo_store_listing *listing, const char *key, uint64_t size, int64_t modified_us)
{
  if (!listing || !key || size > INT64_MAX || pixazo_store_check_key(key, NULL) != PIXAZO_OK)
    return PIXAZO_E_ARGUMENT;
  if (listing->count == listing->limit)
    return PIXAZO_E_LIMIT;
  listing->count++;
  px_json_put_begin_object(&listing->text, NULL);
  px_json_put_string(&listing->text, "key", key);
  px_json_put_int64(&listing->text, "size", (int64_t)size);
  px_json_put_int64(&listing->text, "modified_us", modified_us);
  px_json_put_end_object(&listing->text);
  return listing->text.failure;
}

pixazo_status pixazo_store_listing_set_cursor(pixazo_store_listing *listing, const char *cursor)
{
  if (!listing || !cursor)
    return PIXAZO_E_ARGUMENT;
  size_t size = strlen(cursor);
  if (size >= sizeof listing->cursor)
    return PIXAZO_E_LIMIT;
  memcpy(listing->cursor, cursor, size + 1);
  listing->more = size > 0;
  return PIXAZO_OK;
}

static pixazo_status fill(pixazo_store *store, const char *prefix, const char *cursor, pixazo_store_listing *listing,
                          pixazo_error **error)
{
  px_cleanup(px_store_leave) pixazo_store *inside = px_store_enter(store);
  return inside->ops.list(inside->self, prefix ? prefix : "", cursor ? cursor : "", listing->limit, listing, error);
}

static pixazo_status list_page(pixazo_store *store, const char *prefix, const char *cursor, pixazo_store_listing *listing,
                               char **out, pixazo_error **error)
{
  px_json_writer *text = &listing->text;
  px_json_put_begin_object(text, NULL);
  px_json_put_int64(text, "schema", 1);
  px_json_put_begin_array(text, "entries");
  PX_TRY(fill(store, prefix, cursor, listing, error));
  px_json_put_end_array(text);
  if (listing->more)
    px_json_put_string(text, "cursor", listing->cursor);
  px_json_put_end_object(text);
  return px_json_writer_finish(text, out, error);
}

pixazo_status pixazo_store_list(pixazo_store *store, const char *prefix, const char *cursor, uint32_t limit, char **out,
                                pixazo_error **error)
{
  PX_REQUIRE(store, error, "store is NULL");
  PX_REQUIRE(out, error, "out is NULL");
  PX_REQUIRE(limit <= LIMIT_MAX, error, "limit is more than 1000");
  PX_REQUIRE(!prefix || px_utf8_valid(prefix, strlen(prefix)), error, "prefix is not UTF-8");
  PX_TRY(px_store_check(store, store->ops.list != NULL, "list objects", NULL, error));
  pixazo_store_listing *listing = px_calloc(1, sizeof *listing);
  if (!listing)
    return px_fail_nomem(error);
  listing->text = (px_json_writer)PX_JSON_WRITER_INIT(TEXT_MAX);
  listing->limit = limit ? limit : DEFAULT_LIMIT;
  pixazo_status status = list_page(store, prefix, cursor, listing, out, error);
  px_json_writer_done(&listing->text);
  px_free(listing);
  return status;
}
