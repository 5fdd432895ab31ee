/* SPDX-License-Identifier: MIT */
/* Making, draining and freeing a pipeline. */
#include "pipeline/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/money.h"
#include "base/options.h"
#include "base/str.h"

enum { DEFAULT_CONCURRENCY = 3, DEFAULT_DRAIN_MS = 10000, DEFAULT_FILE_THREADS = 8, RECIPES_MAX = 64, RESERVED_DESCRIPTORS = 64 };
static const char default_key[] = "originals/{yyyy}/{mm}/{uuid}.{ext}";
static const char default_rendition_key[] = "renditions/{yyyy}/{mm}/{uuid}-{name}.{ext}";

void pixazo_pipeline_options_init(pixazo_pipeline_options *options, size_t size)
{
  px_options_init(options, size);
}

pixazo_status px_pipeline_check(const pixazo_pipeline *pipeline, pixazo_error **error)
{
  if (pipeline->pid != getpid())
    return px_fail(error, PIXAZO_E_STATE, "this pipeline was made by another process: handles do not survive fork");
  return PIXAZO_OK;
}

/* A paid call and a download each hold a socket and a file; a program that wants more raises its limit first. */
static size_t affordable(size_t wanted)
{
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return wanted;
  size_t free_descriptors = limit.rlim_cur > RESERVED_DESCRIPTORS + 16 ? limit.rlim_cur - RESERVED_DESCRIPTORS : 16;
  size_t most = free_descriptors / 4;
  return wanted < most ? wanted : most;
}

static pixazo_status copy_recipes(pixazo_pipeline *pipeline, const pixazo_pipeline_options *options, pixazo_error **error)
{
  if (options->recipe_count > RECIPES_MAX)
    return px_fail(error, PIXAZO_E_ARGUMENT, "%zu recipes are more than %d", options->recipe_count, RECIPES_MAX);
  pipeline->recipes = px_calloc(options->recipe_count, sizeof(pixazo_recipe *));
  if (!pipeline->recipes)
    return px_fail_nomem(error);
  for (size_t i = 0; i < options->recipe_count; i++) {
    px_autofree char *json = NULL;
    PX_TRY(pixazo_recipe_to_json(options->recipes[i], &json, error));
    PX_TRY(pixazo_recipe_new_from_json(json, &pipeline->recipes[i], error));
    pipeline->recipe_count++;
  }
  return PIXAZO_OK;
}

static pixazo_status open_spool(pixazo_pipeline *pipeline, const char *spool, pixazo_error **error)
{
  PX_TRY(px_directory_make(spool, 0700, error));
  char *real = realpath(spool, NULL); /* memory of libc, not ours */
  if (!real)
    return px_fail_errno(error, PIXAZO_E_IO, errno, "cannot resolve the spool %s", spool);
  pipeline->spool = px_strdup(real);
  free(real);
  if (!pipeline->spool)
    return px_fail_nomem(error);
  return px_directory_open(pipeline->spool, &pipeline->spool_fd, error);
}

