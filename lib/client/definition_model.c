/* SPDX-License-Identifier: MIT */
/* Models of a definition: from JSON to rows. */
#include <math.h>
#include <string.h>

#include <pixazo/record.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/definition.h"
#include "client/template.h"

enum { SIZES_MAX = 1000, RATES_MAX = 1000, CHOICES_MAX = 200, WORD_MAX = 200 };

static const double TOP = 9007199254740992.0; /* beyond it a double does not hold every whole number */
static const double SIDE_MAX = 65535;

/* What of a model is read before it is looked at closely. */
typedef struct parts {
  const px_json *parameters;
  const px_json *sizes;
  const px_json *extras;
  const px_json *price;
  const px_json *rates;
  const px_json *tokens;
} parts;

typedef struct model_text {
  px_model_draft draft;
  parts parts;
} model_text;

#define ROW(member) offsetof(model_text, draft.row.member)
#define RULE(member) offsetof(model_text, draft.rule.member)
#define PART(member) offsetof(model_text, parts.member)

static pixazo_status read_members(const px_place *place, model_text *text, pixazo_error **error)
{
  static const px_member members[] = {
      {"name", PX_WANT_TEXT, ROW(name), 1, PX_MODEL_NAME_MAX, false},
      {"title", PX_WANT_TEXT, ROW(title), 1, 200, false},
      {"sent_as", PX_WANT_TEXT, RULE(sent_as), 0, PX_MODEL_NAME_MAX, false},
      {"path", PX_WANT_TEXT, ROW(path), 1, 1024, false},
      {"edit_path", PX_WANT_TEXT, ROW(edit_path), 1, 1024, false},
      {"parameters", PX_WANT_OBJECT, PART(parameters), 0, 0, false},
      {"size_sent_as", PX_WANT_TEXT, ROW(size_wire), 1, 100, false},
      {"sizes", PX_WANT_ARRAY, PART(sizes), 1, SIZES_MAX, false},
      {"size_step", PX_WANT_INT32, ROW(size_step), 1, 1024, false},
      {"ratio_max", PX_WANT_DOUBLE, ROW(ratio_max), 1, 64, false},
      {"pixels_min", PX_WANT_INT64, ROW(pixels_min), 0, 1e10, false},
      {"pixels_max", PX_WANT_INT64, ROW(pixels_max), 1, 1e10, false},
      {"inputs_max", PX_WANT_INT32, ROW(inputs_max), 0, PX_REQUEST_IMAGES_MAX, false},
      {"input_bytes", PX_WANT_UINT64, ROW(input_bytes), 1, 1e10, false},
      {"mask", PX_WANT_BOOL, ROW(mask), 0, 0, false},
      {"extras", PX_WANT_OBJECT, PART(extras), 0, 0, false},
      {"body", PX_WANT_OBJECT, RULE(body), 1, 0, false},
      {"edit_body", PX_WANT_OBJECT, RULE(edit_body), 1, 0, false},
      {"pictures_per_call", PX_WANT_INT32, ROW(pictures_per_call), 1, 64, false},
      {"queue", PX_WANT_BOOL, ROW(queue), 0, 0, false},
      {"answer_bytes", PX_WANT_UINT64, ROW(answer_max), 1024, 1e10, false},
      {"price", PX_WANT_OBJECT, PART(price), 0, 0, false},
      {"rates", PX_WANT_ARRAY, PART(rates), 1, RATES_MAX, false},
      {"token_price", PX_WANT_OBJECT, PART(tokens), 0, 0, false},
  };
  return px_place_read(place, members, PX_ARRAY_SIZE(members), text, error);
}

/* ---- parameters ---- */

static bool is_number(px_field field)
{
  px_field_kind kind = px_field_row_of(field)->kind;
  return kind == PX_KIND_INTEGER || kind == PX_KIND_NUMBER;
}

/* What a service can be asked for; the rest of a request is the library's own business. */
static bool is_sendable(px_field field)
{
  return field <= PX_FIELD_STRENGTH && field != PX_FIELD_PROVIDER && field != PX_FIELD_ASPECT_RATIO;
}

