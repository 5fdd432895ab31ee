/* SPDX-License-Identifier: MIT */
#include "net/transfer.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "net/guard.h"

enum { REDIRECTS_MAX = 5 };

void px_list_append(px_list *list, px_transfer *transfer)
{
  transfer->list = list;
  transfer->next = NULL;
  transfer->previous = list->last;
  if (list->last)
    list->last->next = transfer;
  else
    list->first = transfer;
  list->last = transfer;
  list->count++;
}

void px_list_remove(px_transfer *transfer)
{
  px_list *list = transfer->list;
  if (!list)
    return;
  if (transfer->previous)
    transfer->previous->next = transfer->next;
  else
    list->first = transfer->next;
  if (transfer->next)
    transfer->next->previous = transfer->previous;
  else
    list->last = transfer->previous;
  list->count--;
  transfer->list = NULL;
  transfer->next = transfer->previous = NULL;
}

void px_list_move(px_list *to, px_list *from)
{
  while (from->first) {
    px_transfer *transfer = from->first;
    px_list_remove(transfer);
    px_list_append(to, transfer);
  }
}

/* "Name: value": a token, a colon, then printable ASCII. What libcurl would send as it is must not split a request. */
static bool header_is_clean(const char *header)
{
  const char *at = header;
  while (px_ascii_is_alnum(*at) || (*at && strchr("!#$%&'*+-.^_`|~", *at)))
    at++;
  if (at == header || *at != ':')
    return false;
  for (; *at; at++)
    if (((unsigned char)*at < 0x20 && *at != '\t') || (unsigned char)*at > 0x7e)
      return false;
  return true;
}

static bool method_is_clean(const char *method)
{
  const char *at = method;
  while (*at >= 'A' && *at <= 'Z')
    at++;
  return at != method && *at == '\0' && at - method < 16;
}

static pixazo_status check_headers(const px_http_call *call, pixazo_error **error)
{
  for (size_t i = 0; i < call->header_count; i++)
    if (!call->headers[i] || !header_is_clean(call->headers[i]))
      return px_fail(error, PIXAZO_E_ARGUMENT, "header %zu is not \"Name: value\" in printable ASCII", i + 1);
  /* The text of a bad key must not get into the message. */
  if (call->secret_header && !header_is_clean(call->secret_header))
    return px_fail(error, PIXAZO_E_ARGUMENT, "the key holds characters that cannot be sent in a header");
  return PIXAZO_OK;
}

static pixazo_status check_kind(const px_http_call *call, pixazo_error **error)
{
  if (call->kind != PX_HTTP_PAID && call->kind != PX_HTTP_POLL && call->kind != PX_HTTP_DOWNLOAD)
    return px_fail(error, PIXAZO_E_ARGUMENT, "unknown kind of call %d", call->kind);
  if (call->method && !method_is_clean(call->method))
    return px_fail(error, PIXAZO_E_ARGUMENT, "the HTTP method must be upper-case letters");
  if (call->kind == PX_HTTP_DOWNLOAD && (call->body || call->read_body || call->secret_header))
    return px_fail(error, PIXAZO_E_ARGUMENT, "a download has neither a body nor a key");
  if (call->kind == PX_HTTP_DOWNLOAD && call->method && !px_str_equal(call->method, "GET") &&
      !px_str_equal(call->method, "HEAD"))
    return px_fail(error, PIXAZO_E_ARGUMENT, "a download is GET or HEAD");
  return PIXAZO_OK;
}

static pixazo_status aim(px_transfer *transfer, const char *url, const char *allow_hosts, pixazo_error **error)
{
  px_url target;
  PX_TRY(px_url_parse(url, &target, error));
  PX_TRY(px_guard_check(&target, allow_hosts, error));
  transfer->target = target;
  transfer->listed = px_guard_lists(allow_hosts, &target);
  return PIXAZO_OK;
}

static pixazo_status pin_secret(px_transfer *transfer, pixazo_error **error)
{
  const px_http_call *call = transfer->call;
  if (!call->secret_header || !call->secret_origin)
    return PIXAZO_OK;
  px_url origin;
  PX_TRY(px_url_parse(call->secret_origin, &origin, error));
  transfer->with_secret = px_url_same_origin(&origin, &transfer->target);
  return PIXAZO_OK;
}

static void free_scoped(px_transfer **transfer)
{
  px_transfer_free(*transfer);
}

