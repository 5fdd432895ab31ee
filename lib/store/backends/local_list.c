/* SPDX-License-Identifier: MIT */
/* Walks the directory of a local store in the order of the bytes of the keys. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/backends/local.h"

/* The names of one directory; those of directories end with '/', so that sorting them sorts whole keys. */
typedef struct names {
  char **items;
  size_t count, capacity;
} names;

typedef struct walk {
  const char *prefix, *cursor;
  uint32_t left;
  pixazo_store_listing *listing;
  bool full;
  char key[PX_STORE_KEY_MAX + 1];
  size_t key_size;
  char last[PX_STORE_KEY_MAX + 1];
} walk;

static void names_done(names *list)
{
  for (size_t i = 0; i < list->count; i++)
    px_free(list->items[i]);
  px_free(list->items);
}

static void close_entries(DIR **entries)
{
  if (*entries)
    (void)closedir(*entries);
}

static bool add_name(names *list, const char *name, bool directory)
{
  if (list->count == list->capacity) {
    size_t capacity = list->capacity ? list->capacity * 2 : 32;
    char **grown = px_realloc_array(list->items, capacity, sizeof *grown);
    if (!grown)
      return false;
    list->items = grown;
    list->capacity = capacity;
  }
  size_t size = strlen(name);
  char *copy = px_malloc(size + 2);
  if (!copy)
    return false;
  memcpy(copy, name, size + 1);
  if (directory)
    memcpy(copy + size, "/", 2);
  list->items[list->count++] = copy;
  return true;
}

static int compare_names(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Only files and directories count; links, FIFOs and the like are never part of a store. */
static pixazo_status read_entry(int directory, const struct dirent *entry, names *list, pixazo_error **error)
{
  struct stat facts;
  const char *name = entry->d_name;
  unsigned char type = entry->d_type;
  if (px_str_equal(name, ".") || px_str_equal(name, ".."))
    return PIXAZO_OK;
  if (type == DT_UNKNOWN && fstatat(directory, name, &facts, AT_SYMLINK_NOFOLLOW) == 0)
    type = S_ISDIR(facts.st_mode) ? DT_DIR : S_ISREG(facts.st_mode) ? DT_REG : DT_LNK;
  if (type != DT_DIR && type != DT_REG)
    return PIXAZO_OK;
  return add_name(list, name, type == DT_DIR) ? PIXAZO_OK : px_fail_nomem(error);
}

static pixazo_status read_names(int directory, names *list, pixazo_error **error)
{
  int own = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  px_cleanup(close_entries) DIR *entries = own >= 0 ? fdopendir(own) : NULL;
  if (!entries) {
    px_close_scoped(&own);
    return px_fail(error, PIXAZO_E_IO, "cannot list a directory of the store");
  }
  for (struct dirent *entry = readdir(entries); entry; entry = readdir(entries))
    PX_TRY(read_entry(directory, entry, list, error));
  if (list->count > 1)
    qsort(list->items, list->count, sizeof *list->items, compare_names);
  return PIXAZO_OK;
}

/* Whether keys below the directory walk->key (with its '/') can be wanted. */
static bool may_hold(const walk *state)
{
  size_t prefix = strlen(state->prefix);
  size_t common = prefix < state->key_size ? prefix : state->key_size;
  return memcmp(state->key, state->prefix, common) == 0 && strncmp(state->key, state->cursor, state->key_size) >= 0;
}

static pixazo_status visit_file(walk *state, int directory, const char *name, pixazo_error **error)
{
  struct stat facts;
  if (!px_str_starts(state->key, state->prefix) || strcmp(state->key, state->cursor) <= 0 ||
      pixazo_store_check_key(state->key, NULL) != PIXAZO_OK || fstatat(directory, name, &facts, AT_SYMLINK_NOFOLLOW) != 0 ||
      !S_ISREG(facts.st_mode))
    return PIXAZO_OK;
  if (state->left == 0) {
    state->full = true;
    return pixazo_store_listing_set_cursor(state->listing, state->last);
  }
  state->left--;
  memcpy(state->last, state->key, state->key_size + 1);
  int64_t modified_us = (int64_t)facts.st_mtim.tv_sec * 1000000 + facts.st_mtim.tv_nsec / 1000;
  if (pixazo_store_listing_add(state->listing, state->key, (uint64_t)facts.st_size, modified_us) != PIXAZO_OK)
    return px_fail_nomem(error);
  return PIXAZO_OK;
}

static pixazo_status visit_directory(walk *state, int directory, pixazo_error **error);

/* The depth is bounded by the length of keys. */
static pixazo_status visit(walk *state, int directory, char *name, pixazo_error **error)
{
  size_t size = strlen(name);
  if (name[size - 1] != '/')
    return visit_file(state, directory, name, error);
  if (!may_hold(state) || px_str_equal(state->key, PX_STORE_INCOMING "/"))
    return PIXAZO_OK;
  name[size - 1] = '\0';
  px_autoclose int below = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  return below >= 0 ? visit_directory(state, below, error) : PIXAZO_OK;
}

static pixazo_status visit_directory(walk *state, int directory, pixazo_error **error)
{
  px_cleanup(names_done) names list = {NULL, 0, 0};
  size_t base = state->key_size;
  PX_TRY(read_names(directory, &list, error));
  for (size_t i = 0; i < list.count && !state->full; i++) {
    size_t size = strlen(list.items[i]);
    if (base + size > PX_STORE_KEY_MAX)
      continue;
    memcpy(state->key + base, list.items[i], size + 1);
    state->key_size = base + size;
    PX_TRY(visit(state, directory, list.items[i], error));
  }
  state->key_size = base;
  return PIXAZO_OK;
}

pixazo_status px_local_list(void *self, const char *prefix, const char *cursor, uint32_t limit,
                            pixazo_store_listing *listing, pixazo_error **error)
{
  walk state = {.prefix = prefix, .cursor = cursor, .left = limit, .listing = listing};
  return visit_directory(&state, ((px_local *)self)->root, error);
}