static pixazo_status find_field(const px_place *place, px_field *out, pixazo_error **error)
{
  for (px_field field = 0; field < PX_FIELDS; field++) {
    if (is_sendable(field) && px_str_equal(px_field_row_of(field)->name, place->name)) {
      *out = field;
      return PIXAZO_OK;
    }
  }
  px_auto(px_buf) known = PX_BUF_INIT(512);
  for (px_field field = 0; field < PX_FIELDS; field++) {
    if (is_sendable(field))
      (void)px_buf_printf(&known, "%s%s", known.size > 0 ? ", " : "", px_field_row_of(field)->name);
  }
  return px_place_fail(place, error, "is no parameter; known: %s", px_buf_text(&known));
}

static bool is_whole(double value)
{
  return value >= -TOP && value <= TOP && (double)(int64_t)value >= value && (double)(int64_t)value <= value;
}

/* What holds before a definition says otherwise. */
static px_param start_of(px_field field)
{
  px_param param = {.wire = px_field_row_of(field)->name};
  if (field == PX_FIELD_SEED)
    param.maximum = 4294967295.0;
  if (field == PX_FIELD_COUNT)
    param = (px_param){param.wire, 1, 64, 1};
  return param;
}

static pixazo_status check_bounds(const px_place *place, px_field field, const px_param *param, pixazo_error **error)
{
  static const char *const sides[] = {"min", "max", "default"};
  const px_field_row *row = px_field_row_of(field);
  const double values[] = {param->minimum, param->maximum, param->fallback};
  for (size_t i = 0; i < PX_ARRAY_SIZE(sides); i++) {
    px_place side = px_place_member(place, sides[i]);
    if (isnan(values[i])) /* nothing is sent unless it is asked for */
      continue;
    bool fits = values[i] >= (field == PX_FIELD_SEED ? 0 : row->minimum) && values[i] <= row->maximum;
    if (!fits)
      return px_place_fail_range(&side, "a number", row->minimum, row->maximum, error);
    if (row->kind == PX_KIND_INTEGER && !is_whole(values[i]))
      return px_place_fail(&side, error, "want a whole number");
  }
  if (param->minimum > param->maximum || param->fallback < param->minimum || param->fallback > param->maximum)
    return px_place_fail(place, error, "min, default and max are not in this order");
  return PIXAZO_OK;
}

static pixazo_status read_number(const px_place *place, px_field field, px_param *param, pixazo_error **error)
{
  static const px_member members[] = {
      {"sent_as", PX_WANT_TEXT, offsetof(px_param, wire), 1, 100, false},
      {"min", PX_WANT_DOUBLE, offsetof(px_param, minimum), -9007199254740992.0, 9007199254740992.0, false},
      {"max", PX_WANT_DOUBLE, offsetof(px_param, maximum), -9007199254740992.0, 9007199254740992.0, false},
      {"default", PX_WANT_DOUBLE, offsetof(px_param, fallback), -9007199254740992.0, 9007199254740992.0, false},
  };
  bool fresh = param->wire == NULL;
  if (fresh)
    *param = start_of(field);
  PX_TRY(px_place_read(place, members, PX_ARRAY_SIZE(members), param, error));
  if (!fresh && !px_json_member(place->node, "default") && !isnan(param->fallback)) /* a narrower range takes it along */
    param->fallback = fmin(fmax(param->fallback, param->minimum), param->maximum);
  bool ranged = field != PX_FIELD_SEED && field != PX_FIELD_COUNT;
  for (size_t i = 1; fresh && ranged && i < PX_ARRAY_SIZE(members); i++) {
    px_place side = px_place_member(place, members[i].name);
    if (!px_json_is(side.node, PX_JSON_NUMBER))
      return px_place_fail(&side, error, "missing");
  }
  return check_bounds(place, field, param, error);
}

