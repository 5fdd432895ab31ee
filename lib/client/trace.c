/* SPDX-License-Identifier: MIT */
#include "client/trace.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"

enum { PARTS = 4 };

static bool is_hex(const char *text, size_t length)
{
  return strspn(text, "0123456789abcdef") >= length;
}

/* All zeros name no trace; version ff is forbidden; later versions may have more behind the flags, which is not sent on. */
static bool is_traceparent(const char *text)
{
  static const size_t lengths[PARTS] = {2, 32, 16, 2};
  const char *at = text;
  for (size_t i = 0; i < PARTS; i++) {
    if (strlen(at) < lengths[i] || !is_hex(at, lengths[i]))
      return false;
    bool named = i == 1 || i == 2;
    if (named && strspn(at, "0") >= lengths[i])
      return false;
    at += lengths[i];
    if (*at != (i + 1 < PARTS ? '-' : '\0'))
      return false;
    at += i + 1 < PARTS;
  }
  return strncmp(text, "ff", 2) != 0;
}

pixazo_status px_trace_check(const char *traceparent, pixazo_error **error)
{
  if (!traceparent || is_traceparent(traceparent))
    return PIXAZO_OK;
  return px_fail(error, PIXAZO_E_ARGUMENT,
                 "request: traceparent is not a version, a trace id, a parent id and flags in lower-case hex: "
                 "\"00-<32 digits>-<16 digits>-<2 digits>\"");
}

pixazo_status px_trace_take(px_plan *plan, const px_json *effective, pixazo_error **error)
{
  const char *value = NULL;
  px_auto(px_buf) line = PX_BUF_INIT(128);
  if (!px_json_member(effective, "traceparent"))
    return PIXAZO_OK;
  PX_TRY(px_json_get_string(effective, "traceparent", &value, error));
  PX_TRY(px_trace_check(value, error));
  if (!px_buf_printf(&line, "traceparent: %s", value) || !(plan->trace_header = px_buf_steal(&line)))
    return px_fail_nomem(error);
  return PIXAZO_OK;
}
