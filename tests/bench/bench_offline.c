/* SPDX-License-Identifier: MIT */
/* What a test picture of the offline provider costs: painting, PNG and the call around it. */
#include "kit.h"

enum { SIDE = 1024, PICTURES = 4, ROUNDS = 9 };

static const double LIMIT_MS = 100;

/* Gives the bytes of the file. */
static uint64_t make(pixazo_client *client, int side, int seed)
{
  pixazo_generation *generation = NULL;
  pixazo_error *error = NULL;
  pixazo_request *request = bench_request(side, seed);
  bench_check(pixazo_client_generate(client, request, NULL, &generation, &error), error);
  uint64_t bytes = pixazo_blob_size(pixazo_generation_image_blob(generation, 0));
  bench_demand(bytes > 0, "a picture in the answer");
  pixazo_generation_free(generation);
  pixazo_request_free(request);
  return bytes;
}

/* Different pictures, as they need not cost the same. */
static double round_ms(pixazo_client *client, int side, uint64_t *bytes)
{
  uint64_t sum = 0;
  double start = bench_cpu_ms();
  for (int i = 0; i < PICTURES; i++)
    sum += make(client, side, i + 1);
  double used = bench_cpu_ms() - start;
  *bytes = sum / PICTURES;
  return used / PICTURES;
}

int main(int argc, char **argv)
{
  struct bench bench;
  double large_ms[BENCH_MAX_ROUNDS];
  double small_ms[BENCH_MAX_ROUNDS];
  uint64_t large = 0;
  uint64_t small = 0;
  bench_start(&bench, argc, argv, ROUNDS);
  pixazo_client *client = bench_offline_client(NULL);
  (void)make(client, SIDE, 1);
  for (int i = 0; i < bench.rounds; i++) {
    large_ms[i] = round_ms(client, SIDE, &large);
    small_ms[i] = round_ms(client, 64, &small);
  }
  pixazo_client_unref(client);
  bench_print(&bench, &(struct bench_measure){.name = "offline: 1024x1024, CPU a picture",
                                              .value = bench_median(large_ms, bench.rounds),
                                              .unit = "ms",
                                              .limit = LIMIT_MS,
                                              .bytes = large});
  bench_print(&bench, &(struct bench_measure){.name = "offline: 64x64, CPU a picture",
                                              .value = bench_median(small_ms, bench.rounds),
                                              .unit = "ms",
                                              .bytes = small});
  return bench_end(&bench);
}
