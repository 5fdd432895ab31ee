/* SPDX-License-Identifier: MIT */
/* One process of the soak (soak.py); it knows the public headers alone.
 *   soak_worker DIRECTORY LINES IN_FLIGHT plain|chain|look PIXAZO OPENAI GOOGLE [BUDGET...]
 * chain: other providers are asked when the first cannot deliver; look: what was never sent stays unsent.
 *
 * Each BUDGET, JSON, is set. Then it goes on with what the dead left. Then it takes the next line of LINES, a request as
 * JSON, whenever there is room, until none is left or it is killed; which one is next is shared in DIRECTORY/next. What it
 * holds is appended to DIRECTORY/held-PID: lines taken, KiB resident, descriptors. */
#include <dirent.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <pixazo/pixazo.h>

enum { ARGUMENTS = 8, EVERY = 10, PATH_SIZE = 4096 };

/* Prices nobody knows, or above nothing: what is in doubt is never sent again. */
#define CHAIN "google/gemini-2.5-flash-image,openai/gpt-image-2,pixazo/sdxl-turbo"

typedef struct soak {
  pixazo_client *client;
  pixazo_store *store;
  pixazo_repository *repository;
  pixazo_pipeline *pipeline;
  _Atomic uint64_t *next;
  char **lines;
  uint64_t line_count;
  uint64_t taken; /* by this process */
  FILE *held;
} soak;

static void must(pixazo_status status, pixazo_error *error)
{
  if (status == PIXAZO_OK)
    return;
  (void)fprintf(stderr, "soak_worker: %s: %s\n", pixazo_status_name(status), pixazo_error_message(error));
  exit(1);
}

#define MUST(call)                      \
  do {                                  \
    pixazo_error *error = NULL;         \
    pixazo_status must_status = (call); \
    must(must_status, error);           \
  } while (0)

static void must_have(const void *thing, const char *what)
{
  if (thing)
    return;
  perror(what);
  exit(1);
}

static void read_lines(soak *self, const char *path)
{
  FILE *file = fopen(path, "re");
  must_have(file, path);
  size_t room = 0;
  for (;;) {
    char *line = NULL;
    if (getline(&line, &room, file) < 0) {
      free(line);
      break;
    }
    self->lines = realloc(self->lines, (self->line_count + 1) * sizeof *self->lines);
    must_have(self->lines, "lines");
    self->lines[self->line_count++] = line;
    room = 0;
  }
  (void)fclose(file);
}

static void share_next(soak *self, const char *directory)
{
  char path[PATH_SIZE];
  (void)snprintf(path, sizeof path, "%s/next", directory);
  int descriptor = open(path, O_RDWR | O_CLOEXEC);
  size_t size = sizeof *self->next;
  void *memory = descriptor < 0 ? MAP_FAILED : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  must_have(memory == MAP_FAILED ? NULL : memory, path);
  (void)close(descriptor);
  self->next = memory;
}

static void open_client(soak *self, char **argv)
{
  char openai[PATH_SIZE];
  (void)snprintf(openai, sizeof openai, "%s/v1", argv[6]);
  pixazo_account accounts[] = {PIXAZO_ACCOUNT_INIT, PIXAZO_ACCOUNT_INIT};
  accounts[0].provider = "openai";
  accounts[0].base_url = openai;
  accounts[1].provider = "google";
  accounts[1].base_url = argv[7];
  accounts[0].api_key = accounts[1].api_key = "test-key-not-real-0000";
  const pixazo_account *list[] = {&accounts[0], &accounts[1]};
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  options.provider = "pixazo";
  options.api_key = "test-key-not-real-0000";
  options.base_url = argv[5];
  options.accounts = list;
  options.account_count = 2;
  options.fallback = strcmp(argv[4], "chain") == 0 ? CHAIN : NULL;
  options.allow_hosts = "127.0.0.1";
  options.retry_delay_ms = 20;
  options.poll_interval_ms = 30;
  options.generation_timeout_ms = 20000;
  options.stall_timeout_ms = 5000;
  MUST(pixazo_client_new(&options, &self->client, &error));
}

