/* SPDX-License-Identifier: MIT */
/* What a client of pixazo-mcp sends: the same lines however the bytes arrive, and whatever is taken out of a message and
 * sent back is JSON by itself. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <pixazo/request.h>

#include "fuzz.h"
#include "json.h"
#include "lines.h"
#include "message.h"
#include "output.h"

static void require(bool condition)
{
  if (!condition)
    abort();
}

/* The library's own check, of any value. */
static bool is_json(const char *text, size_t size)
{
  pixazo_request *request = NULL;
  char *object = malloc(size + sizeof "{\"a\":}");
  require(object && pixazo_request_new(NULL, &request, NULL) == PIXAZO_OK);
  (void)memcpy(object, "{\"a\":", 5);
  (void)memcpy(object + 5, text, size);
  (void)memcpy(object + 5 + size, "}", 2);
  bool good = pixazo_request_set_json(request, "metadata", object, NULL) == PIXAZO_OK;
  pixazo_request_free(request);
  free(object);
  return good;
}

static void check_span(span json)
{
  if (!json.at)
    return;
  require(json.length > 0 && is_json(json.at, json.length));
  require(!memchr(json.at, '\n', json.length) && !memchr(json.at, '\r', json.length));
}

/* Written without spaces it is the same JSON, and stays as it is. */
static void check_compact(const char *value)
{
  draft once;
  draft twice;
  if (!value)
    return;
  require(draft_open(&once) && draft_open(&twice));
  put_json(&once, NULL, span_of(value));
  require(draft_close(&once) && is_json(once.text, once.size));
  put_json(&twice, NULL, span_of(once.text));
  require(draft_close(&twice) && twice.size == once.size && memcmp(once.text, twice.text, once.size) == 0);
  free(once.text);
  free(twice.text);
}

/* Text taken out and written again is text. */
static void check_texts(const char *object)
{
  char name[64];
  for (const char *member = json_first_member(object); member; member = json_next_member(member)) {
    draft out;
    const char *value = json_member_value(member);
    char *text = json_text(value);
    json_member_name(member, name, sizeof name);
    require(draft_open(&out));
    put_open(&out, NULL, '{');
    put_string(&out, "name", name);
    put_string(&out, "text", text ? text : "");
    put_base64(&out, "base64", value, json_length(value) % 7);
    put_close(&out, '}');
    require(draft_close(&out) && is_json(out.text, out.size));
    free(out.text);
    free(text);
  }
}

static void check_message(const message *one)
{
  require((one->kind == MESSAGE_WRONG) == (one->why != NULL));
  if (one->kind != MESSAGE_REQUEST && one->kind != MESSAGE_NOTIFICATION)
    return;
  require((one->kind == MESSAGE_REQUEST) == (one->id.at != NULL));
  check_span(one->id);
  check_span(one->token);
  check_compact(one->params);
  check_texts(one->params);
  check_compact(one->version);
}

static void check_line(const char *line)
{
  message one;
  message_read(line, &one);
  if (one.kind != MESSAGE_BATCH) {
    check_message(&one);
    return;
  }
  for (const char *each = json_first(one.params); each; each = json_next(each)) {
    message part;
    message_read_at(each, &part);
    check_message(&part);
  }
}

/* In pieces of `piece` bytes; gives a fingerprint of the lines. */
static uint64_t read_lines(const uint8_t *data, size_t size, size_t piece, bool look)
{
  lines input = {NULL, 0, 0, 0};
  uint64_t sum = 0;
  char *line = NULL;
  line_kind kind;
  for (size_t at = 0; at < size; at += piece) {
    const char *bytes = (const char *)data + at;
    size_t count = size - at < piece ? size - at : piece;
    while (count > 0) {
      kind = lines_take(&input, &bytes, &count, &line);
      require(kind == LINE_NONE || kind == LINE_WHOLE);
      for (const char *c = kind == LINE_WHOLE ? line : ""; *c; c++)
        sum = sum * 31 + (unsigned char)*c;
      sum += kind == LINE_WHOLE;
      if (look && kind == LINE_WHOLE)
        check_line(line);
    }
  }
  kind = lines_rest(&input, &line);
  if (look && kind == LINE_WHOLE)
    check_line(line);
  lines_done(&input);
  return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  uint64_t whole = read_lines(data, size, size + 1, true);
  require(read_lines(data, size, 1, false) == whole && read_lines(data, size, 7, false) == whole);
  return 0;
}
