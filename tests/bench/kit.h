/* SPDX-License-Identifier: MIT */
/* What the benchmark programs share: clocks, medians, one line for each measure, one folder that goes at the end. */
#ifndef PIXAZO_BENCH_KIT_H
#define PIXAZO_BENCH_KIT_H

#include <stddef.h>
#include <stdint.h>

#include <pixazo/pixazo.h>

enum { BENCH_MAX_ROUNDS = 101 };

struct bench {
  int rounds;
  int json;
  int missed; /* measures over their limit */
};

struct bench_measure {
  const char *name;
  const char *unit;
  double value;
  double limit;   /* 0: none */
  uint64_t bytes; /* of what was made; 0: none */
};

/* Reads `--json` and `--rounds N`; ends the program with status 2 on anything else. */
void bench_start(struct bench *bench, int argc, char **argv, int rounds);
void bench_print(struct bench *bench, const struct bench_measure *measure);
/* The exit status: 1 when a limit was missed. */
int bench_end(const struct bench *bench);

/* All threads of the process, user and system. */
double bench_cpu_ms(void);
double bench_wall_ms(void);

/* The values are reordered. */
double bench_median(double *values, int count);
/* Median of the quotients within each round: what disturbs a round disturbs both of its sides. */
double bench_median_ratio(const double *above, const double *below, int count);

/* Ends the program with status 2 on any failure: a figure of work that failed would be no figure. */
void bench_check(pixazo_status status, const pixazo_error *error);
void bench_demand(int condition, const char *what);

/* A folder in $TMPDIR or /tmp that is removed when the program ends. */
const char *bench_folder(void);
/* `<folder>/<name><number>`; to be freed. */
char *bench_path(const char *name, int number);
void bench_remove_tree(const char *path);

/* Starts a new peak of resident memory; 0 where the kernel does not let a process do so. */
int bench_peak_reset(void);
double bench_peak_mb(void);

/* A client of the offline provider without retries. */
pixazo_client *bench_offline_client(pixazo_gate *gate);
/* A request whose picture is the same in each run. */
pixazo_request *bench_request(int side, int seed);

#endif
