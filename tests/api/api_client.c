/* SPDX-License-Identifier: MIT */
/* client.h, gate.h and record.h: a bare client, with a gate of its own and with that of a repository. */
#include "check.h"

static const char small[] =
  "{\"prompt\":\"a pier\",\"width\":64,\"height\":48,\"steps\":1,\"seed\":7,\"count\":2,\"THEME\":\"sea\"}";

typedef struct told {
  int progress;
  int retries;
  int32_t stop;
  int64_t answer;
} told;

static int32_t on_progress(const pixazo_progress *progress, void *user_data)
{
  told *self = user_data;
  CHECK(progress->struct_size == sizeof *progress && strlen(progress->generation) == 36);
  CHECK(!progress->partial && progress->partial_index == 0 && progress->reserved == 0);
  self->progress++;
  return self->stop;
}

static int64_t on_retry(const pixazo_retry *retry, void *user_data)
{
  told *self = user_data;
  self->retries++;
  CHECK(retry->retry == (uint32_t)self->retries && retry->attempt_class == PIXAZO_CLASS_FAILED);
  return self->answer;
}

static void construction(void)
{
  pixazo_client_options options;
  pixazo_client *client = UNTOUCHED;
  pixazo_client_options_init(&options, sizeof options);
  FAILS(PIXAZO_E_AUTH, pixazo_client_new(NULL, &client, &error));
  FAILS(PIXAZO_E_AUTH, pixazo_client_new(&options, &client, &error));
  options.provider = "nobody";
  FAILS(PIXAZO_E_ARGUMENT, pixazo_client_new(&options, &client, &error));
  options.provider = NULL;
  options.api_key = "an\nobvious\nfake";
  FAILS(PIXAZO_E_ARGUMENT, pixazo_client_new(&options, &client, &error));
  options.api_key = "an-obvious-fake";
  options.ca_file = "/dev/null/none";
  FAILS(PIXAZO_E_IO, pixazo_client_new(&options, &client, &error));
  CHECK(client == UNTOUCHED);
  options.ca_file = NULL;
  NEEDS(pixazo_client_new(&options, &client, &error));
  CHECK_TEXT(pixazo_client_provider(client), "pixazo");
  CHECK(pixazo_client_ref(client) == client && pixazo_client_unref(client) == NULL);
  CHECK(pixazo_client_unref(client) == NULL && pixazo_client_unref(NULL) == NULL && pixazo_client_ref(NULL) == NULL);
}

