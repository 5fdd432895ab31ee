/* SPDX-License-Identifier: MIT */
#include "client/definition.h"

#include <string.h>

#include <pixazo/record.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/header.h"
#include "client/template.h"
#include "net/url.h"

enum { NAME_MAX_BYTES = 40, TOKENS_MAX = 200000 };

static const uint64_t PICTURE_SHARE = UINT64_C(32) << 20;

/* ---- the handle ---- */

static void destroy(pixazo_provider *self)
{
  if (self->ops.destroy && !self->base)
    self->ops.destroy(self->self);
  px_arena_done(&self->arena);
  px_json_free(self->root);
  px_free(self->headers);
  (void)pixazo_provider_unref(self->base);
  px_free(self);
}

static void drop_provider(pixazo_provider **self)
{
  if (*self)
    destroy(*self);
}

pixazo_provider *pixazo_provider_ref(pixazo_provider *provider)
{
  if (provider)
    atomic_fetch_add_explicit(&provider->references, 1, memory_order_relaxed);
  return provider;
}

pixazo_provider *pixazo_provider_unref(pixazo_provider *provider)
{
  if (provider && atomic_fetch_sub_explicit(&provider->references, 1, memory_order_acq_rel) == 1)
    destroy(provider);
  return NULL;
}

const char *pixazo_provider_name(const pixazo_provider *provider)
{
  return provider ? provider->row.name : "";
}

/* ---- the functions of every definition ---- */

static const pixazo_provider *definition_of(const px_provider *provider)
{
  return provider->self;
}

static const px_model_rule *rule_of(const px_build *job)
{
  const pixazo_provider *self = definition_of(job->provider);
  bool other = job->model == job->provider->other;
  return &self->rules[other ? job->provider->model_count : (size_t)(job->model - job->provider->models)];
}

/* The path with the name as it goes out, where that is not the model's own. */
static void put_path(const px_build *job, const char *name)
{
  const char *row = job->input_count > 0 && job->model->edit_path ? job->model->edit_path : job->model->path;
  const char *place = strstr(row, "{model}");
  if (!place)
    return;
  (void)px_buf_add(job->path, row, (size_t)(place - row));
  px_url_escape(job->path, name, false);
  (void)px_buf_add_text(job->path, place + strlen("{model}"));
}

static pixazo_status build(const px_build *job, pixazo_error **error)
{
  const px_model_rule *rule = rule_of(job);
  const char *name = rule->sent_as ? rule->sent_as : job->name;
  const px_json *body = job->input_count > 0 && rule->edit_body ? rule->edit_body : rule->body;
  if (rule->sent_as)
    put_path(job, name);
  return body ? px_template_build(job, body, name, error) : px_build_plain(job, error);
}

static pixazo_status poll(const px_provider *provider, const char *remote_id, px_buf *path, pixazo_error **error)
{
  const char *row = definition_of(provider)->poll_path;
  const char *place = row ? strstr(row, "{id}") : NULL;
  if (!place)
    return px_fail(error, PIXAZO_E_UNSUPPORTED, "the definition of %s has no poll rule", provider->name);
  (void)px_buf_add(path, row, (size_t)(place - row));
  px_url_escape(path, remote_id, false);
  (void)px_buf_add_text(path, place + strlen("{id}"));
  if (path->over)
    return px_fail(error, PIXAZO_E_LIMIT, "the provider's request id is too long");
  return path->failed ? px_fail_nomem(error) : PIXAZO_OK;
}

static pixazo_status read_answer(const px_provider *provider, const px_answer *answer, px_reading *reading,
                                 pixazo_error **error)
{
  const px_answer_rules *rules = &definition_of(provider)->answer;
  px_reading_rules by = {px_rules_apply, rules};
  PX_TRY(px_reading_read_by(answer, &by, reading, error));
  px_rules_judge(rules, px_answer_status(answer), reading);
  return PIXAZO_OK;
}

/* ---- the document ---- */

typedef struct sections {
  int32_t schema;
  const char *notes;
  const px_json *auth;
  const px_json *headers;
  const px_json *billing;
  const px_json *defaults;
  const px_json *models;
  const px_json *other;
  const px_json *answer;
  const px_json *errors;
  const px_json *poll;
  const px_json *progress;
} sections;

