/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

enum { MESSAGE_MAX = 1024 };

struct pixazo_error {
  pixazo_status status;
  int32_t attempt_class;
  int32_t charge;
  int32_t http_status;
  uint32_t retry_after_ms;
  char generation[40];
  char provider_code[64];
  char request_id[96];
  const char *static_hint; /* a literal: hints are written by us, never formed from input */
  char message[MESSAGE_MAX];
};

/* Handed out when there is no memory for a real one; never freed, never written. */
static pixazo_error out_of_memory = {.status = PIXAZO_E_NOMEM, .message = "out of memory"};

static const struct {
  pixazo_status status;
  bool retryable;
  const char *name;
  const char *text;
  const char *advice;
} statuses[] = {
#define PX_STATUS(name, retryable, meaning, advice) {PIXAZO_##name, retryable, "PIXAZO_" #name, meaning, advice},
#include "base/status.def"
#undef PX_STATUS
};

/* Copies text, never splitting a UTF-8 sequence when it has to cut. */
static void copy_text(char *target, size_t size, const char *source)
{
  size_t length = source ? strlen(source) : 0;
  if (length >= size) {
    length = size - 1;
    while (length > 0 && ((unsigned char)source[length] & 0xC0) == 0x80)
      length--;
  }
  if (length > 0)
    memcpy(target, source, length);
  target[length] = '\0';
}

static bool can_edit(pixazo_error **error)
{
  return error && *error && *error != &out_of_memory;
}

const char *px_errno_text(int number, char *buffer, size_t size)
{
  const char *name = strerrordesc_np(number); /* untranslated and without a shared buffer */
  if (name)
    return name;
  (void)snprintf(buffer, size, "error %d", number);
  return buffer;
}

static pixazo_error *new_error(pixazo_status status)
{
  pixazo_error *made = px_calloc(1, sizeof *made);
  if (!made)
    return &out_of_memory;
  made->status = status;
  return made;
}

pixazo_status px_fail(pixazo_error **error, pixazo_status status, const char *format, ...)
{
  if (!error || *error)
    return status;
  *error = new_error(status);
  if (can_edit(error)) {
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf((*error)->message, MESSAGE_MAX, format, arguments);
    va_end(arguments);
    px_text_clean((*error)->message);
  }
  return status;
}

pixazo_status px_fail_errno(pixazo_error **error, pixazo_status status, int number, const char *format, ...)
{
  if (!error || *error)
    return status;
  *error = new_error(status);
  if (can_edit(error)) {
    char spare[32];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf((*error)->message, MESSAGE_MAX, format, arguments);
    va_end(arguments);
    size_t used = strlen((*error)->message);
    (void)snprintf((*error)->message + used, MESSAGE_MAX - used, ": %s", px_errno_text(number, spare, sizeof spare));
    px_text_clean((*error)->message);
  }
  return status;
}

pixazo_status px_fail_nomem(pixazo_error **error)
{
  if (error && !*error)
    *error = &out_of_memory;
  return PIXAZO_E_NOMEM;
}

void px_error_hint(pixazo_error **error, const char *hint)
{
  if (can_edit(error))
    (*error)->static_hint = hint;
}

void px_error_charge(pixazo_error **error, int32_t attempt_class, int32_t charge)
{
  /* There may be room for one small block, and what was paid for must not look free to try again. */
  pixazo_error *own = error && *error == &out_of_memory ? px_memdup(&out_of_memory, sizeof out_of_memory) : NULL;
  if (own)
    *error = own;
  if (can_edit(error)) {
    (*error)->attempt_class = attempt_class;
    (*error)->charge = charge;
  }
}

void px_error_http(pixazo_error **error, int32_t status, const char *provider_code, const char *request_id)
{
  if (!can_edit(error))
    return;
  (*error)->http_status = status;
  copy_text((*error)->provider_code, sizeof (*error)->provider_code, provider_code);
  copy_text((*error)->request_id, sizeof (*error)->request_id, request_id);
  px_text_clean((*error)->provider_code);
  px_text_clean((*error)->request_id);
}

void px_error_retry_after(pixazo_error **error, uint32_t milliseconds)
{
  if (can_edit(error))
    (*error)->retry_after_ms = milliseconds;
}

