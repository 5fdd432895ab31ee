/* SPDX-License-Identifier: MIT */
#include "client/safety.h"

#include <string.h>

#include <pixazo/record.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/message.h"
#include "json/safety_json.h"
#include "json/writer.h"

enum { CATEGORIES_MAX = 32, CATEGORY_BYTES = 64, JSON_MAX = 8192, WORDS_MAX = 600 };

static const char *const stage_paths[] = {"error.moderation_details.moderation_stage", "moderation_details.moderation_stage"};
static const char *const category_paths[] = {"error.moderation_details.categories", "moderation_details.categories",
                                             "error.safety_violations", "safety_violations",
                                             "promptFeedback.safetyRatings", "candidates[0].safetyRatings"};

static const px_json *first_of(const px_json *root, const char *const *paths, size_t count, px_json_kind kind)
{
  for (size_t i = 0; i < count; i++) {
    const px_json *node = px_json_find(root, paths[i]);
    if (px_json_is(node, kind))
      return node;
  }
  return NULL;
}

static bool speaks_of(const px_reading *reading, const char *word)
{
  return reading->message && px_str_find_nocase(reading->message, word);
}

/* Which side a refusal speaks of; both or none says nothing. */
static int32_t stage_of_words(const px_reading *reading)
{
  bool input = speaks_of(reading, "prompt") || speaks_of(reading, "input");
  bool output = speaks_of(reading, "output") || speaks_of(reading, "generated image");
  if (!reading->policy || input == output)
    return PIXAZO_SAFETY_UNKNOWN;
  return input ? PIXAZO_SAFETY_INPUT : PIXAZO_SAFETY_OUTPUT;
}

/* Google tells by the place: what was asked for has a feedback of its own, what came out ends with a reason. */
static int32_t stage_of_place(const px_reading *reading, const px_json *root)
{
  if (!reading->policy)
    return PIXAZO_SAFETY_UNKNOWN;
  if (px_json_is(px_json_find(root, "promptFeedback.blockReason"), PX_JSON_STRING))
    return PIXAZO_SAFETY_INPUT;
  bool ended = px_json_is(px_json_find(root, "candidates[0].finishReason"), PX_JSON_STRING);
  return ended ? PIXAZO_SAFETY_OUTPUT : PIXAZO_SAFETY_UNKNOWN;
}

static int32_t stage_of(const px_reading *reading, const px_json *root)
{
  const px_json *named = first_of(root, stage_paths, PX_ARRAY_SIZE(stage_paths), PX_JSON_STRING);
  if (named && px_str_equal_nocase(px_json_text(named), "input"))
    return PIXAZO_SAFETY_INPUT;
  if (named && px_str_equal_nocase(px_json_text(named), "output"))
    return PIXAZO_SAFETY_OUTPUT;
  int32_t place = stage_of_place(reading, root);
  return place != PIXAZO_SAFETY_UNKNOWN ? place : stage_of_words(reading);
}

/* A name, or a rating that decided; ratings are given of harmless pictures too. */
static const char *category_of(const px_json *item)
{
  bool blocked = false;
  if (px_json_is(item, PX_JSON_STRING))
    return px_json_text(item);
  (void)px_json_may_bool(item, "blocked", &blocked, NULL);
  const px_json *name = blocked ? px_json_member(item, "category") : NULL;
  return px_json_is(name, PX_JSON_STRING) ? px_json_text(name) : NULL;
}

static pixazo_status copy_categories(const px_json *list, char **out, pixazo_error **error)
{
  px_auto(px_json_writer) w = PX_JSON_WRITER_INIT(JSON_MAX);
  size_t count = 0;
  px_json_put_begin_array(&w, NULL);
  for (const px_json *item = px_json_first(list); item && count < CATEGORIES_MAX; item = px_json_next(item)) {
    const char *text = category_of(item);
    if (px_str_empty(text))
      continue;
    px_json_put_text(&w, NULL, text, px_utf8_cut(text, CATEGORY_BYTES));
    count++;
  }
  px_json_put_end_array(&w);
  return count > 0 ? px_json_writer_finish(&w, out, error) : PIXAZO_OK;
}

pixazo_status px_safety_read(px_reading *reading, const px_json *root, pixazo_error **error)
{
  const px_json *categories = first_of(root, category_paths, PX_ARRAY_SIZE(category_paths), PX_JSON_ARRAY);
  reading->safety_stage = stage_of(reading, root);
  return categories ? copy_categories(categories, &reading->safety_categories, error) : PIXAZO_OK;
}

/* The words of a provider, without secrets and markup. */
static char *clean_words(const char *words, const px_judgement *judgement)
{
  px_auto(px_buf) clean = PX_BUF_INIT(2 * WORDS_MAX);
  if (words)
    px_message_clean(&clean, words, WORDS_MAX, judgement->plan->account->api_key, judgement->reading.html);
  return px_strdup(px_buf_text(&clean));
}

pixazo_status px_safety_json(const px_judgement *judgement, px_outcome *outcome, pixazo_error **error)
{
  static const char *const stages[] = {"unknown", "input", "output"};
  static const char *const charges[] = {"not_charged", "not_charged", "charged", "unknown"};
  const px_reading *reading = &judgement->reading;
  bool blocked = outcome->attempt_class == PIXAZO_CLASS_BLOCKED;
  if (!blocked && reading->safety_stage == PIXAZO_SAFETY_UNKNOWN && !reading->safety_categories)
    return PIXAZO_OK;
  px_autofree char *text = clean_words(reading->message, judgement);
  px_autofree char *code = clean_words(outcome->provider_code ? outcome->provider_code : reading->code, judgement);
  if (!text || !code)
    return px_fail_nomem(error);
  px_safety safety = {.source = "provider",
                      .stage = stages[reading->safety_stage],
                      .categories_json = reading->safety_categories,
                      .text = text,
                      .code = code,
                      .charge = charges[outcome->charge]};
  return px_safety_write(&safety, &outcome->safety_json, error);
}