typedef struct document {
  px_provider row;
  sections sections;
} document;

#define ROW(member) offsetof(document, row.member)
#define SECTION(member) offsetof(document, sections.member)

static pixazo_status read_top(const px_place *place, document *out, pixazo_error **error)
{
  static const px_member members[] = {
      {"schema", PX_WANT_INT32, SECTION(schema), 1, 1, true},
      {"name", PX_WANT_TEXT, ROW(name), 1, NAME_MAX_BYTES, true},
      {"title", PX_WANT_TEXT, ROW(title), 1, 200, false},
      {"notes", PX_WANT_TEXT, SECTION(notes), 0, 4000, false},
      {"base_url", PX_WANT_TEXT, ROW(base_url), 1, 2000, false},
      {"auth", PX_WANT_OBJECT, SECTION(auth), 0, 0, false},
      {"headers", PX_WANT_OBJECT, SECTION(headers), 0, PX_DEFINITION_HEADERS_MAX, false},
      {"billing", PX_WANT_OBJECT, SECTION(billing), 0, 0, false},
      {"model_defaults", PX_WANT_OBJECT, SECTION(defaults), 0, 0, false},
      {"models", PX_WANT_ARRAY, SECTION(models), 1, PX_MODELS_MAX, true},
      {"other_model", PX_WANT_OBJECT, SECTION(other), 0, 0, false},
      {"answer", PX_WANT_OBJECT, SECTION(answer), 0, 0, false},
      {"errors", PX_WANT_ARRAY, SECTION(errors), 0, 0, false},
      {"poll", PX_WANT_OBJECT, SECTION(poll), 0, 0, false},
      {"progress", PX_WANT_OBJECT, SECTION(progress), 0, 0, false},
      {"generation_timeout_ms", PX_WANT_UINT32, ROW(generation_ms), 1000, 86400000, false},
  };
  return px_place_read(place, members, PX_ARRAY_SIZE(members), out, error);
}

/* A name stands before the slash of "provider/model", in file names and in settings. */
static pixazo_status check_name(const px_place *top, const char *name, pixazo_error **error)
{
  px_place place = px_place_member(top, "name");
  for (const char *at = name; *at; at++) {
    bool fine = (*at >= 'a' && *at <= 'z') || px_ascii_is_digit(*at) || (at > name && strchr("-_.", *at));
    if (!fine)
      return px_place_fail(&place, error, "want small letters, digits, '-', '_' and '.'");
  }
  const px_provider *known = px_provider_find(name);
  return known ? px_place_fail(&place, error, "\"%s\" is a provider of the library", name) : PIXAZO_OK;
}

static pixazo_status check_base_url(const px_place *top, const char *url, bool in_process, pixazo_error **error)
{
  px_url parsed;
  px_autoerror problem = NULL;
  px_place place = px_place_member(top, "base_url");
  if (in_process)
    return url ? px_place_fail(&place, error, "pictures are made inside the process") : PIXAZO_OK;
  if (!url)
    return px_place_fail(&place, error, "missing");
  if (px_url_parse(url, &parsed, &problem) != PIXAZO_OK)
    return px_place_fail(&place, error, "%s", pixazo_error_message(problem));
  return strpbrk(url, "?#") ? px_place_fail(&place, error, "a query or fragment does not belong there") : PIXAZO_OK;
}

static bool is_header_name(const char *name)
{
  for (const char *at = name; *at; at++) {
    if (!px_ascii_is_alnum(*at) && *at != '-' && *at != '_')
      return false;
  }
  return !px_str_empty(name) && strlen(name) <= 100;
}

static bool is_header_text(const char *text)
{
  for (const char *at = text; *at; at++) {
    if (*at < 0x20 || *at >= 0x7F)
      return false;
  }
  return true;
}

typedef struct auth_text {
  px_provider row;
  bool required;
} auth_text;

