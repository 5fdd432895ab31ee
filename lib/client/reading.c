/* SPDX-License-Identifier: MIT */
/* Tolerant on purpose: the same service answers with imageUrl here, output there and images[].url elsewhere. */
#include "client/reading.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/safety.h"
#include "json/json.h"
#include "json/stream.h"
#include "net/retry.h"

enum { WORDS_MAX = 600, START_SIZE = 512, NEST_MAX = 8 };

/* In this order the first that holds a picture wins. */
static const char *const picture_names[] = {"imageUrl",     "image_url", "output_url", "url",    "media_url",
                                            "output",       "images",    "image",      "base64", "b64_json",
                                            "image_base64", "data",      "results",    "result",
                                            "candidates",   "content",   "parts",      "inlineData",
                                            "inline_data",  "fileData",  "fileUri"};
static const char *const id_names[] = {"request_id", "requestId", "id", "prediction_id", "task_id"};
static const char *const poll_names[] = {"polling_url", "pollingUrl", "status_url"};
static const char *const message_paths[] = {"error.message", "error.detail",      "message",   "error",
                                            "detail",        "errors[0].message", "errors[0]", "title",
                                            "promptFeedback.blockReasonMessage", "candidates[0].finishMessage",
                                            "candidates[0].content.parts[0].text"};
static const char *const code_paths[] = {"error.status", "error.code", "code",
                                         "error.type",   "errors[0].code", "error_code",
                                         "type",         "promptFeedback.blockReason", "candidates[0].finishReason"};

void px_pictures_free(px_picture *pictures, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    px_free(pictures[i].url);
    px_free(pictures[i].revised_prompt);
  }
  px_free(pictures);
}

void px_reading_done(px_reading *reading)
{
  px_pictures_free(reading->pictures, reading->picture_count);
  px_free(reading->safety_categories);
  px_free(reading->message);
  px_free(reading->code);
  px_free(reading->request_id);
  px_free(reading->remote_id);
  px_free(reading->poll_url);
  memset(reading, 0, sizeof *reading);
}

static pixazo_status keep_text(char **slot, const char *text, size_t max, pixazo_error **error)
{
  px_free(*slot);
  *slot = px_strndup(text, px_utf8_cut(text, max));
  return *slot ? PIXAZO_OK : px_fail_nomem(error);
}

/* NULL when there are too many already (*full) or no memory. */
static px_picture *add_picture(px_reading *reading, bool *full)
{
  *full = reading->picture_count >= PX_PICTURES_MAX;
  if (*full)
    return NULL;
  px_picture *grown = px_realloc_array(reading->pictures, reading->picture_count + 1, sizeof *grown);
  if (!grown)
    return NULL;
  reading->pictures = grown;
  px_picture *added = &grown[reading->picture_count++];
  *added = (px_picture){.seed = -1};
  return added;
}

typedef struct collector {
  px_reading *reading;
  const px_document *document;
} collector;

static const char *revised_prompt_of(const px_json *object)
{
  const px_json *node = px_json_member(object, "revised_prompt");
  return px_json_is(node, PX_JSON_STRING) ? px_json_text(node) : NULL;
}

pixazo_status px_reading_take(px_reading *reading, const px_document *document, const char *text, const char *revised,
                              pixazo_error **error)
{
  size_t ordinal = 0;
  bool base64 = px_json_stream_marker(text, &ordinal) && ordinal < document->taken;
  if (!base64 && !px_str_starts_nocase(text, "https://") && !px_str_starts_nocase(text, "http://"))
    return PIXAZO_OK;
  bool full = false;
  px_picture *picture = add_picture(reading, &full);
  reading->crowded |= full;
  if (!picture)
    return full ? PIXAZO_OK : px_fail_nomem(error);
  picture->kind = base64 ? PX_PICTURE_BASE64 : PX_PICTURE_URL;
  picture->ordinal = base64 ? (int32_t)(document->first + ordinal) : 0;
  if (!base64 && !(picture->url = px_strdup(text)))
    return px_fail_nomem(error);
  if (revised && !(picture->revised_prompt = px_strndup(revised, px_utf8_cut(revised, 4096))))
    return px_fail_nomem(error);
  return PIXAZO_OK;
}

static pixazo_status collect(collector *self, const px_json *node, const char *revised, int depth, pixazo_error **error);

