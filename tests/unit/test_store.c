/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pixazo/store_backend.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "support/tmpdir.h"

static pixazo_store *memory_store(void)
{
  pixazo_store *store = NULL;
  assert_int_equal(pixazo_store_new_memory(&store, NULL), PIXAZO_OK);
  return store;
}

static void test_store__is_made_from_text(void **state)
{
  px_auto(px_buf) json = PX_BUF_INIT(10000);
  px_autofree char *path = NULL;
  pixazo_store *store = NULL;
  struct stat facts;
  (void)px_buf_printf(&json, "{\"kind\":\"local\",\"directory\":\"%s/deep/art\",\"directory_mode\":\"0700\"}",
                      (char *)*state);
  assert_int_equal(pixazo_store_new_from_json(px_buf_text(&json), NULL, &store, NULL), PIXAZO_OK);
  assert_string_equal(pixazo_store_kind(store), "local");
  assert_int_equal(pixazo_store_path(store, "a/b", &path, NULL), PIXAZO_OK);
  assert_non_null(strstr(path, "/deep/art/a/b"));
  path[strlen(path) - 4] = '\0';
  assert_int_equal(stat(path, &facts), 0);
  assert_int_equal(facts.st_mode & 07777, 0700);
  (void)pixazo_store_unref(store);
  assert_int_equal(pixazo_store_new_from_json("{\"kind\":\"memory\"}", NULL, &store, NULL), PIXAZO_OK);
  assert_string_equal(pixazo_store_kind(store), "memory");
  (void)pixazo_store_unref(store);
}

static void test_store__says_what_is_wrong_with_its_text(void **state)
{
  (void)state;
  static const struct {
    const char *json;
    pixazo_status status;
    const char *message;
  } cases[] = {
      {"", PIXAZO_E_ARGUMENT, "empty"},
      {"{}", PIXAZO_E_ARGUMENT, "kind: missing"},
      {"[]", PIXAZO_E_ARGUMENT, "kind: missing"},
      {"{\"kind\":7}", PIXAZO_E_ARGUMENT, "kind: want string"},
      {"{\"kind\":\"tape\"}", PIXAZO_E_UNSUPPORTED, "\"tape\""},
      {"{\"kind\":\"memory\",\"size\":1}", PIXAZO_E_ARGUMENT, "\"size\""},
      {"{\"kind\":\"local\"}", PIXAZO_E_ARGUMENT, "directory: missing"},
      {"{\"kind\":\"local\",\"directory\":\"\"}", PIXAZO_E_ARGUMENT, "directory"},
      {"{\"kind\":\"local\",\"directory\":\"x\",\"file_mode\":\"rw\"}", PIXAZO_E_ARGUMENT, "file_mode"},
      {"{\"kind\":\"local\",\"directory\":\"x\",\"file_mode\":\"4755\"}", PIXAZO_E_ARGUMENT, "permission bits"},
      {"{\"kind\":\"local\",\"directory\":\"x\",\"directory_mode\":\"08\"}", PIXAZO_E_ARGUMENT, "directory_mode"},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++) {
    pixazo_store *store = NULL;
    px_autoerror error = NULL;
    assert_int_equal(pixazo_store_new_from_json(cases[i].json, NULL, &store, &error), cases[i].status);
    assert_int_equal(pixazo_error_status(error), cases[i].status);
    if (!strstr(pixazo_error_message(error), cases[i].message))
      fail_msg("%s: %s", cases[i].json, pixazo_error_message(error));
    assert_null(store);
  }
}

static void test_store__lives_as_long_as_its_last_reference(void **state)
{
  (void)state;
  pixazo_store *store = memory_store();
  pixazo_store_info info;
  pixazo_store_info_init(&info, sizeof info);
  assert_ptr_equal(pixazo_store_ref(store), store);
  assert_null(pixazo_store_unref(store));
  assert_int_equal(pixazo_store_stat(store, "k", &info, NULL), PIXAZO_E_NOT_FOUND);
  assert_null(pixazo_store_unref(store));
  assert_null(pixazo_store_unref(NULL));
  assert_null(pixazo_store_ref(NULL));
}

static void test_store__fills_the_part_of_the_facts_that_the_caller_knows(void **state)
{
  (void)state;
  pixazo_store *store = memory_store();
  pixazo_store_put_job job;
  pixazo_store_put_job_init(&job, sizeof job);
  job.key = "k";
  job.data = "abc";
  job.size = 3;
  assert_int_equal(pixazo_store_put(store, &job, NULL), PIXAZO_OK);
  struct {
    pixazo_store_info info;
    uint64_t newer;
  } large;
  memset(&large, 0x55, sizeof large);
  large.info.struct_size = sizeof large;
  assert_int_equal(pixazo_store_stat(store, "k", &large.info, NULL), PIXAZO_OK);
  assert_int_equal(large.info.size, 3);
  assert_int_equal(large.info.struct_size, sizeof large);
  struct {
    size_t struct_size;
    uint64_t size;
    uint64_t guard;
  } small = {offsetof(pixazo_store_info, modified_us), 0, 77};
  assert_int_equal(pixazo_store_stat(store, "k", (pixazo_store_info *)(void *)&small, NULL), PIXAZO_OK);
  assert_int_equal(small.size, 3);
  assert_int_equal(small.guard, 77);
  large.info.struct_size = 1;
  assert_int_equal(pixazo_store_stat(store, "k", &large.info, NULL), PIXAZO_E_ABI);
  (void)pixazo_store_unref(store);
}

