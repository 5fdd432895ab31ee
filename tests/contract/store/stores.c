/* SPDX-License-Identifier: MIT */
#include "stores.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pixazo/memory.h>
#include <pixazo/store_backend.h>

#include "support/tmpdir.h"

static pixazo_store *make_local(const char *directory)
{
  pixazo_store_local_options options;
  pixazo_store *store = NULL;
  char *root = tmpdir_path(directory, "store");
  pixazo_store_local_options_init(&options, sizeof options);
  options.directory = root;
  assert_int_equal(pixazo_store_new_local(&options, &store, NULL), PIXAZO_OK);
  free(root);
  return store;
}

static pixazo_store *make_memory(const char *directory)
{
  pixazo_store *store = NULL;
  (void)directory;
  assert_int_equal(pixazo_store_new_memory(&store, NULL), PIXAZO_OK);
  return store;
}

/* A store of the program's own that passes everything on to a store in memory, through public functions only. */
static pixazo_status pass_put(void *self, const pixazo_store_put_job *job, pixazo_error **error)
{
  pixazo_store_put_job inner = *job;
  inner.path = NULL;
  inner.data = NULL;
  inner.flags = 0;
  return pixazo_store_put(self, &inner, error);
}

static pixazo_status pass_get(void *self, const char *key, uint64_t offset, uint64_t length, pixazo_store_write_fn write,
                              void *sink, pixazo_error **error)
{
  return pixazo_store_get_range(self, key, offset, length, write, sink, error);
}

static pixazo_status pass_stat(void *self, const char *key, pixazo_store_info *info, pixazo_error **error)
{
  return pixazo_store_stat(self, key, info, error);
}

static pixazo_status pass_remove(void *self, const char *key, pixazo_error **error)
{
  return pixazo_store_remove(self, key, error);
}

/* Reads the pages of the inner store's JSON, whose form the contract fixes. */
static pixazo_status pass_list(void *self, const char *prefix, const char *cursor, uint32_t limit,
                               pixazo_store_listing *listing, pixazo_error **error)
{
  char *text = NULL;
  pixazo_status status = pixazo_store_list(self, prefix, cursor, limit, &text, error);
  const char *at = text;
  while (status == PIXAZO_OK && (at = strstr(at, "{\"key\":\""))) {
    char key[600];
    unsigned long long size;
    long long modified;
    assert_int_equal(sscanf(at, "{\"key\":\"%599[^\"]\",\"size\":%llu,\"modified_us\":%lld}", key, &size, &modified), 3);
    status = pixazo_store_listing_add(listing, key, size, modified);
    at++;
  }
  char next[600];
  const char *more = text ? strstr(text, "],\"cursor\":\"") : NULL;
  if (status == PIXAZO_OK && more && sscanf(more, "],\"cursor\":\"%599[^\"]\"", next) == 1)
    status = pixazo_store_listing_set_cursor(listing, next);
  pixazo_free(text);
  return status;
}

static void pass_destroy(void *self)
{
  (void)pixazo_store_unref(self);
}

static pixazo_store *make_custom(const char *directory)
{
  pixazo_store_ops ops;
  pixazo_store *store = NULL;
  pixazo_store_ops_init(&ops, sizeof ops);
  ops.put = pass_put;
  ops.get = pass_get;
  ops.stat = pass_stat;
  ops.remove = pass_remove;
  ops.list = pass_list;
  ops.destroy = pass_destroy;
  assert_int_equal(pixazo_store_new_custom(&ops, make_memory(directory), 0, &store, NULL), PIXAZO_OK);
  return store;
}

pixazo_store *(*const store_makers[STORE_MAKERS])(const char *directory) = {make_local, make_memory, make_custom};
