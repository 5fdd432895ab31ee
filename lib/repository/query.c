/* SPDX-License-Identifier: MIT */
#include "repository/query.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/uuid.h"
#include "json/json.h"
#include "json/writer.h"

enum { TEXT_MAX = 1024, SEARCH_MAX = 4096, JSON_MAX = 64 * 1024, LIMIT_DEFAULT = 20, LIMIT_MAX = 1000 };

static const char *const text_keys[PX_QUERY_TEXTS] = {"state",   "provider",  "model", "principal", "batch",
                                                      "parent",  "post_id",   "prompt_id", "text", "cursor"};

static const struct {
  const char *key;
  int64_t least;
  int64_t most;
} number_keys[PX_QUERY_NUMBERS] = {{"since_us", INT64_MIN, INT64_MAX},
                                   {"until_us", INT64_MIN, INT64_MAX},
                                   {"limit", 1, LIMIT_MAX},
                                   {"page", 1, INT64_MAX / LIMIT_MAX},
                                   {"offset", 0, INT64_MAX}};

pixazo_status pixazo_query_new(pixazo_query **out, pixazo_error **error)
{
  PX_REQUIRE(out, error, "out must not be NULL");
  pixazo_query *query = px_calloc(1, sizeof *query);
  if (!query)
    return px_fail_nomem(error);
  *out = query;
  return PIXAZO_OK;
}

void pixazo_query_free(pixazo_query *query)
{
  if (!query)
    return;
  for (int i = 0; i < PX_QUERY_TEXTS; i++)
    px_free(query->texts[i]);
  px_free(query);
}

int32_t px_query_state_number(const char *name, size_t size)
{
  for (int32_t state = PIXAZO_GENERATION_PLANNED; state <= PIXAZO_GENERATION_ABANDONED; state++) {
    const char *known = pixazo_generation_state_name(state);
    if (strlen(known) == size && memcmp(known, name, size) == 0)
      return state;
  }
  return 0;
}

bool px_query_state_lost(const char *name, size_t size)
{
  return size == 4 && memcmp(name, "lost", 4) == 0;
}

static pixazo_status check_states(const char *value, pixazo_error **error)
{
  for (const char *name = value;; name++) {
    size_t size = strcspn(name, ",");
    if (px_query_state_number(name, size) == 0 && !px_query_state_lost(name, size))
      return px_fail(error, PIXAZO_E_ARGUMENT,
                     "query: state \"%.*s\" is not one of planned, active, done, partial, failed, "
                     "blocked, ambiguous, cancelled, abandoned, lost",
                     (int)(size > 64 ? 64 : size), name);
    name += size;
    if (!*name)
      return PIXAZO_OK;
  }
}

static pixazo_status check_text(px_query_text which, const char *value, pixazo_error **error)
{
  size_t size = strlen(value), most = which == PX_QUERY_TEXT ? SEARCH_MAX : TEXT_MAX;
  if (size > most)
    return px_fail(error, PIXAZO_E_ARGUMENT, "query: %s has %zu bytes, more than %zu", text_keys[which], size, most);
  if (!px_utf8_valid(value, size))
    return px_fail(error, PIXAZO_E_ARGUMENT, "query: %s is not UTF-8", text_keys[which]);
  if ((which == PX_QUERY_BATCH || which == PX_QUERY_PARENT) && !px_uuid_valid(value))
    return px_fail(error, PIXAZO_E_ARGUMENT, "query: %s \"%.64s\" is not a UUID", text_keys[which], value);
  return which == PX_QUERY_STATE ? check_states(value, error) : PIXAZO_OK;
}

static int text_index(const char *key)
{
  for (int i = 0; i < PX_QUERY_TEXTS; i++) {
    if (px_str_equal(key, text_keys[i]))
      return i;
  }
  return -1;
}

static int number_index(const char *key)
{
  for (int i = 0; i < PX_QUERY_NUMBERS; i++) {
    if (px_str_equal(key, number_keys[i].key))
      return i;
  }
  return -1;
}

pixazo_status pixazo_query_set_string(pixazo_query *query, const char *key, const char *value, pixazo_error **error)
{
  PX_REQUIRE(query && key, error, "query and key must not be NULL");
  int index = text_index(key);
  if (index < 0)
    return px_fail(error, PIXAZO_E_ARGUMENT, "query: \"%.64s\" is not a string filter", key);
  px_autofree char *copy = px_strdup(value);
  if (value && !copy)
    return px_fail_nomem(error);
  if (value)
    PX_TRY(check_text((px_query_text)index, value, error));
  px_free(query->texts[index]);
  query->texts[index] = px_steal(&copy);
  return PIXAZO_OK;
}

