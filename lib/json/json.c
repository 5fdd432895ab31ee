/* SPDX-License-Identifier: MIT */
#include "json/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "json/scan.h"
#include "json/writer.h"

/* The tree is cJSON's, with two changes: a number is a cJSON_Raw node that holds its text (doubles would lose
 * seeds and ids beyond 2^53, and cJSON reads and prints them by the locale), and keys are unique. cJSON gets the
 * text with every number replaced by a padded 0, so it never meets one. */

typedef struct span {
  size_t begin, end;
} span;

/* Where the numbers stand, in the order of the text. */
typedef struct spans {
  const px_json_scan *scan;
  span *items;
  size_t count, capacity;
} spans;

static void spans_done(spans *numbers)
{
  px_free(numbers->items);
}

static const cJSON *inner(const px_json *node)
{
  return (const cJSON *)(const void *)node;
}

static const px_json *outer(const cJSON *node)
{
  return (const px_json *)(const void *)node;
}

static pixazo_status note_number(void *self, px_json_event event, const char *text, size_t size, pixazo_error **error)
{
  spans *numbers = self;
  (void)text;
  (void)size;
  if (event == PX_JSON_NUMBER_END)
    numbers->items[numbers->count++].end = (size_t)numbers->scan->offset;
  if (event != PX_JSON_NUMBER_BEGIN)
    return PIXAZO_OK;
  if (numbers->count == numbers->capacity) {
    size_t capacity = numbers->capacity ? numbers->capacity * 2 : 16;
    span *grown = px_realloc_array(numbers->items, capacity, sizeof *grown);
    if (!grown)
      return px_fail_nomem(error);
    numbers->items = grown;
    numbers->capacity = capacity;
  }
  numbers->items[numbers->count].begin = (size_t)numbers->scan->offset;
  return PIXAZO_OK;
}

static pixazo_status scan_text(const char *text, size_t size, const px_json_limits *limits, spans *numbers,
                               pixazo_error **error)
{
  px_json_scan scan;
  px_json_scan_init(&scan, limits, note_number, numbers);
  numbers->scan = &scan;
  PX_TRY(px_json_scan_feed(&scan, text, size, error));
  return px_json_scan_finish(&scan, error);
}

static bool name_number(cJSON *node, const char *text, const span *where)
{
  px_autofree char *digits = px_strndup(text + where->begin, where->end - where->begin);
  cJSON *raw = digits ? cJSON_CreateRaw(digits) : NULL;
  if (!raw)
    return false;
  node->type = cJSON_Raw;
  node->valuestring = raw->valuestring;
  raw->valuestring = NULL;
  cJSON_Delete(raw);
  return true;
}

/* Gives the number nodes their texts; the walk meets them in the order of the text. Depth is bounded by the scan. */
static bool name_numbers(cJSON *node, const char *text, const span **next)
{
  if (cJSON_IsNumber(node))
    return name_number(node, text, (*next)++);
  for (cJSON *child = node->child; child; child = child->next) {
    if (!name_numbers(child, text, next))
      return false;
  }
  return true;
}

