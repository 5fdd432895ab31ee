/* SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "base/mem.h"
#include "db/db.h"
#include "db/driver.h"

struct px_db_rows {
  px_db_link *link;
  px_db_cached *entry; /* NULL: the cache had no room */
  void *statement;
};

px_db_value px_db_null(void)
{
  return (px_db_value){PX_DB_NULL, 0, NULL, 0};
}

px_db_value px_db_int(int64_t value)
{
  return (px_db_value){PX_DB_INT, value, NULL, 0};
}

px_db_value px_db_text(const char *text)
{
  return text ? (px_db_value){PX_DB_TEXT, 0, text, strlen(text)} : px_db_null();
}

px_db_value px_db_bytes(const void *data, size_t size)
{
  return data ? (px_db_value){PX_DB_BYTES, 0, data, size} : px_db_null();
}

/* Eight bytes at a time: a statement has hundreds, and is looked up for each of its runs. */
static uint64_t hash_of(const char *text)
{
  size_t size = strlen(text);
  uint64_t hash = size, part = 0;
  for (size_t at = 0; at < size; at += sizeof part) {
    memcpy(&part, text + at, size - at < sizeof part ? size - at : sizeof part);
    hash = (hash ^ part) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 32;
  }
  return hash;
}

static void drop_entry(px_db_cached *entry, const px_db_driver *driver)
{
  if (entry->statement)
    driver->finish(entry->statement);
  px_free(entry->sql);
  memset(entry, 0, sizeof *entry);
}

void px_db_cache_clear(px_db_cache *cache, const px_db_driver *driver)
{
  for (size_t i = 0; i < PX_DB_CACHE; i++)
    drop_entry(&cache->entries[i], driver);
}

static px_db_cached *find_entry(px_db_cache *cache, const char *sql, uint64_t hash)
{
  for (size_t i = 0; i < PX_DB_CACHE; i++) {
    px_db_cached *entry = &cache->entries[i];
    if (entry->statement && !entry->busy && entry->hash == hash && strcmp(entry->sql, sql) == 0)
      return entry;
  }
  return NULL;
}

/* The entry that was idle longest; NULL when all are in use. */
static px_db_cached *free_entry(px_db_cache *cache)
{
  px_db_cached *oldest = NULL;
  for (size_t i = 0; i < PX_DB_CACHE; i++) {
    px_db_cached *entry = &cache->entries[i];
    if (!entry->busy && (!oldest || entry->used < oldest->used))
      oldest = entry;
  }
  return oldest;
}

static void remember(px_db_rows *rows, const char *sql, uint64_t hash)
{
  px_db_cached *entry = free_entry(px_db_link_cache(rows->link));
  char *copy = entry ? px_strdup(sql) : NULL;
  if (!copy)
    return;
  drop_entry(entry, px_db_link_driver(rows->link));
  *entry = (px_db_cached){copy, rows->statement, hash, 0, true};
  rows->entry = entry;
}

static pixazo_status take_statement(px_db_rows *rows, const char *sql, pixazo_error **error)
{
  px_db_cache *cache = px_db_link_cache(rows->link);
  uint64_t hash = hash_of(sql);
  rows->entry = find_entry(cache, sql, hash);
  if (rows->entry) {
    rows->statement = rows->entry->statement;
    rows->entry->busy = true;
  } else {
    PX_TRY(px_db_link_driver(rows->link)->prepare(px_db_link_connection(rows->link), sql, &rows->statement, error));
    remember(rows, sql, hash);
  }
  if (rows->entry)
    rows->entry->used = ++cache->clock;
  return PIXAZO_OK;
}

static void put_back(px_db_rows *rows)
{
  const px_db_driver *driver = px_db_link_driver(rows->link);
  if (!rows->statement)
    return;
  if (rows->entry) {
    driver->reset(rows->statement);
    rows->entry->busy = false;
  } else {
    driver->finish(rows->statement);
  }
  rows->statement = NULL;
}

