/* SPDX-License-Identifier: MIT */
/* What renditions cost: each kind alone, and a whole set from one decode against one call for each of it. */
#include "kit.h"

#include <stdio.h>

#include "noise.h"

enum { SIDE = 1024, ROUNDS = 5 };
enum { PNG_9, PNG_6, JPEG, WEBP, FIT, SINGLES, SET_9 = SINGLES, SET_6, WORKS, SET_SIZE = 4 };

static const char *const recipes_json[SINGLES] = {
    "{\"format\": \"png\", \"level\": 9}", "{\"format\": \"png\", \"level\": 6}", "{\"format\": \"jpeg\", \"quality\": 85}",
    "{\"format\": \"webp\", \"quality\": 80}", "{\"recipe\": \"fit-256\"}"};

struct work {
  const char *name;
  size_t count;
  int parts[SET_SIZE];
};

static const struct work works[WORKS] = {
    [PNG_9] = {"PNG level 9", 1, {PNG_9}},
    [PNG_6] = {"PNG level 6", 1, {PNG_6}},
    [JPEG] = {"JPEG quality 85", 1, {JPEG}},
    [WEBP] = {"WebP quality 80", 1, {WEBP}},
    [FIT] = {"fit-256", 1, {FIT}},
    [SET_9] = {"set (PNG 9, JPEG, WebP, fit-256)", 4, {PNG_9, JPEG, WEBP, FIT}},
    [SET_6] = {"set (PNG 6, JPEG, WebP, fit-256)", 4, {PNG_6, JPEG, WEBP, FIT}},
};

struct figures {
  double cpu_ms[BENCH_MAX_ROUNDS];
  uint64_t bytes;
};

struct tools {
  pixazo_exporter *exporter;
  pixazo_recipe *recipes[SINGLES];
};

static void open_tools(struct tools *tools)
{
  pixazo_error *error = NULL;
  bench_check(pixazo_exporter_new(NULL, &tools->exporter, &error), error);
  for (int i = 0; i < SINGLES; i++)
    bench_check(pixazo_recipe_new_from_json(recipes_json[i], &tools->recipes[i], &error), error);
}

static void close_tools(struct tools *tools)
{
  for (int i = 0; i < SINGLES; i++)
    pixazo_recipe_free(tools->recipes[i]);
  pixazo_exporter_unref(tools->exporter);
}

/* Gives the bytes of all files made. */
static uint64_t run(const struct tools *tools, const pixazo_blob *source, const struct work *work)
{
  const pixazo_recipe *recipes[SET_SIZE];
  pixazo_rendition *made[SET_SIZE];
  pixazo_error *error = NULL;
  pixazo_export_job job;
  uint64_t bytes = 0;
  pixazo_export_job_init(&job, sizeof job);
  job.source = source;
  job.recipes = recipes;
  job.recipe_count = work->count;
  for (size_t i = 0; i < work->count; i++)
    recipes[i] = tools->recipes[work->parts[i]];
  bench_check(pixazo_exporter_export_all(tools->exporter, &job, made, &error), error);
  for (size_t i = 0; i < work->count; i++) {
    bytes += pixazo_rendition_bytes(made[i]);
    pixazo_rendition_free(made[i]);
  }
  return bytes;
}

static pixazo_blob *offline_source(void)
{
  pixazo_generation *generation = NULL;
  pixazo_error *error = NULL;
  pixazo_client *client = bench_offline_client(NULL);
  pixazo_request *request = bench_request(SIDE, 1);
  bench_check(pixazo_client_generate(client, request, NULL, &generation, &error), error);
  pixazo_blob *blob = pixazo_blob_ref(pixazo_generation_image_blob(generation, 0));
  bench_demand(blob != NULL, "a picture in the answer");
  pixazo_generation_free(generation);
  pixazo_request_free(request);
  pixazo_client_unref(client);
  return blob;
}