static int compare_names(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static pixazo_status check_names(const cJSON *object, pixazo_error **error)
{
  size_t count = px_json_size(outer(object));
  if (count < 2)
    return PIXAZO_OK;
  px_autofree const char **names = px_calloc(count, sizeof *names);
  if (!names)
    return px_fail_nomem(error);
  size_t used = 0;
  for (const cJSON *child = object->child; child; child = child->next)
    names[used++] = child->string;
  qsort(names, used, sizeof *names, compare_names);
  for (size_t i = 1; i < used; i++) {
    if (strcmp(names[i - 1], names[i]) == 0)
      return px_fail(error, PIXAZO_E_CORRUPT, "JSON has the key \"%.64s\" twice in one object", names[i]);
  }
  return PIXAZO_OK;
}

static pixazo_status check_all_names(const cJSON *node, pixazo_error **error)
{
  if (cJSON_IsObject(node))
    PX_TRY(check_names(node, error));
  for (const cJSON *child = node->child; child; child = child->next) {
    if (child->child)
      PX_TRY(check_all_names(child, error));
  }
  return PIXAZO_OK;
}

static cJSON *build_tree(const char *text, size_t size, const spans *numbers)
{
  px_autofree char *masked = px_strndup(text, size);
  if (!masked)
    return NULL;
  for (size_t i = 0; i < numbers->count; i++) {
    memset(masked + numbers->items[i].begin, ' ', numbers->items[i].end - numbers->items[i].begin);
    masked[numbers->items[i].begin] = '0';
  }
  cJSON *root = cJSON_ParseWithLengthOpts(masked, size + 1, NULL, 1);
  const span *next = numbers->items;
  if (root && !name_numbers(root, text, &next)) {
    cJSON_Delete(root);
    return NULL;
  }
  return root;
}

pixazo_status px_json_parse(const char *text, size_t size, const px_json_limits *limits, px_json **out, pixazo_error **error)
{
  px_cleanup(spans_done) spans numbers = {NULL, NULL, 0, 0};
  PX_TRY(scan_text(text, size, limits, &numbers, error));
  px_cleanup(px_json_done) px_json *root = (px_json *)(void *)build_tree(text, size, &numbers);
  if (!root) /* the scan accepted it, so only memory can be missing */
    return px_fail_nomem(error);
  PX_TRY(check_all_names(inner(root), error));
  *out = px_steal(&root);
  return PIXAZO_OK;
}

pixazo_status px_json_parse_given(const char *text, size_t size, const px_json_limits *limits, const char *what,
                                  px_json **out, pixazo_error **error)
{
  px_autoerror why = NULL;
  pixazo_status status = px_json_parse(text, size, limits, out, &why);
  if (status == PIXAZO_OK)
    return status;
  if (status == PIXAZO_E_NOMEM)
    return px_fail_nomem(error);
  if (status != PIXAZO_E_CORRUPT)
    return px_fail(error, status, "%s: %s", what, pixazo_error_message(why));
  (void)px_fail(error, PIXAZO_E_ARGUMENT, "%s: %s", what, pixazo_error_message(why));
  px_error_hint(error, "correct the JSON: names and texts in double quotes, no comma behind the last member");
  return PIXAZO_E_ARGUMENT;
}

void px_json_free(px_json *root)
{
  cJSON_Delete((cJSON *)(void *)root);
}

void px_json_done(px_json **root)
{
  px_json_free(*root);
  *root = NULL;
}

px_json_kind px_json_kind_of(const px_json *node)
{
  switch (inner(node)->type & 0xFF) {
  case cJSON_False:
  case cJSON_True:
    return PX_JSON_BOOL;
  case cJSON_Raw:
    return PX_JSON_NUMBER;
  case cJSON_String:
    return PX_JSON_STRING;
  case cJSON_Array:
    return PX_JSON_ARRAY;
  case cJSON_Object:
    return PX_JSON_OBJECT;
  default:
    return PX_JSON_NULL;
  }
}

const char *px_json_kind_name(px_json_kind kind)
{
  static const char *const names[] = {"null", "true or false", "number", "string", "array", "object"};
  return names[kind];
}

bool px_json_is(const px_json *node, px_json_kind kind)
{
  return node && px_json_kind_of(node) == kind;
}

const px_json *px_json_first(const px_json *node)
{
  return node ? outer(inner(node)->child) : NULL;
}

const px_json *px_json_next(const px_json *node)
{
  return outer(inner(node)->next);
}

const char *px_json_name(const px_json *node)
{
  return inner(node)->string;
}

size_t px_json_size(const px_json *node)
{
  size_t count = 0;
  for (const px_json *child = px_json_first(node); child; child = px_json_next(child))
    count++;
  return count;
}

const px_json *px_json_element(const px_json *array, size_t index)
{
  if (!px_json_is(array, PX_JSON_ARRAY))
    return NULL;
  const px_json *child = px_json_first(array);
  while (child && index-- > 0)
    child = px_json_next(child);
  return child;
}

const px_json *px_json_member(const px_json *object, const char *name)
{
  if (!px_json_is(object, PX_JSON_OBJECT))
    return NULL;
  return outer(cJSON_GetObjectItemCaseSensitive(inner(object), name));
}

static const px_json *member_of_length(const px_json *object, const char *name, size_t length)
{
  if (!px_json_is(object, PX_JSON_OBJECT))
    return NULL;
  const px_json *child = px_json_first(object);
  while (child && !(strncmp(px_json_name(child), name, length) == 0 && px_json_name(child)[length] == '\0'))
    child = px_json_next(child);
  return child;
}

/* One "[12]"; moves *path behind it. */
static const px_json *step_into_array(const px_json *node, const char **path)
{
  size_t index = 0;
  const char *digit = *path + 1;
  for (; px_ascii_is_digit(*digit); digit++) {
    if (__builtin_mul_overflow(index, (size_t)10, &index) || __builtin_add_overflow(index, (size_t)(*digit - '0'), &index))
      return NULL;
  }
  if (*digit != ']')
    return NULL;
  *path = digit + 1;
  return px_json_element(node, index);
}

const px_json *px_json_find(const px_json *node, const char *path)
{
  while (node && *path) {
    if (*path == '[') {
      node = step_into_array(node, &path);
    } else {
      path += *path == '.';
      size_t length = strcspn(path, ".[");
      node = member_of_length(node, path, length);
      path += length;
    }
  }
  return node;
}

const char *px_json_text(const px_json *node)
{
  px_json_kind kind = node ? px_json_kind_of(node) : PX_JSON_NULL;
  return kind == PX_JSON_STRING || kind == PX_JSON_NUMBER ? inner(node)->valuestring : NULL;
}

static const char *shown(const char *path)
{
  return *path ? path : "the value";
}

/* E_OK with *out NULL when absent or null. */
static pixazo_status look_up(const px_json *node, const char *path, px_json_kind kind, const px_json **out,
                             pixazo_error **error)
{
  const px_json *found = px_json_find(node, path);
  *out = NULL;
  if (!found || px_json_kind_of(found) == PX_JSON_NULL)
    return PIXAZO_OK;
  if (px_json_kind_of(found) != kind)
    return px_fail(error, PIXAZO_E_CORRUPT, "%s: want %s, got %s", shown(path), px_json_kind_name(kind),
                   px_json_kind_name(px_json_kind_of(found)));
  *out = found;
  return PIXAZO_OK;
}

static pixazo_status demand(const px_json *node, const char *path, px_json_kind kind, const px_json **out,
                            pixazo_error **error)
{
  PX_TRY(look_up(node, path, kind, out, error));
  return *out ? PIXAZO_OK : px_fail(error, PIXAZO_E_NOT_FOUND, "%s: missing, want %s", shown(path), px_json_kind_name(kind));
}

static pixazo_status read_int64(const px_json *node, const char *path, int64_t *out, pixazo_error **error)
{
  const double exact = 9007199254740992.0; /* 2^53 */
  const char *text = px_json_text(node);
  double value;
  if (px_parse_int64(text, out))
    return PIXAZO_OK;
  if (strpbrk(text, ".eE") && px_parse_double(text, &value) && fabs(value) <= exact && trunc(value) == value) {
    *out = (int64_t)value;
    return PIXAZO_OK;
  }
  return px_fail(error, PIXAZO_E_CORRUPT, "%s: want a whole number of 64 bits, got %.40s", shown(path), text);
}

static pixazo_status read_double(const px_json *node, const char *path, double *out, pixazo_error **error)
{
  const char *text = px_json_text(node);
  if (px_parse_double(text, out))
    return PIXAZO_OK;
  return px_fail(error, PIXAZO_E_CORRUPT, "%s: the number %.40s is out of range", shown(path), text);
}

pixazo_status px_json_get_string(const px_json *node, const char *path, const char **out, pixazo_error **error)
{
  const px_json *found;
  PX_TRY(demand(node, path, PX_JSON_STRING, &found, error));
  *out = px_json_text(found);
  return PIXAZO_OK;
}

pixazo_status px_json_get_int64(const px_json *node, const char *path, int64_t *out, pixazo_error **error)
{
  const px_json *found;
  PX_TRY(demand(node, path, PX_JSON_NUMBER, &found, error));
  return read_int64(found, path, out, error);
}

pixazo_status px_json_get_double(const px_json *node, const char *path, double *out, pixazo_error **error)
{
  const px_json *found;
  PX_TRY(demand(node, path, PX_JSON_NUMBER, &found, error));
  return read_double(found, path, out, error);
}

pixazo_status px_json_get_bool(const px_json *node, const char *path, bool *out, pixazo_error **error)
{
  const px_json *found;
  PX_TRY(demand(node, path, PX_JSON_BOOL, &found, error));
  *out = cJSON_IsTrue(inner(found)) != 0;
  return PIXAZO_OK;
}

pixazo_status px_json_get_array(const px_json *node, const char *path, const px_json **out, pixazo_error **error)
{
  const px_json *found;
  PX_TRY(demand(node, path, PX_JSON_ARRAY, &found, error));
  *out = found;
  return PIXAZO_OK;
}

pixazo_status px_json_get_object(const px_json *node, const char *path, const px_json **out, pixazo_error **error)
{
  const px_json *found;
  PX_TRY(demand(node, path, PX_JSON_OBJECT, &found, error));
  *out = found;
  return PIXAZO_OK;
}

pixazo_status px_json_may_string(const px_json *node, const char *path, const char **out, pixazo_error **error)
{
  const px_json *found;
  PX_TRY(look_up(node, path, PX_JSON_STRING, &found, error));
  if (found)
    *out = px_json_text(found);
  return PIXAZO_OK;
}

pixazo_status px_json_may_int64(const px_json *node, const char *path, int64_t *out, pixazo_error **error)
{
  const px_json *found;
  PX_TRY(look_up(node, path, PX_JSON_NUMBER, &found, error));
  return found ? read_int64(found, path, out, error) : PIXAZO_OK;
}

pixazo_status px_json_may_double(const px_json *node, const char *path, double *out, pixazo_error **error)
{
  const px_json *found;
  PX_TRY(look_up(node, path, PX_JSON_NUMBER, &found, error));
  return found ? read_double(found, path, out, error) : PIXAZO_OK;
}

pixazo_status px_json_may_bool(const px_json *node, const char *path, bool *out, pixazo_error **error)
{
  const px_json *found;
  PX_TRY(look_up(node, path, PX_JSON_BOOL, &found, error));
  if (found)
    *out = cJSON_IsTrue(inner(found)) != 0;
  return PIXAZO_OK;
}

pixazo_status px_json_may_array(const px_json *node, const char *path, const px_json **out, pixazo_error **error)
{
  const px_json *found;
  PX_TRY(look_up(node, path, PX_JSON_ARRAY, &found, error));
  if (found)
    *out = found;
  return PIXAZO_OK;
}

pixazo_status px_json_may_object(const px_json *node, const char *path, const px_json **out, pixazo_error **error)
{
  const px_json *found;
  PX_TRY(look_up(node, path, PX_JSON_OBJECT, &found, error));
  if (found)
    *out = found;
  return PIXAZO_OK;
}

char *px_json_print(const px_json *node)
{
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(SIZE_MAX / 2);
  char *text = NULL;
  px_json_put_tree(&writer, NULL, node);
  return px_json_writer_finish(&writer, &text, NULL) == PIXAZO_OK ? text : NULL;
}
