/* SPDX-License-Identifier: MIT */
/* Documents, stores and the repository with every allocation failing. */
#include <stdlib.h>
#include <string.h>

#include "support/testing.h"
#include "support/tmpdir.h"
#include "support/torture.h"
#include "world.h"

/* Reads a document, writes it, and reads what was written. */
#define THERE_AND_BACK(type, text)                                                       \
  static pixazo_status type##_there_and_back(pixazo_error **error)                       \
  {                                                                                      \
    pixazo_##type *first = NULL;                                                         \
    pixazo_##type *second = NULL;                                                        \
    char *json = NULL;                                                                   \
    pixazo_status status = pixazo_##type##_new_from_json(text, &first, error);           \
    if (status == PIXAZO_OK)                                                             \
      status = pixazo_##type##_to_json(first, &json, error);                             \
    if (status == PIXAZO_OK)                                                             \
      status = pixazo_##type##_new_from_json(json, &second, error);                      \
    pixazo_free(json);                                                                   \
    pixazo_##type##_free(first);                                                         \
    pixazo_##type##_free(second);                                                        \
    return status;                                                                       \
  }

THERE_AND_BACK(request, "{\"prompt\":\"a fox\",\"width\":640,\"guidance\":7.5,\"seed\":9007199254740993,\"THEME\":\"autumn\","
                        "\"metadata\":{\"a\":[1,2,{\"b\":null}]},\"idempotency_key\":\"k\",\"provider_options\":{\"x\":true}}")
THERE_AND_BACK(recipe, "{\"name\":\"small\",\"format\":\"webp\",\"width\":300,\"fit\":\"cover\",\"background\":\"#102030\"}")
THERE_AND_BACK(query, "{\"text\":\"fox -red\",\"provider\":\"offline\",\"limit\":10}")

static pixazo_status config_there_and_back(pixazo_error **error)
{
  pixazo_config *config = NULL;
  char *json = NULL;
  pixazo_status status = pixazo_config_new(&config, error);
  if (status == PIXAZO_OK)
    status = pixazo_config_load_preset(config, "dev", error);
  if (status == PIXAZO_OK)
    status = pixazo_config_load_json(config, "{\"provider\":\"offline\",\"width\":512,\"max_retries\":0}", error);
  if (status == PIXAZO_OK)
    status = pixazo_config_set(config, "steps", "12", error);
  if (status == PIXAZO_OK)
    status = pixazo_config_to_json(config, &json, error);
  pixazo_free(json);
  pixazo_config_free(config);
  return status;
}

static pixazo_status documents(void *user_data, pixazo_error **error)
{
  (void)user_data;
  pixazo_status status = request_there_and_back(error);
  if (status == PIXAZO_OK)
    status = recipe_there_and_back(error);
  if (status == PIXAZO_OK)
    status = query_there_and_back(error);
  return status == PIXAZO_OK ? config_there_and_back(error) : status;
}

static void test_torture__documents_go_in_and_out(void **state)
{
  (void)state;
  assert_true(torture_run("documents", documents, NULL, 1) >= 100);
}

static pixazo_status put(pixazo_store *store, const char *key, const char *text, pixazo_error **error)
{
  pixazo_store_put_job job;
  pixazo_store_put_job_init(&job, sizeof job);
  job.key = key;
  job.data = text;
  job.size = strlen(text);
  return pixazo_store_put(store, &job, error);
}

static pixazo_status look_around(pixazo_store *store, pixazo_error **error)
{
  pixazo_blob *blob = NULL;
  char *list = NULL;
  pixazo_store_info info;
  pixazo_store_info_init(&info, sizeof info);
  pixazo_status status = pixazo_store_get(store, "a/one.png", 100, &blob, error);
  if (status == PIXAZO_OK)
    assert_memory_equal(pixazo_blob_data(blob), "first", 5);
  (void)pixazo_blob_unref(blob);
  if (status == PIXAZO_OK)
    status = pixazo_store_stat(store, "a/one.png", &info, error);
  if (status == PIXAZO_OK)
    status = pixazo_store_list(store, "a/", NULL, 10, &list, error);
  if (status == PIXAZO_OK)
    assert_non_null(strstr(list, "a/one.png"));
  pixazo_free(list);
  return status;
}

