/* SPDX-License-Identifier: MIT */
/* Run under one of the preloaded shims: fails when the shim does not do what its comment says. */
#include <fcntl.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

static double now_ms(void)
{
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void expect(int condition, const char *what)
{
  if (condition)
    return;
  fprintf(stderr, "shim_probe: %s\n", what);
  exit(1);
}

static uint64_t count_at(const char *variable, size_t index)
{
  uint64_t values[8] = {0};
  const char *path = getenv(variable);
  FILE *file = path ? fopen(path, "rbe") : NULL;
  expect(file && fread(values, sizeof values, 1, file) == 1, "no counts");
  (void)fclose(file);
  return values[index];
}

static void probe_flushes(void)
{
  static const char counts[] = "PX_SHIM_FLUSH_COUNTS";
  char name[] = "shim_probe.XXXXXX-wal";
  int file = mkstemps(name, 4);
  expect(file >= 0, "no temporary file");
  double start = now_ms();
  expect(fsync(file) == 0 && fdatasync(file) == 0, "the real call failed");
  expect(now_ms() - start >= 10.0, "two flushes took less than 10 ms");
  expect(unlink(name) == 0 && close(file) == 0, "no tidying up");
  expect(fsync(-1) == -1, "a wrong descriptor was flushed");
  expect(count_at(counts, 0) == 2 && count_at(counts, 1) == 1, "calls were not counted");
}

static double time_lookup(const char *host)
{
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
  struct addrinfo *found = NULL;
  double start = now_ms();
  expect(getaddrinfo(host, "80", &hints, &found) == 0, "a .pixazo.test host was not found");
  freeaddrinfo(found);
  return now_ms() - start;
}

static void probe_lookups(void)
{
  static const char counts[] = "PX_SHIM_RESOLVER_COUNTS";
  double hanging = time_lookup("slow.pixazo.test");
  expect(hanging >= 300.0, "the lookup did not hang 300 ms");
  (void)time_lookup("fast.pixazo.test"); /* the counts tell that it did not hang */
  expect(count_at(counts, 0) == 2 && count_at(counts, 1) == 1 && count_at(counts, 2) == 0, "lookups were not counted");
}

/* Three waits hold two steps between them: one of 20 ms asleep, one without work. */
static void probe_steps(void)
{
  static const char counts[] = "PX_SHIM_STEP_COUNTS";
  struct timespec work = {.tv_nsec = 20000000};
  struct epoll_event event;
  int descriptor = epoll_create1(EPOLL_CLOEXEC);
  expect(descriptor >= 0, "no epoll descriptor");
  expect(epoll_wait(descriptor, &event, 1, 30) == 0, "the first wait failed");
  (void)nanosleep(&work, NULL);
  expect(epoll_wait(descriptor, &event, 1, 30) == 0 && epoll_wait(descriptor, &event, 1, 0) == 0, "a wait failed");
  expect(close(descriptor) == 0 && count_at(counts, 0) == 2, "steps were not counted");
  expect(count_at(counts, 1) >= 20000, "the longest step was not seen");
  expect(count_at(counts, 2) < 20000, "sleeping was taken for CPU time");
}

int main(int count, char **arguments)
{
  expect(count == 3, "usage: shim_probe flushes|lookups|steps COUNTS");
  (void)unlink(arguments[2]); /* the shim makes it anew at its first call */
  if (strcmp(arguments[1], "flushes") == 0)
    probe_flushes();
  else if (strcmp(arguments[1], "steps") == 0)
    probe_steps();
  else
    probe_lookups();
  (void)unlink(arguments[2]);
  return 0;
}
