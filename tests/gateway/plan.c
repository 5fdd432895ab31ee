/* SPDX-License-Identifier: MIT */
#include "gateway/plan.h"

#include <string.h>
#include <strings.h>

#include "gateway/http.h"

enum { REPEAT_BLOCK = 16384 };

static const rule no_rule = {.delay_ms = -1, .cut_after = -1, .cut_head_after = -1};

void plan_done(plan *out)
{
  bytes_done(&out->wire);
  *out = (plan){0};
}

static void add_step(plan *out, step next)
{
  if (next.kind == STEP_SEND && next.size == 0)
    return;
  out->steps[out->count++] = next;
}

static void add_wait(plan *out, int64_t wait_ms)
{
  if (wait_ms > 0)
    add_step(out, (step){.kind = STEP_WAIT, .wait_ms = wait_ms});
}

static void add_cut(plan *out, const rule *script)
{
  static const step_kind ends[] = {
      [CUT_FIN] = STEP_FIN,
      [CUT_RESET] = STEP_RESET,
      [CUT_STALL] = STEP_FIN,
      [CUT_CLOSE] = STEP_CLOSE,
  };
  if (script->cut == CUT_STALL)
    add_step(out, (step){.kind = STEP_WAIT, .wait_ms = script->stall_ms});
  add_step(out, (step){.kind = ends[script->cut]});
}

void plan_drop(plan *out, const rule *script)
{
  add_wait(out, script->delay_ms);
  add_cut(out, script);
}

static void write_lengths(bytes *wire, const rule *script, size_t size)
{
  if (script->chunked) {
    bytes_text(wire, "Transfer-Encoding: chunked\r\n");
    if (!script->lengths)
      return;
  }
  if (!script->lengths) {
    if (!script->endless_body)
      bytes_printf(wire, "Content-Length: %lld\r\n", (long long)((int64_t)size + script->length_off));
    return;
  }
  for (const char *line = script->lengths; *line;) {
    size_t length = strcspn(line, "\n");
    bytes_printf(wire, "Content-Length: %.*s\r\n", (int)length, line);
    line += length + (line[length] == '\n');
  }
}

static void write_filler(bytes *wire, size_t size)
{
  bytes_text(wire, "X-Filler: ");
  for (size_t i = 0; i < size; i++)
    bytes_add(wire, "f", 1);
  bytes_text(wire, "\r\n");
}

static void write_head(bytes *wire, const plan_input *input, const rule *script, bool close)
{
  char type[8];
  const reply *answer = input->answer;
  const char *reason = answer->reason ? answer->reason : http_reason(answer->status);
  bytes_printf(wire, "HTTP/1.1 %d %s\r\n", answer->status, reason);
  if (answer->type && answer->type[0] && !http_header(&answer->headers, "Content-Type", type, sizeof type))
    bytes_printf(wire, "Content-Type: %s\r\n", answer->type);
  if (answer->status != 204 && answer->status != 304)
    write_lengths(wire, script, answer->body.size);
  if (answer->headers.size > 0)
    bytes_add(wire, answer->headers.data, answer->headers.size);
  for (int64_t i = 0; i < script->fill_headers; i++)
    write_filler(wire, script->fill_size > 0 ? (size_t)script->fill_size : 64);
  if (close)
    bytes_text(wire, "Connection: close\r\n");
  if (!script->endless_headers)
    bytes_text(wire, "\r\n");
}

static void write_body(bytes *wire, const reply *answer, const rule *script)
{
  const char *data = bytes_cstr(&answer->body);
  size_t size = answer->body.size;
  if (!script->chunked) {
    bytes_add(wire, data, size);
    return;
  }
  size_t half = size / 2;
  if (same_text(script->chunked, "huge"))
    bytes_text(wire, "ffffffffffffffff\r\n");
  else if (half > 0)
    bytes_printf(wire, "%zx\r\n", half);
  bytes_add(wire, data, half);
  bytes_text(wire, half > 0 ? "\r\n" : "");
  bytes_printf(wire, same_text(script->chunked, "garbage") ? "zz;%zx\r\n" : "%zx\r\n", size - half);
  bytes_add(wire, data + half, size - half);
  bytes_text(wire, "\r\n");
  if (!same_text(script->chunked, "no-end") && size > 0)
    bytes_text(wire, "0\r\n\r\n");
}

static size_t write_repeated(bytes *wire, const rule *script)
{
  size_t before = wire->size;
  if (script->endless_headers) {
    write_filler(wire, 1024);
    return wire->size - before;
  }
  if (!script->endless_body)
    return 0;
  if (script->chunked)
    bytes_printf(wire, "%x\r\n", REPEAT_BLOCK);
  for (size_t i = 0; i < REPEAT_BLOCK; i++)
    bytes_add(wire, "e", 1);
  if (script->chunked)
    bytes_text(wire, "\r\n");
  return wire->size - before;
}

/* Where the answer is cut, or its whole size. */
static size_t cut_at(const rule *script, size_t head, size_t all)
{
  size_t cut = all;
  if (script->cut_head_after >= 0)
    cut = (size_t)script->cut_head_after;
  else if (script->cut_after >= 0)
    cut = head + (size_t)script->cut_after;
  return cut < all ? cut : all;
}

static void add_sends(plan *out, const rule *script, size_t head, size_t end)
{
  size_t first = head < end ? head : end;
  size_t piece = script->piece > 0 ? (size_t)script->piece : 0;
  if (script->delay_body_ms > 0 || piece > 0) {
    add_step(out, (step){STEP_SEND, 0, first, script->slow_head ? piece : 0, script->piece_ms});
    add_wait(out, end > head ? script->delay_body_ms : 0);
    add_step(out, (step){STEP_SEND, 0, end - first, piece, script->piece_ms});
    return;
  }
  add_step(out, (step){.kind = STEP_SEND, .size = end});
}

/* Lengths that do not fit the body leave a connection on which nothing more can be said. */
static bool must_close(const rule *script)
{
  bool odd_chunks = script->chunked && !same_text(script->chunked, "yes");
  bool odd_length = script->lengths || script->length_off || script->endless_body || script->endless_headers;
  return script->close || odd_length || odd_chunks;
}

static void make_raw(plan *out, const rule *script)
{
  bytes_add(&out->wire, bytes_cstr(&script->raw), script->raw.size);
  out->status = 0;
  add_sends(out, script, 0, cut_at(script, 0, script->raw.size));
  if (script->cut != CUT_FIN)
    add_cut(out, script);
  else
    add_step(out, (step){.kind = STEP_CLOSE});
}

void plan_make(plan *out, const plan_input *input)
{
  const rule *script = input->script ? input->script : &no_rule;
  add_wait(out, script->delay_ms >= 0 ? script->delay_ms : input->delay_ms);
  if (script->have_raw) {
    make_raw(out, script);
    return;
  }
  bool close = !input->keep_alive || must_close(script);
  out->status = input->answer->status;
  write_head(&out->wire, input, script, close);
  size_t head = out->wire.size;
  if (!input->head_only && !script->endless_headers)
    write_body(&out->wire, input->answer, script);
  size_t all = out->wire.size;
  size_t end = cut_at(script, head, all);
  add_sends(out, script, head, end);
  if (script->cut_after >= 0 || script->cut_head_after >= 0) {
    add_cut(out, script);
    return;
  }
  size_t repeated = write_repeated(&out->wire, script);
  if (repeated > 0)
    add_step(out, (step){.kind = STEP_REPEAT, .size = repeated});
  out->whole = repeated == 0;
  add_step(out, (step){.kind = close ? STEP_CLOSE : STEP_KEEP});
}