pixazo_status pixazo_query_set_int(pixazo_query *query, const char *key, int64_t value, pixazo_error **error)
{
  PX_REQUIRE(query && key, error, "query and key must not be NULL");
  int index = number_index(key);
  if (index < 0)
    return px_fail(error, PIXAZO_E_ARGUMENT, "query: \"%.64s\" is not an integer filter", key);
  if (value < number_keys[index].least || value > number_keys[index].most)
    return px_fail(error, PIXAZO_E_ARGUMENT, "query: %s %lld is out of range", key, (long long)value);
  query->numbers[index] = value;
  query->given[index] = true;
  return PIXAZO_OK;
}

static pixazo_status set_member(pixazo_query *query, const px_json *member, pixazo_error **error)
{
  const char *key = px_json_name(member);
  int64_t number = 0;
  if (px_json_is(member, PX_JSON_NULL) || px_str_equal(key, "schema"))
    return PIXAZO_OK;
  if (px_json_is(member, PX_JSON_STRING))
    return pixazo_query_set_string(query, key, px_json_text(member), error);
  if (px_json_get_int64(member, "", &number, NULL) != PIXAZO_OK)
    return px_fail(error, PIXAZO_E_ARGUMENT, "query: %.64s is neither text nor an integer", key);
  return pixazo_query_set_int(query, key, number, error);
}

static void free_query(pixazo_query **query)
{
  pixazo_query_free(*query);
}

pixazo_status pixazo_query_new_from_json(const char *json, pixazo_query **out, pixazo_error **error)
{
  PX_REQUIRE(json && out, error, "json and out must not be NULL");
  px_json_limits limits = {JSON_MAX, 4, 256};
  px_cleanup(px_json_done) px_json *root = NULL;
  px_cleanup(free_query) pixazo_query *query = NULL;
  PX_TRY(px_json_parse_given(json, strlen(json), &limits, "query", &root, error));
  if (!px_json_is(root, PX_JSON_OBJECT))
    return px_fail(error, PIXAZO_E_ARGUMENT, "query: not a JSON object");
  PX_TRY(pixazo_query_new(&query, error));
  for (const px_json *member = px_json_first(root); member; member = px_json_next(member))
    PX_TRY(set_member(query, member, error));
  *out = px_steal(&query);
  return PIXAZO_OK;
}

static void put_filters(px_json_writer *writer, const pixazo_query *query, bool paging)
{
  for (int i = 0; i < PX_QUERY_TEXTS; i++) {
    if (query->texts[i] && (paging || i != PX_QUERY_CURSOR))
      px_json_put_string(writer, text_keys[i], query->texts[i]);
  }
  for (int i = 0; i < PX_QUERY_NUMBERS; i++) {
    if (query->given[i] && (paging || i <= PX_QUERY_UNTIL))
      px_json_put_int64(writer, number_keys[i].key, query->numbers[i]);
  }
}

pixazo_status pixazo_query_to_json(const pixazo_query *query, char **out, pixazo_error **error)
{
  PX_REQUIRE(query && out, error, "query and out must not be NULL");
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(JSON_MAX);
  px_json_put_begin_object(&writer, NULL);
  px_json_put_int64(&writer, "schema", 1);
  put_filters(&writer, query, true);
  px_json_put_end_object(&writer);
  return px_json_writer_finish(&writer, out, error);
}

pixazo_status px_query_paging(const pixazo_query *query, int64_t *limit, int64_t *offset, pixazo_error **error)
{
  int ways = (query->texts[PX_QUERY_CURSOR] != NULL) + query->given[PX_QUERY_PAGE] + query->given[PX_QUERY_OFFSET];
  if (ways > 1)
    return px_fail(error, PIXAZO_E_ARGUMENT, "query: cursor, page and offset exclude one another");
  *limit = query->given[PX_QUERY_LIMIT] ? query->numbers[PX_QUERY_LIMIT] : LIMIT_DEFAULT;
  *offset = query->given[PX_QUERY_OFFSET] ? query->numbers[PX_QUERY_OFFSET] : 0;
  if (query->given[PX_QUERY_PAGE])
    *offset = (query->numbers[PX_QUERY_PAGE] - 1) * *limit;
  return PIXAZO_OK;
}

pixazo_status px_query_mark(const pixazo_query *query, char mark[9], pixazo_error **error)
{
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(JSON_MAX);
  px_autofree char *filters = NULL;
  char hash[PX_SHA256_HEX];
  px_json_put_begin_object(&writer, NULL);
  put_filters(&writer, query, false);
  px_json_put_end_object(&writer);
  PX_TRY(px_json_writer_finish(&writer, &filters, error));
  if (!px_sha256_hex(filters, strlen(filters), hash))
    return px_fail_nomem(error);
  memcpy(mark, hash, 8);
  mark[8] = '\0';
  return PIXAZO_OK;
}