static void counts_and_health(void)
{
  pixazo_metrics *metrics = NULL;
  pixazo_client *client = NULL;
  char *text = NULL;
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  NEEDS(pixazo_metrics_new(&metrics, &error));
  options.provider = "offline";
  options.metrics = metrics;
  NEEDS(pixazo_client_new(&options, &client, &error));
  CHECK(pixazo_client_metrics(client) == metrics && pixazo_client_metrics(NULL) == NULL);
  CHECK(pixazo_metrics_ref(metrics) == metrics && pixazo_metrics_unref(metrics) == NULL);
  NEEDS(pixazo_metrics_text(metrics, &text, &error));
  CHECK_HOLDS(text, "# TYPE pixazo_");
  pixazo_free(text);
  NEEDS(pixazo_metrics_to_json(metrics, &text, &error));
  CHECK_HOLDS(text, "\"schema\":1");
  pixazo_free(text);
  NEEDS(pixazo_client_health(client, &text, &error));
  CHECK_HOLDS(text, "\"provider\":\"offline\",\"has_key\":true,\"state\":\"good\"");
  pixazo_free(text);
  WORKS(pixazo_client_reopen(client, NULL, &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_client_reopen(client, "nobody", &error));
  (void)pixazo_client_unref(client);
  (void)pixazo_metrics_unref(metrics);
}

static void texts_of(const pixazo_generation *record)
{
  CHECK(strlen(pixazo_generation_uuid(record)) == 36);
  CHECK_TEXT(pixazo_generation_principal(record), "");
  CHECK_TEXT(pixazo_generation_idempotency_key(record), "");
  CHECK_TEXT(pixazo_generation_prompt(record), "a pier");
  CHECK_TEXT(pixazo_generation_provider(record), "offline");
  CHECK(*pixazo_generation_model(record));
  CHECK_TEXT(pixazo_generation_request_json(record), small);
  CHECK_HOLDS(pixazo_generation_metadata_json(record), "THEME");
  CHECK_HOLDS(pixazo_generation_effective_json(record), "7");
  CHECK_HOLDS(pixazo_generation_outcome_json(record), "delivered");
  CHECK_TEXT(pixazo_generation_message(record), "");
  CHECK_TEXT(pixazo_generation_currency(record), "USD");
  CHECK(pixazo_generation_batch(record) != NULL);
  CHECK_TEXT(pixazo_generation_route_json(record), "");
  CHECK_TEXT(pixazo_generation_replayed_from(record), "");
  CHECK(pixazo_generation_request_id(record) && pixazo_generation_safety_json(record));
}

static void numbers_of(const pixazo_generation *record)
{
  CHECK(pixazo_generation_state(record) == PIXAZO_GENERATION_DONE);
  CHECK(pixazo_generation_class(record) == PIXAZO_CLASS_ACCEPTED);
  CHECK(pixazo_generation_http_status(record) == 200);
  CHECK(pixazo_generation_attempts(record) >= 1);
  CHECK(pixazo_generation_cost_micros(record) == 0);
  CHECK(pixazo_generation_confidence(record) == PIXAZO_CONFIDENCE_BILLED);
  CHECK(pixazo_generation_created_us(record) > 1700000000000000);
  CHECK(pixazo_generation_updated_us(record) >= pixazo_generation_created_us(record));
  CHECK(pixazo_generation_queued_us(record) >= 0 && pixazo_generation_sent_us(record) >= 0);
  CHECK(pixazo_generation_answered_us(record) >= 0 && pixazo_generation_ended_us(record) >= 0);
}

static void image_of(const pixazo_generation *record, size_t index)
{
  pixazo_blob *bytes = pixazo_generation_image_blob(record, index);
  CHECK(strlen(pixazo_generation_image_uuid(record, index)) == 36);
  CHECK(pixazo_generation_image_state(record, index) != 0);
  CHECK(pixazo_blob_size(bytes) > 8 && memcmp(pixazo_blob_data(bytes), "\x89PNG", 4) == 0);
  CHECK(pixazo_generation_image_key(record, index) && pixazo_generation_image_path(record, index));
  CHECK_TEXT(pixazo_generation_image_url(record, index), "");
  CHECK_TEXT(pixazo_generation_image_reason(record, index), "");
  CHECK(pixazo_generation_image_sha256(record, index) && pixazo_generation_image_content_type(record, index));
  CHECK(pixazo_generation_image_width(record, index) >= 0 && pixazo_generation_image_height(record, index) >= 0);
  CHECK(pixazo_generation_image_bytes(record, index) >= 0);
  CHECK(pixazo_generation_image_seed(record, index) == -1);
  CHECK(pixazo_generation_image_alt_text(record, index) && pixazo_generation_image_revised_prompt(record, index));
  CHECK(pixazo_generation_image_safety_json(record, index));
  CHECK(pixazo_generation_image_has_alpha(record, index) == 0);
  CHECK(pixazo_generation_image_download_us(record, index) >= 0);
  CHECK(pixazo_generation_image_processing_us(record, index) >= 0);
  CHECK(pixazo_generation_rendition_count(record, index) == 0);
}

/* Past the end every getter says that there is nothing. */
static void past_the_end(const pixazo_generation *record, size_t i)
{
  CHECK_TEXT(pixazo_generation_image_uuid(record, i), "");
  CHECK_TEXT(pixazo_generation_image_key(record, i), "");
  CHECK_TEXT(pixazo_generation_image_path(record, i), "");
  CHECK_TEXT(pixazo_generation_image_url(record, i), "");
  CHECK_TEXT(pixazo_generation_image_sha256(record, i), "");
  CHECK_TEXT(pixazo_generation_image_content_type(record, i), "");
  CHECK_TEXT(pixazo_generation_image_reason(record, i), "");
  CHECK(!pixazo_generation_image_state(record, i) && !pixazo_generation_image_blob(record, i));
  CHECK(!pixazo_generation_image_width(record, i) && !pixazo_generation_image_height(record, i));
  CHECK(!pixazo_generation_image_bytes(record, i) && !pixazo_generation_rendition_count(record, i));
  CHECK_TEXT(pixazo_generation_rendition_path(record, i, 0), "");
  CHECK_TEXT(pixazo_generation_rendition_name(record, i, 0), "");
  CHECK_TEXT(pixazo_generation_rendition_key(record, 0, i), "");
  CHECK_TEXT(pixazo_generation_rendition_content_type(record, 0, i), "");
  CHECK(!pixazo_generation_rendition_bytes(record, 0, i));
}

static void generation(void)
{
  pixazo_client *client = api_offline_client(NULL, NULL);
  pixazo_request *request = api_request(small);
  pixazo_request *empty = api_request("{\"width\":64}");
  pixazo_generation *record = UNTOUCHED;
  pixazo_cancel *cancel = NULL;
  char *json = NULL;
  FAILS(PIXAZO_E_ARGUMENT, pixazo_client_generate(client, empty, NULL, &record, &error));
  NEEDS(pixazo_cancel_new(&cancel, &error));
  pixazo_cancel_set(cancel, PIXAZO_CANCEL_SOFT);
  FAILS(PIXAZO_E_CANCELLED, pixazo_client_generate(client, request, cancel, &record, &error));
  CHECK(record == UNTOUCHED);
  NEEDS(pixazo_client_generate(client, request, NULL, &record, &error));
  texts_of(record);
  numbers_of(record);
  CHECK(pixazo_generation_image_count(record) == 2);
  image_of(record, 0);
  image_of(record, 1);
  past_the_end(record, 2);
  NEEDS(pixazo_generation_to_json(record, &json, &error));
  CHECK_HOLDS(json, "\"schema\":1");
  CHECK_HOLDS(json, pixazo_generation_uuid(record));
  pixazo_free(json);
  pixazo_generation_free(record);
  pixazo_generation_free(NULL);
  pixazo_request_free(request);
  pixazo_request_free(empty);
  (void)pixazo_cancel_unref(cancel);
  (void)pixazo_client_unref(client);
}

static void failures(void)
{
  static const char script[] =
    "{\"price_micros\":40000,\"calls\":[{\"class\":\"blocked\"},{\"class\":\"lost\"},{\"class\":\"ambiguous\"}]}";
  static const struct {
    pixazo_status status;
    int32_t attempt_class;
    int32_t charge;
  } expected[] = {{PIXAZO_E_REJECTED, PIXAZO_CLASS_BLOCKED, PIXAZO_CHARGE_NOT_CHARGED},
                  {PIXAZO_E_PROVIDER, PIXAZO_CLASS_LOST, PIXAZO_CHARGE_CHARGED},
                  {PIXAZO_E_AMBIGUOUS, PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN}};
  pixazo_client *client = api_offline_client(script, NULL);
  pixazo_request *request = api_request("{\"prompt\":\"x\",\"width\":64,\"height\":64}");
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
    pixazo_error *error = NULL;
    pixazo_generation *record = UNTOUCHED;
    CHECK(pixazo_client_generate(client, request, NULL, &record, &error) == expected[i].status && record == UNTOUCHED);
    CHECK(pixazo_error_status(error) == expected[i].status && pixazo_error_class(error) == expected[i].attempt_class);
    CHECK(pixazo_error_charge(error) == expected[i].charge);
    CHECK(strlen(pixazo_error_generation(error)) == 36 && pixazo_error_is_retryable(error) == 0);
    pixazo_error_free(error);
  }
  pixazo_request_free(request);
  (void)pixazo_client_unref(client);
}

