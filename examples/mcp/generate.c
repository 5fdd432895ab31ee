/* SPDX-License-Identifier: MIT */
/* pix_generate and pix_estimate. */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "mcp.h"
#include "text.h"

enum { COUNT_MAX = 8, WAIT_MS = 100, JOIN_TRIES = 3 };

/* What one call wants; everything is owned but the studio and the texts of the call. */
typedef struct wanted {
  call *call;
  pixazo_studio *studio;
  char *arguments; /* without spaces */
  char *text;      /* the arguments as they came */
  char key[128];   /* of idempotency; "": the client gave one */
  pixazo_request *request;
  price price;
  wish wish;
  bool dry_run;
  bool earlier; /* the idempotency key is that of a generation of before */
} wanted;

static void wanted_done(wanted *self)
{
  free(self->arguments);
  free(self->text);
  pixazo_request_free(self->request);
  wish_done(&self->wish);
}

/* Not for an assistant to say: who pays, and what goes to the service unseen. */
static bool refuse_reserved(const call *self, result *answer)
{
  static const char *const reserved[] = {"provider_options", "principal", "metadata"};
  for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
    if (json_member(self->arguments, reserved[i])) {
      say_failure(answer, "%s cannot be given here.", reserved[i]);
      return false;
    }
  }
  return true;
}

static pixazo_status build_request(wanted *self, pixazo_error **error)
{
  char defaults[256];
  span arguments = span_of(self->call->arguments);
  uint64_t what;
  self->arguments = without_spaces(arguments);
  self->text = strndup(arguments.at, arguments.length);
  if (!self->arguments || !self->text)
    return pixazo_error_set(error, PIXAZO_E_NOMEM, "out of memory");
  pixazo_status status = pixazo_request_new_from_json(self->text, &self->request, error);
  if (status != PIXAZO_OK)
    return status;
  if (!pixazo_request_get_string(self->request, "idempotency_key")) {
    what = fingerprint(self->arguments, strlen(self->arguments));
    (void)snprintf(self->key, sizeof self->key, "mcp-%016llx-%s-%016llx", (unsigned long long)what,
                   self->call->server->service.session,
                   (unsigned long long)fingerprint(self->call->message.id.at, self->call->message.id.length));
    (void)snprintf(defaults, sizeof defaults, "{\"idempotency_key\":\"%s\"}", self->key);
    status = pixazo_request_set_defaults(self->request, defaults, error);
  }
  return status == PIXAZO_OK ? pixazo_config_apply(pixazo_studio_config(self->studio), self->request, error) : status;
}

static void read_price(const char *plan, price *out)
{
  const char *cost = json_member(plan, "cost");
  out->images = json_integer(json_member(plan, "pictures"));
  out->known = json_true(json_member(cost, "known"));
  out->micros = out->known ? json_integer(json_member(cost, "upper_bound_micros")) : 0;
}

static pixazo_status estimate(wanted *self, char **plan, pixazo_error **error)
{
  pixazo_status status = pixazo_client_estimate(pixazo_studio_client(self->studio), self->request, plan, error);
  if (status == PIXAZO_OK)
    read_price(*plan, &self->price);
  if (status == PIXAZO_OK && self->price.images > COUNT_MAX)
    return pixazo_error_set(error, PIXAZO_E_ARGUMENT, "one call makes at most 8 pictures");
  return status;
}

/* Everything that can be wrong without anything being sent. False: told. */
static bool prepare(call *caller, wanted *self, result *answer)
{
  pixazo_error *error = NULL;
  int64_t count = 1;
  *self = (wanted){.call = caller};
  if (!caller->arguments) {
    say_failure(answer, "A prompt is required.");
    return false;
  }
  if (!refuse_reserved(caller, answer) || !argument_int(caller, "count", 1, COUNT_MAX, &count, answer) ||
      !argument_flag(caller, "dry_run", &self->dry_run, answer))
    return false;
  pixazo_status status = service_studio(caller->server, &self->studio, &error);
  if (status != PIXAZO_OK) {
    say_error(answer, "No picture can be made", status, error);
    return false;
  }
  status = build_request(self, &error);
  if (status != PIXAZO_OK)
    say_error(answer, "The arguments cannot be used", status, error);
  return status == PIXAZO_OK;
}