static pixazo_status read_auth(const px_place *place, px_provider *row, pixazo_error **error)
{
  static const px_member members[] = {
      {"header", PX_WANT_TEXT, offsetof(auth_text, row.key_header), 1, 100, true},
      {"prefix", PX_WANT_TEXT, offsetof(auth_text, row.key_prefix), 0, 100, false},
      {"basic", PX_WANT_BOOL, offsetof(auth_text, row.key_basic), 0, 0, false},
      {"required", PX_WANT_BOOL, offsetof(auth_text, required), 0, 0, false},
      {"hint", PX_WANT_TEXT, offsetof(auth_text, row.key_hint), 1, 400, false},
  };
  auth_text text = {.row = *row};
  px_place header = px_place_member(place, "header");
  px_place prefix = px_place_member(place, "prefix");
  px_place hint = px_place_member(place, "hint");
  PX_TRY(px_place_read(place, members, PX_ARRAY_SIZE(members), &text, error));
  if (!is_header_name(text.row.key_header))
    return px_place_fail(&header, error, "is no name of a header");
  if (text.row.key_prefix && (text.row.key_basic || !is_header_text(text.row.key_prefix)))
    return px_place_fail(&prefix, error, text.row.key_basic ? "basic has its own" : "want visible ASCII");
  if (text.row.key_hint && !text.required)
    return px_place_fail(&hint, error, "is shown when a required key is missing; say \"required\": true");
  if (text.row.key_basic)
    text.row.key_prefix = "Basic ";
  if (text.required && !text.row.key_hint)
    text.row.key_hint = "set api_key of the account; in settings NAME.api_key, or the variable PIXAZO_KEY_NAME";
  *row = text.row;
  return PIXAZO_OK;
}

/* Headers go out as they are and into no record: no place for a key. */
static pixazo_status read_headers(pixazo_provider *self, const px_place *place, pixazo_error **error)
{
  px_auto(px_buf) lines = PX_BUF_INIT(4096);
  for (const px_json *node = px_json_first(place->node); node; node = px_json_next(node)) {
    px_place child = px_place_child(place, node, 0);
    PX_TRY(px_place_is(&child, PX_JSON_STRING, error));
    if (!is_header_name(child.name) || !is_header_text(px_json_text(node)))
      return px_place_fail(&child, error, "want a name and a value of visible ASCII");
    if (px_header_kind_of(child.name, strlen(child.name), self->row.key_header) != PX_HEADER_FREE)
      return px_place_fail(&child, error, "is the library's own header, or holds a key: see auth");
    (void)px_buf_printf(&lines, "%s%s: %s", lines.size > 0 ? "\n" : "", child.name, px_json_text(node));
  }
  if (lines.over)
    return px_place_fail(place, error, "has more than 4096 bytes");
  self->headers = px_buf_steal(&lines);
  return self->headers ? PIXAZO_OK : px_fail_nomem(error);
}

typedef struct billing_text {
  px_billing billing;
  const px_json *errors;
  const px_json *empty_answers;
  const px_json *blocked;
} billing_text;

static pixazo_status read_billed(const px_place *place, const char *name, px_billed *out, pixazo_error **error)
{
  static const char *const words[] = {"unknown", "not_billed", "billed"};
  size_t word = 0;
  px_place child = px_place_member(place, name);
  if (child.node)
    PX_TRY(px_place_word(&child, words, PX_ARRAY_SIZE(words), &word, error));
  *out = (px_billed)word;
  return PIXAZO_OK;
}

static pixazo_status read_billing(const px_place *place, px_billing *billing, pixazo_error **error)
{
  static const px_member members[] = {
      {"rule", PX_WANT_TEXT, offsetof(billing_text, billing.rule), 1, 600, true},
      {"source", PX_WANT_TEXT, offsetof(billing_text, billing.source), 1, 300, true},
      {"date", PX_WANT_TEXT, offsetof(billing_text, billing.date), 10, 10, true},
      {"none", PX_WANT_BOOL, offsetof(billing_text, billing.none), 0, 0, false},
      {"errors", PX_WANT_ANY, offsetof(billing_text, errors), 0, 0, false},
      {"empty_answers", PX_WANT_ANY, offsetof(billing_text, empty_answers), 0, 0, false},
      {"blocked", PX_WANT_ANY, offsetof(billing_text, blocked), 0, 0, false},
  };
  billing_text text = {0};
  px_billed errors = PX_BILLED_UNKNOWN;
  px_billed empty = PX_BILLED_UNKNOWN;
  PX_TRY(px_place_read(place, members, PX_ARRAY_SIZE(members), &text, error));
  PX_TRY(read_billed(place, "errors", &errors, error));
  PX_TRY(read_billed(place, "empty_answers", &empty, error));
  PX_TRY(read_billed(place, "blocked", &text.billing.blocked, error));
  text.billing.errors_unbilled = errors == PX_BILLED_NO;
  text.billing.empty_unbilled = empty == PX_BILLED_NO;
  *billing = text.billing;
  return PIXAZO_OK;
}