static void hooks(void)
{
  told seen = {.answer = 0};
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  pixazo_client *client = NULL;
  pixazo_generation *record = NULL;
  pixazo_request *request = api_request("{\"prompt\":\"x\",\"width\":64,\"height\":64}");
  options.provider = "offline";
  options.offline_script = "[{\"class\":\"failed\"},{},{\"class\":\"failed\"},{\"delay_ms\":600000}]";
  options.on_progress = on_progress;
  options.on_retry = on_retry;
  options.on_progress_data = options.on_retry_data = &seen;
  NEEDS(pixazo_client_new(&options, &client, &error));
  WORKS(pixazo_client_generate(client, request, NULL, &record, &error));
  CHECK(seen.retries == 1 && seen.progress > 0 && pixazo_generation_attempts(record) == 2);
  pixazo_generation_free(record);
  record = UNTOUCHED;
  seen = (told){.answer = -1};
  FAILS(PIXAZO_E_PROVIDER, pixazo_client_generate(client, request, NULL, &record, &error));
  CHECK(seen.retries == 1);
  seen = (told){.stop = 1};
  /* Sent already, and a bare client has nowhere to keep a late answer. */
  FAILS(PIXAZO_E_AMBIGUOUS, pixazo_client_generate(client, request, NULL, &record, &error));
  CHECK(record == UNTOUCHED);
  pixazo_request_free(request);
  (void)pixazo_client_unref(client);
}

/* Without a network: what is refused before a connection is made. */
static void fetching(void)
{
  pixazo_client *client = api_offline_client(NULL, NULL);
  pixazo_blob *blob = UNTOUCHED;
  FAILS(PIXAZO_E_ARGUMENT, pixazo_client_fetch(client, "not a url", NULL, &blob, &error));
  FAILS(PIXAZO_E_NETWORK, pixazo_client_fetch(client, "http://127.0.0.1:9/x.png", NULL, &blob, &error));
  FAILS(PIXAZO_E_NETWORK, pixazo_client_fetch(client, "https://127.0.0.1:9/x.png", NULL, &blob, &error));
  CHECK(blob == UNTOUCHED);
  FAILS(PIXAZO_E_NETWORK, pixazo_client_fetch_file(client, "https://10.0.0.1/x.png", api_path("x.png"), NULL, &error));
  CHECK(access(api_path("x.png"), F_OK) != 0);
  (void)pixazo_client_unref(client);
}