static void tell_estimate(const wanted *self, const char *plan, result *answer)
{
  char amount[48];
  const char *cost = json_member(plan, "cost");
  char confidence[32];
  json_string(json_member(cost, "confidence"), confidence, sizeof confidence);
  format_amount(self->price.micros, "USD", amount, sizeof amount);
  if (self->price.known)
    say(answer, "Nothing was sent. %lld picture(s) would cost at most %s (%s).", (long long)self->price.images, amount,
        confidence);
  else
    say(answer, "Nothing was sent. The price of %lld picture(s) of this model is not known.", (long long)self->price.images);
  say_note(answer, self->studio);
  put_json(&answer->structured, "estimate", span_of(plan));
}

static void answer_estimate(wanted *self, result *answer)
{
  char *plan = NULL;
  pixazo_error *error = NULL;
  pixazo_status status = estimate(self, &plan, &error);
  if (status == PIXAZO_OK)
    tell_estimate(self, plan, answer);
  else
    say_error(answer, "This cannot be made", status, error);
  pixazo_free(plan);
}

void run_estimate(call *self, result *out)
{
  wanted picture;
  if (prepare(self, &picture, out))
    answer_estimate(&picture, out);
  wanted_done(&picture);
}

/* An equal call of any session that is planned, or was sent and nobody knows how it ended. */
static pixazo_status find_open(const wanted *self, pixazo_page **page, const pixazo_generation **out, pixazo_error **error)
{
  size_t same = strlen("mcp-0123456789abcdef-");
  pixazo_query *query = NULL;
  pixazo_status status =
      pixazo_query_new_from_json("{\"state\":\"planned,active,ambiguous\",\"limit\":1000}", &query, error);
  if (status == PIXAZO_OK)
    status = pixazo_repository_list(pixazo_studio_repository(self->studio), query, page, error);
  pixazo_query_free(query);
  for (size_t i = 0; status == PIXAZO_OK && i < pixazo_page_count(*page) && !*out; i++) {
    const pixazo_generation *each = pixazo_page_get(*page, i);
    if (strncmp(pixazo_generation_idempotency_key(each), self->key, same) == 0)
      *out = each;
  }
  return status;
}

/* A repeated call must not pay a second time for what may come home, or may have been paid. */
static pixazo_status refuse_open(const wanted *self, pixazo_error **error)
{
  char text[600];
  pixazo_page *page = NULL;
  const pixazo_generation *open = NULL;
  pixazo_status status = self->key[0] ? find_open(self, &page, &open, error) : PIXAZO_OK;
  if (status == PIXAZO_OK && open) {
    (void)snprintf(
        text, sizeof text,
        "an earlier call with the same arguments has not ended well: generation %s is %s, so another one might pay "
        "twice; nothing was sent. pix_resume brings home what can be brought home; to make another picture all the "
        "same, give the old one up (pix_resume with abandon) or give an idempotency_key of your own",
        pixazo_generation_uuid(open), pixazo_generation_state_name(pixazo_generation_state(open)));
    status = pixazo_error_set(error, PIXAZO_E_AMBIGUOUS, text);
  }
  pixazo_page_free(page);
  return status;
}

static bool is_closed(call *self)
{
  (void)pthread_mutex_lock(&self->server->output.lock);
  bool closed = self->closed;
  (void)pthread_mutex_unlock(&self->server->output.lock);
  return closed;
}

/* The same request id, or the same key of the client's own, was here before. */
static bool find_earlier(wanted *self, char generation[UUID_BYTES])
{
  const char *principal = pixazo_config_get(pixazo_studio_config(self->studio), "principal");
  pixazo_generation *record = NULL;
  self->earlier =
      pixazo_repository_find_key(pixazo_studio_repository(self->studio), principal ? principal : "",
                                 pixazo_request_get_string(self->request, "idempotency_key"), &record, NULL) == PIXAZO_OK;
  if (self->earlier)
    (void)snprintf(generation, UUID_BYTES, "%s", pixazo_generation_uuid(record));
  pixazo_generation_free(record);
  return self->earlier;
}