/* A list of words as the row holds it: with commas between. */
static pixazo_status join_choices(px_arena *arena, const px_place *place, const char **out, pixazo_error **error)
{
  px_auto(px_buf) text = PX_BUF_INIT((size_t)CHOICES_MAX * (WORD_MAX + 1));
  size_t index = 0;
  for (const px_json *node = px_json_first(place->node); node; node = px_json_next(node), index++) {
    px_place child = px_place_child(place, node, index);
    PX_TRY(px_place_is(&child, PX_JSON_STRING, error));
    const char *word = px_json_text(node);
    if (px_str_empty(word) || strlen(word) > WORD_MAX || strchr(word, ','))
      return px_place_fail(&child, error, "want a word without commas of at most %d bytes", WORD_MAX);
    (void)px_buf_printf(&text, "%s%s", index > 0 ? "," : "", word);
  }
  *out = text.failed ? NULL : px_arena_strdup(arena, px_buf_text(&text));
  return *out ? PIXAZO_OK : px_fail_nomem(error);
}

static bool has_choice(const px_json *choices, const char *word)
{
  for (const px_json *node = px_json_first(choices); node; node = px_json_next(node)) {
    if (px_str_equal(px_json_text(node), word))
      return true;
  }
  return false;
}

typedef struct word_text {
  const char *wire;
  const char *fallback;
  const px_json *choices;
} word_text;

static pixazo_status read_word(px_arena *arena, const px_place *place, px_field field, px_model *row, pixazo_error **error)
{
  static const px_member members[] = {
      {"sent_as", PX_WANT_TEXT, offsetof(word_text, wire), 1, 100, false},
      {"default", PX_WANT_TEXT, offsetof(word_text, fallback), 1, WORD_MAX, false},
      {"choices", PX_WANT_ARRAY, offsetof(word_text, choices), 1, CHOICES_MAX, false},
  };
  px_words *words = &row->words[field];
  bool fresh = row->params[field].wire == NULL;
  word_text text = {fresh ? px_field_row_of(field)->name : row->params[field].wire, words->fallback, NULL};
  PX_TRY(px_place_read(place, members, field <= PX_FIELD_MODEL ? 1 : PX_ARRAY_SIZE(members), &text, error));
  px_place choices = px_place_member(place, "choices");
  px_place fallback = px_place_member(place, "default");
  if (text.choices)
    PX_TRY(join_choices(arena, &choices, &words->choices, error));
  if (text.choices && text.fallback && !has_choice(text.choices, text.fallback))
    return px_place_fail(&fallback, error, "is not among the choices");
  row->params[field].wire = text.wire;
  words->fallback = text.fallback;
  return PIXAZO_OK;
}

/* "num_steps" is short for {"sent_as": "num_steps"}; null takes a parameter away. */
static pixazo_status read_parameter(px_arena *arena, const px_place *place, px_model *row, pixazo_error **error)
{
  px_field field = PX_FIELD_PROMPT;
  PX_TRY(find_field(place, &field, error));
  px_param *param = &row->params[field];
  if (px_json_is(place->node, PX_JSON_NULL)) {
    *param = (px_param){NULL, 0, 0, 0};
    row->words[field] = (px_words){NULL, NULL};
    return PIXAZO_OK;
  }
  if (px_json_is(place->node, PX_JSON_STRING) && (param->wire || !is_number(field) || field == PX_FIELD_SEED ||
                                                  field == PX_FIELD_COUNT)) {
    if (!param->wire)
      *param = start_of(field);
    param->wire = px_json_text(place->node);
    return px_str_empty(param->wire) ? px_place_fail(place, error, "must not be empty") : PIXAZO_OK;
  }
  PX_TRY(px_place_is(place, PX_JSON_OBJECT, error));
  return is_number(field) ? read_number(place, field, param, error) : read_word(arena, place, field, row, error);
}

static pixazo_status read_parameters(px_arena *arena, const px_place *place, px_model *row, pixazo_error **error)
{
  for (const px_json *node = px_json_first(place->node); node; node = px_json_next(node)) {
    px_place child = px_place_child(place, node, 0);
    PX_TRY(read_parameter(arena, &child, row, error));
  }
  return PIXAZO_OK;
}

/* ---- sizes and prices ---- */