/* Puts and removes; whatever failed, afterwards the same calls succeed and nothing half is there. */
static pixazo_status use_store(pixazo_store *store, pixazo_error **error)
{
  pixazo_error *later = NULL;
  pixazo_status status = put(store, "a/one.png", "first", error);
  if (status == PIXAZO_OK)
    status = put(store, "a/b/two.png", "second", error);
  if (status == PIXAZO_OK)
    status = look_around(store, error);
  torture_disarm();
  assert_ok(put(store, "a/one.png", "first", &later), later);
  assert_ok(look_around(store, &later), later);
  assert_ok(pixazo_store_remove(store, "a/one.png", &later), later);
  assert_ok(pixazo_store_remove(store, "a/b/two.png", &later), later);
  return status;
}

static pixazo_status local_store(void *user_data, pixazo_error **error)
{
  pixazo_store *store = NULL;
  world w = {.directory = user_data};
  pixazo_store_local_options options;
  pixazo_store_local_options_init(&options, sizeof options);
  options.directory = user_data;
  pixazo_status status = pixazo_store_new_local(&options, &store, error);
  if (status == PIXAZO_OK)
    status = use_store(store, error);
  (void)pixazo_store_unref(store);
  assert_int_equal(world_count_files(&w, ".incoming", ""), 0);
  assert_int_equal(world_count_files(&w, "a", ""), 0);
  return status;
}

static pixazo_status memory_store(void *user_data, pixazo_error **error)
{
  (void)user_data;
  pixazo_store *store = NULL;
  pixazo_status status = pixazo_store_new_memory(&store, error);
  if (status == PIXAZO_OK)
    status = use_store(store, error);
  (void)pixazo_store_unref(store);
  return status;
}

static void test_torture__a_local_store_keeps_all_or_nothing(void **state)
{
  assert_true(torture_run("local store", local_store, *state, 1) >= 30);
}

static void test_torture__a_store_in_memory_keeps_all_or_nothing(void **state)
{
  (void)state;
  assert_true(torture_run("memory store", memory_store, NULL, 1) >= 20);
}

typedef struct records {
  char *start;
  char *directory;
} records;

static pixazo_status open_repository(const char *directory, pixazo_repository **out, pixazo_error **error)
{
  pixazo_repository_options options;
  char *path = tmpdir_path(directory, "pixazo.db");
  pixazo_repository_options_init(&options, sizeof options);
  options.path = path;
  pixazo_status status = pixazo_repository_new(&options, out, error);
  free(path);
  return status;
}

/* A bare client whose calls the repository records. */
static pixazo_status generate_gated(pixazo_repository *repository, pixazo_error **error)
{
  pixazo_gate *gate = NULL;
  pixazo_client *client = NULL;
  pixazo_request *request = NULL;
  pixazo_generation *record = NULL;
  pixazo_client_options options;
  pixazo_client_options_init(&options, sizeof options);
  options.provider = "offline";
  options.retry_delay_ms = 1;
  pixazo_status status = pixazo_repository_gate(repository, &gate, error);
  options.gate = gate;
  if (status == PIXAZO_OK)
    status = pixazo_client_new(&options, &client, error);
  if (status == PIXAZO_OK)
    status = pixazo_request_new_from_json("{\"prompt\":\"a fox\",\"width\":32,\"height\":32,\"seed\":7}", &request, error);
  if (status == PIXAZO_OK)
    status = pixazo_client_generate(client, request, NULL, &record, error);
  pixazo_generation_free(record);
  pixazo_request_free(request);
  (void)pixazo_client_unref(client);
  (void)pixazo_gate_unref(gate);
  return status;
}

static pixazo_status read_back(pixazo_repository *repository, pixazo_error **error)
{
  pixazo_query *query = NULL;
  pixazo_page *page = NULL;
  pixazo_generation *record = NULL;
  char *json = NULL;
  pixazo_status status = pixazo_query_new_from_json("{\"text\":\"fox\",\"limit\":5}", &query, error);
  if (status == PIXAZO_OK)
    status = pixazo_repository_list(repository, query, &page, error);
  if (status == PIXAZO_OK && pixazo_page_count(page) > 0)
    status = pixazo_repository_find(repository, pixazo_generation_uuid(pixazo_page_get(page, 0)), &record, error);
  if (record)
    status = pixazo_generation_to_json(record, &json, error);
  pixazo_free(json);
  if (status == PIXAZO_OK)
    status = pixazo_repository_stats(repository, &json, error);
  pixazo_free(status == PIXAZO_OK ? json : NULL);
  pixazo_generation_free(record);
  pixazo_page_free(page);
  pixazo_query_free(query);
  return status;
}

