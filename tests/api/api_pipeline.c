/* SPDX-License-Identifier: MIT */
/* pipeline.h: add, wait, events, cancel, abandon, resume; each pipeline in a directory of its own. */
#include <poll.h>

#include "check.h"

static const char nobody[] = "01934a2b-0000-7000-8000-000000000000";

typedef struct parts {
  pixazo_client *client;
  pixazo_store *store;
  pixazo_repository *repository;
  pixazo_pipeline *pipeline;
} parts;

static parts begin(const char *name, const char *script)
{
  parts all = {NULL, NULL, NULL, NULL};
  char spool[512];
  char database[512];
  pixazo_repository_options repository = PIXAZO_REPOSITORY_OPTIONS_INIT;
  pixazo_pipeline_options options;
  (void)snprintf(spool, sizeof spool, "%s/%s.spool", api_directory, name);
  (void)snprintf(database, sizeof database, "%s/%s.db", api_directory, name);
  all.client = api_offline_client(script, NULL);
  repository.path = database;
  NEEDS(pixazo_repository_new(&repository, &all.repository, &error));
  NEEDS(pixazo_store_new_memory(&all.store, &error));
  pixazo_pipeline_options_init(&options, sizeof options);
  options.client = all.client;
  options.store = all.store;
  options.repository = all.repository;
  options.spool = spool;
  options.drain_ms = 20000;
  NEEDS(pixazo_pipeline_new(&options, &all.pipeline, &error));
  return all;
}

static void end(parts *all)
{
  pixazo_pipeline_free(all->pipeline);
  (void)pixazo_client_unref(all->client);
  (void)pixazo_store_unref(all->store);
  (void)pixazo_repository_unref(all->repository);
}

static char *add(const parts *all, const char *json, const char *batch)
{
  char *id = NULL;
  pixazo_request *request = api_request(json);
  NEEDS(pixazo_pipeline_add(all->pipeline, request, batch, &id, &error));
  pixazo_request_free(request);
  CHECK(strlen(id) == 36);
  return id;
}

