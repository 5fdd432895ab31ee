/* SPDX-License-Identifier: MIT */
#include "world.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "pipeline/internal.h"
#include "support/testing.h"
#include "support/tmpdir.h"
#include "support/torture.h"

enum { TICK_US = 2000 };
static const int64_t FIRST_OPENED_US = INT64_C(1795168800) * 1000000; /* 2026-11-20 */
static const int64_t DAY_US = INT64_C(86400) * 1000000;

static int64_t impatient_mono(void *self)
{
  world *w = self; /* the clock comes first in it */
  fake_clock_advance(&w->clock, TICK_US);
  if (w->clock.mono_us > (int64_t)w->patience_ms * 1000)
    pixazo_cancel_set(w->impatience, PIXAZO_CANCEL_SOFT);
  return w->clock.mono_us;
}

static void start_clock(world *w)
{
  w->opened++;
  fake_clock_init(&w->clock, FIRST_OPENED_US + w->opened * DAY_US, w->opened);
  w->clock.clock.mono_us = impatient_mono;
}

static pixazo_status open_client(world *w, pixazo_error **error)
{
  pixazo_client_options options;
  pixazo_client_options_init(&options, sizeof options);
  options.provider = w->gateway ? "pixazo" : "offline";
  options.api_key = w->gateway ? "test-key-not-real-0000" : NULL;
  options.base_url = w->gateway;
  options.allow_hosts = w->gateway ? "127.0.0.1" : NULL;
  options.retry_delay_ms = 10;
  return pixazo_client_new(&options, &w->client, error);
}

static pixazo_status open_store(world *w, pixazo_error **error)
{
  pixazo_store_local_options options;
  pixazo_store_local_options_init(&options, sizeof options);
  options.directory = w->directory;
  return pixazo_store_new_local(&options, &w->store, error);
}

static pixazo_status open_repository(world *w, pixazo_error **error)
{
  pixazo_repository_options options;
  char *path = tmpdir_path(w->directory, "pixazo.db");
  pixazo_repository_options_init(&options, sizeof options);
  options.path = path;
  options.media_root = w->directory;
  pixazo_status status = pixazo_repository_new(&options, &w->repository, error);
  free(path);
  return status;
}

static pixazo_status allow_prompt(const pixazo_prompt_facts *facts, pixazo_review *review, void *user, pixazo_error **error)
{
  (void)facts, (void)review, (void)user, (void)error;
  return PIXAZO_OK;
}

/* Without memory for the text it cannot tell: then the picture is recorded as it is. */
static pixazo_status name_picture(const pixazo_picture_facts *facts, pixazo_review *review, void *user, pixazo_error **error)
{
  (void)user;
  assert_int_equal(access(facts->path, R_OK), 0);
  return pixazo_review_set_alt_text(review, "a fox, seen by the program", error);
}

static pixazo_status open_pipeline(world *w, pixazo_error **error)
{
  pixazo_pipeline_options options;
  pixazo_status status = w->renditions ? pixazo_recipe_new_named("fit-256", &w->recipe, error) : PIXAZO_OK;
  if (status != PIXAZO_OK)
    return status;
  char *spool = tmpdir_path(w->directory, "spool");
  pixazo_pipeline_options_init(&options, sizeof options);
  options.client = w->client;
  options.store = w->store;
  options.repository = w->repository;
  options.recipes = (const pixazo_recipe *const *)&w->recipe;
  options.recipe_count = w->renditions;
  options.spool = spool;
  options.drain_ms = w->stepped ? 2000 : 200;
  options.on_prompt = w->reviewed ? allow_prompt : NULL;
  options.on_picture = w->reviewed ? name_picture : NULL;
  status = px_pipeline_new(&options, w->stepped ? &w->clock.clock : px_clock_system(), w->stepped, &w->pipeline, error);
  free(spool);
  return status;
}

pixazo_status world_open(world *w, pixazo_error **error)
{
  start_clock(w);
  pixazo_status status = open_client(w, error);
  if (status == PIXAZO_OK)
    status = open_store(w, error);
  if (status == PIXAZO_OK)
    status = open_repository(w, error);
  return status == PIXAZO_OK ? open_pipeline(w, error) : status;
}

