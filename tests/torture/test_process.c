/* SPDX-License-Identifier: MIT */
/* What a process may do to itself while it holds handles: fork, exec, small stacks, odd umasks, a vanished directory, a
 * locale with a decimal comma. */
#include <dirent.h>
#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/testing.h"
#include "support/tmpdir.h"
#include "world.h"

static void open_world(world *w, char *directory)
{
  pixazo_error *error = NULL;
  *w = (world){.directory = directory, .renditions = true, .patience_ms = 20000};
  assert_ok(world_open(w, &error), error);
}

static void generate(world *w, const char *key)
{
  pixazo_error *error = NULL;
  char id[40];
  assert_ok(world_generate(w, key, id, &error), error);
}

typedef struct probe {
  const char *name;
  pixazo_status status;
} probe;

/* Each handle's doors, as a child of fork finds them. Returns the number of calls that were not refused. */
static int probe_all(world *w, const char *id)
{
  pixazo_request *request = NULL;
  pixazo_generation *record = NULL;
  pixazo_event *event = NULL;
  pixazo_blob *blob = NULL;
  pixazo_gate *gate = NULL;
  pixazo_page *page = NULL;
  pixazo_query *query = NULL;
  char *text = NULL;
  int64_t count = 0;
  pixazo_error *e = NULL;
  if (pixazo_request_new("a fox", &request, &e) != PIXAZO_OK || pixazo_query_new(&query, &e) != PIXAZO_OK)
    return 100;
  const probe probes[] = {
      {"client_generate", pixazo_client_generate(w->client, request, NULL, &record, NULL)},
      {"store_get", pixazo_store_get(w->store, "a.png", 10, &blob, NULL)},
      {"store_remove", pixazo_store_remove(w->store, "a.png", NULL)},
      {"store_list", pixazo_store_list(w->store, "", NULL, 10, &text, NULL)},
      {"repository_find", pixazo_repository_find(w->repository, id, &record, NULL)},
      {"repository_list", pixazo_repository_list(w->repository, query, &page, NULL)},
      {"repository_count", pixazo_repository_count(w->repository, query, &count, NULL)},
      {"repository_stats", pixazo_repository_stats(w->repository, &text, NULL)},
      {"repository_remove", pixazo_repository_remove(w->repository, id, NULL)},
      {"repository_gate", pixazo_repository_gate(w->repository, &gate, NULL)},
      {"repository_check", pixazo_repository_check(w->repository, &text, NULL)},
      {"pipeline_add", pixazo_pipeline_add(w->pipeline, request, NULL, &text, NULL)},
      {"pipeline_wait", pixazo_pipeline_wait(w->pipeline, id, 0, NULL, &record, NULL)},
      {"pipeline_cancel", pixazo_pipeline_cancel(w->pipeline, id, PIXAZO_CANCEL_SOFT, NULL)},
      {"pipeline_resume", pixazo_pipeline_resume(w->pipeline, PIXAZO_RESUME_PAID, NULL, &text, NULL)},
      {"pipeline_abandon", pixazo_pipeline_abandon(w->pipeline, id, NULL)},
      {"pipeline_next_event", pixazo_pipeline_next_event(w->pipeline, 0, &event, NULL)},
      {"pipeline_run", pixazo_pipeline_run(w->pipeline, NULL, NULL, NULL, NULL)},
  };
  int open = 0;
  for (size_t i = 0; i < sizeof probes / sizeof *probes; i++) {
    if (probes[i].status != PIXAZO_E_STATE) {
      (void)fprintf(stderr, "%s in the child: %s\n", probes[i].name, pixazo_status_name(probes[i].status));
      open++;
    }
  }
  pixazo_request_free(request);
  pixazo_query_free(query);
  return open;
}

static void test_process__a_child_of_fork_is_refused_and_harms_nobody(void **state)
{
  world w;
  pixazo_error *error = NULL;
  char id[40];
  int status = 0;
  open_world(&w, *state);
  assert_ok(world_generate(&w, "before", id, &error), error);
  (void)fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    (void)alarm(20);
    int open = probe_all(&w, id);
    world_close(&w); /* lets go of what it holds without touching what is the parent's */
    _exit(open);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
  generate(&w, "after");
  world_close(&w);
  world_settle(&w);
  assert_int_equal(world_ask(&w, "SELECT count(*) FROM image WHERE state = 2"), 2);
}

static void *work_on_a_small_stack(void *user)
{
  world *w = user;
  pixazo_error *error = NULL;
  char id[40];
  pixazo_status status = world_open(w, &error);
  if (status == PIXAZO_OK)
    status = world_generate(w, "small", id, &error);
  world_close(w);
  if (status != PIXAZO_OK)
    (void)fprintf(stderr, "%s\n", pixazo_error_message(error));
  pixazo_error_free(error);
  return status == PIXAZO_OK ? w : NULL;
}

/* Stepped, so that all the work runs on that one thread. */
static void test_process__a_stack_of_128_kilobytes_is_enough(void **state)
{
  world w = {.directory = *state, .stepped = true, .renditions = true, .patience_ms = 60000};
  pthread_attr_t attributes;
  pthread_t thread;
  void *result = NULL;
  assert_int_equal(pthread_attr_init(&attributes), 0);
  assert_int_equal(pthread_attr_setstacksize(&attributes, 128 * 1024), 0);
  assert_int_equal(pthread_create(&thread, &attributes, work_on_a_small_stack, &w), 0);
  assert_int_equal(pthread_join(thread, &result), 0);
  (void)pthread_attr_destroy(&attributes);
  assert_ptr_equal(result, &w);
}

