/* SPDX-License-Identifier: MIT */
/* What it costs to put files of 64 KB into a local store: each put with its flush, or one flush for eight puts. */
#include "kit.h"

#include <stdio.h>
#include <stdlib.h>

enum { FILE_BYTES = 64 * 1024, FILES = 64, GROUP = 8, ROUNDS = 9, WAYS = 2 };

static const char *const names[WAYS] = {"own flush", "groups of 8"};
static const uint64_t flags[WAYS] = {PIXAZO_STORE_TAKE, PIXAZO_STORE_TAKE | PIXAZO_STORE_DEFER_FLUSH};

struct figures {
  double wall_ms[BENCH_MAX_ROUNDS];
  double cpu_ms[BENCH_MAX_ROUNDS];
};

/* Contents that no two files share and that do not shrink. */
static void write_file(const char *path, uint64_t *state)
{
  static uint64_t words[FILE_BYTES / sizeof(uint64_t)];
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    words[i] = *state;
  }
  FILE *file = fopen(path, "wb");
  bench_demand(file != NULL, path);
  bench_demand(fwrite(words, sizeof words, 1, file) == 1, path);
  bench_demand(fclose(file) == 0, path);
}

static void make_key(char *key, size_t size, int number)
{
  (void)snprintf(key, size, "originals/%d.bin", number);
}

static void put_one(pixazo_store *store, const char *path, int number, uint64_t how)
{
  char key[64];
  pixazo_error *error = NULL;
  pixazo_store_put_job job = PIXAZO_STORE_PUT_JOB_INIT;
  make_key(key, sizeof key, number);
  job.key = key;
  job.path = path;
  job.flags = how;
  bench_check(pixazo_store_put(store, &job, &error), error);
  if ((how & PIXAZO_STORE_DEFER_FLUSH) != 0 && (number + 1) % GROUP == 0)
    bench_check(pixazo_store_flush(store, &error), error);
}

static void clear(pixazo_store *store)
{
  char key[64];
  pixazo_error *error = NULL;
  for (int i = 0; i < FILES; i++) {
    make_key(key, sizeof key, i);
    bench_check(pixazo_store_remove(store, key, &error), error);
  }
}

static void round_of(pixazo_store *store, int way, int round, struct figures *figures, uint64_t *state)
{
  char *paths[FILES];
  for (int i = 0; i < FILES; i++) {
    paths[i] = bench_path("file", i);
    write_file(paths[i], state);
  }
  double wall = bench_wall_ms();
  double cpu = bench_cpu_ms();
  for (int i = 0; i < FILES; i++)
    put_one(store, paths[i], i, flags[way]);
  figures->cpu_ms[round] = (bench_cpu_ms() - cpu) / FILES;
  figures->wall_ms[round] = (bench_wall_ms() - wall) / FILES;
  clear(store);
  for (int i = 0; i < FILES; i++)
    free(paths[i]);
}

static void report(struct bench *bench, struct figures *figures)
{
  double ratio = bench_median_ratio(figures[0].wall_ms, figures[1].wall_ms, bench->rounds);
  for (int way = 0; way < WAYS; way++) {
    char name[64];
    (void)snprintf(name, sizeof name, "store: put, %s, wall", names[way]);
    bench_print(bench, &(struct bench_measure){
                           .name = name,
                           .value = bench_median(figures[way].wall_ms, bench->rounds),
                           .unit = "ms",
                           .bytes = FILE_BYTES});
    (void)snprintf(name, sizeof name, "store: put, %s, CPU", names[way]);
    bench_print(bench, &(struct bench_measure){
                           .name = name, .value = bench_median(figures[way].cpu_ms, bench->rounds), .unit = "ms"});
  }
  bench_print(bench, &(struct bench_measure){.name = "store: own flush / groups of 8, wall", .value = ratio, .unit = "x"});
}

int main(int argc, char **argv)
{
  static struct figures figures[WAYS];
  struct bench bench;
  pixazo_store *store = NULL;
  pixazo_error *error = NULL;
  uint64_t state = 88172645463325252U;
  bench_start(&bench, argc, argv, ROUNDS);
  char *directory = bench_path("store", 0); /* beside the files: they are moved */
  pixazo_store_local_options options = PIXAZO_STORE_LOCAL_OPTIONS_INIT;
  options.directory = directory;
  bench_check(pixazo_store_new_local(&options, &store, &error), error);
  round_of(store, 0, 0, &figures[0], &state); /* the first put makes the directory */
  for (int round = 0; round < bench.rounds; round++) {
    for (int way = 0; way < WAYS; way++)
      round_of(store, way, round, &figures[way], &state);
  }
  pixazo_store_unref(store);
  free(directory);
  report(&bench, figures);
  return bench_end(&bench);
}
