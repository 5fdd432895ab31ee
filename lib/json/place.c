/* SPDX-License-Identifier: MIT */
#include "json/place.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

enum { PATH_MAX_BYTES = 400, WORDS_MAX = 400 };

static void add_path(px_buf *out, const px_place *place)
{
  if (!place->parent)
    return;
  add_path(out, place->parent);
  if (!place->name)
    (void)px_buf_printf(out, "[%zu]", place->index);
  else
    (void)px_buf_printf(out, "%s%.48s", out->size > 0 ? "." : "", place->name);
}

pixazo_status px_place_fail(const px_place *place, pixazo_error **error, const char *format, ...)
{
  char words[WORDS_MAX];
  px_auto(px_buf) path = PX_BUF_INIT(PATH_MAX_BYTES);
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(words, sizeof words, format, arguments);
  va_end(arguments);
  add_path(&path, place);
  return px_fail(error, PIXAZO_E_ARGUMENT, "%s%s%s", px_buf_text(&path), path.size > 0 ? ": " : "", words);
}

px_place px_place_member(const px_place *place, const char *name)
{
  return (px_place){place, name, 0, px_json_member(place->node, name)};
}

px_place px_place_child(const px_place *place, const px_json *child, size_t index)
{
  return (px_place){place, px_json_name(child), index, child};
}

static pixazo_status fail_kind(const px_place *place, const char *wanted, pixazo_error **error)
{
  return px_place_fail(place, error, "want %s, got %s", wanted, px_json_kind_name(px_json_kind_of(place->node)));
}

pixazo_status px_place_is(const px_place *place, px_json_kind kind, pixazo_error **error)
{
  static const char *const names[] = {
      [PX_JSON_NULL] = "null",       [PX_JSON_BOOL] = "true or false", [PX_JSON_NUMBER] = "a number",
      [PX_JSON_STRING] = "a string", [PX_JSON_ARRAY] = "a list",       [PX_JSON_OBJECT] = "an object"};
  return px_json_is(place->node, kind) ? PIXAZO_OK : fail_kind(place, names[kind], error);
}

static pixazo_status read_text(const px_place *place, const px_member *member, void *slot, pixazo_error **error)
{
  PX_TRY(px_place_is(place, PX_JSON_STRING, error));
  const char *text = px_json_text(place->node);
  size_t size = strlen(text);
  if ((double)size < member->minimum)
    return px_place_fail(place, error, "must not be empty");
  if (member->maximum > 0 && (double)size > member->maximum)
    return px_place_fail(place, error, "has more than %.0f bytes", member->maximum);
  memcpy(slot, &text, sizeof text);
  return PIXAZO_OK;
}

/* Decimal with a point wherever the program runs. */
pixazo_status px_place_fail_range(const px_place *place, const char *what, double minimum, double maximum, pixazo_error **error)
{
  char low[32];
  char high[32];
  px_format_double(minimum, low, sizeof low);
  px_format_double(maximum, high, sizeof high);
  return px_place_fail(place, error, "want %s between %s and %s", what, low, high);
}

static pixazo_status read_real(const px_place *place, const px_member *member, void *slot, pixazo_error **error)
{
  double value = 0;
  PX_TRY(px_place_is(place, PX_JSON_NUMBER, error));
  if (px_json_get_double(place->node, "", &value, NULL) != PIXAZO_OK || value < member->minimum || value > member->maximum)
    return px_place_fail_range(place, "a number", member->minimum, member->maximum, error);
  memcpy(slot, &value, sizeof value);
  return PIXAZO_OK;
}

static pixazo_status read_whole(const px_place *place, const px_member *member, void *slot, pixazo_error **error)
{
  int64_t value = 0;
  PX_TRY(px_place_is(place, PX_JSON_NUMBER, error));
  if (px_json_get_int64(place->node, "", &value, NULL) != PIXAZO_OK || (double)value < member->minimum ||
      (double)value > member->maximum)
    return px_place_fail_range(place, "a whole number", member->minimum, member->maximum, error);
  int32_t narrow = (int32_t)value;
  if (member->want == PX_WANT_INT32 || member->want == PX_WANT_UINT32)
    memcpy(slot, &narrow, sizeof narrow);
  else
    memcpy(slot, &value, sizeof value);
  return PIXAZO_OK;
}

