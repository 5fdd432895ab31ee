/* SPDX-License-Identifier: MIT */
#include "cost.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kit.h"
#include "support/tmpdir.h"

enum { FLAT_KB = 32 * 1024, TIMES = 4, SLACK_MS = 20 };

extern char **environ;

static size_t cases;

void cost_count(void)
{
  cases++;
}

size_t cost_cases(void)
{
  return cases;
}

/* ---- the reading process ---- */

static double cpu_ms(void)
{
  struct timespec now;
  (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* The most this program had in memory; the kernel's own count would begin with that of the parent. */
static long peak_kb(void)
{
  char line[200];
  long peak = 0;
  FILE *status = fopen("/proc/self/status", "r");
  while (status && fgets(line, sizeof line, status)) {
    if (strncmp(line, "VmHWM:", 6) == 0)
      peak = strtol(line + 6, NULL, 10);
  }
  if (status)
    (void)fclose(status);
  return peak;
}

int cost_read(const char *path)
{
  static cost found;
  px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
  px_auto(px_metadata) metadata = PX_METADATA_INIT;
  pixazo_blob *blob = NULL;
  if (pixazo_blob_new_from_file(path, 0, &blob, NULL) != PIXAZO_OK)
    return 1;
  px_decode_job job = {.file = kit_view(blob), .limits = &KIT_LIMITS};
  long memory = peak_kb();
  double begin = cpu_ms();
  found.status = px_codec_decode(&job, &pixmap, NULL, NULL);
  if (found.status == PIXAZO_OK)
    found.status = px_codec_metadata(job.file, &KIT_LIMITS, &metadata, NULL);
  found.cpu_ms = cpu_ms() - begin;
  found.memory_kb = peak_kb() - memory;
  (void)pixazo_blob_unref(blob);
  return write(STDOUT_FILENO, &found, sizeof found) == (ssize_t)sizeof found ? 0 : 1;
}

/* ---- starting it ---- */

static void start(const char *path, int output, pid_t *child)
{
  char *const words[] = {(char *)(uintptr_t) "bounds", (char *)(uintptr_t)path, NULL};
  posix_spawn_file_actions_t actions;
  assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
  assert_int_equal(posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO), 0);
  assert_int_equal(posix_spawn(child, "/proc/self/exe", &actions, NULL, words, environ), 0);
  (void)posix_spawn_file_actions_destroy(&actions);
}

static cost measure(const char *path)
{
  cost found;
  int ends[2], status;
  pid_t child;
  assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
  start(path, ends[1], &child);
  (void)close(ends[1]);
  ssize_t size = read(ends[0], &found, sizeof found);
  (void)close(ends[0]);
  assert_int_equal(waitpid(child, &status, 0), child);
  if (size != (ssize_t)sizeof found || status != 0)
    fail_msg("%s: the reading process ended with %x", path, (unsigned)status);
  return found;
}

cost cost_of(file_bytes *file, void *const *state, const char *name)
{
  char *path = tmpdir_path(*state, name);
  FILE *out = fopen(path, "wb");
  assert_true(out && fwrite(file->data, 1, file->size, out) == file->size && fclose(out) == 0);
  file_bytes_done(file);
  cost least = measure(path);
  for (int i = 0; i < 2; i++) {
    cost again = measure(path);
    least.cpu_ms = again.cpu_ms < least.cpu_ms ? again.cpu_ms : least.cpu_ms;
    least.memory_kb = again.memory_kb > least.memory_kb ? again.memory_kb : least.memory_kb;
  }
  (void)unlink(path);
  free(path);
  return least;
}

void expect_refused(file_bytes *file, void **state, pixazo_status wanted, const char *name)
{
  cost found = cost_of(file, state, name);
  (void)printf("  %-28s %8.2f ms %7ld KB\n", name, found.cpu_ms, found.memory_kb);
  assert_status((pixazo_status)found.status, wanted);
  assert_true(found.cpu_ms < HEADER_MS);
  assert_true(found.memory_kb < HEADER_KB);
  cases++;
}

void expect_cheap(file_bytes *file, void **state, const cost *ordinary, size_t pixels, const char *name)
{
  cost found = cost_of(file, state, name);
  (void)printf("  %-28s %8.2f ms %7ld KB, %.1f times the ordinary\n", name, found.cpu_ms, found.memory_kb,
               found.cpu_ms / ordinary->cpu_ms);
  if (found.status != PIXAZO_OK && found.status != PIXAZO_E_LIMIT)
    fail_msg("%s: %s", name, pixazo_status_name((pixazo_status)found.status));
  if (found.cpu_ms > TIMES * ordinary->cpu_ms + SLACK_MS)
    fail_msg("%s: %.1f ms, an ordinary picture takes %.1f", name, found.cpu_ms, ordinary->cpu_ms);
  if (found.memory_kb > (long)(pixels * 8 / 1024) + FLAT_KB)
    fail_msg("%s: %ld KB", name, found.memory_kb);
  cases++;
}

cost ordinary_cost(file_bytes *file, void **state, const char *name)
{
  cost found = cost_of(file, state, name);
  (void)printf("%-30s %8.2f ms %7ld KB\n", name, found.cpu_ms, found.memory_kb);
  assert_status((pixazo_status)found.status, PIXAZO_OK);
  return found;
}