void world_close(world *w)
{
  pixazo_pipeline_free(w->pipeline);
  w->pipeline = NULL;
  pixazo_recipe_free(w->recipe);
  w->recipe = NULL;
  w->repository = pixazo_repository_unref(w->repository);
  w->store = pixazo_store_unref(w->store);
  w->client = pixazo_client_unref(w->client);
}

pixazo_status world_add(world *w, const char *idempotency_key, char id[40], pixazo_error **error)
{
  pixazo_request *request = NULL;
  id[0] = '\0';
  char *made = NULL;
  pixazo_status status = pixazo_request_new("a red fox", &request, error);
  if (status == PIXAZO_OK && !w->gateway)
    status = pixazo_request_set_int(request, "width", 48, error);
  if (status == PIXAZO_OK && !w->gateway)
    status = pixazo_request_set_int(request, "height", 32, error);
  if (status == PIXAZO_OK)
    status = pixazo_request_set_int(request, "seed", 7, error);
  if (status == PIXAZO_OK)
    status = pixazo_request_set_string(request, "idempotency_key", idempotency_key, error);
  if (status == PIXAZO_OK)
    status = pixazo_pipeline_add(w->pipeline, request, NULL, &made, error);
  if (status == PIXAZO_OK)
    (void)snprintf(id, 40, "%s", made);
  pixazo_free(made);
  pixazo_request_free(request);
  return status;
}

/* Threads may be slow on a machine that has other work: giving up counts only once memory was refused. */
static pixazo_status wait_for(world *w, const char *id, pixazo_generation **record, pixazo_error **error)
{
  pixazo_status status = pixazo_pipeline_wait(w->pipeline, id, w->patience_ms, NULL, record, error);
  while (status == PIXAZO_E_AGAIN && !w->stepped && !torture_hit())
    status = pixazo_pipeline_wait(w->pipeline, id, w->patience_ms, NULL, record, error);
  return status;
}

pixazo_status world_generate(world *w, const char *idempotency_key, char id[40], pixazo_error **error)
{
  pixazo_generation *record = NULL;
  pixazo_status status = world_add(w, idempotency_key, id, error);
  if (status == PIXAZO_OK)
    status = wait_for(w, id, &record, error);
  if (status == PIXAZO_OK)
    assert_int_equal(pixazo_generation_image_state(record, 0), PIXAZO_IMAGE_RECORDED);
  pixazo_generation_free(record);
  return status;
}

static sqlite3 *open_books(const world *w)
{
  sqlite3 *connection = NULL;
  char *path = tmpdir_path(w->directory, "pixazo.db");
  assert_int_equal(SQLITE_OK, sqlite3_open(path, &connection));
  free(path);
  return connection;
}

static int64_t ask(sqlite3 *connection, const char *sql)
{
  sqlite3_stmt *statement = NULL;
  int64_t answer = -1;
  if (sqlite3_prepare_v2(connection, sql, -1, &statement, NULL) != SQLITE_OK)
    fail_msg("%s: %s", sql, sqlite3_errmsg(connection));
  if (sqlite3_step(statement) == SQLITE_ROW)
    answer = sqlite3_column_int64(statement, 0);
  (void)sqlite3_finalize(statement);
  return answer;
}

int64_t world_ask(const world *w, const char *sql)
{
  sqlite3 *connection = open_books(w);
  int64_t answer = ask(connection, sql);
  (void)sqlite3_close(connection);
  return answer;
}

static bool ends_with(const char *name, const char *ending)
{
  size_t length = strlen(name);
  return length >= strlen(ending) && strcmp(name + length - strlen(ending), ending) == 0;
}

/* Calls back for every file below a folder, with its path. */
static void walk(const char *folder, void (*visit)(const char *path, void *user), void *user)
{
  DIR *directory = opendir(folder);
  if (!directory)
    return;
  for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
      continue;
    char *path = tmpdir_path(folder, entry->d_name);
    if (entry->d_type == DT_DIR)
      walk(path, visit, user);
    else
      visit(path, user);
    free(path);
  }
  (void)closedir(directory);
}