static pixazo_status take_handles(pixazo_pipeline *pipeline, const pixazo_pipeline_options *options, pixazo_error **error)
{
  pipeline->client = pixazo_client_ref(options->client);
  pipeline->store = pixazo_store_ref(options->store);
  pipeline->repository = pixazo_repository_ref(options->repository);
  pipeline->log = pixazo_log_ref(options->log);
  pipeline->exporter = pixazo_exporter_ref(options->exporter);
  if (!pipeline->exporter)
    PX_TRY(pixazo_exporter_new(NULL, &pipeline->exporter, error));
  pipeline->on_progress = options->on_progress;
  pipeline->on_progress_data = options->on_progress_data;
  pipeline->on_retry = options->on_retry;
  pipeline->on_retry_data = options->on_retry_data;
  if (!pipeline->on_retry)
    pipeline->on_retry = px_client_retry_hook(options->client, &pipeline->on_retry_data);
  pipeline->replay = options->replay;
  pipeline->on_alert = options->on_alert;
  pipeline->on_alert_data = options->on_alert_data;
  pipeline->on_prompt = options->on_prompt;
  pipeline->on_prompt_data = options->on_prompt_data;
  pipeline->on_picture = options->on_picture;
  pipeline->on_picture_data = options->on_picture_data;
  pipeline->drain_ms = options->drain_ms ? options->drain_ms : DEFAULT_DRAIN_MS;
  pipeline->slots = affordable(options->concurrency ? options->concurrency : DEFAULT_CONCURRENCY);
  pipeline->downloads = affordable(pipeline->slots < 8 ? 8 : pipeline->slots);
  pipeline->key_template = px_strdup(options->key_template ? options->key_template : default_key);
  pipeline->rendition_template = px_strdup(options->rendition_template ? options->rendition_template : default_rendition_key);
  if (!pipeline->key_template || !pipeline->rendition_template)
    return px_fail_nomem(error);
  PX_TRY(copy_recipes(pipeline, options, error));
  return open_spool(pipeline, options->spool, error);
}

/* Tries a template once, so that a typing error is told now and not after the first paid picture. */
static pixazo_status check_template(const char *template, pixazo_error **error)
{
  px_autofree char *key = NULL;
  pixazo_store_key_facts facts;
  pixazo_store_key_facts_init(&facts, sizeof facts);
  facts.created_us = 1;
  facts.uuid = "00000000-0000-7000-8000-000000000000";
  facts.sha256 = "0000000000000000000000000000000000000000000000000000000000000000";
  facts.md5 = "00000000000000000000000000000000";
  facts.prompt = "a prompt that is long enough for the longest slug there is";
  facts.extension = "webp";
  facts.sequence = 10000;
  return pixazo_store_expand_key(template, &facts, &key, error);
}

static pixazo_status check_templates(const pixazo_pipeline *pipeline, pixazo_error **error)
{
  const char *original = pipeline->key_template;
  const char *rendition = pipeline->rendition_template;
  px_autofree char *named = px_template_named(rendition, "name");
  if (!named)
    return px_fail_nomem(error);
  PX_TRY(check_template(original, error));
  PX_TRY(check_template(named, error));
  if (!strstr(original, "{uuid}") && !strstr(original, "{sha256}") && !strstr(original, "{md5}"))
    return px_fail(error, PIXAZO_E_ARGUMENT, "key_template \"%s\" needs {uuid}, {sha256} or {md5}: two pictures would get one key",
                   original);
  if (strstr(rendition, "{md5}"))
    return px_fail(error, PIXAZO_E_ARGUMENT, "rendition_template \"%s\": renditions have no {md5}; take {sha256}", rendition);
  if (!strstr(rendition, "{sha256}") && !(strstr(rendition, "{uuid}") && strstr(rendition, "{name}")))
    return px_fail(error, PIXAZO_E_ARGUMENT, "rendition_template \"%s\" needs {sha256}, or {uuid} and {name}", rendition);
  return PIXAZO_OK;
}

static pixazo_status init_synced(pixazo_pipeline *pipeline, pixazo_error **error)
{
  pthread_condattr_t monotonic;
  bool made = pthread_mutex_init(&pipeline->synced.lock, NULL) == 0 && pthread_condattr_init(&monotonic) == 0 &&
              pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0 &&
              pthread_cond_init(&pipeline->synced.work, &monotonic) == 0 &&
              pthread_cond_init(&pipeline->synced.visitor, &monotonic) == 0 && px_flush_init(&pipeline->spool_flush) == PIXAZO_OK &&
              px_flush_init(&pipeline->store_flush) == PIXAZO_OK;
  pipeline->synced.last_op = &pipeline->synced.ops;
  pipeline->synced.last_ready = &pipeline->synced.ready;
  pipeline->synced.last_waiting = &pipeline->synced.waiting_items;
  pipeline->synced.last_event = &pipeline->synced.events;
  pipeline->synced.last_visit = &pipeline->synced.visits;
  pipeline->spool_fd = -1;
  pipeline->event_fd = -1;
  return made ? PIXAZO_OK : px_fail_nomem(error);
}