static void open_rest(soak *self, const char *directory, uint32_t concurrency)
{
  char database[PATH_SIZE], spool[PATH_SIZE];
  (void)snprintf(database, sizeof database, "%s/pixazo.db", directory);
  (void)snprintf(spool, sizeof spool, "%s/spool", directory);
  pixazo_store_local_options local;
  pixazo_store_local_options_init(&local, sizeof local);
  local.directory = directory;
  pixazo_repository_options repository = PIXAZO_REPOSITORY_OPTIONS_INIT;
  repository.path = database;
  repository.media_root = directory;
  repository.busy_timeout_ms = 60000;
  pixazo_pipeline_options pipeline = PIXAZO_PIPELINE_OPTIONS_INIT;
  MUST(pixazo_store_new_local(&local, &self->store, &error));
  MUST(pixazo_repository_new(&repository, &self->repository, &error));
  pipeline.client = self->client;
  pipeline.store = self->store;
  pipeline.repository = self->repository;
  pipeline.spool = spool;
  pipeline.concurrency = concurrency;
  pipeline.workers = 1;
  MUST(pixazo_pipeline_new(&pipeline, &self->pipeline, &error));
}

static int open_descriptors(void)
{
  int count = -1; /* that of the directory itself */
  DIR *directory = opendir("/proc/self/fd");
  must_have(directory, "/proc/self/fd");
  for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory))
    count += entry->d_name[0] != '.';
  (void)closedir(directory);
  return count;
}

static void note_held(soak *self)
{
  unsigned long pages = 0;
  FILE *file = fopen("/proc/self/statm", "re");
  must_have(file, "/proc/self/statm");
  if (fscanf(file, "%*u %lu", &pages) != 1)
    pages = 0;
  (void)fclose(file);
  (void)fprintf(self->held, "%llu %lu %d\n", (unsigned long long)self->taken,
                pages * (unsigned long)sysconf(_SC_PAGESIZE) / 1024, open_descriptors());
  (void)fflush(self->held);
}

/* Whoever waits takes events; there is no other end of the queue. */
static void take_events(soak *self, uint32_t wait_ms)
{
  pixazo_event *event = NULL;
  while (pixazo_pipeline_next_event(self->pipeline, wait_ms, &event, NULL) == PIXAZO_OK) {
    pixazo_event_free(event);
    wait_ms = 0;
  }
}

static void add_next(soak *self, uint64_t index)
{
  pixazo_request *request = NULL;
  MUST(pixazo_request_new_from_json(self->lines[index], &request, &error));
  MUST(pixazo_pipeline_add(self->pipeline, request, NULL, NULL, &error));
  pixazo_request_free(request);
  if (self->taken++ % EVERY != 0)
    return;
  note_held(self);
  MUST(pixazo_client_reopen(self->client, NULL, &error)); /* "no credit left" would pause a provider for minutes */
}

static void work(soak *self, size_t in_flight)
{
  for (;;) {
    if (pixazo_pipeline_open_count(self->pipeline) >= in_flight) {
      take_events(self, 20);
      continue;
    }
    uint64_t index = atomic_fetch_add(self->next, 1);
    if (index >= self->line_count)
      break;
    add_next(self, index);
  }
  while (pixazo_pipeline_open_count(self->pipeline) > 0)
    take_events(self, 20);
  take_events(self, 0);
  note_held(self);
}

static void go_on_with_the_dead(soak *self, uint32_t flags)
{
  char *report = NULL;
  MUST(pixazo_pipeline_resume(self->pipeline, flags, NULL, &report, &error));
  (void)printf("%s\n", report);
  (void)fflush(stdout);
  pixazo_free(report);
}

static void close_all(soak *self)
{
  pixazo_pipeline_free(self->pipeline);
  (void)pixazo_repository_unref(self->repository);
  (void)pixazo_store_unref(self->store);
  (void)pixazo_client_unref(self->client);
  for (uint64_t i = 0; i < self->line_count; i++)
    free(self->lines[i]);
  free(self->lines);
  (void)fclose(self->held);
}

int main(int argc, char **argv)
{
  soak self = {0};
  char path[PATH_SIZE];
  if (argc < ARGUMENTS)
    return 2;
  (void)snprintf(path, sizeof path, "%s/held-%ld", argv[1], (long)getpid());
  self.held = fopen(path, "we");
  must_have(self.held, path);
  uint32_t in_flight = (uint32_t)strtoul(argv[3], NULL, 10);
  read_lines(&self, argv[2]);
  share_next(&self, argv[1]);
  open_client(&self, argv);
  open_rest(&self, argv[1], in_flight);
  for (int i = ARGUMENTS; i < argc; i++)
    MUST(pixazo_repository_set_budget(self.repository, argv[i], &error));
  go_on_with_the_dead(&self, strcmp(argv[4], "look") == 0 ? PIXAZO_RESUME_PAID : PIXAZO_RESUME_CONTINUE);
  work(&self, in_flight);
  close_all(&self);
  return 0;
}