/* ---- models ---- */

static pixazo_status check_templates(const px_place *place, pixazo_error **error)
{
  px_place body = px_place_member(place, "body");
  px_place edit_body = px_place_member(place, "edit_body");
  if (body.node)
    PX_TRY(px_template_check(&body, error));
  return edit_body.node ? px_template_check(&edit_body, error) : PIXAZO_OK;
}

/* Where nothing is billed, the price is known. */
static void price_by_billing(const px_billing *billing, px_model *row)
{
  if (billing->none && !row->price.known)
    row->price = (px_price){true, 0, PIXAZO_CONFIDENCE_BILLED, billing->source, billing->date};
}

static const px_price unknown_price = {false, 0, PIXAZO_CONFIDENCE_UNKNOWN, "the definition names no price", ""};

px_model_draft px_definition_start(void)
{
  return (px_model_draft){.row = {.pictures_per_call = 1, .answer_max = PICTURE_SHARE, .price = unknown_price}};
}

pixazo_status px_definition_add_model(pixazo_provider *self, const px_place *place, const px_model_draft *start, bool coded,
                                      px_model *row, px_model_rule *rule, pixazo_error **error)
{
  px_model_draft draft = *start;
  PX_TRY(px_definition_model(&self->arena, place, &draft, error));
  PX_TRY(check_templates(place, error));
  PX_TRY(px_definition_check_model(place, &draft, coded, error));
  if (draft.row.queue && !self->poll_path && !self->row.ops.poll) {
    px_place queue = px_place_member(place, "queue");
    return px_place_fail(&queue, error, "needs the poll rule of the definition");
  }
  price_by_billing(&self->row.billing, &draft.row);
  draft.row.title = draft.row.title ? draft.row.title : draft.row.name;
  *row = draft.row;
  *rule = draft.rule;
  return PIXAZO_OK;
}

static pixazo_status read_defaults(pixazo_provider *self, const px_place *top, px_model_draft *draft, pixazo_error **error)
{
  px_place place = px_place_member(top, "model_defaults");
  *draft = px_definition_start();
  if (!place.node)
    return PIXAZO_OK;
  PX_TRY(px_definition_model(&self->arena, &place, draft, error));
  px_place name = px_place_member(&place, "name");
  if (draft->row.name)
    return px_place_fail(&name, error, "belongs to one model");
  return check_templates(&place, error);
}

/* No document says what goes out. */
static bool is_coded(const pixazo_provider *self)
{
  return self->ops.produce || self->ops.build;
}

static pixazo_status read_all_models(pixazo_provider *self, const px_place *place, const px_model_draft *start,
                                     px_model *rows, pixazo_error **error)
{
  size_t index = 0;
  for (const px_json *node = px_json_first(place->node); node; node = px_json_next(node), index++) {
    px_place child = px_place_child(place, node, index);
    PX_TRY(px_definition_add_model(self, &child, start, is_coded(self), &rows[index], &self->rules[index], error));
    self->row.model_count = index + 1;
    if (px_model_find(&self->row, rows[index].name) != &rows[index]) {
      px_place name = px_place_member(&child, "name");
      return px_place_fail(&name, error, "\"%s\" is there already", rows[index].name);
    }
  }
  return PIXAZO_OK;
}

