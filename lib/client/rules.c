/* SPDX-License-Identifier: MIT */
#include "client/rules.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

enum { PATHS_MAX = 16, PATH_SIZE = 200, WORDS_MAX = 100, ERRORS_MAX = 200, STEPS_MAX = 8, TEXT_MAX = 600, LISTED_MAX = 1000 };

/* ---- the definition's side ---- */

/* "a.b[0].c", "[]" for each element. */
static bool good_path(const char *path, bool wild)
{
  bool empty = true; /* nothing since the last dot */
  size_t wildcards = 0;
  for (const char *at = path; *at; at++) {
    if (*at == '[') {
      size_t digits = strspn(at + 1, "0123456789");
      wildcards += digits == 0;
      if (at[1 + digits] != ']')
        return false;
      at += digits + 1;
      empty = false;
    } else if (*at == '.' && (empty || !at[1] || at[1] == '.')) {
      return false;
    } else {
      empty = *at == '.';
    }
  }
  return !px_str_empty(path) && strlen(path) < PATH_SIZE && wildcards <= (wild ? STEPS_MAX : 0);
}

pixazo_status px_rules_check_path(const px_place *place, bool wild, pixazo_error **error)
{
  PX_TRY(px_place_is(place, PX_JSON_STRING, error));
  if (good_path(px_json_text(place->node), wild))
    return PIXAZO_OK;
  return px_place_fail(place, error, wild ? "want a path like data[].url" : "want a path like error.message or data[0].id");
}

/* A path or a list of them. */
static pixazo_status check_paths(const px_place *place, bool wild, pixazo_error **error)
{
  if (!px_json_is(place->node, PX_JSON_ARRAY))
    return px_rules_check_path(place, wild, error);
  size_t index = 0;
  for (const px_json *node = px_json_first(place->node); node; node = px_json_next(node), index++) {
    px_place child = px_place_child(place, node, index);
    if (index >= PATHS_MAX)
      return px_place_fail(&child, error, "is one path too many; at most %d", PATHS_MAX);
    PX_TRY(px_rules_check_path(&child, wild, error));
  }
  return index > 0 ? PIXAZO_OK : px_place_fail(place, error, "must not be empty");
}

static pixazo_status check_all_paths(const px_place *place, pixazo_error **error)
{
  static const struct {
    const char *name;
    bool wild;
  } rows[] = {{"pictures", true},    {"seeds", true},      {"revised_prompts", true}, {"embedded", false},
              {"message", false},    {"code", false},      {"request_id", false},     {"remote_id", false},
              {"poll_url", false},   {"state", false},     {"cost", false}};
  for (size_t i = 0; i < PX_ARRAY_SIZE(rows); i++) {
    px_place child = px_place_member(place, rows[i].name);
    if (child.node && !px_json_is(child.node, PX_JSON_NULL))
      PX_TRY(check_paths(&child, rows[i].wild, error));
  }
  return PIXAZO_OK;
}

static pixazo_status check_words(const px_place *place, pixazo_error **error)
{
  size_t index = 0;
  for (const px_json *node = px_json_first(place->node); node; node = px_json_next(node), index++) {
    px_place child = px_place_child(place, node, index);
    PX_TRY(px_place_is(&child, PX_JSON_STRING, error));
    if (px_str_empty(px_json_text(node)))
      return px_place_fail(&child, error, "must not be empty");
  }
  return PIXAZO_OK;
}

static pixazo_status read_states(px_answer_rules *rules, const px_place *place, pixazo_error **error)
{
  static const px_member members[] = {
      {"working", PX_WANT_ARRAY, offsetof(px_answer_rules, working), 1, WORDS_MAX, true},
      {"done", PX_WANT_ARRAY, offsetof(px_answer_rules, done), 1, WORDS_MAX, true},
      {"failed", PX_WANT_ARRAY, offsetof(px_answer_rules, failed), 1, WORDS_MAX, true},
  };
  PX_TRY(px_place_read(place, members, PX_ARRAY_SIZE(members), rules, error));
  for (size_t i = 0; i < PX_ARRAY_SIZE(members); i++) {
    px_place words = px_place_member(place, members[i].name);
    PX_TRY(check_words(&words, error));
  }
  return PIXAZO_OK;
}