/* The named members of an object, until one of them held a picture. What a model only drew in thought is not delivered. */
static pixazo_status collect_members(collector *self, const px_json *object, int depth, pixazo_error **error)
{
  bool thought = false;
  (void)px_json_may_bool(object, "thought", &thought, NULL);
  if (thought)
    return PIXAZO_OK;
  size_t before = self->reading->picture_count;
  const char *revised = revised_prompt_of(object);
  for (size_t i = 0; i < PX_ARRAY_SIZE(picture_names) && self->reading->picture_count == before; i++)
    PX_TRY(collect(self, px_json_member(object, picture_names[i]), revised, depth + 1, error));
  return PIXAZO_OK;
}

static pixazo_status collect(collector *self, const px_json *node, const char *revised, int depth, pixazo_error **error)
{
  if (!node || depth > NEST_MAX)
    return PIXAZO_OK;
  if (px_json_is(node, PX_JSON_STRING))
    return px_reading_take(self->reading, self->document, px_json_text(node), revised, error);
  if (px_json_is(node, PX_JSON_OBJECT))
    return collect_members(self, node, depth, error);
  for (const px_json *item = px_json_first(node); item; item = px_json_next(item))
    PX_TRY(collect(self, item, revised, depth + 1, error));
  return PIXAZO_OK;
}

/* First string or number at one of the paths; NULL when there is none. */
static const char *first_text(const px_json *root, const char *const *paths, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    const px_json *node = px_json_find(root, paths[i]);
    const char *text = px_json_is(node, PX_JSON_STRING) || px_json_is(node, PX_JSON_NUMBER) ? px_json_text(node) : NULL;
    if (!px_str_empty(text))
      return text;
  }
  return NULL;
}

static bool speaks_of(const px_reading *reading, const char *const *words, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    if ((reading->message && px_str_find_nocase(reading->message, words[i])) ||
        (reading->code && px_str_find_nocase(reading->code, words[i])))
      return true;
  }
  return false;
}

static bool is_one_of(const char *text, const char *const *words, size_t count)
{
  for (size_t i = 0; text && i < count; i++) {
    if (px_str_equal_nocase(text, words[i]))
      return true;
  }
  return false;
}

/* A code is no matter of taste, where words may only mention a quota. */
static bool says_spent(const px_json *root)
{
  static const char *const codes[] = {"insufficient_quota", "credit_balance_exhausted", "billing_hard_limit_reached"};
  static const char *const paths[] = {"error.code", "error.type", "code", "type"};
  for (size_t i = 0; i < PX_ARRAY_SIZE(paths); i++) {
    const px_json *node = px_json_find(root, paths[i]);
    if (px_json_is(node, PX_JSON_STRING) && is_one_of(px_json_text(node), codes, PX_ARRAY_SIZE(codes)))
      return true;
  }
  return false;
}

void px_reading_recognise(px_reading *reading)
{
  static const char *const policy[] = {
      "content policy", "content_policy",   "content filter", "content_filter", "moderation",      "safety",
      "nsfw",           "policy violation", "flagged",        "prohibited",     "policy_violation",
      "blocklist",      "recitation",       "spii",           "jailbreak",      "model_armor"};
  static const char *const quota[] = {"quota",
                                      "insufficient balance",
                                      "balance is insufficient",
                                      "insufficient_balance",
                                      "insufficient credit",
                                      "insufficient_credit",
                                      "out of credit",
                                      "billing",
                                      "call volume"};
  static const char *const load[] = {"overload", "capacity", "too busy", "server busy", "server is busy", "slow_down"};
  static const char *const mistakes[] = {"invalid_value", "unknown_parameter", "missing_required_parameter", "invalid_type"};
  reading->policy = speaks_of(reading, policy, PX_ARRAY_SIZE(policy)) &&
                    !is_one_of(reading->code, mistakes, PX_ARRAY_SIZE(mistakes));
  reading->quota = speaks_of(reading, quota, PX_ARRAY_SIZE(quota));
  reading->overload = speaks_of(reading, load, PX_ARRAY_SIZE(load));
}