/* What the program writes is not compressed; a source that costs nothing to inflate would flatter the decode. */
static pixazo_blob *noisy_source(const struct tools *tools)
{
  pixazo_rendition *compressed = NULL;
  pixazo_error *error = NULL;
  pixazo_blob *plain = noise_picture(SIDE);
  bench_check(pixazo_exporter_export(tools->exporter, plain, tools->recipes[PNG_6], &compressed, &error), error);
  pixazo_blob *blob = pixazo_blob_ref(pixazo_rendition_blob(compressed));
  pixazo_rendition_free(compressed);
  pixazo_blob_unref(plain);
  return blob;
}

static void measure(const struct bench *bench, const struct tools *tools, const pixazo_blob *source, struct figures *figures)
{
  (void)run(tools, source, &works[SET_6]);
  for (int round = 0; round < bench->rounds; round++) {
    for (int i = 0; i < WORKS; i++) {
      double start = bench_cpu_ms();
      figures[i].bytes = run(tools, source, &works[i]);
      figures[i].cpu_ms[round] = bench_cpu_ms() - start;
    }
  }
}

/* The files one by one against the set: both of the same round. */
static double one_by_one(const struct bench *bench, const struct figures *figures, int set)
{
  double alone[BENCH_MAX_ROUNDS];
  for (int round = 0; round < bench->rounds; round++) {
    alone[round] = 0;
    for (size_t i = 0; i < works[set].count; i++)
      alone[round] += figures[works[set].parts[i]].cpu_ms[round];
  }
  return bench_median_ratio(alone, figures[set].cpu_ms, bench->rounds);
}

static void print_one(struct bench *bench, const char *source, const char *what, double value, const char *unit,
                      uint64_t bytes)
{
  char name[128];
  (void)snprintf(name, sizeof name, "%s: %s", source, what);
  bench_print(bench, &(struct bench_measure){.name = name, .value = value, .unit = unit, .bytes = bytes});
}

static void report(struct bench *bench, const char *source, struct figures *figures)
{
  double ratio_9 = one_by_one(bench, figures, SET_9);
  double ratio_6 = one_by_one(bench, figures, SET_6);
  for (int i = 0; i < WORKS; i++)
    print_one(bench, source, works[i].name, bench_median(figures[i].cpu_ms, bench->rounds), "ms", figures[i].bytes);
  print_one(bench, source, "one by one / set with PNG 9", ratio_9, "x", 0);
  print_one(bench, source, "one by one / set with PNG 6", ratio_6, "x", 0);
}

/* Runs of their own: the reset of the peak costs time. */
static void report_memory(struct bench *bench, const struct tools *tools, const char *name, const pixazo_blob *source)
{
  char what[80];
  for (int i = 0; i < WORKS; i++) {
    if (!bench_peak_reset()) {
      fprintf(stderr, "%s: peaks of memory cannot be measured here\n", name);
      return;
    }
    double before = bench_peak_mb();
    (void)run(tools, source, &works[i]);
    (void)snprintf(what, sizeof what, "%s, peak above rest", works[i].name);
    print_one(bench, name, what, bench_peak_mb() - before, "MB", 0);
  }
  print_one(bench, name, "peak of the process in the last of them", bench_peak_mb(), "MB", 0);
}

static void bench_source(struct bench *bench, const struct tools *tools, const char *name, const pixazo_blob *source)
{
  static struct figures figures[WORKS];
  print_one(bench, name, "source", (double)pixazo_blob_size(source) / 1e6, "MB", pixazo_blob_size(source));
  measure(bench, tools, source, figures);
  report(bench, name, figures);
  report_memory(bench, tools, name, source);
}

int main(int argc, char **argv)
{
  struct bench bench;
  struct tools tools = {NULL, {NULL}};
  bench_start(&bench, argc, argv, ROUNDS);
  open_tools(&tools);
  pixazo_blob *offline = offline_source();
  bench_source(&bench, &tools, "offline", offline);
  pixazo_blob_unref(offline);
  pixazo_blob *noisy = noisy_source(&tools);
  bench_source(&bench, &tools, "noisy", noisy);
  pixazo_blob_unref(noisy);
  close_tools(&tools);
  return bench_end(&bench);
}