static pixazo_status add(void *data, char generation[UUID_BYTES], pixazo_error **error)
{
  wanted *self = data;
  char *plan = NULL;
  char *id = NULL;
  if (is_closed(self->call))
    return pixazo_error_set(error, PIXAZO_E_CANCELLED, "cancelled before anything was sent");
  if (find_earlier(self, generation))
    return PIXAZO_OK;
  pixazo_status status = refuse_open(self, error);
  if (status == PIXAZO_OK)
    status = estimate(self, &plan, error);
  pixazo_free(plan);
  if (status == PIXAZO_OK)
    status = spending_reserve(&self->call->server->spending, &self->price, error);
  if (status != PIXAZO_OK)
    return status;
  status = pixazo_pipeline_add(pixazo_studio_pipeline(self->studio), self->request, NULL, &id, error);
  if (status != PIXAZO_OK) {
    spending_settle(&self->call->server->spending, &self->price, 0, 0);
    return status;
  }
  (void)snprintf(generation, UUID_BYTES, "%s", id);
  pixazo_free(id);
  return PIXAZO_OK;
}

/* Until it has ended. A client that cancels hears nothing more; what is unsent is then not sent, what is sent is recorded.
 */
static pixazo_status wait_for(const wanted *self, const intent *joined, pixazo_generation **record, pixazo_error **error)
{
  pixazo_pipeline *pipeline = pixazo_studio_pipeline(self->studio);
  bool told = false;
  for (;;) {
    pixazo_status status = pixazo_pipeline_wait(pipeline, joined->generation, WAIT_MS, NULL, record, error);
    if (status != PIXAZO_E_AGAIN)
      return status;
    *error = pixazo_pipeline_trouble(pipeline);
    if (*error)
      return pixazo_error_status(*error);
    if (!told && is_closed(self->call)) {
      told = true;
      if (intents_alone(&self->call->server->intents, joined) &&
          pixazo_pipeline_cancel(pipeline, joined->generation, PIXAZO_CANCEL_SOFT, NULL) != PIXAZO_OK)
        return PIXAZO_E_STATE; /* it is not worked on here any more */
    }
  }
}

/* What was not sent as it was asked for. */
static void say_changes(const pixazo_generation *record, result *answer)
{
  const char *outcome = pixazo_generation_outcome_json(record);
  for (const char *each = json_first(outcome); each; each = json_next(each)) {
    char name[64];
    char state[32];
    const char *asked = json_member(each, "requested");
    const char *sent = json_member(each, "sent");
    json_string(json_member(each, "name"), name, sizeof name);
    json_string(json_member(each, "state"), state, sizeof state);
    if (strcmp(state, "honoured") == 0 || !asked || !sent || *asked == 'n' || json_length(asked) > 40)
      continue;
    say(answer, "%s was asked as %.*s and sent as %.*s (%s).", name, (int)json_length(asked), asked,
        *sent == 'n' ? (int)strlen("nothing") : (int)json_length(sent), *sent == 'n' ? "nothing" : sent, state);
  }
}

static void say_made(const wanted *self, const pixazo_generation *record, result *answer)
{
  char money[96];
  size_t count = pixazo_generation_image_count(record);
  format_money(pixazo_generation_cost_micros(record), pixazo_generation_currency(record),
               pixazo_generation_confidence(record), money, sizeof money);
  for (size_t i = 0; i < count; i++) {
    const char *path = pixazo_generation_image_path(record, i);
    if (pixazo_generation_image_state(record, i) == PIXAZO_IMAGE_RECORDED)
      say(answer, "Image generated and saved successfully! Local path: %s",
          path[0] ? path : pixazo_generation_image_key(record, i));
    else
      say(answer, "Picture %zu is %s: %s.", i + 1, pixazo_image_state_name(pixazo_generation_image_state(record, i)),
          pixazo_generation_image_reason(record, i));
  }
  char seed[32];
  const char *sent = json_member(pixazo_generation_effective_json(record), "seed");
  (void)snprintf(seed, sizeof seed, "%.*s", sent ? (int)json_length(sent) : 4, sent ? sent : "none");
  if (pixazo_generation_state(record) == PIXAZO_GENERATION_PARTIAL && *pixazo_generation_message(record))
    say(answer, "This is not all: %s.", pixazo_generation_message(record));
  say(answer, "(%s/%s, seed %s, cost %s)", pixazo_generation_provider(record), pixazo_generation_model(record), seed, money);
  say_changes(record, answer);
  say_note(answer, self->studio);
}

static void tell_made(const wanted *self, const pixazo_generation *record, bool shared, result *answer)
{
  say_made(self, record, answer);
  if (shared)
    say(answer, "It was made for an earlier call with the same arguments; nothing more was paid.");
  put_record(&answer->structured, "generation", record);
  put_bool(&answer->structured, "repeated", shared);
  if (self->wish.recipe) {
    put_open(&answer->structured, "exports", '[');
    (void)add_exports(self->call, self->studio, record, &self->wish, NULL, answer);
    put_close(&answer->structured, ']');
  }
  add_pictures(answer, self->call, self->studio, record);
}