static pixazo_status read_sizes(px_arena *arena, const px_place *place, px_model *row, pixazo_error **error)
{
  static const px_member members[] = {
      {"width", PX_WANT_INT32, offsetof(px_size, width), 1, 65535, true},
      {"height", PX_WANT_INT32, offsetof(px_size, height), 1, 65535, true},
      {"name", PX_WANT_TEXT, offsetof(px_size, name), 1, 60, false},
  };
  px_size *sizes = px_arena_calloc(arena, px_json_size(place->node) + 1, sizeof *sizes);
  if (!sizes)
    return px_fail_nomem(error);
  size_t index = 0;
  for (const px_json *node = px_json_first(place->node); node; node = px_json_next(node), index++) {
    px_place child = px_place_child(place, node, index);
    PX_TRY(px_place_read(&child, members, PX_ARRAY_SIZE(members), &sizes[index], error));
  }
  row->sizes = sizes;
  return PIXAZO_OK;
}

/* Where the sizes are a list, the sides need no bounds of their own. */
static void bound_by_sizes(px_model *row)
{
  static const px_field sides[] = {PX_FIELD_WIDTH, PX_FIELD_HEIGHT};
  for (size_t i = 0; i < PX_ARRAY_SIZE(sides); i++) {
    px_param *param = &row->params[sides[i]];
    if (param->wire)
      continue;
    *param = (px_param){row->size_wire ? row->size_wire : px_field_row_of(sides[i])->name, SIDE_MAX, 1, 0};
    for (const px_size *size = row->sizes; size->width > 0; size++) {
      double side = sides[i] == PX_FIELD_WIDTH ? size->width : size->height;
      param->minimum = side < param->minimum ? side : param->minimum;
      param->maximum = side > param->maximum ? side : param->maximum;
      param->fallback = size == row->sizes ? side : param->fallback;
    }
  }
}

static bool is_date(const char *text)
{
  for (size_t i = 0; i < 10; i++) {
    if (i == 4 || i == 7 ? text[i] != '-' : !px_ascii_is_digit(text[i]))
      return false;
  }
  return text[10] == '\0';
}

typedef struct price_text {
  int64_t micros;
  const char *source;
  const char *date;
  const px_json *confidence;
} price_text;

/* A price nobody can look up is no price. */
static pixazo_status read_price(const px_place *place, px_price *price, pixazo_error **error)
{
  static const px_member members[] = {
      {"micros_per_picture", PX_WANT_INT64, offsetof(price_text, micros), 0, 1e12, true},
      {"source", PX_WANT_TEXT, offsetof(price_text, source), 1, 300, true},
      {"date", PX_WANT_TEXT, offsetof(price_text, date), 10, 10, true},
      {"confidence", PX_WANT_ANY, offsetof(price_text, confidence), 0, 0, false},
  };
  static const char *const words[] = {"upper_bound", "estimated", "metered", "billed"};
  static const int32_t values[] = {PIXAZO_CONFIDENCE_UPPER_BOUND, PIXAZO_CONFIDENCE_ESTIMATED, PIXAZO_CONFIDENCE_METERED,
                                   PIXAZO_CONFIDENCE_BILLED};
  price_text text = {0};
  size_t word = 0;
  PX_TRY(px_place_read(place, members, PX_ARRAY_SIZE(members), &text, error));
  px_place date = px_place_member(place, "date");
  px_place confidence = px_place_member(place, "confidence");
  if (!is_date(text.date))
    return px_place_fail(&date, error, "want a date like 2026-11-20");
  if (text.confidence)
    PX_TRY(px_place_word(&confidence, words, PX_ARRAY_SIZE(words), &word, error));
  *price = (px_price){true, text.micros, values[word], text.source, text.date};
  return PIXAZO_OK;
}