/* Descriptors of this process that an exec would hand on, beside the first three. */
static int inheritable(void)
{
  int count = 0;
  DIR *directory = opendir("/proc/self/fd");
  assert_non_null(directory);
  for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
    int descriptor = atoi(entry->d_name);
    int flags = entry->d_name[0] == '.' || descriptor < 3 ? FD_CLOEXEC : fcntl(descriptor, F_GETFD);
    count += flags >= 0 && !(flags & FD_CLOEXEC);
  }
  (void)closedir(directory);
  return count;
}

static void test_process__no_descriptor_survives_exec(void **state)
{
  world w;
  pixazo_error *error = NULL;
  char id[40];
  int before = inheritable();
  open_world(&w, *state);
  for (int i = 0; i < 20; i++) {
    char key[16];
    (void)snprintf(key, sizeof key, "fd-%d", i);
    assert_ok(world_add(&w, key, id, &error), error);
    assert_int_equal(inheritable(), before);
  }
  while (pixazo_pipeline_open_count(w.pipeline) > 0)
    assert_int_equal(inheritable(), before);
  world_close(&w);
}

static void must_have_mode(const char *path, mode_t wanted)
{
  struct stat facts;
  if (stat(path, &facts) != 0 || (facts.st_mode & 07777) != wanted)
    fail_msg("%s has mode %04o, not %04o", path, (unsigned)(facts.st_mode & 07777), (unsigned)wanted);
}

/* Everything below a folder: files and directories. */
static void modes_below(const char *folder, mode_t file_mode, mode_t directory_mode)
{
  DIR *directory = opendir(folder);
  if (!directory)
    return;
  for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
      continue;
    char *path = tmpdir_path(folder, entry->d_name);
    must_have_mode(path, entry->d_type == DT_DIR ? directory_mode : file_mode);
    if (entry->d_type == DT_DIR)
      modes_below(path, file_mode, directory_mode);
    free(path);
  }
  (void)closedir(directory);
}

static void check_modes(char *directory, mode_t mask)
{
  static const char *const databases[] = {"pixazo.db", "pixazo.db-wal", "pixazo.db-shm"};
  world w;
  mode_t old = umask(mask);
  open_world(&w, directory);
  generate(&w, "modes");
  (void)umask(old);
  for (size_t i = 0; i < sizeof databases / sizeof *databases; i++) {
    char *path = tmpdir_path(directory, databases[i]);
    must_have_mode(path, 0600);
    free(path);
  }
  char *spool = tmpdir_path(directory, "spool");
  char *originals = tmpdir_path(directory, "originals");
  char *renditions = tmpdir_path(directory, "renditions");
  must_have_mode(spool, 0700);
  modes_below(spool, 0600, 0700);
  must_have_mode(originals, 0750);
  modes_below(originals, 0640, 0750);
  modes_below(renditions, 0640, 0750);
  free(spool);
  free(originals);
  free(renditions);
  world_close(&w);
}

static void test_process__an_open_umask_opens_nothing(void **state)
{
  check_modes(*state, 0000);
}

static void test_process__a_strict_umask_takes_nothing_away(void **state)
{
  check_modes(*state, 0077);
}

static void test_process__a_removed_working_directory_does_not_matter(void **state)
{
  world w;
  int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  char *gone = tmpdir_make();
  assert_true(here >= 0);
  assert_int_equal(chdir(gone), 0);
  assert_int_equal(rmdir(gone), 0);
  open_world(&w, *state);
  generate(&w, "nowhere");
  world_close(&w);
  assert_int_equal(fchdir(here), 0);
  (void)close(here);
  free(gone);
  assert_int_equal(world_ask(&w, "SELECT count(*) FROM image WHERE state = 2"), 1);
}

/* A locale of its own for this process; skipped where none can be made. */
static void test_process__a_decimal_comma_stays_out_of_documents(void **state)
{
  char *command = NULL;
  char *before = strdup(setlocale(LC_ALL, NULL));
  char *json = NULL;
  pixazo_error *error = NULL;
  pixazo_request *request = NULL;
  assert_true(asprintf(&command, "localedef -i de_DE -f UTF-8 '%s/de_DE.UTF-8' 2>/dev/null", (const char *)*state) > 0);
  int made = system(command);
  free(command);
  assert_int_equal(setenv("LOCPATH", *state, 1), 0);
  if (made != 0 || !setlocale(LC_ALL, "de_DE.UTF-8")) {
    free(before);
    skip();
  }
  char number[16];
  (void)snprintf(number, sizeof number, "%.1f", 7.5);
  assert_string_equal(number, "7,5"); /* else this test would prove nothing */
  assert_ok(pixazo_request_new_from_json("{\"prompt\":\"x\",\"guidance\":7.5}", &request, &error), error);
  assert_ok(pixazo_request_to_json(request, &json, &error), error);
  assert_non_null(strstr(json, "7.5"));
  assert_null(strstr(json, "7,5"));
  pixazo_free(json);
  pixazo_request_free(request);
  world w;
  char *below = tmpdir_path(*state, "art");
  open_world(&w, below);
  generate(&w, "comma");
  world_close(&w);
  assert_int_equal(world_ask(&w, "SELECT count(*) FROM generation WHERE effective_json LIKE '%,5%'"), 0);
  (void)setlocale(LC_ALL, before);
  free(below);
  free(before);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_process__a_child_of_fork_is_refused_and_harms_nobody, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_process__a_stack_of_128_kilobytes_is_enough, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_process__no_descriptor_survives_exec, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_process__an_open_umask_opens_nothing, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_process__a_strict_umask_takes_nothing_away, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_process__a_removed_working_directory_does_not_matter, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_process__a_decimal_comma_stays_out_of_documents, tmpdir_setup, tmpdir_teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
