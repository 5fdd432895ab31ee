/* SPDX-License-Identifier: MIT */
/* What the pipeline itself costs: generations of 64x64 by the offline provider, journal and files flushed as ever. */
#include "kit.h"

#include <stdio.h>
#include <stdlib.h>

enum { SIDE = 64, GENERATIONS = 300, ROUNDS = 5, WIDTHS = 2 };

static const uint32_t concurrencies[WIDTHS] = {3, 64};

struct figures {
  double per_second[BENCH_MAX_ROUNDS];
  double cpu_ms[BENCH_MAX_ROUNDS];
};

struct handles {
  pixazo_repository *repository;
  pixazo_gate *gate;
  pixazo_client *client;
  pixazo_store *store;
  pixazo_pipeline *pipeline;
};

struct tally {
  int done;
  int ended;
};

static char *below(const char *directory, const char *name)
{
  char *path = NULL;
  bench_demand(asprintf(&path, "%s/%s", directory, name) > 0, "memory");
  return path;
}

static void open_repository(struct handles *handles, const char *directory)
{
  pixazo_error *error = NULL;
  char *path = below(directory, "pixazo.db");
  pixazo_repository_options options = PIXAZO_REPOSITORY_OPTIONS_INIT;
  options.path = path;
  bench_check(pixazo_repository_new(&options, &handles->repository, &error), error);
  bench_check(pixazo_repository_gate(handles->repository, &handles->gate, &error), error);
  free(path);
}

static void open_pipeline(struct handles *handles, const char *directory, uint32_t concurrency)
{
  pixazo_error *error = NULL;
  char *spool = below(directory, "spool");
  pixazo_store_local_options local = PIXAZO_STORE_LOCAL_OPTIONS_INIT;
  local.directory = directory;
  bench_check(pixazo_store_new_local(&local, &handles->store, &error), error);
  pixazo_pipeline_options options = PIXAZO_PIPELINE_OPTIONS_INIT;
  options.client = handles->client;
  options.store = handles->store;
  options.repository = handles->repository;
  options.spool = spool;
  options.concurrency = concurrency;
  bench_check(pixazo_pipeline_new(&options, &handles->pipeline, &error), error);
  free(spool);
}

static void close_all(struct handles *handles)
{
  pixazo_pipeline_free(handles->pipeline);
  pixazo_store_unref(handles->store);
  pixazo_client_unref(handles->client);
  pixazo_gate_unref(handles->gate);
  pixazo_repository_unref(handles->repository);
}

static int32_t on_event(const pixazo_event *event, void *user_data)
{
  struct tally *tally = user_data;
  if (pixazo_event_kind(event) == PIXAZO_EVENT_ENDED) {
    tally->ended++;
    tally->done += pixazo_event_state(event) == PIXAZO_GENERATION_DONE;
  }
  return 0;
}

static void work(pixazo_pipeline *pipeline)
{
  struct tally tally = {0, 0};
  pixazo_error *error = NULL;
  for (int i = 0; i < GENERATIONS; i++) {
    pixazo_request *request = bench_request(SIDE, i + 1);
    bench_check(pixazo_pipeline_add(pipeline, request, NULL, NULL, &error), error);
    pixazo_request_free(request);
  }
  bench_check(pixazo_pipeline_run(pipeline, NULL, on_event, &tally, &error), error);
  bench_demand(tally.done == GENERATIONS && tally.ended == GENERATIONS, "every generation recorded");
}

/* A new directory each time, so that no round has the database of an earlier one. */
static void round_of(int round, int width, struct figures *figures)
{
  struct handles handles = {NULL, NULL, NULL, NULL, NULL};
  char *directory = bench_path("art", 0);
  open_repository(&handles, directory);
  handles.client = bench_offline_client(handles.gate);
  open_pipeline(&handles, directory, concurrencies[width]);
  double wall = bench_wall_ms();
  double cpu = bench_cpu_ms();
  work(handles.pipeline);
  figures->cpu_ms[round] = (bench_cpu_ms() - cpu) / GENERATIONS;
  figures->per_second[round] = GENERATIONS * 1e3 / (bench_wall_ms() - wall);
  close_all(&handles);
  bench_remove_tree(directory);
  free(directory);
}

static void report(struct bench *bench, int width, struct figures *figures)
{
  char name[80];
  (void)snprintf(name, sizeof name, "pipeline: %u in flight, generations a second", (unsigned)concurrencies[width]);
  bench_print(bench, &(struct bench_measure){
                         .name = name, .value = bench_median(figures->per_second, bench->rounds), .unit = "1/s"});
  (void)snprintf(name, sizeof name, "pipeline: %u in flight, CPU a generation", (unsigned)concurrencies[width]);
  bench_print(bench, &(struct bench_measure){
                         .name = name, .value = bench_median(figures->cpu_ms, bench->rounds), .unit = "ms"});
}

int main(int argc, char **argv)
{
  static struct figures figures[WIDTHS];
  struct bench bench;
  bench_start(&bench, argc, argv, ROUNDS);
  round_of(0, 0, &figures[0]);
  for (int round = 0; round < bench.rounds; round++) {
    for (int width = 0; width < WIDTHS; width++)
      round_of(round, width, &figures[width]);
  }
  for (int width = 0; width < WIDTHS; width++)
    report(&bench, width, &figures[width]);
  return bench_end(&bench);
}
