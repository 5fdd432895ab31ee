/* SPDX-License-Identifier: MIT */
/* Pure text work of the pipeline: keys, alternative text, what was delivered, provenance. */
#include "pipeline/internal.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "json/json.h"
#include "json/writer.h"

enum { ALT_TEXT_MAX = 125, PROVENANCE_MAX = 24 * 1024, NUMBERS_MAX = 128 };
/* A prompt is cut to the first of these; to the second where its characters need escapes (at most six bytes each). */
enum { PROMPT_MAX = 8 * 1024, PROMPT_MIN = 1024 };

pixazo_status px_key_early(const px_job *job, const char *image, int32_t index, char **key, pixazo_error **error)
{
  pixazo_store_key_facts facts;
  pixazo_store_key_facts_init(&facts, sizeof facts);
  facts.created_us = job->created_us;
  facts.uuid = image;
  facts.prompt = px_plan_get(job->plan)->prompt;
  facts.sequence = (uint64_t)index + 1;
  facts.flags = PIXAZO_STORE_KEY_PARTIAL;
  return pixazo_store_expand_key(job->pipeline->key_template, &facts, key, error);
}

pixazo_status px_key_final(const char *early, const pixazo_picture *picture, const char *md5, char **key, pixazo_error **error)
{
  pixazo_store_key_facts facts;
  pixazo_store_key_facts_init(&facts, sizeof facts);
  facts.sha256 = pixazo_picture_sha256(picture);
  facts.md5 = md5;
  facts.extension = pixazo_picture_extension(picture);
  return pixazo_store_expand_key(early, &facts, key, error);
}

/* {name} is the pipeline's own placeholder; recipe names hold no braces. */
char *px_template_named(const char *template, const char *name)
{
  px_auto(px_buf) text = PX_BUF_INIT(4096);
  const char *rest = template;
  for (const char *hit = strstr(rest, "{name}"); hit; hit = strstr(rest, "{name}")) {
    (void)px_buf_add(&text, rest, (size_t)(hit - rest));
    (void)px_buf_add_text(&text, name);
    rest = hit + strlen("{name}");
  }
  (void)px_buf_add_text(&text, rest);
  return px_buf_steal(&text);
}

pixazo_status px_key_rendition(const px_item *item, const char *name, const pixazo_rendition *rendition, char **key,
                               pixazo_error **error)
{
  const px_job *job = item->job;
  pixazo_store_key_facts facts;
  px_autofree char *template = px_template_named(job->pipeline->rendition_template, name);
  if (!template)
    return px_fail_nomem(error);
  pixazo_store_key_facts_init(&facts, sizeof facts);
  facts.created_us = job->created_us;
  facts.uuid = item->image.uuid;
  facts.prompt = px_plan_get(job->plan)->prompt;
  facts.sha256 = pixazo_rendition_sha256(rendition);
  facts.extension = pixazo_rendition_extension(rendition);
  facts.sequence = (uint64_t)item->image.index + 1;
  return pixazo_store_expand_key(template, &facts, key, error);
}

char *px_alt_text(const char *prompt)
{
  px_auto(px_buf) text = PX_BUF_INIT(ALT_TEXT_MAX + 1);
  size_t length = px_utf8_cut(prompt, ALT_TEXT_MAX);
  bool space = true; /* no space at the start, never two in a row */
  for (size_t i = 0; i < length; i++) {
    bool blank = px_ascii_is_space(prompt[i]) || (unsigned char)prompt[i] < 0x20;
    if (!blank)
      (void)px_buf_add_char(&text, prompt[i]);
    else if (!space)
      (void)px_buf_add_char(&text, ' ');
    space = blank;
  }
  while (text.size > 0 && text.data[text.size - 1] == ' ')
    text.data[--text.size] = '\0';
  return px_buf_steal(&text);
}

typedef struct delivery {
  char json[32]; /* what came */
  bool other;    /* it is not what was sent */
} delivery;

static bool is_value(const char *text, const char *value)
{
  size_t size = strlen(value);
  return strncmp(text, value, size) == 0 && (text[size] == ',' || text[size] == '}');
}

static void measure_side(delivery *out, uint32_t side, const char *sent)
{
  (void)snprintf(out->json, sizeof out->json, "%u", (unsigned)side);
  out->other = !is_value(sent, "null") && !is_value(sent, out->json);
}

static void measure_format(delivery *out, const char *format, const char *sent)
{
  bool jpeg = is_value(sent, "\"jpg\"") && px_str_equal(format, "jpeg");
  (void)snprintf(out->json, sizeof out->json, "\"%.20s\"", format);
  out->other = !is_value(sent, "null") && !is_value(sent, out->json) && !jpeg;
}

/* Transparency where none was asked for may be a channel that hides nothing. */
static void measure_background(delivery *out, bool alpha, const char *sent)
{
  (void)snprintf(out->json, sizeof out->json, "%s", alpha ? "\"transparent\"" : "\"opaque\"");
  out->other = !alpha && is_value(sent, "\"transparent\"");
}