typedef struct answer_text {
  px_answer_rules rules;
  const px_json *states;
} answer_text;

#define RULE(member) offsetof(answer_text, rules.member)

pixazo_status px_rules_read_answer(px_answer_rules *rules, const px_place *place, pixazo_error **error)
{
  static const px_member members[] = {
      {"embedded", PX_WANT_TEXT, RULE(embedded), 1, PATH_SIZE, false},
      {"pictures", PX_WANT_ANY, RULE(pictures), 0, 0, false},
      {"seeds", PX_WANT_ANY, RULE(seeds), 0, 0, false},
      {"revised_prompts", PX_WANT_ANY, RULE(revised_prompts), 0, 0, false},
      {"message", PX_WANT_ANY, RULE(message), 0, 0, false},
      {"code", PX_WANT_ANY, RULE(code), 0, 0, false},
      {"request_id", PX_WANT_ANY, RULE(request_id), 0, 0, false},
      {"remote_id", PX_WANT_ANY, RULE(remote_id), 0, 0, false},
      {"poll_url", PX_WANT_ANY, RULE(poll_url), 0, 0, false},
      {"state", PX_WANT_ANY, RULE(state), 0, 0, false},
      {"states", PX_WANT_OBJECT, offsetof(answer_text, states), 0, 0, false},
      {"cost", PX_WANT_ANY, RULE(cost), 0, 0, false},
      {"cost_unit_micros", PX_WANT_INT64, RULE(cost_unit_micros), 1, 1e9, false},
  };
  answer_text text = {.rules = *rules};
  PX_TRY(px_place_read(place, members, PX_ARRAY_SIZE(members), &text, error));
  PX_TRY(check_all_paths(place, error));
  px_place states = px_place_member(place, "states");
  px_place unit = px_place_member(place, "cost_unit_micros");
  if (text.states)
    PX_TRY(read_states(&text.rules, &states, error));
  if (text.rules.cost && text.rules.cost_unit_micros == 0)
    return px_place_fail(&unit, error, "missing: millionths of a dollar in one unit of the cost");
  *rules = text.rules;
  return PIXAZO_OK;
}

static pixazo_status read_range(px_error_rule *rule, const px_place *place, pixazo_error **error)
{
  int64_t low = 0;
  int64_t high = 0;
  if (px_json_is(place->node, PX_JSON_NUMBER)) {
    (void)px_json_get_int64(place->node, "", &low, NULL);
    high = low;
  } else {
    (void)px_json_get_int64(place->node, "[0]", &low, NULL);
    (void)px_json_get_int64(place->node, "[1]", &high, NULL);
  }
  if (low < 200 || high > 599 || low > high || px_json_size(place->node) > 2)
    return px_place_fail(place, error, "want a status like 429, or two like [500, 599]");
  rule->status_low = (int32_t)low;
  rule->status_high = (int32_t)high;
  return PIXAZO_OK;
}

typedef struct error_text {
  px_error_rule rule;
  const px_json *status;
  const px_json *means;
} error_text;

static pixazo_status read_error(px_error_rule *rule, const px_place *place, pixazo_error **error)
{
  static const px_member members[] = {
      {"status", PX_WANT_ANY, offsetof(error_text, status), 0, 0, false},
      {"code", PX_WANT_TEXT, offsetof(error_text, rule.code), 1, 100, false},
      {"message", PX_WANT_TEXT, offsetof(error_text, rule.message), 1, 200, false},
      {"means", PX_WANT_ANY, offsetof(error_text, means), 0, 0, true},
  };
  static const char *const words[] = {"refused", "quota", "overload", "blocked", "failed"};
  error_text text = {0};
  size_t word = 0;
  PX_TRY(px_place_read(place, members, PX_ARRAY_SIZE(members), &text, error));
  px_place means = px_place_member(place, "means");
  px_place status = px_place_member(place, "status");
  PX_TRY(px_place_word(&means, words, PX_ARRAY_SIZE(words), &word, error));
  if (text.status)
    PX_TRY(read_range(&text.rule, &status, error));
  if (!text.status && !text.rule.code && !text.rule.message)
    return px_place_fail(place, error, "needs a status, a code or a message to be known by");
  *rule = text.rule;
  rule->means = (px_ruling)(PX_RULING_REFUSED + word);
  return PIXAZO_OK;
}