static pixazo_status start_threads(pixazo_pipeline *pipeline, const pixazo_pipeline_options *options, pixazo_error **error)
{
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  unsigned workers = options->workers ? options->workers : processors > 0 ? (unsigned)processors : 1;
  unsigned files = options->file_threads ? options->file_threads : DEFAULT_FILE_THREADS;
  PX_TRY(px_crew_new("pixazo-work", pipeline->stepped ? 0 : workers, &pipeline->workers, error));
  PX_TRY(px_crew_new("pixazo-files", pipeline->stepped ? 0 : files, &pipeline->files, error));
  if (!pipeline->stepped)
    PX_TRY(px_thread_start("pixazo-journal", px_pipeline_journal_body, pipeline, &pipeline->journal_thread, error));
  pipeline->running = true;
  return PIXAZO_OK;
}

static pixazo_status build(pixazo_pipeline *pipeline, const pixazo_pipeline_options *options, pixazo_error **error)
{
  PX_TRY(take_handles(pipeline, options, error));
  PX_TRY(px_watch_new(options, &pipeline->watch, error));
  PX_TRY(check_templates(pipeline, error));
  pipeline->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (pipeline->event_fd < 0)
    return px_fail_errno(error, PIXAZO_E_IO, errno, "cannot make an eventfd");
  px_budget_terms budget = {.cap_micros = options->budget_micros, .allow_unknown_price = options->allow_unknown_price != 0};
  px_journal_options journal = {.repository = pipeline->repository, .spool = pipeline->spool, .clock = pipeline->clock};
  (void)snprintf(budget.currency, sizeof budget.currency, "%s", options->budget_currency ? options->budget_currency : "USD");
  if (options->budget_micros > 0)
    journal.budget = &budget;
  PX_TRY(px_journal_open(&journal, &pipeline->journal, error));
  atomic_store(&pipeline->alive_us, px_alive_us(pipeline->clock));
  return start_threads(pipeline, options, error);
}

pixazo_status pixazo_pipeline_new(const pixazo_pipeline_options *options, pixazo_pipeline **out, pixazo_error **error)
{
  PX_REQUIRE(out, error, "out is NULL");
  return px_pipeline_new(options, px_clock_system(), false, out, error);
}

pixazo_status px_pipeline_new(const pixazo_pipeline_options *options, const px_clock *clock, bool stepped,
                              pixazo_pipeline **out, pixazo_error **error)
{
  pixazo_pipeline_options copy;
  PX_TRY(px_options_copy(&copy, sizeof copy, options, "pixazo_pipeline_options", error));
  PX_REQUIRE(copy.client && copy.store && copy.repository, error, "client, store and repository are required");
  PX_REQUIRE(!px_str_empty(copy.spool), error, "spool is required");
  PX_REQUIRE(copy.replay <= PIXAZO_REPLAY_SEEDED, error, "replay is not one of PIXAZO_REPLAY_*");
  PX_REQUIRE(copy.alert_budget_percent <= 100 || copy.alert_budget_percent == PIXAZO_NO_ALERT, error,
             "alert_budget_percent is over 100");
  PX_REQUIRE(copy.recipes || copy.recipe_count == 0, error, "recipes is NULL");
  PX_REQUIRE(copy.budget_micros >= 0 && (!copy.budget_currency || px_currency_valid(copy.budget_currency)), error,
             "budget_micros is negative, or budget_currency is not three capital letters");
  pixazo_pipeline *pipeline = px_calloc(1, sizeof *pipeline);
  if (!pipeline)
    return px_fail_nomem(error);
  pipeline->pid = getpid();
  pipeline->clock = clock;
  pipeline->stepped = stepped;
  pixazo_status status = init_synced(pipeline, error);
  if (status == PIXAZO_OK)
    status = build(pipeline, &copy, error);
  if (status != PIXAZO_OK) {
    pixazo_pipeline_free(pipeline);
    return status;
  }
  *out = pipeline;
  return PIXAZO_OK;
}