static pixazo_status read_rates(px_arena *arena, const px_place *place, px_model *row, pixazo_error **error)
{
  static const px_member members[] = {
      {"quality", PX_WANT_TEXT, offsetof(px_rate, quality), 1, 60, false},
      {"pixels", PX_WANT_INT64, offsetof(px_rate, pixels), 1, 1e10, false},
      {"micros_per_picture", PX_WANT_INT64, offsetof(px_rate, micros), 0, 1e12, true},
  };
  px_rate *rates = px_arena_calloc(arena, px_json_size(place->node), sizeof *rates);
  if (!rates)
    return px_fail_nomem(error);
  if (!row->price.known)
    return px_place_fail(place, error, "rates refine a price; there is none");
  size_t index = 0;
  for (const px_json *node = px_json_first(place->node); node; node = px_json_next(node), index++) {
    px_place child = px_place_child(place, node, index);
    PX_TRY(px_place_read(&child, members, PX_ARRAY_SIZE(members), &rates[index], error));
  }
  row->rates = rates;
  row->rate_count = index;
  return PIXAZO_OK;
}

static pixazo_status read_tokens(const px_place *place, px_token_price *tokens, pixazo_error **error)
{
  static const px_member members[] = {
      {"text_in", PX_WANT_INT64, offsetof(px_token_price, text_in), 0, 1e12, false},
      {"image_in", PX_WANT_INT64, offsetof(px_token_price, image_in), 0, 1e12, false},
      {"text_out", PX_WANT_INT64, offsetof(px_token_price, text_out), 0, 1e12, false},
      {"image_out", PX_WANT_INT64, offsetof(px_token_price, image_out), 1, 1e12, true},
  };
  return px_place_read(place, members, PX_ARRAY_SIZE(members), tokens, error);
}

static pixazo_status keep_extras(px_arena *arena, const px_json *node, const char **out, pixazo_error **error)
{
  px_autofree char *text = px_json_print(node);
  *out = text ? px_arena_strdup(arena, text) : NULL;
  return *out ? PIXAZO_OK : px_fail_nomem(error);
}

pixazo_status px_definition_model(px_arena *arena, const px_place *place, px_model_draft *draft, pixazo_error **error)
{
  model_text text = {.draft = *draft};
  px_model *row = &text.draft.row;
  PX_TRY(read_members(place, &text, error));
  px_place parameters = px_place_member(place, "parameters");
  px_place sizes = px_place_member(place, "sizes");
  px_place price = px_place_member(place, "price");
  px_place rates = px_place_member(place, "rates");
  px_place tokens = px_place_member(place, "token_price");
  if (text.parts.parameters)
    PX_TRY(read_parameters(arena, &parameters, row, error));
  if (text.parts.sizes)
    PX_TRY(read_sizes(arena, &sizes, row, error));
  if (row->sizes)
    bound_by_sizes(row);
  if (text.parts.extras)
    PX_TRY(keep_extras(arena, text.parts.extras, &row->extras, error));
  if (text.parts.price)
    PX_TRY(read_price(&price, &row->price, error));
  if (text.parts.price && !text.parts.rates) {
    row->rates = NULL;
    row->rate_count = 0;
  }
  if (text.parts.rates)
    PX_TRY(read_rates(arena, &rates, row, error));
  if (text.parts.tokens)
    PX_TRY(read_tokens(&tokens, &row->tokens, error));
  *draft = text.draft;
  return PIXAZO_OK;
}

/* ---- what a finished model must be ---- */

static pixazo_status check_paths(const px_place *place, const px_model *row, pixazo_error **error)
{
  px_place path = px_place_member(place, "path");
  px_place edit_path = px_place_member(place, "edit_path");
  if (!row->path)
    return px_place_fail(&path, error, "missing");
  PX_TRY(px_template_check_path(&path, row->path, "{model}", error));
  return row->edit_path ? px_template_check_path(&edit_path, row->edit_path, "{model}", error) : PIXAZO_OK;
}

/* A parameter that is taken and not placed would be reported as sent and be dropped. */
static pixazo_status check_placed(const px_place *place, const px_model_draft *draft, pixazo_error **error)
{
  px_place parameters = px_place_member(place, "parameters");
  for (px_field field = 0; field < PX_FIELDS; field++) {
    const char *name = px_field_row_of(field)->name;
    bool side = field == PX_FIELD_WIDTH || field == PX_FIELD_HEIGHT;
    bool placed = px_template_has(draft->rule.body, name) || px_template_has(draft->rule.edit_body, name) ||
                  (side && px_template_has(draft->rule.body, "size"));
    px_place parameter = {&parameters, name, 0, NULL};
    if (draft->row.params[field].wire && !placed)
      return px_place_fail(&parameter, error, "the body does not place {{%s}}", name);
  }
  return PIXAZO_OK;
}