/* What came of the parameter whose name begins here; false: it is not one that can be measured. */
static bool measure(delivery *out, const char *name, const char *sent, const pixazo_picture *picture)
{
  if (px_str_starts(name, "width\""))
    measure_side(out, pixazo_picture_width(picture), sent);
  else if (px_str_starts(name, "height\""))
    measure_side(out, pixazo_picture_height(picture), sent);
  else if (px_str_starts(name, "format\""))
    measure_format(out, pixazo_picture_format(picture), sent);
  else if (px_str_starts(name, "background\""))
    measure_background(out, pixazo_picture_has_alpha(picture) != 0, sent);
  else
    return false;
  return true;
}

/* The report is text of our own, a row for each parameter (px_plan_outcome), and goes as it is but for what was measured. No
 * mark can stand inside a string: there the quotes would have a backslash before them. */
pixazo_status px_outcome_delivered(const char *outcome_json, const pixazo_picture *picture, char **out, pixazo_error **error)
{
  static const char row[] = "{\"name\":\"", asked[] = "\"sent\":", value[] = "\"delivered\":";
  static const char honoured[] = ",\"state\":\"honoured\"";
  if (px_str_empty(outcome_json))
    return PIXAZO_OK;
  px_auto(px_buf) text = PX_BUF_INIT(strlen(outcome_json) + NUMBERS_MAX);
  const char *rest = outcome_json;
  for (const char *at = strstr(rest, row); at; at = strstr(at, row)) {
    delivery found;
    at += strlen(row);
    const char *sent = strstr(at, asked);
    const char *slot = sent ? strstr(sent, value) : NULL;
    if (!slot || !measure(&found, at, sent + strlen(asked), picture))
      continue;
    slot += strlen(value);
    (void)px_buf_add(&text, rest, (size_t)(slot - rest));
    (void)px_buf_add_text(&text, found.json);
    at = rest = slot + strcspn(slot, ",}");
    if (found.other && px_str_starts(rest, honoured)) {
      (void)px_buf_add_text(&text, ",\"state\":\"substituted\"");
      at = rest += strlen(honoured);
    }
  }
  (void)px_buf_add_text(&text, rest);
  *out = px_buf_steal(&text);
  return *out ? PIXAZO_OK : px_fail_nomem(error);
}

/* Names under which image tools look for what made a picture. */
static void put_parameter(px_json_writer *w, const px_json *effective, const char *from, const char *to)
{
  const px_json *value = px_json_member(effective, from);
  if (value && !px_json_is(value, PX_JSON_NULL))
    px_json_put_tree(w, to, value);
}

static pixazo_status write_provenance(const px_item *item, const px_json *effective, size_t prompt_max, char **out,
                                      pixazo_error **error)
{
  const px_plan_facts *facts = px_plan_get(item->job->plan);
  const char *negative = px_json_text(px_json_member(effective, "negative_prompt"));
  px_auto(px_json_writer) w = PX_JSON_WRITER_INIT(PROVENANCE_MAX);
  px_json_put_begin_object(&w, NULL);
  px_json_put_string(&w, "provider", facts->provider);
  px_json_put_string(&w, "model", facts->model);
  px_json_put_string(&w, "generation", item->job->uuid);
  px_json_put_text(&w, "prompt", facts->prompt, px_utf8_cut(facts->prompt, prompt_max));
  if (negative)
    px_json_put_text(&w, "negative_prompt", negative, px_utf8_cut(negative, prompt_max));
  put_parameter(&w, effective, "steps", "steps");
  put_parameter(&w, effective, "sampler", "sampler");
  put_parameter(&w, effective, "guidance", "cfg_scale");
  if (item->image.seed >= 0) /* of this very picture, among several of a call */
    px_json_put_int64(&w, "seed", item->image.seed);
  else
    put_parameter(&w, effective, "seed", "seed");
  put_parameter(&w, effective, "width", "width");
  put_parameter(&w, effective, "height", "height");
  if (item->captioned) /* the one made of the prompt says nothing that the prompt does not */
    px_json_put_string(&w, "alt_text", item->image.alt_text);
  px_json_put_end_object(&w);
  return px_json_writer_finish(&w, out, error);
}

pixazo_status px_provenance(const px_item *item, char **out, pixazo_error **error)
{
  const px_plan_facts *facts = px_plan_get(item->job->plan);
  px_cleanup(px_json_done) px_json *effective = NULL;
  px_autoerror problem = NULL;
  if (facts->effective_json)
    PX_TRY(px_json_parse(facts->effective_json, strlen(facts->effective_json), NULL, &effective, error));
  pixazo_status status = write_provenance(item, effective, PROMPT_MAX, out, &problem);
  if (status == PIXAZO_E_LIMIT)
    return write_provenance(item, effective, PROMPT_MIN, out, error);
  px_error_move(error, px_steal(&problem));
  return status;
}
