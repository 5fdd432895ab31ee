/* SPDX-License-Identifier: MIT */
#include "net/wire.h"

#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "net/guard.h"

enum { REDIRECT_BODY_MAX = 1 << 20 };

static void alive(px_transfer *transfer)
{
  transfer->activity_us = px_mono_us(transfer->clock);
}

void px_wire_refuse(px_transfer *transfer)
{
  px_transfer_fail(transfer, PX_TROUBLE_GUARD, "its address is %s and it is not among the allowed hosts",
                   px_address_class_name(transfer->refused));
  px_error_hint(&transfer->error, "name the host in allow_hosts if it is yours");
}

static bool judge_address(px_transfer *transfer, const unsigned char address[16])
{
  int class = px_address_class(address);
  if (transfer->listed || class == PX_ADDRESS_PUBLIC)
    return true;
  transfer->refused = class;
  return false;
}

bool px_wire_may_reach(px_transfer *transfer, const struct sockaddr *address)
{
  unsigned char bytes[16];
  if (px_address_of_socket(address, bytes))
    return judge_address(transfer, bytes);
  transfer->refused = PX_ADDRESS_RESERVED;
  return false;
}

/* Asked once; from then on the provider may have seen the call. */
static bool ask_to_send(px_transfer *transfer)
{
  const px_http_call *call = transfer->call;
  if (call->kind != PX_HTTP_PAID || !call->may_send || call->may_send(call->user))
    return true;
  px_transfer_fail(transfer, PX_TROUBLE_WITHHELD, "not sent: its sender withdrew it");
  return false;
}

bool px_wire_may_ask(px_transfer *transfer, const char *peer)
{
  unsigned char bytes[16];
  alive(transfer);
  transfer->connected = true;
  if (peer && (!px_url_address(peer, bytes) || !judge_address(transfer, bytes))) {
    px_wire_refuse(transfer);
    return false;
  }
  return px_transfer_has_bytes(transfer) || ask_to_send(transfer);
}

bool px_wire_give(px_transfer *transfer, char *buffer, size_t room, size_t *given)
{
  if (!transfer->outcome.body_asked && !ask_to_send(transfer))
    return false;
  transfer->outcome.body_asked = true;
  alive(transfer);
  const px_http_call *call = transfer->call;
  size_t left = call->body_size - transfer->body_at;
  *given = left < room ? left : room;
  if (*given > 0 && call->read_body && !call->read_body(call->user, transfer->body_at, buffer, *given, given)) {
    px_transfer_fail(transfer, PX_TROUBLE_LOCAL, "the body could not be read");
    return false;
  }
  if (*given > 0 && !call->read_body)
    memcpy(buffer, (const char *)call->body + transfer->body_at, *given);
  transfer->body_at += *given;
  return true;
}

static bool final_head(px_transfer *transfer)
{
  const px_http_call *call = transfer->call;
  px_http_headers *head = &transfer->head;
  if (call->kind == PX_HTTP_DOWNLOAD && px_head_is_redirect(head)) {
    transfer->following = true;
    return true;
  }
  if (call->max_bytes && head->has_length && !head->chunked && head->length > call->max_bytes) {
    px_transfer_fail(transfer, PX_TROUBLE_LIMIT, "the answer has %llu bytes, more than the %llu allowed",
                     (unsigned long long)head->length, (unsigned long long)call->max_bytes);
    return false;
  }
  if (call->on_head && !call->on_head(call->user, head->status, head)) {
    px_transfer_fail(transfer, PX_TROUBLE_STOPPED, "the head of the answer could not be taken");
    return false;
  }
  return true;
}

static void note_head(px_transfer *transfer)
{
  transfer->outcome.head_complete = true;
  transfer->outcome.http_version = transfer->head.version;
  px_head_content_type(&transfer->head, transfer->outcome.content_type);
}

bool px_wire_take_head(px_transfer *transfer, const char *line, size_t size)
{
  alive(transfer);
  if (!transfer->outcome.first_byte_us)
    transfer->outcome.first_byte_us = transfer->activity_us;
  int result = px_head_add(&transfer->head, line, size);
  if (transfer->head.status >= 200)
    transfer->outcome.http_status = transfer->head.status; /* a head that is cut behind it still told this */
  if (result == PX_HEAD_FINAL || result == PX_HEAD_BAD_LENGTH)
    note_head(transfer); /* also of a bad one: that a paid call was accepted must not be forgotten */
  switch (result) {
  case PX_HEAD_MORE:
    return true;
  case PX_HEAD_FINAL:
    return final_head(transfer);
  case PX_HEAD_TOO_LARGE:
    px_transfer_fail(transfer, PX_TROUBLE_LIMIT, "the head of the answer has more than %d bytes", PX_HEAD_MAX);
    return false;
  case PX_HEAD_BAD_LENGTH:
    px_transfer_fail(transfer, PX_TROUBLE_TRANSFER, "the answer's Content-Length contradicts itself or is no number");
    return false;
  default:
    px_transfer_fail(transfer, PX_TROUBLE_MEMORY, "out of memory");
    return false;
  }
}

static bool skip(px_transfer *transfer, size_t size)
{
  transfer->skipped += size;
  if (transfer->skipped <= REDIRECT_BODY_MAX)
    return true;
  px_transfer_fail(transfer, PX_TROUBLE_LIMIT, "a redirect came with more than %d bytes", REDIRECT_BODY_MAX);
  return false;
}

/* Counted here because libcurl before 8.4 does not enforce its limit while a transfer runs. */
bool px_wire_take_body(px_transfer *transfer, const void *data, size_t size)
{
  const px_http_call *call = transfer->call;
  alive(transfer);
  if (transfer->following)
    return skip(transfer, size);
  if (call->max_bytes && transfer->outcome.received + size > call->max_bytes) {
    px_transfer_fail(transfer, PX_TROUBLE_LIMIT, "the answer has more than the %llu bytes allowed",
                     (unsigned long long)call->max_bytes);
    return false;
  }
  transfer->outcome.received += size;
  if (call->on_data && !call->on_data(call->user, data, size)) {
    px_transfer_fail(transfer, PX_TROUBLE_STOPPED, "the answer could not be taken");
    return false;
  }
  return true;
}

/* libcurl is content with some answers that are not whole. */
void px_wire_judge(px_transfer *transfer)
{
  const px_http_headers *head = &transfer->head;
  px_http_outcome *outcome = &transfer->outcome;
  bool bodiless = px_str_equal(px_transfer_method(transfer), "HEAD") || head->status == 204 || head->status == 304;
  if (transfer->following)
    return;
  if (!outcome->head_complete) {
    px_transfer_fail(transfer, PX_TROUBLE_TRANSFER, "the answer has no HTTP head");
    return;
  }
  if (!bodiless && head->has_length && !head->chunked && outcome->received != head->length) {
    px_transfer_fail(transfer, PX_TROUBLE_TRANSFER, "the answer was cut: %llu of %llu bytes",
                     (unsigned long long)outcome->received, (unsigned long long)head->length);
    return;
  }
  outcome->body_complete = true;
  outcome->delimited = bodiless || head->has_length || head->chunked || head->version >= 20;
}