typedef struct counting {
  const char *ending;
  size_t count;
} counting;

static void count_one(const char *path, void *user)
{
  counting *c = user;
  c->count += ends_with(path, c->ending);
}

size_t world_count_files(const world *w, const char *folder, const char *ending)
{
  counting c = {ending, 0};
  char *path = tmpdir_path(w->directory, folder);
  walk(path, count_one, &c);
  free(path);
  return c.count;
}

static void check_rows(sqlite3 *books)
{
  static const char *const nothing[] = {
      "SELECT count(*) FROM attempt WHERE id NOT IN (SELECT attempt FROM ledger)",
      "SELECT (SELECT count(*) FROM attempt) - (SELECT count(*) FROM ledger)",
      "SELECT count(*) FROM attempt WHERE state = 1",
      "SELECT count(*) FROM ledger WHERE state = 1",
      "SELECT count(*) FROM image WHERE state <> 2 OR sha256 IS NULL",
      "SELECT count(*) FROM attempt WHERE state = 2 AND id NOT IN (SELECT attempt FROM image)",
      "SELECT count(*) FROM generation WHERE state IN (1, 2)",
      "SELECT count(*) FROM generation g WHERE state = 3 AND (SELECT count(*) FROM image WHERE generation = g.id) <> 1",
      "SELECT (SELECT count(*) FROM image) - (SELECT count(*) FROM attempt WHERE state = 2)",
  };
  for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
    int64_t got = ask(books, nothing[i]);
    if (got != 0)
      fail_msg("%s gives %lld, not 0", nothing[i], (long long)got);
  }
}

static void check_files(const world *w, int64_t recorded)
{
  static const char *const leftovers[] = {".part", ".answer", ".pic", ".poll", ".ren"};
  size_t pictures = world_count_files(w, "originals", "");
  if ((int64_t)pictures != recorded)
    fail_msg("%zu pictures in the store, %lld recorded", pictures, (long long)recorded);
  for (size_t i = 0; i < sizeof leftovers / sizeof *leftovers; i++) {
    size_t count = world_count_files(w, "spool", leftovers[i]);
    if (count > 0)
      fail_msg("%zu files *%s are left in the spool", count, leftovers[i]);
  }
}

static void check_books(const world *w)
{
  sqlite3 *books = open_books(w);
  check_rows(books);
  check_files(w, ask(books, "SELECT count(*) FROM image"));
  (void)sqlite3_close(books);
}

void world_settle(world *w)
{
  pixazo_error *error = NULL;
  assert_ok(world_open(w, &error), error);
  pixazo_status status = pixazo_pipeline_resume(w->pipeline, PIXAZO_RESUME_CONTINUE, NULL, NULL, &error);
  if (status != PIXAZO_OK)
    fail_msg("resume: %s", pixazo_error_message(error));
  world_close(w);
  check_books(w);
}

static void copy_file(const char *from, const char *to)
{
  struct stat facts;
  int source = open(from, O_RDONLY | O_CLOEXEC);
  int target = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  assert_true(source >= 0 && target >= 0 && fstat(source, &facts) == 0);
  for (off_t done = 0; done < facts.st_size;)
    assert_true(sendfile(target, source, &done, (size_t)(facts.st_size - done)) > 0);
  (void)close(source);
  (void)close(target);
}

typedef struct copying {
  size_t skip; /* length of the directory that is copied */
  const char *to;
} copying;

static void copy_one(const char *path, void *user)
{
  const copying *c = user;
  char *target = tmpdir_path(c->to, path + c->skip + 1);
  for (char *slash = strchr(target + strlen(c->to) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    (void)mkdir(target, 0700);
    *slash = '/';
  }
  copy_file(path, target);
  free(target);
}

static void remove_one(const char *path, void *user)
{
  (void)user;
  assert_int_equal(unlink(path), 0);
}

void world_copy(const char *from, const char *to)
{
  copying c = {strlen(from), to};
  (void)mkdir(to, 0700);
  walk(to, remove_one, NULL);
  walk(from, copy_one, &c);
}