static void planning(void)
{
  pixazo_client *client = api_offline_client(NULL, NULL);
  pixazo_request *request = api_request(small);
  char *json = NULL;
  NEEDS(pixazo_client_estimate(client, request, &json, &error));
  CHECK_HOLDS(json, "\"schema\":1");
  CHECK_HOLDS(json, "confidence");
  pixazo_free(json);
  NEEDS(pixazo_providers_to_json(&json, &error));
  CHECK_HOLDS(json, "\"schema\":1");
  CHECK_HOLDS(json, "\"offline\"");
  CHECK_HOLDS(json, "\"pixazo\"");
  pixazo_free(json);
  pixazo_request_free(request);
  (void)pixazo_client_unref(client);
}

/* Two clients behind one gate in memory: its budget and its quota hold for both. */
static void gate_in_memory(void)
{
  pixazo_gate *gate = NULL;
  pixazo_generation *record = NULL;
  NEEDS(pixazo_gate_new(&gate, &error));
  pixazo_client *client = api_offline_client("{\"price_micros\":40000,\"calls\":[]}", gate);
  pixazo_client *other = api_offline_client("{\"price_micros\":40000,\"calls\":[]}", gate);
  pixazo_request *request = api_request(small);
  WORKS(pixazo_gate_set_budget(gate, "{\"cap_micros\":100000}", &error));
  NEEDS(pixazo_client_generate(client, request, NULL, &record, &error));
  pixazo_generation_free(record);
  FAILS(PIXAZO_E_BUDGET, pixazo_client_generate(other, request, NULL, &record, &error));
  WORKS(pixazo_gate_set_budget(gate, NULL, &error));
  WORKS(pixazo_gate_set_quota(gate, "{\"requests\":1,\"max_wait_ms\":0}", &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_gate_set_quota(gate, "{}", &error));
  NEEDS(pixazo_client_generate(client, request, NULL, &record, &error)); /* its second call is one too many */
  CHECK(pixazo_generation_state(record) == PIXAZO_GENERATION_PARTIAL);
  pixazo_generation_free(record);
  FAILS(PIXAZO_E_THROTTLED, pixazo_client_generate(other, request, NULL, &record, &error));
  (void)pixazo_client_unref(client);
  (void)pixazo_client_unref(other);
  pixazo_request_free(request);
  (void)pixazo_gate_unref(gate);
}

/* The gate outlives the caller's handle of the repository, and every call is in the database. */
static void durable_gate(void)
{
  pixazo_repository_options options = PIXAZO_REPOSITORY_OPTIONS_INIT;
  pixazo_repository *repository = NULL;
  pixazo_gate *gate = NULL;
  pixazo_generation *record = NULL;
  char *json = NULL;
  options.path = api_path("gate.db");
  NEEDS(pixazo_repository_new(&options, &repository, &error));
  NEEDS(pixazo_repository_gate(repository, &gate, &error));
  CHECK(pixazo_gate_ref(gate) == gate && pixazo_gate_ref(NULL) == NULL);
  pixazo_client *client = api_offline_client("{\"price_micros\":40000,\"calls\":[]}", gate);
  CHECK(pixazo_gate_unref(gate) == NULL && pixazo_gate_unref(gate) == NULL && pixazo_gate_unref(NULL) == NULL);
  (void)pixazo_repository_unref(repository);
  pixazo_request *request = api_request(small);
  NEEDS(pixazo_client_generate(client, request, NULL, &record, &error));
  int64_t cost = pixazo_generation_cost_micros(record);
  CHECK(cost == 80000);
  pixazo_generation_free(record);
  (void)pixazo_client_unref(client);
  NEEDS(pixazo_repository_new(&options, &repository, &error));
  NEEDS(pixazo_repository_stats(repository, &json, &error));
  CHECK_HOLDS(json, "80000");
  pixazo_free(json);
  WORKS(pixazo_repository_check(repository, &json, &error));
  pixazo_free(json);
  pixazo_request_free(request);
  (void)pixazo_repository_unref(repository);
}

int main(void)
{
  api_begin();
  construction();
  counts_and_health();
  generation();
  failures();
  hooks();
  fetching();
  planning();
  gate_in_memory();
  durable_gate();
  return api_end();
}