/* Paid and made, but not here: the tool this one replaces said it like that. */
static void tell_failure(const wanted *self, const char *generation, pixazo_status status, pixazo_error *error,
                         result *answer)
{
  pixazo_generation *record = NULL;
  if (pixazo_repository_find(pixazo_studio_repository(self->studio), generation, &record, NULL) == PIXAZO_OK) {
    for (size_t i = 0; i < pixazo_generation_image_count(record); i++) {
      const char *url = pixazo_generation_image_url(record, i);
      if (url[0])
        say_failure(answer, "Image generated but download failed. Remote URL: %s", url);
    }
  }
  pixazo_generation_free(record);
  say_error(answer, "Error generating image", status, error);
}

/* Of a request that failed: its parts have costs of their own. */
static void settle_failed(const wanted *self, const char *generation)
{
  int64_t micros = 0;
  pixazo_page *page = NULL;
  pixazo_query *query = NULL;
  pixazo_generation *record = NULL;
  pixazo_repository *repository = pixazo_studio_repository(self->studio);
  if (pixazo_repository_find(repository, generation, &record, NULL) == PIXAZO_OK)
    micros = pixazo_generation_cost_micros(record);
  if (record && pixazo_generation_batch(record)[0] && pixazo_query_new(&query, NULL) == PIXAZO_OK &&
      pixazo_query_set_string(query, "batch", pixazo_generation_batch(record), NULL) == PIXAZO_OK &&
      pixazo_repository_list(repository, query, &page, NULL) == PIXAZO_OK) {
    micros = 0;
    for (size_t i = 0; i < pixazo_page_count(page); i++)
      micros += pixazo_generation_cost_micros(pixazo_page_get(page, i));
  }
  spending_settle(&self->call->server->spending, &self->price, micros, micros > 0 ? self->price.images : 0);
  pixazo_page_free(page);
  pixazo_query_free(query);
  pixazo_generation_free(record);
}

static void settle(const wanted *self, const char *generation, const pixazo_generation *record)
{
  if (record)
    spending_settle(&self->call->server->spending, &self->price, pixazo_generation_cost_micros(record),
                    (int64_t)pixazo_generation_image_count(record));
  else
    settle_failed(self, generation);
}

/* What is worth being fetched by a call that asks again. */
static bool is_worth_keeping(pixazo_status status)
{
  return status == PIXAZO_OK || status == PIXAZO_E_AMBIGUOUS || status == PIXAZO_E_CORRUPT;
}

/* Joins an equal call that is open, or begins anew. An earlier one that was cancelled before it was sent is no answer. */
static pixazo_status join_and_wait(wanted *self, bool *shared, pixazo_generation **record, pixazo_error **error)
{
  intents *open = &self->call->server->intents;
  for (int tries = 0;; tries++) {
    intent *joined = NULL;
    pixazo_status status = intents_join(open, self->arguments, add, self, &joined, shared, error);
    if (status != PIXAZO_OK)
      return status;
    self->call->joined = joined;
    calls_set_generation(self->call, joined->generation);
    status = wait_for(self, joined, record, error);
    if (!*shared && !self->earlier)
      settle(self, joined->generation, *record);
    self->call->worth_keeping = is_worth_keeping(status);
    if (status != PIXAZO_E_CANCELLED || !*shared || tries == JOIN_TRIES)
      return status;
    pixazo_error_free(*error);
    *error = NULL;
    self->call->joined = NULL;
    intents_leave(open, joined);
  }
}

static void make(wanted *self, result *answer)
{
  bool shared = false;
  pixazo_error *error = NULL;
  pixazo_generation *record = NULL;
  pixazo_status status = join_and_wait(self, &shared, &record, &error);
  if (status == PIXAZO_OK)
    tell_made(self, record, shared || self->earlier, answer);
  else if (self->call->joined)
    tell_failure(self, self->call->joined->generation, status, error, answer);
  else
    say_error(answer, "Nothing was sent", status, error);
  pixazo_generation_free(record);
}

void run_generate(call *self, result *out)
{
  wanted picture;
  if (prepare(self, &picture, out) && read_wish(self, picture.studio, false, &picture.wish, out)) {
    if (picture.dry_run)
      answer_estimate(&picture, out);
    else
      make(&picture, out);
  }
  wanted_done(&picture);
}