static pixazo_status read_words(px_reading *reading, const px_json *root, pixazo_error **error)
{
  const char *message = first_text(root, message_paths, PX_ARRAY_SIZE(message_paths));
  const char *code = first_text(root, code_paths, PX_ARRAY_SIZE(code_paths));
  if (message)
    PX_TRY(keep_text(&reading->message, message, WORDS_MAX, error));
  if (code)
    PX_TRY(keep_text(&reading->code, code, 63, error));
  px_reading_recognise(reading);
  reading->spent = says_spent(root);
  /* Google calls every limit a quota; its details tell those that only a day renews. OpenAI's rates tell how to buy more. */
  if (px_str_equal(reading->code, "RESOURCE_EXHAUSTED") || px_str_equal(reading->code, "rate_limit_exceeded"))
    reading->quota = false;
  return px_safety_read(reading, root, error);
}

/* Google's list of details: a span of time, and limits that only another day renews. */
static void read_details(px_reading *reading, const px_json *details)
{
  bool daily = false;
  for (const px_json *item = px_json_first(details); item; item = px_json_next(item)) {
    const px_json *delay = px_json_member(item, "retryDelay");
    const px_json *reason = px_json_member(item, "reason");
    reading->bad_key |= px_json_is(reason, PX_JSON_STRING) && px_str_starts(px_json_text(reason), "API_KEY_");
    if (px_json_is(delay, PX_JSON_STRING) && px_retry_duration_parse(px_json_text(delay), &reading->wait_ms))
      reading->waits = true;
    for (const px_json *limit = px_json_first(px_json_member(item, "violations")); limit; limit = px_json_next(limit)) {
      const px_json *id = px_json_member(limit, "quotaId");
      daily = daily || (px_json_is(id, PX_JSON_STRING) && px_str_find_nocase(px_json_text(id), "PerDay"));
    }
  }
  reading->quota = reading->quota || daily;
  reading->spent = reading->spent || daily;
  reading->waits = reading->waits && !daily;
}

/* A wait that only the body names: as a member, or in the words of the error. */
static void read_wait(px_reading *reading, const px_json *root)
{
  static const char *const second_paths[] = {"error.retry_after", "retry_after", "error.retryAfter", "retryAfter"};
  static const char *const exact_paths[] = {"error.retry_after_ms", "retry_after_ms"};
  const char *exact = first_text(root, exact_paths, PX_ARRAY_SIZE(exact_paths));
  const char *seconds = first_text(root, second_paths, PX_ARRAY_SIZE(second_paths));
  bool number = seconds && px_ascii_is_digit(*seconds); /* a date would need to be told when */
  bool found = px_retry_after_ms_parse(exact, &reading->wait_ms) ||
               (number && px_retry_after_parse(seconds, 0, &reading->wait_ms));
  reading->waits = found || px_retry_words_find(reading->message, &reading->wait_ms);
  const px_json *details = px_json_find(root, "error.details");
  read_details(reading, details ? details : px_json_find(root, "[0].error.details"));
  if (!reading->waits)
    reading->wait_ms = 0;
}

static px_queue_state state_of(const px_json *root)
{
  static const struct {
    const char *word;
    px_queue_state state;
  } words[] = {
      {"QUEUED", PX_QUEUE_WORKING},     {"IN_QUEUE", PX_QUEUE_WORKING}, {"PENDING", PX_QUEUE_WORKING},
      {"PROCESSING", PX_QUEUE_WORKING}, {"RUNNING", PX_QUEUE_WORKING},  {"IN_PROGRESS", PX_QUEUE_WORKING},
      {"STARTED", PX_QUEUE_WORKING},    {"STARTING", PX_QUEUE_WORKING}, {"SUBMITTED", PX_QUEUE_WORKING},
      {"COMPLETED", PX_QUEUE_DONE},     {"COMPLETE", PX_QUEUE_DONE},    {"SUCCEEDED", PX_QUEUE_DONE},
      {"SUCCESS", PX_QUEUE_DONE},       {"DONE", PX_QUEUE_DONE},        {"FINISHED", PX_QUEUE_DONE},
      {"FAILED", PX_QUEUE_FAILED},      {"FAILURE", PX_QUEUE_FAILED},   {"ERROR", PX_QUEUE_FAILED},
      {"CANCELLED", PX_QUEUE_FAILED},   {"CANCELED", PX_QUEUE_FAILED},
  };
  const px_json *node = px_json_member(root, "status");
  if (!px_json_is(node, PX_JSON_STRING))
    node = px_json_member(root, "state");
  if (!px_json_is(node, PX_JSON_STRING))
    return PX_QUEUE_NONE;
  for (size_t i = 0; i < PX_ARRAY_SIZE(words); i++) {
    if (px_str_equal_nocase(px_json_text(node), words[i].word))
      return words[i].state;
  }
  return PX_QUEUE_NONE;
}