/* A picture that is taken and not placed would be paid for something else. */
static pixazo_status check_inputs(const px_place *place, const px_model_draft *draft, pixazo_error **error)
{
  const px_json *body = draft->rule.edit_body ? draft->rule.edit_body : draft->rule.body;
  px_place inputs = px_place_member(place, "inputs_max");
  px_place mask = px_place_member(place, "mask");
  for (int32_t i = 0; i < draft->row.inputs_max; i++) {
    if (!body || !px_template_has_input(body, (size_t)i, false))
      return px_place_fail(&inputs, error, "no body places picture %d", i);
  }
  if (draft->row.inputs_max > 0 && draft->row.input_bytes == 0)
    return px_place_fail(&inputs, error, "input_bytes must say how large a picture may be");
  if (draft->row.mask && (!body || !px_template_has_input(body, 0, true)))
    return px_place_fail(&mask, error, "no body places the mask");
  return PIXAZO_OK;
}

static pixazo_status check_bodies(const px_place *place, const px_model_draft *draft, pixazo_error **error)
{
  px_place sent_as = px_place_member(place, "sent_as");
  px_place extras = px_place_member(place, "extras");
  px_place edit_body = px_place_member(place, "edit_body");
  if (!draft->rule.body && draft->rule.edit_body)
    return px_place_fail(&edit_body, error, "needs a body beside it");
  if (draft->rule.body) {
    if (draft->row.extras)
      return px_place_fail(&extras, error, "a body says itself what is always sent");
    PX_TRY(check_placed(place, draft, error));
  } else if (draft->rule.sent_as && draft->row.params[PX_FIELD_MODEL].wire) {
    return px_place_fail(&sent_as, error, "needs a body that places {{model}}");
  }
  return check_inputs(place, draft, error);
}

static bool good_name(const char *name)
{
  for (const char *at = name; *at; at++) {
    if (*at <= 0x20 || *at >= 0x7F || *at == '"' || *at == '\\')
      return false;
  }
  return true;
}

/* Where code builds the body there is nothing to describe. */
static pixazo_status check_coded(const px_place *place, const px_model_draft *draft, pixazo_error **error)
{
  px_place body = px_place_member(place, draft->rule.sent_as ? "sent_as" : draft->rule.body ? "body" : "edit_body");
  if (draft->rule.sent_as || draft->rule.body || draft->rule.edit_body)
    return px_place_fail(&body, error, "this provider builds its bodies itself");
  return draft->row.path ? check_paths(place, &draft->row, error) : PIXAZO_OK;
}

pixazo_status px_definition_check_model(const px_place *place, const px_model_draft *draft, bool coded, pixazo_error **error)
{
  const px_model *row = &draft->row;
  px_place name = px_place_member(place, "name");
  px_place parameters = px_place_member(place, "parameters");
  px_place prompt = px_place_member(&parameters, "prompt");
  px_place size = px_place_member(place, "size_sent_as");
  px_place pixels = px_place_member(place, "pixels_min");
  if (!row->name)
    return px_place_fail(&name, error, "missing");
  if (!good_name(row->name))
    return px_place_fail(&name, error, "want visible ASCII without quotes");
  if (!row->params[PX_FIELD_PROMPT].wire)
    return px_place_fail(&prompt, error, "missing");
  bool sides = row->params[PX_FIELD_WIDTH].wire && row->params[PX_FIELD_HEIGHT].wire;
  if (!sides && (row->size_wire || row->params[PX_FIELD_WIDTH].wire || row->params[PX_FIELD_HEIGHT].wire))
    return px_place_fail(row->size_wire ? &size : &parameters, error, "width and height go together");
  if (row->pixels_max > 0 && row->pixels_min > row->pixels_max)
    return px_place_fail(&pixels, error, "is more than pixels_max");
  if (coded)
    return check_coded(place, draft, error);
  PX_TRY(check_paths(place, row, error));
  return check_bodies(place, draft, error);
}