static pixazo_status read_models(pixazo_provider *self, const px_place *top, const sections *parts, pixazo_error **error)
{
  px_model_draft start;
  px_place models = px_place_member(top, "models");
  px_place other = px_place_member(top, "other_model");
  size_t count = px_json_size(parts->models);
  px_model *rows = px_arena_calloc(&self->arena, count + 1, sizeof *rows);
  self->rules = px_arena_calloc(&self->arena, count + 1, sizeof *self->rules);
  if (!rows || !self->rules)
    return px_fail_nomem(error);
  self->row.models = rows;
  PX_TRY(read_defaults(self, top, &start, error));
  PX_TRY(read_all_models(self, &models, &start, rows, error));
  if (!parts->other)
    return PIXAZO_OK;
  if (px_json_member(other.node, "name")) {
    px_place name = px_place_member(&other, "name");
    return px_place_fail(&name, error, "does not belong there: it is any model that is not listed");
  }
  start.row.name = "other";
  start.row.title = "a model that is not listed";
  self->row.other = &rows[count];
  return px_definition_add_model(self, &other, &start, is_coded(self), &rows[count], &self->rules[count], error);
}

static pixazo_status read_sections(pixazo_provider *self, const px_place *top, const sections *parts,
                                   pixazo_error **error)
{
  px_place auth = px_place_member(top, "auth");
  px_place headers = px_place_member(top, "headers");
  px_place billing = px_place_member(top, "billing");
  px_place answer = px_place_member(top, "answer");
  px_place errors = px_place_member(top, "errors");
  px_place rule = px_place_member(top, "poll");
  px_place progress = px_place_member(top, "progress");
  if (parts->auth)
    PX_TRY(read_auth(&auth, &self->row, error));
  if (parts->headers)
    PX_TRY(read_headers(self, &headers, error));
  if (parts->billing)
    PX_TRY(read_billing(&billing, &self->row.billing, error));
  if (parts->answer)
    PX_TRY(px_rules_read_answer(&self->answer, &answer, error));
  if (parts->errors)
    PX_TRY(px_rules_read_errors(&self->answer, &self->arena, &errors, error));
  if (parts->poll)
    PX_TRY(px_definition_poll(self, &rule, error));
  if (parts->progress)
    PX_TRY(px_definition_progress(self, &progress, error));
  return read_models(self, top, parts, error);
}

static const px_billing unknown_billing = {
    .rule = "the definition states nothing about billing, so ambiguous outcomes count as possibly billed",
    .source = "",
    .date = "",
};

static pixazo_status read_definition(pixazo_provider *self, pixazo_error **error)
{
  px_place top = {.node = self->root};
  document text = {0};
  PX_TRY(read_top(&top, &text, error));
  self->row = text.row;
  self->row.billing = unknown_billing;
  self->row.self = self;
  if (!self->row.title)
    self->row.title = self->row.name;
  PX_TRY(check_name(&top, self->row.name, error));
  PX_TRY(check_base_url(&top, self->row.base_url, self->ops.produce != NULL, error));
  PX_TRY(read_sections(self, &top, &text.sections, error));
  px_provider_ops own = {.build = build, .poll = self->poll_path ? poll : NULL, .read = read_answer};
  self->row.ops = px_port_ops(self, own);
  return PIXAZO_OK;
}

pixazo_status px_definition_new(const char *json, const pixazo_provider_ops *ops, void *self, pixazo_provider **out,
                                pixazo_error **error)
{
  static const px_json_limits limits = {.max_bytes = PX_DEFINITION_MAX, .max_tokens = TOKENS_MAX};
  px_cleanup(drop_provider) pixazo_provider *made = px_calloc(1, sizeof *made);
  if (!made)
    return px_fail_nomem(error);
  atomic_init(&made->references, 1);
  made->ops = *ops;
  made->ops.destroy = NULL; /* `self` is taken over on success only */
  made->self = self;
  PX_TRY(px_json_parse_given(json, strlen(json), &limits, "definition", &made->root, error));
  PX_TRY(read_definition(made, error));
  made->ops.destroy = ops->destroy;
  *out = px_steal(&made);
  return PIXAZO_OK;
}

pixazo_status pixazo_provider_new(const char *json, pixazo_provider **out, pixazo_error **error)
{
  static const pixazo_provider_ops none = PIXAZO_PROVIDER_OPS_INIT;
  PX_REQUIRE(json && out, error, "json or out is NULL");
  return px_definition_new(json, &none, NULL, out, error);
}