static void construction(void)
{
  pixazo_pipeline_options options = PIXAZO_PIPELINE_OPTIONS_INIT;
  pixazo_pipeline *pipeline = UNTOUCHED;
  FAILS(PIXAZO_E_ARGUMENT, pixazo_pipeline_new(NULL, &pipeline, &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_pipeline_new(&options, &pipeline, &error));
  CHECK(pipeline == UNTOUCHED);
  pixazo_pipeline_free(NULL);
}

static void add_and_wait(void)
{
  static const char json[] = "{\"prompt\":\"a mill\",\"width\":64,\"height\":64,\"count\":2,\"idempotency_key\":\"mill\"}";
  parts all = begin("wait", NULL);
  pixazo_generation *record = UNTOUCHED;
  pixazo_generation *found = NULL;
  pixazo_request *empty = api_request("{}");
  char *none = UNTOUCHED;
  FAILS(PIXAZO_E_ARGUMENT, pixazo_pipeline_add(all.pipeline, empty, NULL, &none, &error));
  FAILS(PIXAZO_E_NOT_FOUND, pixazo_pipeline_wait(all.pipeline, nobody, 0, NULL, &record, &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_pipeline_wait(all.pipeline, "no uuid", 0, NULL, &record, &error));
  CHECK(record == UNTOUCHED && none == UNTOUCHED);
  char *id = add(&all, json, NULL);
  NEEDS(pixazo_pipeline_wait(all.pipeline, id, UINT32_MAX, NULL, &record, &error));
  CHECK(pixazo_generation_state(record) == PIXAZO_GENERATION_DONE && pixazo_generation_image_count(record) == 2);
  CHECK(pixazo_generation_image_state(record, 1) == PIXAZO_IMAGE_RECORDED);
  char *again = add(&all, json, NULL);
  CHECK_TEXT(again, id);
  CHECK(pixazo_pipeline_open_count(all.pipeline) == 0);
  NEEDS(pixazo_repository_find_key(all.repository, "", "mill", &found, &error));
  CHECK_TEXT(pixazo_generation_uuid(found), id);
  CHECK_TEXT(pixazo_generation_image_sha256(found, 0), pixazo_generation_image_sha256(record, 0));
  pixazo_generation_free(found);
  pixazo_generation_free(record);
  pixazo_request_free(empty);
  pixazo_free(id);
  pixazo_free(again);
  end(&all);
}

typedef struct seen {
  int kinds[8];
  int with_error;
} seen;

static void look(const pixazo_event *event, seen *to)
{
  char *json = NULL;
  int32_t kind = pixazo_event_kind(event);
  CHECK(kind > 0 && kind < 8);
  to->kinds[kind & 7]++;
  to->with_error += pixazo_event_error(event) != NULL;
  CHECK(strlen(pixazo_event_generation(event)) == 36);
  CHECK(strlen(pixazo_event_image(event)) == (kind == PIXAZO_EVENT_IMAGE ? 36 : 0));
  CHECK(pixazo_event_state(event) > 0 && (pixazo_event_stage(event) != 0) == (kind == PIXAZO_EVENT_PROGRESS));
  CHECK(pixazo_event_bytes_total(event) == 0 || pixazo_event_bytes_done(event) <= pixazo_event_bytes_total(event));
  CHECK(pixazo_event_work_done(event) <= pixazo_event_work_total(event));
  CHECK(!pixazo_event_partial(event) && pixazo_event_partial_index(event) == 0);
  CHECK(pixazo_event_delay_ms(event) == 0 || kind == PIXAZO_EVENT_RETRY);
  CHECK(pixazo_event_alert(event) == 0 && pixazo_event_value(event) == 0 && pixazo_event_threshold(event) == 0);
  CHECK_TEXT(pixazo_event_subject(event), "");
  CHECK_TEXT(pixazo_event_message(event), "");
  NEEDS(pixazo_event_to_json(event, &json, &error));
  CHECK_HOLDS(json, "\"schema\":1");
  CHECK_HOLDS(json, pixazo_event_generation(event));
  pixazo_free(json);
}

/* The way of an event loop: the descriptor says when to ask. */
static void events_by_descriptor(void)
{
  parts all = begin("events", "[{\"class\":\"failed\"},{}]");
  seen what = {.with_error = 0};
  pixazo_event *event = UNTOUCHED;
  struct pollfd wait = {.fd = pixazo_pipeline_fd(all.pipeline), .events = POLLIN};
  pixazo_error *fault = NULL;
  CHECK(wait.fd >= 0 && pixazo_pipeline_fd(NULL) == -1);
  CHECK(pixazo_pipeline_next_event(all.pipeline, 0, &event, &fault) == PIXAZO_E_AGAIN && !fault && event == UNTOUCHED);
  pixazo_free(add(&all, "{\"prompt\":\"a barn\",\"width\":64,\"height\":64}", nobody));
  while (what.kinds[PIXAZO_EVENT_ENDED] == 0 && poll(&wait, 1, 10000) == 1) {
    while (pixazo_pipeline_next_event(all.pipeline, 0, &event, &fault) == PIXAZO_OK) {
      look(event, &what);
      pixazo_event_free(event);
    }
  }
  pixazo_event_free(NULL);
  CHECK(what.kinds[PIXAZO_EVENT_PLANNED] == 1 && what.kinds[PIXAZO_EVENT_ENDED] == 1);
  CHECK(what.kinds[PIXAZO_EVENT_IMAGE] == 1 && what.kinds[PIXAZO_EVENT_RETRY] >= 1);
  CHECK(what.with_error >= 1);
  CHECK(!pixazo_pipeline_trouble(all.pipeline) && !pixazo_pipeline_trouble(NULL));
  end(&all);
}

static int32_t count_events(const pixazo_event *event, void *user_data)
{
  seen *to = user_data;
  look(event, to);
  return to->with_error < 0;
}

static void run_until_all_ended(void)
{
  parts all = begin("run", NULL);
  seen what = {.with_error = 0};
  pixazo_query *query = NULL;
  int64_t found = 0;
  for (int i = 0; i < 3; i++)
    pixazo_free(add(&all, "{\"prompt\":\"a mast\",\"width\":64,\"height\":64}", nobody));
  WORKS(pixazo_pipeline_run(all.pipeline, NULL, count_events, &what, &error));
  CHECK(what.kinds[PIXAZO_EVENT_ENDED] == 3 && pixazo_pipeline_open_count(all.pipeline) == 0);
  NEEDS(pixazo_query_new(&query, &error));
  WORKS(pixazo_query_set_string(query, "batch", nobody, &error));
  WORKS(pixazo_repository_count(all.repository, query, &found, &error));
  CHECK(found == 3);
  pixazo_query_free(query);
  what.with_error = -1; /* the hook asks to stop */
  pixazo_free(add(&all, "{\"prompt\":\"a sail\",\"width\":64,\"height\":64}", NULL));
  FAILS(PIXAZO_E_CANCELLED, pixazo_pipeline_run(all.pipeline, NULL, count_events, &what, &error));
  WORKS(pixazo_pipeline_run(all.pipeline, NULL, NULL, NULL, &error));
  end(&all);
}

static void cancelled(void)
{
  parts all = begin("cancel", "{\"repeat\":true,\"calls\":[{\"delay_ms\":2000}]}");
  pixazo_generation *record = UNTOUCHED;
  pixazo_error *fault = NULL;
  char *ids[5];
  for (int i = 0; i < 5; i++)
    ids[i] = add(&all, "{\"prompt\":\"a weir\",\"width\":64,\"height\":64}", NULL);
  CHECK(pixazo_pipeline_open_count(all.pipeline) == 5 && pixazo_pipeline_open_count(NULL) == 0);
  CHECK(pixazo_pipeline_wait(all.pipeline, ids[4], 0, NULL, &record, &fault) == PIXAZO_E_AGAIN && !fault);
  CHECK(record == UNTOUCHED);
  FAILS(PIXAZO_E_NOT_FOUND, pixazo_pipeline_cancel(all.pipeline, nobody, PIXAZO_CANCEL_SOFT, &error));
  WORKS(pixazo_pipeline_cancel(all.pipeline, ids[4], PIXAZO_CANCEL_SOFT, &error));
  FAILS(PIXAZO_E_CANCELLED, pixazo_pipeline_wait(all.pipeline, ids[4], UINT32_MAX, NULL, NULL, &error));
  NEEDS(pixazo_repository_find(all.repository, ids[4], &record, &error));
  CHECK(pixazo_generation_state(record) == PIXAZO_GENERATION_CANCELLED && pixazo_generation_attempts(record) == 0);
  pixazo_generation_free(record);
  WORKS(pixazo_pipeline_cancel(all.pipeline, NULL, PIXAZO_CANCEL_SOFT, &error));
  WORKS(pixazo_pipeline_cancel(all.pipeline, ids[4], PIXAZO_CANCEL_NOW, &error));
  for (int i = 0; i < 5; i++)
    pixazo_free(ids[i]);
  end(&all);
}

/* A call whose outcome nobody knows waits for a decision; giving it up is one. */
static void abandoned(void)
{
  parts all = begin("abandon", "{\"price_micros\":40000,\"calls\":[{\"class\":\"ambiguous\"}]}");
  pixazo_generation *record = NULL;
  pixazo_error *fault = NULL;
  char *id = add(&all, "{\"prompt\":\"a quay\",\"width\":64,\"height\":64}", NULL);
  CHECK(pixazo_pipeline_wait(all.pipeline, id, UINT32_MAX, NULL, NULL, &fault) == PIXAZO_E_AMBIGUOUS);
  CHECK_TEXT(pixazo_error_generation(fault), id);
  pixazo_error_free(fault);
  FAILS(PIXAZO_E_NOT_FOUND, pixazo_pipeline_abandon(all.pipeline, nobody, &error));
  WORKS(pixazo_pipeline_abandon(all.pipeline, id, &error));
  WORKS(pixazo_pipeline_abandon(all.pipeline, id, &error));
  NEEDS(pixazo_repository_find(all.repository, id, &record, &error));
  CHECK(pixazo_generation_state(record) == PIXAZO_GENERATION_ABANDONED);
  CHECK(pixazo_generation_cost_micros(record) == 40000);
  CHECK(pixazo_generation_confidence(record) == PIXAZO_CONFIDENCE_UPPER_BOUND);
  pixazo_generation_free(record);
  pixazo_free(id);
  id = add(&all, "{\"prompt\":\"a dock\",\"width\":64,\"height\":64}", NULL);
  WORKS(pixazo_pipeline_wait(all.pipeline, id, UINT32_MAX, NULL, NULL, &error));
  FAILS(PIXAZO_E_STATE, pixazo_pipeline_abandon(all.pipeline, id, &error));
  pixazo_free(id);
  end(&all);
}

/* A call in doubt is tried again; both count in the budget. */
static void tried_again(void)
{
  parts all = begin("retry", "{\"price_micros\":40000,\"calls\":[{\"class\":\"ambiguous\"}]}");
  pixazo_generation *record = NULL;
  pixazo_error *fault = NULL;
  char *again = NULL;
  char *json = NULL;
  WORKS(pixazo_repository_set_budget(all.repository, "{\"cap_micros\":80000}", &error));
  char *id = add(&all, "{\"prompt\":\"a quay\",\"width\":64,\"height\":64}", NULL);
  CHECK(pixazo_pipeline_wait(all.pipeline, id, UINT32_MAX, NULL, NULL, &fault) == PIXAZO_E_AMBIGUOUS);
  pixazo_error_free(fault);
  FAILS(PIXAZO_E_NOT_FOUND, pixazo_pipeline_retry(all.pipeline, nobody, &again, &error));
  NEEDS(pixazo_pipeline_retry(all.pipeline, id, &again, &error));
  WORKS(pixazo_pipeline_wait(all.pipeline, again, UINT32_MAX, NULL, NULL, &error));
  FAILS(PIXAZO_E_STATE, pixazo_pipeline_retry(all.pipeline, id, NULL, &error));
  NEEDS(pixazo_repository_find(all.repository, id, &record, &error));
  CHECK(pixazo_generation_state(record) == PIXAZO_GENERATION_ABANDONED);
  pixazo_generation_free(record);
  NEEDS(pixazo_repository_budgets(all.repository, &json, &error));
  CHECK_HOLDS(json, "\"settled_micros\":40000,\"open_micros\":40000");
  pixazo_free(json);
  NEEDS(pixazo_repository_costs(all.repository, "model", 0, &json, &error));
  CHECK_HOLDS(json, "\"settled_micros\":40000,\"open_micros\":40000,\"reserved_micros\":0,\"calls\":2");
  pixazo_free(json);
  WORKS(pixazo_repository_remove_budget(all.repository, "{}", &error));
  FAILS(PIXAZO_E_NOT_FOUND, pixazo_repository_remove_budget(all.repository, "{}", &error));
  pixazo_free(again);
  pixazo_free(id);
  end(&all);
}

static void within_a_quota(void)
{
  parts all = begin("quota", NULL);
  pixazo_event *event = NULL;
  char *json = NULL;
  WORKS(pixazo_repository_set_quota(all.repository, "{\"provider\":\"*\",\"requests\":1,\"window_ms\":300}", &error));
  (void)pixazo_pipeline_fd(all.pipeline);
  char *first = add(&all, "{\"prompt\":\"a quay\",\"width\":64,\"height\":64}", NULL);
  char *second = add(&all, "{\"prompt\":\"a dock\",\"width\":64,\"height\":64}", NULL);
  WORKS(pixazo_pipeline_wait(all.pipeline, first, UINT32_MAX, NULL, NULL, &error));
  WORKS(pixazo_pipeline_wait(all.pipeline, second, UINT32_MAX, NULL, NULL, &error));
  int64_t until = 0;
  while (pixazo_pipeline_next_event(all.pipeline, 0, &event, NULL) == PIXAZO_OK) {
    until = pixazo_event_until_us(event) > until ? pixazo_event_until_us(event) : until;
    pixazo_event_free(event);
  }
  CHECK(pixazo_event_until_us(NULL) == 0 && until >= 0);
  NEEDS(pixazo_repository_quotas(all.repository, &json, &error));
  CHECK_HOLDS(json, "\"provider\":\"*\",\"requests\":1,\"window_ms\":300");
  pixazo_free(json);
  WORKS(pixazo_repository_remove_quota(all.repository, "{\"provider\":\"*\"}", &error));
  pixazo_free(first);
  pixazo_free(second);
  end(&all);
}

static int number_of(const char *report, const char *name)
{
  char label[32];
  (void)snprintf(label, sizeof label, "\"%s\":", name);
  const char *at = strstr(report, label);
  return at ? (int)strtol(at + strlen(label), NULL, 10) : -1;
}

/* What a pipeline left planned is sent by the next one, and only when that is asked for. */
static void resumed(void)
{
  parts all = begin("resume", "{\"repeat\":true,\"calls\":[{\"delay_ms\":2000}]}");
  pixazo_cancel *cancel = NULL;
  char *report = NULL;
  for (int i = 0; i < 6; i++)
    pixazo_free(add(&all, "{\"prompt\":\"a ford\",\"width\":64,\"height\":64}", NULL));
  end(&all); /* at most three of them are sent, whatever the moment */
  all = begin("resume", NULL);
  NEEDS(pixazo_cancel_new(&cancel, &error));
  NEEDS(pixazo_pipeline_resume(all.pipeline, PIXAZO_RESUME_PAID, NULL, &report, &error));
  CHECK_HOLDS(report, "\"schema\":1");
  int planned = number_of(report, "planned");
  CHECK(planned >= 3 && planned <= 6);
  pixazo_free(report);
  NEEDS(pixazo_pipeline_resume(all.pipeline, PIXAZO_RESUME_CONTINUE, cancel, &report, &error));
  CHECK(number_of(report, "resumed") == planned && number_of(report, "done") == planned);
  pixazo_free(report);
  WORKS(pixazo_pipeline_resume(all.pipeline, PIXAZO_RESUME_PAID, NULL, NULL, &error));
  (void)pixazo_cancel_unref(cancel);
  end(&all);
}

int main(void)
{
  api_begin();
  construction();
  add_and_wait();
  events_by_descriptor();
  run_until_all_ended();
  cancelled();
  abandoned();
  tried_again();
  within_a_quota();
  resumed();
  return api_end();
}