pixazo_status px_rules_read_errors(px_answer_rules *rules, px_arena *arena, const px_place *place, pixazo_error **error)
{
  size_t count = px_json_size(place->node);
  if (count > ERRORS_MAX)
    return px_place_fail(place, error, "has more than %d entries", ERRORS_MAX);
  rules->errors = px_arena_calloc(arena, count + 1, sizeof *rules->errors);
  if (!rules->errors)
    return px_fail_nomem(error);
  for (const px_json *node = px_json_first(place->node); node; node = px_json_next(node)) {
    px_place child = px_place_child(place, node, rules->error_count);
    PX_TRY(read_error(&rules->errors[rules->error_count], &child, error));
    rules->error_count++;
  }
  return PIXAZO_OK;
}

/* ---- the answer's side ---- */

typedef struct search {
  const px_answer_rules *rules;
  const px_document *document;
  px_json *embedded; /* the document inside the document; NULL: none */
} search;

typedef pixazo_status (*visit_fn)(void *user, const px_json *node, pixazo_error **error);

/* Calls `visit` for each node of a path below `node`. */
static pixazo_status walk(const px_json *node, const char *path, visit_fn visit, void *user, pixazo_error **error)
{
  char head[PATH_SIZE];
  const char *wild = strstr(path, "[]");
  if (!wild) {
    const px_json *found = px_json_find(node, path);
    return found ? visit(user, found, error) : PIXAZO_OK;
  }
  memcpy(head, path, (size_t)(wild - path));
  head[wild - path] = '\0';
  const px_json *list = px_json_find(node, head);
  const char *rest = wild[2] == '.' ? wild + 3 : wild + 2;
  if (!px_json_is(list, PX_JSON_ARRAY))
    return PIXAZO_OK;
  for (const px_json *item = px_json_first(list); item; item = px_json_next(item))
    PX_TRY(walk(item, rest, visit, user, error));
  return PIXAZO_OK;
}

static pixazo_status visit_path(const search *self, const char *path, visit_fn visit, void *user, pixazo_error **error)
{
  const char *embedded = self->rules->embedded;
  size_t length = embedded ? strlen(embedded) : 0;
  bool inside = embedded && px_str_starts(path, embedded) && (path[length] == '.' || path[length] == '[');
  if (!inside)
    return walk(self->document->root, path, visit, user, error);
  return walk(self->embedded, path[length] == '.' ? path + length + 1 : path + length, visit, user, error);
}

/* The one path of a rule, or each of its list. */
static const char *first_path(const px_json *rule, const px_json **next)
{
  const px_json *node = px_json_is(rule, PX_JSON_ARRAY) ? px_json_first(rule) : rule;
  *next = px_json_is(rule, PX_JSON_ARRAY) && node ? px_json_next(node) : NULL;
  return px_json_text(node);
}

static const char *next_path(const px_json **next)
{
  const px_json *node = *next;
  *next = node ? px_json_next(node) : NULL;
  return px_json_text(node);
}

static pixazo_status take_text(void *user, const px_json *node, pixazo_error **error)
{
  const char **slot = user;
  (void)error;
  if (!*slot && (px_json_is(node, PX_JSON_STRING) || px_json_is(node, PX_JSON_NUMBER)) && !px_str_empty(px_json_text(node)))
    *slot = px_json_text(node);
  return PIXAZO_OK;
}

/* The first text or number at one of the paths. */
static const char *find_text(const search *self, const px_json *rule)
{
  const px_json *next = NULL;
  const char *found = NULL;
  for (const char *path = first_path(rule, &next); path && !found; path = next_path(&next))
    (void)visit_path(self, path, take_text, &found, NULL);
  return found;
}

