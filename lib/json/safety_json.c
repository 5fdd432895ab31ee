/* SPDX-License-Identifier: MIT */
#include "json/safety_json.h"

#include "base/mem.h"
#include "json/writer.h"

enum { JSON_MAX = 16384 };

pixazo_status px_safety_write(const px_safety *safety, char **out, pixazo_error **error)
{
  px_auto(px_json_writer) w = PX_JSON_WRITER_INIT(JSON_MAX);
  px_json_put_begin_object(&w, NULL);
  px_json_put_string(&w, "source", safety->source);
  px_json_put_string(&w, "stage", safety->stage);
  px_json_put_raw(&w, "categories", safety->categories_json ? safety->categories_json : "[]");
  px_json_put_string(&w, "text", safety->text);
  px_json_put_string(&w, "code", safety->code);
  px_json_put_string(&w, "charge", safety->charge);
  px_json_put_end_object(&w);
  return px_json_writer_finish(&w, out, error);
}
