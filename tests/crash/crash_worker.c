/* SPDX-License-Identifier: MIT */
/* One process of the crash matrix: makes one generation, or resumes what another left.
 *
 *   crash_worker run DIRECTORY GATEWAY MODEL COUNT     adds one request (idempotency key "crash") and waits for it
 *   crash_worker resume DIRECTORY GATEWAY              finishes what is paid, prints the report
 *   crash_worker hold DIRECTORY GATEWAY MODEL COUNT    as run, and prints "planned" once it is recorded
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pixazo/pixazo.h>

static int complain(pixazo_error *error)
{
  fprintf(stderr, "%s: %s\n", pixazo_status_name(pixazo_error_status(error)), pixazo_error_message(error));
  pixazo_error_free(error);
  return 1;
}

typedef struct handles {
  pixazo_client *client;
  pixazo_store *store;
  pixazo_repository *repository;
  pixazo_pipeline *pipeline;
} handles;

static pixazo_status open_client(handles *h, const char *gateway, pixazo_error **error)
{
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  options.provider = "pixazo";
  options.api_key = "pxz-CANARY-7f3a9d52c1e84b60";
  options.base_url = gateway;
  options.allow_hosts = "127.0.0.1";
  options.retry_delay_ms = 20;
  options.poll_interval_ms = 20;
  options.generation_timeout_ms = 20000;
  options.on_ambiguous = getenv("CRASH_RETRY") ? PIXAZO_AMBIGUOUS_RETRY : PIXAZO_AMBIGUOUS_STOP;
  return pixazo_client_new(&options, &h->client, error);
}

/* CRASH_HOOKS: "allow" or "withhold". */
static pixazo_status on_prompt(const pixazo_prompt_facts *facts, pixazo_review *review, void *user_data, pixazo_error **error)
{
  (void)facts;
  (void)review;
  (void)user_data;
  (void)error;
  return PIXAZO_OK;
}

static pixazo_status on_picture(const pixazo_picture_facts *facts, pixazo_review *review, void *user_data, pixazo_error **error)
{
  const char *mode = user_data;
  (void)facts;
  if (strcmp(mode, "withhold") == 0)
    pixazo_review_set_blocked(review, "by the crash worker");
  return pixazo_review_set_alt_text(review, "A caption.", error);
}

static void set_hooks(pixazo_pipeline_options *pipeline)
{
  char *mode = getenv("CRASH_HOOKS");
  if (!mode)
    return;
  pipeline->on_prompt = on_prompt;
  pipeline->on_picture = on_picture;
  pipeline->on_picture_data = mode;
}

static pixazo_status open_rest(handles *h, const char *directory, pixazo_error **error)
{
  char database[4096];
  char spool[4096];
  pixazo_store_local_options local;
  pixazo_repository_options repository = PIXAZO_REPOSITORY_OPTIONS_INIT;
  pixazo_pipeline_options pipeline = PIXAZO_PIPELINE_OPTIONS_INIT;
  snprintf(database, sizeof database, "%s/pixazo.db", directory);
  snprintf(spool, sizeof spool, "%s/spool", directory);
  pixazo_store_local_options_init(&local, sizeof local);
  local.directory = directory;
  repository.path = database;
  repository.media_root = directory;
  pixazo_status status = pixazo_store_new_local(&local, &h->store, error);
  if (status == PIXAZO_OK)
    status = pixazo_repository_new(&repository, &h->repository, error);
  if (status != PIXAZO_OK)
    return status;
  pipeline.client = h->client;
  pipeline.store = h->store;
  pipeline.repository = h->repository;
  pipeline.spool = spool;
  set_hooks(&pipeline);
  return pixazo_pipeline_new(&pipeline, &h->pipeline, error);
}

static void close_all(handles *h)
{
  pixazo_pipeline_free(h->pipeline);
  pixazo_repository_unref(h->repository);
  pixazo_store_unref(h->store);
  pixazo_client_unref(h->client);
}

static int run(handles *h, char **argv, int hold)
{
  pixazo_error *error = NULL;
  pixazo_request *request = NULL;
  char *id = NULL;
  if (pixazo_request_new("a red fox", &request, &error) != PIXAZO_OK ||
      pixazo_request_set_string(request, "model", argv[4], &error) != PIXAZO_OK ||
      pixazo_request_set_int(request, "count", atoi(argv[5]), &error) != PIXAZO_OK ||
      pixazo_request_set_string(request, "idempotency_key", "crash", &error) != PIXAZO_OK ||
      pixazo_pipeline_add(h->pipeline, request, NULL, &id, &error) != PIXAZO_OK)
    return complain(error);
  pixazo_request_free(request);
  if (hold) {
    pixazo_event *event = NULL;
    while (pixazo_pipeline_next_event(h->pipeline, 10000, &event, &error) == PIXAZO_OK) {
      int started = pixazo_event_kind(event) == PIXAZO_EVENT_STARTED;
      pixazo_event_free(event);
      if (started)
        break;
    }
    puts("started");
    fflush(stdout);
  }
  pixazo_status status = pixazo_pipeline_wait(h->pipeline, id, UINT32_MAX, NULL, NULL, &error);
  pixazo_free(id);
  return status == PIXAZO_OK ? 0 : complain(error);
}

static int resume(handles *h)
{
  pixazo_error *error = NULL;
  char *report = NULL;
  if (pixazo_pipeline_resume(h->pipeline, PIXAZO_RESUME_PAID, NULL, &report, &error) != PIXAZO_OK)
    return complain(error);
  puts(report);
  pixazo_free(report);
  return 0;
}

int main(int argc, char **argv)
{
  handles h = {NULL, NULL, NULL, NULL};
  pixazo_error *error = NULL;
  if (argc < 4 || (strcmp(argv[1], "resume") != 0 && argc < 6)) {
    fprintf(stderr, "usage: crash_worker run|hold|resume DIRECTORY GATEWAY [MODEL COUNT]\n");
    return 2;
  }
  if (open_client(&h, argv[3], &error) != PIXAZO_OK || open_rest(&h, argv[2], &error) != PIXAZO_OK) {
    close_all(&h);
    return complain(error);
  }
  int result = strcmp(argv[1], "resume") == 0 ? resume(&h) : run(&h, argv, strcmp(argv[1], "hold") == 0);
  close_all(&h);
  return result;
}