static pixazo_status start(px_db_rows *rows, const char *sql, const px_db_value *values, size_t count, pixazo_error **error)
{
  PX_TRY(px_db_link_check(rows->link, error));
  PX_TRY(take_statement(rows, sql, error));
  for (size_t i = 0; i < count; i++)
    PX_TRY(px_db_link_driver(rows->link)->bind(rows->statement, (int)i + 1, &values[i], error));
  return PIXAZO_OK;
}

pixazo_status px_db_run(px_db_link *link, const char *sql, const px_db_value *values, size_t count, int64_t *changed,
                        pixazo_error **error)
{
  px_db_rows rows = {link, NULL, NULL};
  bool more = true;
  pixazo_status status = start(&rows, sql, values, count, error);
  while (status == PIXAZO_OK && more)
    status = px_db_step(&rows, &more, error);
  put_back(&rows);
  if (status == PIXAZO_OK && changed)
    *changed = px_db_link_driver(link)->changes(px_db_link_connection(link));
  return status;
}

pixazo_status px_db_insert(px_db_link *link, const char *sql, const px_db_value *values, size_t count, int64_t *id,
                           pixazo_error **error)
{
  int64_t inserted = 0;
  PX_TRY(px_db_run(link, sql, values, count, &inserted, error));
  *id = inserted > 0 ? px_db_link_driver(link)->last_id(px_db_link_connection(link)) : 0;
  return PIXAZO_OK;
}

pixazo_status px_db_query(px_db_link *link, const char *sql, const px_db_value *values, size_t count, px_db_rows **out,
                          pixazo_error **error)
{
  px_cleanup(px_db_rows_done) px_db_rows *rows = px_calloc(1, sizeof *rows);
  if (!rows)
    return px_fail_nomem(error);
  rows->link = link;
  PX_TRY(start(rows, sql, values, count, error));
  *out = px_steal(&rows);
  return PIXAZO_OK;
}

pixazo_status px_db_first(px_db_link *link, const char *sql, const px_db_value *values, size_t count, px_db_rows **out,
                          pixazo_error **error)
{
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  bool row = false;
  PX_TRY(px_db_query(link, sql, values, count, &rows, error));
  PX_TRY(px_db_step(rows, &row, error));
  *out = row ? px_steal(&rows) : NULL;
  return PIXAZO_OK;
}

pixazo_status px_db_number(px_db_link *link, const char *sql, const px_db_value *values, size_t count, int64_t *number,
                           pixazo_error **error)
{
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  PX_TRY(px_db_first(link, sql, values, count, &rows, error));
  if (rows)
    *number = px_db_get_int(rows, 0);
  return PIXAZO_OK;
}

pixazo_status px_db_step(px_db_rows *rows, bool *row, pixazo_error **error)
{
  return px_db_link_driver(rows->link)->step(rows->statement, row, error);
}

void px_db_rows_done(px_db_rows **slot)
{
  px_db_rows *rows = px_steal(slot);
  if (!rows)
    return;
  put_back(rows);
  px_free(rows);
}

static px_db_value value_at(const px_db_rows *rows, int column)
{
  px_db_value value = px_db_null();
  px_db_link_driver(rows->link)->column(rows->statement, column, &value);
  return value;
}

bool px_db_is_null(const px_db_rows *rows, int column)
{
  return value_at(rows, column).kind == PX_DB_NULL;
}

int64_t px_db_get_int(const px_db_rows *rows, int column)
{
  px_db_value value = value_at(rows, column);
  return value.kind == PX_DB_INT ? value.integer : 0;
}

const char *px_db_get_text(const px_db_rows *rows, int column)
{
  px_db_value value = value_at(rows, column);
  return value.kind == PX_DB_TEXT ? value.data : NULL;
}

const void *px_db_get_bytes(const px_db_rows *rows, int column, size_t *size)
{
  px_db_value value = value_at(rows, column);
  bool bytes = value.kind == PX_DB_BYTES || value.kind == PX_DB_TEXT;
  *size = bytes ? value.size : 0;
  return bytes ? value.data : NULL;
}