static pixazo_status replace(const search *self, const px_json *rule, char **slot, size_t max, pixazo_error **error)
{
  if (!rule)
    return PIXAZO_OK;
  const char *found = find_text(self, rule);
  px_free(*slot);
  *slot = found ? px_strndup(found, px_utf8_cut(found, max)) : NULL;
  return *slot || !found ? PIXAZO_OK : px_fail_nomem(error);
}

typedef struct taking {
  const search *search;
  px_reading *reading;
} taking;

static pixazo_status take_picture(void *user, const px_json *node, pixazo_error **error)
{
  const taking *self = user;
  const char *text = px_json_is(node, PX_JSON_STRING) ? px_json_text(node) : NULL;
  return text ? px_reading_take(self->reading, self->search->document, text, NULL, error) : PIXAZO_OK;
}

static pixazo_status find_pictures(const search *self, px_reading *reading, pixazo_error **error)
{
  const px_json *next = NULL;
  taking user = {self, reading};
  if (!self->rules->pictures)
    return PIXAZO_OK;
  px_pictures_free(reading->pictures, reading->picture_count);
  reading->pictures = NULL;
  reading->picture_count = 0;
  reading->crowded = false;
  const char *path = first_path(self->rules->pictures, &next);
  for (; path && reading->picture_count == 0; path = next_path(&next))
    PX_TRY(visit_path(self, path, take_picture, &user, error));
  return PIXAZO_OK;
}

typedef struct listing {
  const px_json *items[LISTED_MAX];
  size_t count;
} listing;

static pixazo_status take_item(void *user, const px_json *node, pixazo_error **error)
{
  listing *self = user;
  (void)error;
  if (self->count < PX_ARRAY_SIZE(self->items))
    self->items[self->count++] = node;
  return PIXAZO_OK;
}

static void find_list(const search *self, const px_json *rule, listing *out)
{
  const px_json *next = NULL;
  out->count = 0;
  for (const char *path = first_path(rule, &next); path && out->count == 0; path = next_path(&next))
    (void)visit_path(self, path, take_item, out, NULL);
}

/* Pictures in front of those that have a seed are a contact sheet of the others. */
static void drop_sheet(px_reading *reading, size_t seeds)
{
  if (seeds == 0 || reading->picture_count <= seeds)
    return;
  size_t surplus = reading->picture_count - seeds;
  for (size_t i = 0; i < surplus; i++) {
    px_free(reading->pictures[i].url);
    px_free(reading->pictures[i].revised_prompt);
  }
  memmove(reading->pictures, reading->pictures + surplus, seeds * sizeof *reading->pictures);
  reading->picture_count = seeds;
}

static void take_seed(const px_json *node, px_picture *picture)
{
  int64_t seed = -1;
  if (px_json_get_int64(node, "", &seed, NULL) == PIXAZO_OK && seed >= 0)
    picture->seed = seed;
}

static void find_seeds(const search *self, px_reading *reading)
{
  listing seeds;
  if (!self->rules->seeds)
    return;
  find_list(self, self->rules->seeds, &seeds);
  drop_sheet(reading, seeds.count);
  for (size_t i = 0; i < reading->picture_count && i < seeds.count; i++)
    take_seed(seeds.items[i], &reading->pictures[i]);
}

/* One text for all pictures, or one for each. */
static pixazo_status find_prompts(const search *self, px_reading *reading, pixazo_error **error)
{
  listing prompts;
  if (!self->rules->revised_prompts)
    return PIXAZO_OK;
  find_list(self, self->rules->revised_prompts, &prompts);
  for (size_t i = 0; i < reading->picture_count && prompts.count > 0; i++) {
    const char *text = px_json_text(prompts.items[prompts.count == 1 ? 0 : i < prompts.count ? i : prompts.count - 1]);
    char **slot = &reading->pictures[i].revised_prompt;
    if (px_str_empty(text) || *slot)
      continue;
    *slot = px_strndup(text, px_utf8_cut(text, 4096));
    if (!*slot)
      return px_fail_nomem(error);
  }
  return PIXAZO_OK;
}

