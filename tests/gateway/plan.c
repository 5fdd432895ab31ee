/* SPDX-License-Identifier: MIT */
#include "gateway/plan.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/http.h"

enum { REPEAT_BLOCK = 16384, TOGETHER_MAX = 16384 };

static const rule no_rule = {.delay_ms = -1, .cut_after = -1, .cut_head_after = -1};

void plan_done(plan *out)
{
  bytes_done(&out->text);
  body_reader_done(&out->body);
  free(out->parts);
  free(out->steps);
  *out = (plan){0};
}

static void add_step(plan *out, step next)
{
  if (next.kind == STEP_SEND && next.size == 0)
    return;
  out->steps = must_grow(out->steps, out->count + 1, sizeof *out->steps);
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

typedef struct head_input {
  const reply *answer;
  const rule *script;
  const char *form; /* of chunks, NULL = none */
  size_t size;
  bool close;
} head_input;

static void write_lengths(bytes *wire, const head_input *input)
{
  const rule *script = input->script;
  if (input->form) {
    bytes_text(wire, "Transfer-Encoding: chunked\r\n");
    if (!script->lengths)
      return;
  }
  if (!script->lengths) {
    if (!script->endless_body)
      bytes_printf(wire, "Content-Length: %lld\r\n", (long long)((int64_t)input->size + script->length_off));
    return;
  }
  for (const char *line = script->lengths; *line;) {
    size_t length = strcspn(line, "\n");
    bytes_printf(wire, "Content-Length: %.*s\r\n", (int)length, line);
    line += length + (line[length] == '\n');
  }
}

static void add_part(plan *out, wire_part next)
{
  if (next.size == 0)
    return;
  out->parts = must_grow(out->parts, out->part_count + 1, sizeof *out->parts);
  out->parts[out->part_count++] = next;
}

static void write_filler(bytes *wire, size_t size)
{
  bytes_text(wire, "X-Filler: ");
  for (size_t i = 0; i < size; i++)
    bytes_add(wire, "f", 1);
  bytes_text(wire, "\r\n");
}

static void write_head(plan *out, const head_input *input)
{
  char type[8];
  bytes *wire = &out->text;
  const reply *answer = input->answer;
  const rule *script = input->script;
  const char *reason = answer->reason ? answer->reason : http_reason(answer->status);
  bytes_printf(wire, "HTTP/1.1 %d %s\r\n", answer->status, reason);
  if (answer->type && answer->type[0] && !http_header(&answer->headers, "Content-Type", type, sizeof type))
    bytes_printf(wire, "Content-Type: %s\r\n", answer->type);
  if (answer->status != 204 && answer->status != 304)
    write_lengths(wire, input);
  if (answer->headers.size > 0)
    bytes_add(wire, answer->headers.data, answer->headers.size);
  for (int64_t i = 0; i < script->fill_headers; i++)
    write_filler(wire, script->fill_size > 0 ? (size_t)script->fill_size : 64);
  if (input->close)
    bytes_text(wire, "Connection: close\r\n");
  if (!script->endless_headers)
    bytes_text(wire, "\r\n");
  add_part(out, (wire_part){false, 0, wire->size});
}

/* The text since `start` goes next. */
static void add_text(plan *out, size_t start)
{
  add_part(out, (wire_part){false, start, out->text.size - start});
}

static void add_body(plan *out, size_t size)
{
  add_part(out, (wire_part){true, 0, size});
}

/* How a body is cut into chunks: at the events of a stream, else in halves. */
typedef struct chunking {
  const char *form;
  const size_t *stops;
  size_t count;
  size_t half[2];
} chunking;

static void add_chunk(plan *out, const chunking *cut, size_t index, size_t end)
{
  size_t begin = index > 0 ? cut->stops[index] : 0;
  size_t start = out->text.size;
  bool last = index + 1 == cut->count;
  if (index == 0 && same_text(cut->form, "huge"))
    bytes_text(&out->text, "ffffffffffffffff\r\n");
  else if (last && same_text(cut->form, "garbage"))
    bytes_printf(&out->text, "zz;%zx\r\n", end - begin);
  else if (last || end > begin)
    bytes_printf(&out->text, "%zx\r\n", end - begin);
  add_text(out, start);
  add_body(out, end - begin);
  start = out->text.size;
  bytes_text(&out->text, last || end > begin ? "\r\n" : "");
  add_text(out, start);
}

/* A small body goes out with its head in one write. */
static void write_body(plan *out, const reply *answer, const char *form, size_t size)
{
  if (!form && size <= TOGETHER_MAX && answer->content.picture_count == 0) {
    bytes_add(&out->text, bytes_cstr(&answer->content.text), size);
    out->parts[out->part_count - 1].size += size;
    return;
  }
  if (!form) {
    add_body(out, size);
    return;
  }
  chunking cut = {form, answer->stops, answer->stop_count, {0, size / 2}};
  if (cut.count < 2) {
    cut.stops = cut.half;
    cut.count = 2;
  }
  for (size_t i = 0; i < cut.count; i++)
    add_chunk(out, &cut, i, i + 1 < cut.count ? cut.stops[i + 1] : size);
  size_t start = out->text.size;
  if (!same_text(form, "no-end") && size > 0)
    bytes_text(&out->text, "0\r\n\r\n");
  add_text(out, start);
}

static size_t write_repeated(plan *out, const rule *script)
{
  bytes *wire = &out->text;
  size_t before = wire->size;
  if (script->endless_headers) {
    write_filler(wire, 1024);
  } else if (script->endless_body) {
    if (script->chunked)
      bytes_printf(wire, "%x\r\n", REPEAT_BLOCK);
    for (size_t i = 0; i < REPEAT_BLOCK; i++)
      bytes_add(wire, "e", 1);
    if (script->chunked)
      bytes_text(wire, "\r\n");
  }
  add_text(out, before);
  return wire->size - before;
}

static size_t wire_size(const plan *out)
{
  size_t size = 0;
  for (size_t i = 0; i < out->part_count; i++)
    size += out->parts[i].size;
  return size;
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

/* A pause before each event of a stream but the first. */
static void add_events(plan *out, const rule *script, const reply *answer, size_t end)
{
  size_t done = 0;
  size_t event = 0;
  size_t at = 0;
  for (size_t i = 0; i < out->part_count && event < answer->stop_count; at += out->parts[i++].size) {
    if (!out->parts[i].is_body || event++ == 0)
      continue;
    size_t chunk = at - out->parts[i - 1].size;
    size_t stop = chunk < end ? chunk : end;
    add_step(out, (step){.kind = STEP_SEND, .size = stop - done});
    add_wait(out, stop < end ? script->event_ms : 0);
    done = stop;
  }
  add_step(out, (step){.kind = STEP_SEND, .size = end - done});
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
  bytes_add(&out->text, bytes_cstr(&script->raw), script->raw.size);
  add_text(out, 0);
  out->status = 0;
  add_sends(out, script, 0, cut_at(script, 0, script->raw.size));
  if (script->cut != CUT_FIN)
    add_cut(out, script);
  else
    add_step(out, (step){.kind = STEP_CLOSE});
}

/* A stream comes in chunks, one for each event, unless a rule wants its length told or hidden. */
static const char *chunked_form(const reply *answer, const rule *script)
{
  bool odd = script->lengths || script->length_off || script->endless_body;
  if (script->chunked || answer->stop_count == 0 || odd)
    return script->chunked;
  return "yes";
}

static void finish_plan(plan *out, const rule *script, bool close)
{
  if (script->cut_after >= 0 || script->cut_head_after >= 0) {
    add_cut(out, script);
    return;
  }
  bool repeated = write_repeated(out, script) > 0;
  if (repeated)
    add_step(out, (step){.kind = STEP_REPEAT, .size = out->parts[out->part_count - 1].size});
  out->whole = !repeated;
  add_step(out, (step){.kind = close ? STEP_CLOSE : STEP_KEEP});
}

void plan_make(plan *out, const plan_input *input)
{
  const rule *script = input->script ? input->script : &no_rule;
  reply *answer = input->answer;
  int64_t usual = answer && answer->hold_ms > 0 ? answer->hold_ms : input->delay_ms;
  bool held = answer && answer->hold_ms > 0;
  add_wait(out, script->delay_ms >= 0 && !held ? script->delay_ms : usual);
  if (script->have_raw) {
    make_raw(out, script);
    return;
  }
  bool close = !input->keep_alive || must_close(script);
  size_t size = body_size(&answer->content);
  const char *form = chunked_form(answer, script);
  out->status = answer->status;
  write_head(out, &(head_input){answer, script, form, size, close});
  size_t head = out->text.size;
  if (!input->head_only && !script->endless_headers)
    write_body(out, answer, form, size);
  size_t end = cut_at(script, head, wire_size(out));
  if (script->event_ms > 0 && form)
    add_events(out, script, answer, end);
  else
    add_sends(out, script, head, end);
  finish_plan(out, script, close);
  body_read(&out->body, &answer->content);
}

size_t plan_peek(plan *self, const char **data)
{
  if (self->part == self->part_count)
    return 0;
  const wire_part *now = &self->parts[self->part];
  size_t left = now->size - self->part_sent;
  if (!now->is_body) {
    *data = self->text.data + now->offset + self->part_sent;
    return left;
  }
  size_t ready = body_peek(&self->body, data);
  return ready < left ? ready : left;
}

void plan_take(plan *self, size_t size)
{
  const wire_part *now = &self->parts[self->part];
  if (now->is_body)
    body_take(&self->body, size);
  self->part_sent += size;
  if (self->part_sent == now->size) {
    self->part++;
    self->part_sent = 0;
  }
}

void plan_repeat(plan *self)
{
  self->part = self->part_count - 1;
  self->part_sent = 0;
}