/* An id goes into a path and into the record: plain printable characters only. */
static bool good_id(const char *text)
{
  size_t length = strlen(text);
  for (size_t i = 0; i < length; i++) {
    if (text[i] <= 0x20 || text[i] >= 0x7F)
      return false;
  }
  return length > 0 && length <= PX_REMOTE_ID_MAX;
}

static pixazo_status read_queue(px_reading *reading, const px_json *root, pixazo_error **error)
{
  reading->queue = state_of(root);
  const char *id = first_text(root, id_names, PX_ARRAY_SIZE(id_names));
  const char *url = first_text(root, poll_names, PX_ARRAY_SIZE(poll_names));
  if (id && good_id(id))
    PX_TRY(keep_text(&reading->remote_id, id, PX_REMOTE_ID_MAX, error));
  if (url && strlen(url) < 2048)
    PX_TRY(keep_text(&reading->poll_url, url, 2048, error));
  return PIXAZO_OK;
}

/* A CDN in front of a provider may speak JSON too. */
static bool is_own_format(const px_json *root)
{
  static const char *const names[] = {"message", "error", "detail", "errors", "statusCode", "request_id", "requestId",
                                      "candidates", "promptFeedback", "usageMetadata"};
  if (px_json_member(root, "cloudflare_error"))
    return false;
  for (size_t i = 0; i < PX_ARRAY_SIZE(names); i++) {
    if (px_json_member(root, names[i]))
      return true;
  }
  return false;
}

/* Part of what was paid for would be as bad as nothing, and would not be seen: the answer as it came has all of it. */
static pixazo_status refuse_crowd(px_reading *reading, pixazo_error **error)
{
  char words[96];
  px_pictures_free(reading->pictures, reading->picture_count);
  reading->pictures = NULL;
  reading->picture_count = 0;
  reading->unreadable = true;
  reading->author = PX_AUTHOR_PROVIDER;
  px_free(reading->message);
  reading->message = NULL;
  (void)snprintf(words, sizeof words, "the answer names more than %d pictures", (int)PX_PICTURES_MAX);
  return keep_text(&reading->message, words, sizeof words, error);
}

static pixazo_status read_document(px_reading *reading, const px_document *document, const px_reading_rules *rules,
                                   pixazo_error **error)
{
  const px_json *root = document->root;
  collector self = {reading, document};
  PX_TRY(collect(&self, root, NULL, 0, error));
  PX_TRY(read_words(reading, root, error));
  PX_TRY(read_queue(reading, root, error));
  read_wait(reading, root);
  px_usage_read(&reading->usage, root);
  if (rules)
    PX_TRY(rules->apply(rules->self, document, reading, error));
  bool own = reading->picture_count > 0 || reading->queue != PX_QUEUE_NONE || is_own_format(root);
  reading->author = own ? PX_AUTHOR_PROVIDER : PX_AUTHOR_FOREIGN;
  return reading->crowded ? refuse_crowd(reading, error) : PIXAZO_OK;
}

static pixazo_status read_json(const px_answer *answer, const px_reading_rules *rules, px_reading *reading,
                               pixazo_error **error)
{
  px_scan scan = {answer, -1, 0, 0};
  px_autofree char *rest = NULL;
  px_cleanup(px_json_done) px_json *root = NULL;
  px_autoerror problem = NULL;
  size_t taken = 0;
  pixazo_status status = px_reading_scan(&scan, &rest, &taken, &problem);
  if (status == PIXAZO_OK)
    status = px_json_parse(rest, strlen(rest), NULL, &root, &problem);
  px_document document = {root, 0, taken};
  if (status == PIXAZO_OK)
    return read_document(reading, &document, rules, error);
  if (status == PIXAZO_E_NOMEM || status == PIXAZO_E_IO) {
    px_error_move(error, px_steal(&problem));
    return status;
  }
  reading->author = PX_AUTHOR_FOREIGN;
  reading->unreadable = true;
  return keep_text(&reading->message, pixazo_error_message(problem), 200, error);
}

/* ---- events ---- */