static pixazo_status read_node(const px_place *place, const px_member *member, void *slot, pixazo_error **error)
{
  if (member->want != PX_WANT_ANY)
    PX_TRY(px_place_is(place, member->want == PX_WANT_OBJECT ? PX_JSON_OBJECT : PX_JSON_ARRAY, error));
  size_t size = px_json_size(place->node);
  if ((double)size < member->minimum)
    return px_place_fail(place, error, "must not be empty");
  if (member->maximum > 0 && (double)size > member->maximum)
    return px_place_fail(place, error, "has more than %.0f entries", member->maximum);
  memcpy(slot, &place->node, sizeof place->node);
  return PIXAZO_OK;
}

static pixazo_status read_bool(const px_place *place, void *slot, pixazo_error **error)
{
  PX_TRY(px_place_is(place, PX_JSON_BOOL, error));
  return px_json_get_bool(place->node, "", slot, error);
}

static pixazo_status read_value(const px_place *place, const px_member *member, void *slot, pixazo_error **error)
{
  switch (member->want) {
  case PX_WANT_TEXT:
    return read_text(place, member, slot, error);
  case PX_WANT_BOOL:
    return read_bool(place, slot, error);
  case PX_WANT_DOUBLE:
    return read_real(place, member, slot, error);
  case PX_WANT_INT32:
  case PX_WANT_INT64:
  case PX_WANT_UINT32:
  case PX_WANT_UINT64:
    return read_whole(place, member, slot, error);
  case PX_WANT_OBJECT:
  case PX_WANT_ARRAY:
  case PX_WANT_ANY:
  default:
    return read_node(place, member, slot, error);
  }
}

static const px_member *find(const px_member *members, size_t count, const char *name)
{
  for (size_t i = 0; i < count; i++) {
    if (strcmp(members[i].name, name) == 0)
      return &members[i];
  }
  return NULL;
}

static pixazo_status fail_unknown(const px_place *place, const px_member *members, size_t count, pixazo_error **error)
{
  px_auto(px_buf) known = PX_BUF_INIT(WORDS_MAX - 64);
  for (size_t i = 0; i < count && !known.failed; i++)
    (void)px_buf_printf(&known, "%s%s", i > 0 ? ", " : "", members[i].name);
  return px_place_fail(place, error, "is not known here; known: %s", px_buf_text(&known));
}

pixazo_status px_place_read(const px_place *place, const px_member *members, size_t count, void *out, pixazo_error **error)
{
  PX_TRY(px_place_is(place, PX_JSON_OBJECT, error));
  for (const px_json *node = px_json_first(place->node); node; node = px_json_next(node)) {
    px_place child = px_place_child(place, node, 0);
    const px_member *member = find(members, count, child.name);
    if (!member)
      return fail_unknown(&child, members, count, error);
    if (!px_json_is(node, PX_JSON_NULL))
      PX_TRY(read_value(&child, member, (char *)out + member->offset, error));
  }
  for (size_t i = 0; i < count; i++) {
    px_place child = px_place_member(place, members[i].name);
    if (members[i].required && (!child.node || px_json_is(child.node, PX_JSON_NULL)))
      return px_place_fail(&child, error, "missing");
  }
  return PIXAZO_OK;
}

pixazo_status px_place_word(const px_place *place, const char *const *words, size_t count, size_t *out, pixazo_error **error)
{
  px_auto(px_buf) known = PX_BUF_INIT(WORDS_MAX - 64);
  PX_TRY(px_place_is(place, PX_JSON_STRING, error));
  for (size_t i = 0; i < count; i++) {
    if (px_str_equal(px_json_text(place->node), words[i])) {
      *out = i;
      return PIXAZO_OK;
    }
    (void)px_buf_printf(&known, "%s%s", i > 0 ? ", " : "", words[i]);
  }
  return px_place_fail(place, error, "want one of: %s", px_buf_text(&known));
}
