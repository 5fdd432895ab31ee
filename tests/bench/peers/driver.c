/* SPDX-License-Identifier: MIT */
/* PEER WORKLOAD INPUT OUTPUT_DIR REPEATS THREADS: one workload on one picture. The last line is
 * {"ms_cpu":..,"ms_wall":..,"bytes":..,"peak_kb":..}, the first three for one picture; {"skip":true} where the workload is
 * unknown. THREADS: 1, 2 (pictures in flight) or i2 (threads inside one picture). */
#include "driver.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

enum { FLIGHT_MAX = 16 };

struct run {
  struct peer_input input;
  atomic_int left;
};

static void demand(int condition, const char *what)
{
  if (condition)
    return;
  fprintf(stderr, "failed: %s\n", what);
  exit(2);
}

static void *read_file(const char *path, size_t *size)
{
  FILE *file = fopen(path, "rb");
  demand(file && fseek(file, 0, SEEK_END) == 0, path);
  long length = ftell(file);
  demand(length > 0 && fseek(file, 0, SEEK_SET) == 0, path);
  void *data = malloc((size_t)length);
  demand(data && fread(data, 1, (size_t)length, file) == (size_t)length, path);
  (void)fclose(file);
  *size = (size_t)length;
  return data;
}

static void write_file(const char *directory, const struct peer_file *made)
{
  char path[4096];
  demand(snprintf(path, sizeof path, "%s/%s", directory, made->name) < (int)sizeof path, directory);
  FILE *file = fopen(path, "wb");
  demand(file && fwrite(made->data, 1, made->size, file) == made->size && fclose(file) == 0, path);
}

/* The warm-up; its files are what quality is judged by. Gives the bytes of one picture. */
static size_t keep_files(const struct run *run, const char *directory)
{
  struct peer_file files[PEER_FILES_MAX];
  size_t bytes = 0, count = peer_work(&run->input, files);
  for (size_t i = 0; i < count; i++) {
    write_file(directory, &files[i]);
    bytes += files[i].size;
    peer_release(&files[i]);
  }
  return bytes;
}

static void *repeat(void *argument)
{
  struct run *run = argument;
  struct peer_file files[PEER_FILES_MAX];
  while (atomic_fetch_sub(&run->left, 1) > 0) {
    size_t count = peer_work(&run->input, files);
    for (size_t i = 0; i < count; i++)
      peer_release(&files[i]);
  }
  return NULL;
}

static void repeat_in_flight(struct run *run, unsigned flight)
{
  pthread_t threads[FLIGHT_MAX];
  for (unsigned i = 1; i < flight; i++)
    demand(pthread_create(&threads[i], NULL, repeat, run) == 0, "a thread");
  (void)repeat(run);
  for (unsigned i = 1; i < flight; i++)
    demand(pthread_join(threads[i], NULL) == 0, "the end of a thread");
}

static double now_ms(clockid_t clock)
{
  struct timespec now;
  demand(clock_gettime(clock, &now) == 0, "clock_gettime");
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
  struct run run = {.input = {.threads = 1}};
  struct rusage usage;
  const char *below = getenv("BENCH_BASE");
  if (argc != 6)
    return fprintf(stderr, "usage: %s WORKLOAD INPUT OUTPUT_DIR REPEATS THREADS\n", argv[0]), 2;
  int repeats = (int)strtol(argv[4], NULL, 10);
  unsigned flight = (unsigned)strtoul(argv[5], NULL, 10);
  if (argv[5][0] == 'i') {
    run.input.threads = (unsigned)strtoul(argv[5] + 1, NULL, 10);
    flight = 1;
  }
  demand(repeats > 0 && flight > 0 && flight <= FLIGHT_MAX && run.input.threads > 0, "REPEATS and THREADS are numbers");
  run.input.workload = argv[1];
  run.input.path = argv[2];
  run.input.data = read_file(argv[2], &run.input.size);
  if (below)
    run.input.below = read_file(below, &run.input.below_size);
  if (!peer_open(&run.input))
    return puts("{\"skip\":true}"), 0;
  size_t bytes = keep_files(&run, argv[3]);
  atomic_init(&run.left, repeats);
  double cpu = now_ms(CLOCK_PROCESS_CPUTIME_ID), wall = now_ms(CLOCK_MONOTONIC);
  repeat_in_flight(&run, flight);
  cpu = now_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  wall = now_ms(CLOCK_MONOTONIC) - wall;
  demand(getrusage(RUSAGE_SELF, &usage) == 0, "getrusage");
  printf("{\"ms_cpu\":%.3f,\"ms_wall\":%.3f,\"bytes\":%zu,\"peak_kb\":%ld}\n", cpu / repeats, wall / repeats, bytes,
         usage.ru_maxrss);
  return 0;
}