/* Pictures on the way count for nothing; what is whole stays, whatever comes behind it. */
static pixazo_status read_event(void *user, const px_event *event, pixazo_error **error)
{
  px_reading *reading = user;
  px_cleanup(px_json_done) px_json *root = NULL;
  pixazo_status status = event->rest ? px_json_parse(event->rest, strlen(event->rest), NULL, &root, NULL) : PIXAZO_E_CORRUPT;
  if (status == PIXAZO_E_NOMEM)
    return px_fail_nomem(error);
  if (status != PIXAZO_OK) {
    reading->unreadable = true;
    return PIXAZO_OK;
  }
  const px_json *name = px_json_member(root, "type");
  const char *type = px_json_is(name, PX_JSON_STRING) ? px_json_text(name) : event->type;
  if (px_str_find_nocase(type, "partial"))
    return PIXAZO_OK;
  px_document failure = {root, 0, 0};
  bool failed = px_str_equal(event->type, "error") || px_str_equal(type, "error") || px_json_member(root, "error");
  if (failed)
    return reading->picture_count > 0 ? PIXAZO_OK : read_document(reading, &failure, NULL, error);
  px_document document = {root, event->first, event->taken};
  PX_TRY(read_document(reading, &document, NULL, error));
  px_free(reading->code); /* it was the event's type */
  reading->code = NULL;
  return PIXAZO_OK;
}

static pixazo_status read_events(const px_answer *answer, px_reading *reading, pixazo_error **error)
{
  px_scan scan = {answer, -1, 0, 0};
  size_t taken = 0;
  reading->author = PX_AUTHOR_PROVIDER;
  PX_TRY(px_reading_events(&scan, read_event, reading, &taken, error));
  reading->settled = reading->picture_count > 0;
  reading->unreadable = reading->unreadable && !reading->settled;
  reading->author = PX_AUTHOR_PROVIDER;
  return PIXAZO_OK;
}

static bool begins_with(const unsigned char *data, size_t size, const char *magic, size_t length)
{
  return size >= length && memcmp(data, magic, length) == 0;
}

static bool is_picture(const unsigned char *data, size_t size, const char *type)
{
  if (begins_with(data, size, "\x89PNG", 4) || begins_with(data, size, "\xFF\xD8\xFF", 3) ||
      begins_with(data, size, "RIFF", 4) || begins_with(data, size, "GIF8", 4))
    return true;
  return type && px_str_starts_nocase(type, "image/");
}

static pixazo_status read_other(const px_answer *answer, px_reading *reading, const char *start, size_t size,
                                pixazo_error **error)
{
  const char *type = px_answer_get(answer, "content-type");
  size_t blank = strspn(start, " \t\r\n");
  reading->html = start[blank] == '<' || (type && px_str_starts_nocase(type, "text/html"));
  if (!reading->html && is_picture((const unsigned char *)start, size, type)) {
    bool full;
    px_picture *picture = add_picture(reading, &full);
    if (!picture)
      return px_fail_nomem(error);
    picture->kind = PX_PICTURE_BODY;
    reading->author = PX_AUTHOR_PROVIDER;
    return PIXAZO_OK;
  }
  reading->author = PX_AUTHOR_FOREIGN;
  reading->unreadable = true;
  return keep_text(&reading->message, start, 200, error);
}

static bool begins_json(const char *start, size_t size)
{
  size_t skip = begins_with((const unsigned char *)start, size, "\xEF\xBB\xBF", 3) ? 3 : 0;
  skip += strspn(start + skip, " \t\r\n");
  return start[skip] == '{' || start[skip] == '[';
}

pixazo_status px_reading_read(const px_answer *answer, px_reading *reading, pixazo_error **error)
{
  return px_reading_read_by(answer, NULL, reading, error);
}

pixazo_status px_reading_read_by(const px_answer *answer, const px_reading_rules *rules, px_reading *reading,
                                 pixazo_error **error)
{
  char start[START_SIZE + 1];
  size_t size = 0;
  const char *request_id = px_answer_get(answer, "request-id");
  if (!px_str_empty(request_id))
    PX_TRY(keep_text(&reading->request_id, request_id, 95, error));
  PX_TRY(px_answer_body(answer, 0, start, START_SIZE, &size, error));
  start[size] = '\0';
  if (size == 0)
    return PIXAZO_OK;
  if (px_reading_is_stream(answer))
    return read_events(answer, reading, error);
  if (begins_json(start, size))
    return read_json(answer, rules, reading, error);
  return read_other(answer, reading, start, size, error);
}