static bool has_word(const px_json *words, const char *text)
{
  for (const px_json *node = px_json_first(words); node; node = px_json_next(node)) {
    if (px_str_equal_nocase(px_json_text(node), text))
      return true;
  }
  return false;
}

static void find_state(const search *self, px_reading *reading)
{
  const px_answer_rules *rules = self->rules;
  if (!rules->state)
    return;
  const char *word = find_text(self, rules->state);
  reading->queue = PX_QUEUE_NONE;
  if (word && has_word(rules->working, word))
    reading->queue = PX_QUEUE_WORKING;
  else if (word && has_word(rules->done, word))
    reading->queue = PX_QUEUE_DONE;
  else if (word && has_word(rules->failed, word))
    reading->queue = PX_QUEUE_FAILED;
}

static void find_cost(const search *self, px_reading *reading)
{
  double units = 0;
  const char *text = self->rules->cost ? find_text(self, self->rules->cost) : NULL;
  if (!text || !px_parse_double(text, &units) || units < 0 || units * (double)self->rules->cost_unit_micros > 1e15)
    return;
  reading->cost_known = true;
  reading->cost_micros = (int64_t)(units * (double)self->rules->cost_unit_micros + 0.5);
}

/* An id goes into a path and into the record. */
static void drop_bad_id(px_reading *reading)
{
  const char *at = reading->remote_id;
  while (at && *at > 0x20 && *at < 0x7F)
    at++;
  if (at && (*at || px_str_empty(reading->remote_id))) {
    px_free(reading->remote_id);
    reading->remote_id = NULL;
  }
}

static pixazo_status apply(const search *self, px_reading *reading, pixazo_error **error)
{
  const px_answer_rules *rules = self->rules;
  PX_TRY(find_pictures(self, reading, error));
  PX_TRY(replace(self, rules->message, &reading->message, TEXT_MAX, error));
  PX_TRY(replace(self, rules->code, &reading->code, 63, error));
  PX_TRY(replace(self, rules->request_id, &reading->request_id, 95, error));
  PX_TRY(replace(self, rules->remote_id, &reading->remote_id, PX_REMOTE_ID_MAX, error));
  PX_TRY(replace(self, rules->poll_url, &reading->poll_url, 2047, error));
  drop_bad_id(reading);
  px_reading_recognise(reading);
  find_state(self, reading);
  find_cost(self, reading);
  find_seeds(self, reading);
  return find_prompts(self, reading, error);
}

pixazo_status px_rules_apply(const void *rules, const px_document *document, px_reading *reading, pixazo_error **error)
{
  search self = {rules, document, NULL};
  const char *text = self.rules->embedded ? px_json_text(px_json_find(document->root, self.rules->embedded)) : NULL;
  px_cleanup(px_json_done) px_json *embedded = NULL;
  if (text && px_json_parse(text, strlen(text), NULL, &embedded, NULL) == PIXAZO_E_NOMEM)
    return px_fail_nomem(error);
  self.embedded = embedded;
  return apply(&self, reading, error);
}

static bool fits(const px_error_rule *rule, int32_t http_status, const px_reading *reading)
{
  if (rule->status_low > 0 && (http_status < rule->status_low || http_status > rule->status_high))
    return false;
  if (rule->code && !(reading->code && px_str_equal_nocase(rule->code, reading->code)))
    return false;
  return !rule->message || (reading->message && px_str_find_nocase(reading->message, rule->message));
}

void px_rules_judge(const px_answer_rules *rules, int32_t http_status, px_reading *reading)
{
  if (reading->picture_count > 0 || reading->html)
    return;
  for (size_t i = 0; i < rules->error_count; i++) {
    const px_error_rule *rule = &rules->errors[i];
    if (!fits(rule, http_status, reading))
      continue;
    reading->ruling = rule->means;
    reading->quota |= rule->means == PX_RULING_QUOTA;
    reading->policy |= rule->means == PX_RULING_BLOCKED;
    reading->overload |= rule->means == PX_RULING_OVERLOAD;
    if (rule->code || rule->message) /* words of its own are the provider's, whatever form they have */
      reading->author = PX_AUTHOR_PROVIDER;
    return;
  }
}
