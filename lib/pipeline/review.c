/* SPDX-License-Identifier: MIT */
#include "pipeline/review.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "json/safety_json.h"
#include "json/writer.h"

enum { CATEGORIES_JSON_MAX = 16384 };

static void copy_clean(char *target, size_t max, const char *text)
{
  size_t size = px_utf8_cut(text, max);
  memcpy(target, text, size);
  target[size] = '\0';
  px_text_clean(target);
}

void pixazo_review_set_blocked(pixazo_review *review, const char *reason)
{
  if (!review)
    return;
  review->blocked = true;
  copy_clean(review->reason, PX_REVIEW_REASON_BYTES, reason ? reason : "");
}

void pixazo_review_add_category(pixazo_review *review, const char *category)
{
  if (review && !px_str_empty(category) && review->category_count < PX_REVIEW_CATEGORIES)
    copy_clean(review->categories[review->category_count++], PX_REVIEW_CATEGORY_BYTES, category);
}

pixazo_status pixazo_review_set_alt_text(pixazo_review *review, const char *text, pixazo_error **error)
{
  PX_REQUIRE(review && text, error, "review or text is NULL");
  size_t size = strnlen(text, PIXAZO_ALT_TEXT_MAX + 1);
  if (!review->of_picture)
    return px_fail(error, PIXAZO_E_STATE, "a prompt has no alternative text");
  if (size > PIXAZO_ALT_TEXT_MAX)
    return px_fail(error, PIXAZO_E_LIMIT, "the alternative text has more than %d bytes", PIXAZO_ALT_TEXT_MAX);
  PX_REQUIRE(px_utf8_valid(text, size), error, "the alternative text is not UTF-8");
  copy_clean(review->alt_text, PIXAZO_ALT_TEXT_MAX, text);
  review->has_alt_text = true;
  return PIXAZO_OK;
}

static pixazo_status write_categories(const pixazo_review *review, char **out, pixazo_error **error)
{
  px_auto(px_json_writer) w = PX_JSON_WRITER_INIT(CATEGORIES_JSON_MAX);
  px_json_put_begin_array(&w, NULL);
  for (size_t i = 0; i < review->category_count; i++)
    px_json_put_string(&w, NULL, review->categories[i]);
  px_json_put_end_array(&w);
  return px_json_writer_finish(&w, out, error);
}

pixazo_status px_review_json(const pixazo_review *review, char **out, pixazo_error **error)
{
  px_autofree char *categories = NULL;
  PX_TRY(write_categories(review, &categories, error));
  px_safety safety = {.source = "program",
                      .stage = review->of_picture ? "output" : "input",
                      .categories_json = categories,
                      .text = review->reason,
                      .code = "",
                      .charge = review->of_picture ? "charged" : "not_charged"};
  return px_safety_write(&safety, out, error);
}