static pixazo_status use_repository(void *user_data, pixazo_error **error)
{
  const records *r = user_data;
  world books = {.directory = r->directory, .stepped = true};
  pixazo_error *later = NULL;
  pixazo_repository *repository = NULL;
  world_copy(r->start, r->directory);
  pixazo_status status = open_repository(r->directory, &repository, error);
  if (status == PIXAZO_OK)
    status = generate_gated(repository, error);
  if (status == PIXAZO_OK)
    status = read_back(repository, error);
  torture_disarm();
  if (repository) {
    assert_ok(generate_gated(repository, &later), later);
    assert_ok(read_back(repository, &later), later);
  }
  (void)pixazo_repository_unref(repository);
  /* A gate that could not even end its call leaves it to whoever resumes. */
  assert_ok(world_open(&books, &later), later);
  assert_ok(pixazo_pipeline_resume(books.pipeline, PIXAZO_RESUME_PAID, NULL, NULL, &later), later);
  world_close(&books);
  assert_int_equal(world_ask(&books, "SELECT (SELECT count(*) FROM attempt) - (SELECT count(*) FROM ledger)"), 0);
  assert_int_equal(world_ask(&books, "SELECT count(*) FROM ledger WHERE state = 1"), 0);
  return status;
}

static void test_torture__a_gated_client_and_its_records(void **state)
{
  (void)state;
  pixazo_error *error = NULL;
  pixazo_repository *repository = NULL;
  records r = {tmpdir_make(), tmpdir_make()};
  assert_ok(open_repository(r.start, &repository, &error), error);
  assert_ok(generate_gated(repository, &error), error);
  (void)pixazo_repository_unref(repository);
  assert_true(torture_run_thinned("repository", use_repository, &r, 1, 5) >= 100);
  tmpdir_remove(r.start);
  tmpdir_remove(r.directory);
}

/* Every way to say what may be spent; each is said whole or not at all. */
static pixazo_status set_terms(void *user_data, pixazo_error **error)
{
  pixazo_repository *repository = NULL;
  pixazo_gate *gate = NULL;
  char *json = NULL;
  pixazo_status status = open_repository(user_data, &repository, error);
  if (status == PIXAZO_OK)
    status = pixazo_repository_set_budget(repository, "{\"period\":\"day\",\"cap_micros\":5}", error);
  if (status == PIXAZO_OK)
    status = pixazo_repository_set_quota(repository, "{\"principal\":\"*\",\"requests\":5,\"slots\":2}", error);
  if (status == PIXAZO_OK)
    status = pixazo_repository_budgets(repository, &json, error);
  pixazo_free(status == PIXAZO_OK ? json : NULL);
  if (status == PIXAZO_OK)
    status = pixazo_repository_quotas(repository, &json, error);
  pixazo_free(status == PIXAZO_OK ? json : NULL);
  if (status == PIXAZO_OK)
    status = pixazo_repository_costs(repository, "model", 0, &json, error);
  pixazo_free(status == PIXAZO_OK ? json : NULL);
  if (status == PIXAZO_OK)
    status = pixazo_gate_new(&gate, error);
  if (status == PIXAZO_OK)
    status = pixazo_gate_set_budget(gate, "{\"cap_micros\":5}", error);
  if (status == PIXAZO_OK)
    status = pixazo_gate_set_quota(gate, "{\"slots\":5}", error);
  (void)pixazo_gate_unref(gate);
  if (status == PIXAZO_OK)
    status = pixazo_repository_remove_budget(repository, "{\"period\":\"day\"}", error);
  if (status == PIXAZO_OK)
    status = pixazo_repository_remove_quota(repository, "{\"principal\":\"*\"}", error);
  (void)pixazo_repository_unref(repository);
  return status;
}

static void test_torture__budgets_and_quotas_are_set_whole(void **state)
{
  pixazo_error *error = NULL;
  pixazo_repository *repository = NULL;
  assert_ok(open_repository(*state, &repository, &error), error);
  (void)pixazo_repository_unref(repository);
  assert_true(torture_run_thinned("budgets and quotas", set_terms, *state, 1, 5) >= 30);
}

int main(int count, char **arguments)
{
  torture_install();
  if (count > 1)
    cmocka_set_test_filter(arguments[1]);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_torture__documents_go_in_and_out),
      cmocka_unit_test_setup_teardown(test_torture__a_local_store_keeps_all_or_nothing, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test(test_torture__a_store_in_memory_keeps_all_or_nothing),
      cmocka_unit_test(test_torture__a_gated_client_and_its_records),
      cmocka_unit_test_setup_teardown(test_torture__budgets_and_quotas_are_set_whole, tmpdir_setup, tmpdir_teardown),
  };
  return torture_report(cmocka_run_group_tests(tests, NULL, NULL));
}