static void test_store__refuses_missing_arguments(void **state)
{
  (void)state;
  pixazo_store *store = memory_store();
  char *text = NULL;
  assert_int_equal(pixazo_store_stat(NULL, "k", NULL, NULL), PIXAZO_E_ARGUMENT);
  assert_int_equal(pixazo_store_stat(store, "k", NULL, NULL), PIXAZO_E_ARGUMENT);
  assert_int_equal(pixazo_store_remove(store, NULL, NULL), PIXAZO_E_ARGUMENT);
  assert_int_equal(pixazo_store_flush(NULL, NULL), PIXAZO_E_ARGUMENT);
  assert_int_equal(pixazo_store_path(store, "k", NULL, NULL), PIXAZO_E_ARGUMENT);
  assert_int_equal(pixazo_store_url(store, NULL, 1, &text, NULL), PIXAZO_E_ARGUMENT);
  assert_int_equal(pixazo_store_new_memory(NULL, NULL), PIXAZO_E_ARGUMENT);
  assert_int_equal(pixazo_store_new_from_json(NULL, NULL, &store, NULL), PIXAZO_E_ARGUMENT);
  assert_int_equal(pixazo_store_supports(NULL, PIXAZO_STORE_CAN_GET), 0);
  assert_int_equal(pixazo_store_any_thread(NULL), 0);
  assert_string_equal(pixazo_store_kind(NULL), "");
  (void)pixazo_store_unref(store);
}

/* The macros and the functions are two spellings of the same defaults. */
static void test_store__starts_structs_alike_by_macro_and_by_function(void **state)
{
  (void)state;
  const pixazo_store_local_options local_macro = PIXAZO_STORE_LOCAL_OPTIONS_INIT;
  const pixazo_store_put_job job_macro = PIXAZO_STORE_PUT_JOB_INIT;
  const pixazo_store_info info_macro = PIXAZO_STORE_INFO_INIT;
  const pixazo_store_key_facts facts_macro = PIXAZO_STORE_KEY_FACTS_INIT;
  const pixazo_store_ops ops_macro = PIXAZO_STORE_OPS_INIT;
  pixazo_store_local_options local_function;
  pixazo_store_put_job job_function;
  pixazo_store_info info_function;
  pixazo_store_key_facts facts_function;
  pixazo_store_ops ops_function;
  pixazo_store_local_options_init(&local_function, sizeof local_function);
  pixazo_store_put_job_init(&job_function, sizeof job_function);
  pixazo_store_info_init(&info_function, sizeof info_function);
  pixazo_store_key_facts_init(&facts_function, sizeof facts_function);
  pixazo_store_ops_init(&ops_function, sizeof ops_function);
  assert_memory_equal(&local_macro, &local_function, sizeof local_macro);
  assert_memory_equal(&job_macro, &job_function, sizeof job_macro);
  assert_memory_equal(&info_macro, &info_function, sizeof info_macro);
  assert_memory_equal(&facts_macro, &facts_function, sizeof facts_macro);
  assert_memory_equal(&ops_macro, &ops_function, sizeof ops_macro);
}

static void test_store__is_of_the_process_that_made_it(void **state)
{
  (void)state;
  pixazo_store *store = memory_store();
  pid_t child = fork();
  if (child == 0) {
    pixazo_status status = pixazo_store_remove(store, "k", NULL);
    (void)pixazo_store_unref(store);
    _exit(status == PIXAZO_E_STATE ? 0 : 1);
  }
  int result = 1;
  assert_int_equal(waitpid(child, &result, 0), child);
  assert_int_equal(result, 0);
  assert_int_equal(pixazo_store_remove(store, "k", NULL), PIXAZO_OK);
  (void)pixazo_store_unref(store);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_store__is_made_from_text, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test(test_store__says_what_is_wrong_with_its_text),
      cmocka_unit_test(test_store__lives_as_long_as_its_last_reference),
      cmocka_unit_test(test_store__fills_the_part_of_the_facts_that_the_caller_knows),
      cmocka_unit_test(test_store__refuses_missing_arguments),
      cmocka_unit_test(test_store__starts_structs_alike_by_macro_and_by_function),
      cmocka_unit_test(test_store__is_of_the_process_that_made_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