/* Under the lock: cuts what is on the wire. */
static void cut_all(pixazo_pipeline *pipeline)
{
  pipeline->synced.cut = true;
  for (size_t i = 0; i < PX_JOB_BUCKETS; i++) {
    for (px_job *job = pipeline->synced.buckets[i]; job; job = job->next_in_bucket)
      px_job_cut(job);
  }
  (void)pthread_cond_signal(&pipeline->synced.work);
}

/* Nothing new is sent; what is in flight gets its time; then everything is dropped as if killed. */
static void drain(pixazo_pipeline *pipeline)
{
  int64_t until = px_mono_us(pipeline->clock) + (int64_t)pipeline->drain_ms * 1000;
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  pipeline->synced.closing = true;
  for (size_t i = 0; i < PX_JOB_BUCKETS; i++) {
    for (px_job *job = pipeline->synced.buckets[i]; job; job = job->next_in_bucket)
      px_pipeline_wake_idle(job);
  }
  (void)pthread_cond_signal(&pipeline->synced.work);
  while (pipeline->synced.open > 0) {
    if (px_visit_one(pipeline))
      continue;
    int64_t now = px_mono_us(pipeline->clock);
    if (now >= until && !pipeline->synced.cut)
      cut_all(pipeline);
    px_wait_visitor(pipeline, now + 50000);
  }
  while (px_visit_one(pipeline)) {
  }
  pipeline->synced.stop = true;
  (void)pthread_cond_signal(&pipeline->synced.work);
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  if (pipeline->stepped)
    px_pipeline_pump(pipeline);
  else
    (void)pthread_join(pipeline->journal_thread, NULL);
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  while (px_visit_one(pipeline)) { /* alerts of the last step */
  }
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
}

static void free_synced(pixazo_pipeline *pipeline)
{
  px_events_free(pipeline);
  px_watch_free(pipeline->watch);
  px_aliases_free(pipeline);
  px_ends_free(pipeline);
  pixazo_error_free(pipeline->synced.trouble);
  px_flush_done(&pipeline->spool_flush);
  px_flush_done(&pipeline->store_flush);
  (void)pthread_cond_destroy(&pipeline->synced.work);
  (void)pthread_cond_destroy(&pipeline->synced.visitor);
  (void)pthread_mutex_destroy(&pipeline->synced.lock);
}

static void close_descriptor(int descriptor)
{
  if (descriptor >= 0)
    (void)close(descriptor);
}

void pixazo_pipeline_free(pixazo_pipeline *pipeline)
{
  if (!pipeline || pipeline->pid != getpid())
    return; /* a child of fork owns none of the threads and locks: it leaves everything alone */
  if (pipeline->running)
    drain(pipeline);
  px_crew_free(pipeline->workers);
  px_crew_free(pipeline->files);
  px_journal_close(pipeline->journal);
  free_synced(pipeline);
  close_descriptor(pipeline->event_fd);
  close_descriptor(pipeline->spool_fd);
  for (size_t i = 0; i < pipeline->recipe_count; i++)
    pixazo_recipe_free(pipeline->recipes[i]);
  px_free(pipeline->recipes);
  px_free(pipeline->spool);
  px_free(pipeline->key_template);
  px_free(pipeline->rendition_template);
  px_log_deliver(pipeline->log);
  (void)pixazo_exporter_unref(pipeline->exporter);
  (void)pixazo_repository_unref(pipeline->repository);
  (void)pixazo_store_unref(pipeline->store);
  (void)pixazo_client_unref(pipeline->client);
  (void)pixazo_log_unref(pipeline->log);
  px_free(pipeline);
}
