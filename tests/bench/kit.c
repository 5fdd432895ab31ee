/* SPDX-License-Identifier: MIT */
#include "kit.h"

#include <ftw.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char folder[4096];

static void usage(const char *program)
{
  fprintf(stderr, "usage: %s [--json] [--rounds 1-%d]\n", program, BENCH_MAX_ROUNDS);
  exit(2);
}

void bench_start(struct bench *bench, int argc, char **argv, int rounds)
{
  *bench = (struct bench){.rounds = rounds};
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--json") == 0) {
      bench->json = 1;
    } else if (strcmp(argv[i], "--rounds") == 0 && i + 1 < argc) {
      char *end = NULL;
      long value = strtol(argv[++i], &end, 10);
      if (*end != '\0' || value < 1 || value > BENCH_MAX_ROUNDS)
        usage(argv[0]);
      bench->rounds = (int)value;
    } else {
      usage(argv[0]);
    }
  }
}

static void print_json(const struct bench_measure *measure)
{
  printf("{\"name\": \"%s\", \"value\": %.4f, \"unit\": \"%s\", \"limit\": ", measure->name, measure->value, measure->unit);
  if (measure->limit > 0)
    printf("%.4f", measure->limit);
  else
    printf("null");
  if (measure->bytes > 0)
    printf(", \"bytes\": %" PRIu64, measure->bytes);
  printf("}\n");
}

static void print_text(const struct bench_measure *measure, int missed)
{
  printf("%-62s %9.3f %-4s", measure->name, measure->value, measure->unit);
  if (measure->bytes > 0)
    printf(" %9" PRIu64 " bytes", measure->bytes);
  if (measure->limit > 0)
    printf("  limit %.0f %s%s", measure->limit, measure->unit, missed ? "  MISSED" : "");
  printf("\n");
}

void bench_print(struct bench *bench, const struct bench_measure *measure)
{
  int missed = measure->limit > 0 && measure->value > measure->limit;
  bench->missed += missed;
  if (bench->json)
    print_json(measure);
  else
    print_text(measure, missed);
  (void)fflush(stdout);
}

int bench_end(const struct bench *bench)
{
  return bench->missed > 0 ? 1 : 0;
}

static double clock_ms(clockid_t clock)
{
  struct timespec now;
  bench_demand(clock_gettime(clock, &now) == 0, "clock_gettime");
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

double bench_cpu_ms(void)
{
  return clock_ms(CLOCK_PROCESS_CPUTIME_ID);
}

double bench_wall_ms(void)
{
  return clock_ms(CLOCK_MONOTONIC);
}

static int compare(const void *left, const void *right)
{
  double a = *(const double *)left;
  double b = *(const double *)right;
  return (a > b) - (a < b);
}

double bench_median(double *values, int count)
{
  qsort(values, (size_t)count, sizeof *values, compare);
  return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

double bench_median_ratio(const double *above, const double *below, int count)
{
  double ratios[BENCH_MAX_ROUNDS];
  for (int i = 0; i < count; i++)
    ratios[i] = above[i] / below[i];
  return bench_median(ratios, count);
}

void bench_check(pixazo_status status, const pixazo_error *error)
{
  if (status == PIXAZO_OK)
    return;
  fprintf(stderr, "%s\n", pixazo_error_message(error));
  exit(2);
}

void bench_demand(int condition, const char *what)
{
  if (condition)
    return;
  fprintf(stderr, "failed: %s\n", what);
  exit(2);
}

static int remove_one(const char *path, const struct stat *facts, int kind, struct FTW *place)
{
  (void)facts;
  (void)kind;
  (void)place;
  return remove(path);
}

void bench_remove_tree(const char *path)
{
  (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void remove_folder(void)
{
  bench_remove_tree(folder);
}

const char *bench_folder(void)
{
  if (folder[0] != '\0')
    return folder;
  const char *parent = getenv("TMPDIR");
  (void)snprintf(folder, sizeof folder, "%s/pixazo-bench-XXXXXX", parent != NULL && *parent != '\0' ? parent : "/tmp");
  if (mkdtemp(folder) == NULL) {
    fprintf(stderr, "cannot make %s\n", folder);
    exit(2);
  }
  bench_demand(atexit(remove_folder) == 0, "atexit");
  return folder;
}

char *bench_path(const char *name, int number)
{
  char *path = NULL;
  bench_demand(asprintf(&path, "%s/%s%d", bench_folder(), name, number) > 0, "memory");
  return path;
}

int bench_peak_reset(void)
{
  /* What malloc keeps from earlier work would be counted as this work's. */
  (void)malloc_trim(0);
  FILE *file = fopen("/proc/self/clear_refs", "w");
  if (file == NULL)
    return 0;
  int written = fputs("5", file) >= 0;
  return fclose(file) == 0 && written;
}

double bench_peak_mb(void)
{
  char line[256];
  long kilobytes = -1;
  FILE *file = fopen("/proc/self/status", "r");
  bench_demand(file != NULL, "/proc/self/status");
  while (kilobytes < 0 && fgets(line, sizeof line, file) != NULL) {
    if (strncmp(line, "VmHWM:", 6) == 0)
      kilobytes = strtol(line + 6, NULL, 10);
  }
  (void)fclose(file);
  bench_demand(kilobytes > 0, "VmHWM");
  return (double)kilobytes / 1024;
}

pixazo_client *bench_offline_client(pixazo_gate *gate)
{
  pixazo_client *client = NULL;
  pixazo_error *error = NULL;
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  options.provider = "offline";
  options.gate = gate;
  options.max_retries = PIXAZO_NO_RETRY;
  bench_check(pixazo_client_new(&options, &client, &error), error);
  return client;
}

pixazo_request *bench_request(int side, int seed)
{
  pixazo_request *request = NULL;
  pixazo_error *error = NULL;
  bench_check(pixazo_request_new("a harbour in weather", &request, &error), error);
  bench_check(pixazo_request_set_int(request, "width", side, &error), error);
  bench_check(pixazo_request_set_int(request, "height", side, &error), error);
  bench_check(pixazo_request_set_int(request, "seed", seed, &error), error);
  return request;
}