pixazo_status px_transfer_new(px_http_call *call, const char *allow_hosts, px_transfer **out, pixazo_error **error)
{
  PX_TRY(check_kind(call, error));
  PX_TRY(check_headers(call, error));
  px_cleanup(free_scoped) px_transfer *transfer = px_calloc(1, sizeof *transfer);
  if (!transfer)
    return px_fail_nomem(error);
  transfer->call = call;
  transfer->head = (px_http_headers)PX_HEAD_INIT;
  atomic_init(&transfer->cancelled, false);
  PX_TRY(aim(transfer, call->url, allow_hosts, error));
  PX_TRY(pin_secret(transfer, error));
  *out = px_steal(&transfer);
  return PIXAZO_OK;
}

void px_transfer_free(px_transfer *transfer)
{
  if (!transfer)
    return;
  px_head_done(&transfer->head);
  pixazo_error_free(transfer->error);
  px_free(transfer->hop_url);
  px_free(transfer);
}

const char *px_transfer_url(const px_transfer *transfer)
{
  return transfer->hop_url ? transfer->hop_url : transfer->call->url;
}

bool px_transfer_has_body(const px_transfer *transfer)
{
  return transfer->call->body || transfer->call->read_body;
}

bool px_transfer_has_bytes(const px_transfer *transfer)
{
  return px_transfer_has_body(transfer) && transfer->call->body_size > 0;
}

const char *px_transfer_method(const px_transfer *transfer)
{
  if (transfer->call->method)
    return transfer->call->method;
  return px_transfer_has_body(transfer) ? "POST" : "GET";
}

static pixazo_status status_of(int trouble)
{
  switch (trouble) {
  case PX_TROUBLE_TIMEOUT:
    return PIXAZO_E_TIMEOUT;
  case PX_TROUBLE_LIMIT:
    return PIXAZO_E_LIMIT;
  case PX_TROUBLE_CANCEL:
    return PIXAZO_E_CANCELLED;
  case PX_TROUBLE_WITHHELD:
    return PIXAZO_E_STATE;
  case PX_TROUBLE_STOPPED:
  case PX_TROUBLE_LOCAL:
    return PIXAZO_E_IO;
  case PX_TROUBLE_MEMORY:
    return PIXAZO_E_NOMEM;
  default:
    return PIXAZO_E_NETWORK;
  }
}

void px_transfer_fail(px_transfer *transfer, int trouble, const char *format, ...)
{
  if (transfer->outcome.trouble != PX_TROUBLE_NONE)
    return;
  char why[400];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(why, sizeof why, format, arguments);
  va_end(arguments);
  transfer->outcome.trouble = trouble;
  transfer->outcome.status = status_of(trouble);
  /* Path and query may hold secrets of a signed URL: only the host is named. */
  (void)px_fail(&transfer->error, transfer->outcome.status, "%s %s://%s:%u: %s", px_transfer_method(transfer),
                transfer->target.tls ? "https" : "http", transfer->target.host, (unsigned)transfer->target.port, why);
}

void px_transfer_rewind(px_transfer *transfer)
{
  pixazo_error_free(transfer->error);
  transfer->error = NULL;
  transfer->outcome =
      (px_http_outcome){.redirects = transfer->outcome.redirects, .first_byte_us = transfer->outcome.first_byte_us};
  px_head_reset(&transfer->head);
  transfer->body_at = 0;
  transfer->skipped = 0;
  transfer->connected = transfer->following = transfer->opened = false;
  transfer->no_descriptors = transfer->written = false;
  transfer->refused = PX_ADDRESS_PUBLIC;
  transfer->reason[0] = '\0';
}

bool px_transfer_redirect(px_transfer *transfer, const char *url, const char *allow_hosts)
{
  px_autoerror why = NULL;
  px_autofree char *hop = px_strdup(url);
  if (!hop) {
    px_transfer_fail(transfer, PX_TROUBLE_MEMORY, "out of memory");
    return false;
  }
  if (transfer->outcome.redirects >= REDIRECTS_MAX) {
    px_transfer_fail(transfer, PX_TROUBLE_LIMIT, "redirected more than %d times", REDIRECTS_MAX);
    return false;
  }
  if (aim(transfer, hop, allow_hosts, &why) != PIXAZO_OK) {
    px_transfer_fail(transfer, PX_TROUBLE_GUARD, "redirect refused: %s", pixazo_error_message(why));
    return false;
  }
  px_free(transfer->hop_url);
  transfer->hop_url = px_steal(&hop);
  px_transfer_rewind(transfer);
  transfer->outcome.redirects++;
  return true;
}
