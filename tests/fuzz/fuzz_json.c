/* SPDX-License-Identifier: MIT */
/* JSON from outside. Whatever the check accepts the tree parser must accept too, printing must not change the
 * document, and the stream must come to the same verdict for pieces of any size. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "json/json.h"
#include "json/scan.h"
#include "json/stream.h"

#include "fuzz.h"

static void require(bool condition)
{
  if (!condition)
    abort();
}

static pixazo_status check(const char *text, size_t size)
{
  px_json_scan scan;
  px_json_scan_init(&scan, NULL, NULL, NULL);
  pixazo_status status = px_json_scan_feed(&scan, text, size, NULL);
  return status == PIXAZO_OK ? px_json_scan_finish(&scan, NULL) : status;
}

static void require_same_print(const px_json *root)
{
  px_cleanup(px_json_done) px_json *again = NULL;
  px_autofree char *first = px_json_print(root);
  require(first != NULL);
  require(px_json_parse(first, strlen(first), NULL, &again, NULL) == PIXAZO_OK);
  px_autofree char *second = px_json_print(again);
  require(second != NULL && strcmp(first, second) == 0);
}

static pixazo_status count(void *self, size_t index, const char *text, size_t size, bool last, pixazo_error **error)
{
  (void)index;
  (void)text;
  (void)last;
  (void)error;
  *(size_t *)self += size;
  return PIXAZO_OK;
}

static pixazo_status stream_all(px_json_stream *stream, const char *text, size_t size, char **rest)
{
  size_t step = size > 0 ? (unsigned char)text[0] % 7 + 1 : 1;
  for (size_t i = 0; i < size; i += step) {
    pixazo_status status = px_json_stream_feed(stream, text + i, size - i < step ? size - i : step, NULL);
    if (status != PIXAZO_OK)
      return status;
  }
  return px_json_stream_finish(stream, rest, NULL, NULL);
}

static void require_stream_agrees(const char *text, size_t size, bool valid)
{
  static const char *const names[] = {"image", "b64_json"};
  size_t taken = 0;
  px_json_stream_options options = {names, 2, NULL, count, &taken, 0, 0, 0};
  px_cleanup(px_json_stream_done) px_json_stream *stream = NULL;
  px_autofree char *rest = NULL;
  require(px_json_stream_new(&options, &stream, NULL) == PIXAZO_OK);
  pixazo_status status = stream_all(stream, text, size, &rest);
  if (status == PIXAZO_E_LIMIT)
    return;
  require((status == PIXAZO_OK) == valid);
  if (valid)
    require(check(rest, strlen(rest)) == PIXAZO_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const char *text = (const char *)data;
  px_cleanup(px_json_done) px_json *root = NULL;
  pixazo_status checked = check(text, size);
  px_autoerror error = NULL;
  pixazo_status parsed = px_json_parse(text, size, NULL, &root, &error);
  if (checked != PIXAZO_OK)
    require(parsed == checked);
  else if (parsed != PIXAZO_OK)
    require(parsed == PIXAZO_E_CORRUPT && strstr(pixazo_error_message(error), "twice in one object"));
  if (root)
    require_same_print(root);
  require_stream_agrees(text, size, checked == PIXAZO_OK);
  return 0;
}