void px_error_generation(pixazo_error **error, const char *uuid)
{
  if (can_edit(error))
    copy_text((*error)->generation, sizeof (*error)->generation, uuid);
}

void px_error_prefix(pixazo_error **error, const char *format, ...)
{
  if (!can_edit(error))
    return;
  char old[MESSAGE_MAX];
  copy_text(old, sizeof old, (*error)->message);
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf((*error)->message, MESSAGE_MAX, format, arguments);
  va_end(arguments);
  size_t used = strlen((*error)->message);
  if (used + 2 < MESSAGE_MAX) {
    memcpy((*error)->message + used, ": ", 2);
    copy_text((*error)->message + used + 2, MESSAGE_MAX - used - 2, old);
  }
  px_text_clean((*error)->message);
}

pixazo_error *px_error_copy(const pixazo_error *error)
{
  if (!error || error == &out_of_memory)
    return error ? &out_of_memory : NULL;
  pixazo_error *copy = px_memdup(error, sizeof *error);
  return copy ? copy : &out_of_memory;
}

void px_error_move(pixazo_error **error, pixazo_error *from)
{
  if (error && !*error)
    *error = from;
  else
    pixazo_error_free(from);
}

void px_error_scoped(pixazo_error **error)
{
  pixazo_error_free(*error);
}

pixazo_status pixazo_error_status(const pixazo_error *error)
{
  return error ? error->status : PIXAZO_OK;
}

const char *pixazo_error_message(const pixazo_error *error)
{
  return error ? error->message : "";
}

const char *pixazo_error_hint(const pixazo_error *error)
{
  if (!error)
    return "";
  if (error->static_hint)
    return error->static_hint;
  for (size_t i = 1; i < PX_ARRAY_SIZE(statuses); i++) {
    if (statuses[i].status == error->status)
      return statuses[i].advice;
  }
  return "";
}

int32_t pixazo_error_class(const pixazo_error *error)
{
  return error ? error->attempt_class : PIXAZO_CLASS_NONE;
}

int32_t pixazo_error_charge(const pixazo_error *error)
{
  return error ? error->charge : PIXAZO_CHARGE_NONE;
}

int32_t pixazo_error_http_status(const pixazo_error *error)
{
  return error ? error->http_status : 0;
}

const char *pixazo_error_provider_code(const pixazo_error *error)
{
  return error ? error->provider_code : "";
}

const char *pixazo_error_request_id(const pixazo_error *error)
{
  return error ? error->request_id : "";
}

uint32_t pixazo_error_retry_after_ms(const pixazo_error *error)
{
  return error ? error->retry_after_ms : 0;
}

const char *pixazo_error_generation(const pixazo_error *error)
{
  return error ? error->generation : "";
}

int32_t pixazo_error_is_retryable(const pixazo_error *error)
{
  if (!error || error->charge == PIXAZO_CHARGE_CHARGED || error->charge == PIXAZO_CHARGE_UNKNOWN)
    return 0;
  for (size_t i = 0; i < PX_ARRAY_SIZE(statuses); i++) {
    if (statuses[i].status == error->status)
      return statuses[i].retryable;
  }
  return 0;
}

pixazo_status pixazo_error_set(pixazo_error **error, pixazo_status status, const char *message)
{
  return px_fail(error, status < 0 ? status : PIXAZO_E_INTERNAL, "%s", message ? message : "");
}

void pixazo_error_free(pixazo_error *error)
{
  if (error != &out_of_memory)
    px_free(error);
}

const char *pixazo_status_name(pixazo_status status)
{
  for (size_t i = 0; i < PX_ARRAY_SIZE(statuses); i++) {
    if (statuses[i].status == status)
      return statuses[i].name;
  }
  return "PIXAZO_E_?";
}

const char *pixazo_status_text(pixazo_status status)
{
  for (size_t i = 0; i < PX_ARRAY_SIZE(statuses); i++) {
    if (statuses[i].status == status)
      return statuses[i].text;
  }
  return "unknown status";
}

const char *pixazo_class_name(int32_t attempt_class)
{
  static const char *const names[] = {"none", "not_sent", "refused", "blocked", "failed", "empty", "ambiguous", "lost", "accepted"};
  if (attempt_class < 0 || (size_t)attempt_class >= PX_ARRAY_SIZE(names))
    return "unknown";
  return names[attempt_class];
}
