/* SPDX-License-Identifier: MIT */
/* studio.h and repository.h: the one-call door, and the records it leaves. */
#include "check.h"

static const char nobody[] = "01934a2b-0000-7000-8000-000000000000";

static void open_refusals(void)
{
  pixazo_studio *studio = UNTOUCHED;
  pixazo_config *config = NULL;
  pixazo_studio_options options;
  pixazo_studio_options_init(&options, sizeof options);
  NEEDS(pixazo_config_new(&config, &error));
  WORKS(pixazo_config_set(config, "provider", "pixazo", &error));
  options.config = config;
  FAILS(PIXAZO_E_AUTH, pixazo_studio_open(api_path("refused"), &options, &studio, &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_studio_open("", NULL, &studio, &error));
  CHECK(studio == UNTOUCHED);
  pixazo_config_free(config);
  pixazo_studio_close(NULL);
}

static pixazo_studio *open_studio(void)
{
  pixazo_studio *studio = NULL;
  NEEDS(pixazo_studio_open(api_path("art"), NULL, &studio, &error));
  return studio;
}

static void handles(const pixazo_studio *studio)
{
  CHECK(pixazo_studio_client(studio) && pixazo_studio_store(studio) && pixazo_studio_exporter(studio));
  CHECK(pixazo_studio_repository(studio) && pixazo_studio_pipeline(studio) && pixazo_studio_config(studio));
  CHECK_TEXT(pixazo_client_provider(pixazo_studio_client(studio)), "offline");
  CHECK_HOLDS(pixazo_studio_note(studio), "offline");
  CHECK_TEXT(pixazo_config_get(pixazo_studio_config(studio), "count"), "1");
}

static void renditions_of(const pixazo_generation *record)
{
  struct stat facts;
  CHECK(pixazo_generation_rendition_count(record, 0) == 4);
  for (size_t i = 0; i < pixazo_generation_rendition_count(record, 0); i++) {
    CHECK(*pixazo_generation_rendition_name(record, 0, i) && *pixazo_generation_rendition_key(record, 0, i));
    CHECK_HOLDS(pixazo_generation_rendition_content_type(record, 0, i), "image/");
    CHECK(stat(pixazo_generation_rendition_path(record, 0, i), &facts) == 0);
    CHECK(facts.st_size == pixazo_generation_rendition_bytes(record, 0, i));
  }
}

static void generation(pixazo_studio *studio)
{
  pixazo_request *request = api_request("{\"prompt\":\"a tall ship\",\"width\":64,\"height\":48,\"THEME\":\"sea\"}");
  pixazo_generation *record = UNTOUCHED;
  struct stat facts;
  FAILS(PIXAZO_E_ARGUMENT, pixazo_studio_generate_prompt(studio, NULL, &record, &error));
  CHECK(record == UNTOUCHED);
  NEEDS(pixazo_studio_generate(studio, request, NULL, &record, &error));
  CHECK(pixazo_generation_state(record) == PIXAZO_GENERATION_DONE && pixazo_generation_image_count(record) == 1);
  CHECK(pixazo_generation_image_width(record, 0) == 64 && pixazo_generation_image_height(record, 0) == 48);
  CHECK(stat(pixazo_generation_image_path(record, 0), &facts) == 0);
  CHECK(facts.st_size == pixazo_generation_image_bytes(record, 0));
  CHECK_TEXT(pixazo_generation_image_content_type(record, 0), "image/png");
  renditions_of(record);
  pixazo_generation_free(record);
  NEEDS(pixazo_studio_generate_prompt(studio, "a small boat", &record, &error));
  CHECK_TEXT(pixazo_generation_prompt(record), "a small boat");
  pixazo_generation_free(record);
  pixazo_request_free(request);
}

static void pages(pixazo_repository *repository)
{
  pixazo_query *query = NULL;
  pixazo_page *page = NULL;
  pixazo_page *next = NULL;
  NEEDS(pixazo_query_new_from_json("{\"limit\":1}", &query, &error));
  NEEDS(pixazo_repository_list(repository, query, &page, &error));
  CHECK(pixazo_page_count(page) == 1 && *pixazo_page_cursor(page) && !pixazo_page_get(page, 1));
  CHECK_TEXT(pixazo_generation_prompt(pixazo_page_get(page, 0)), "a small boat");
  WORKS(pixazo_query_set_string(query, "cursor", pixazo_page_cursor(page), &error));
  NEEDS(pixazo_repository_list(repository, query, &next, &error));
  CHECK(pixazo_page_count(next) == 1);
  CHECK_TEXT(pixazo_generation_prompt(pixazo_page_get(next, 0)), "a tall ship");
  CHECK_TEXT(pixazo_page_cursor(next), "");
  pixazo_page_free(page);
  pixazo_page_free(next);
  pixazo_page_free(NULL);
  page = UNTOUCHED;
  WORKS(pixazo_query_set_int(query, "page", 1, &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_repository_list(repository, query, &page, &error));
  CHECK(page == UNTOUCHED);
  pixazo_query_free(query);
  NEEDS(pixazo_repository_list(repository, NULL, &page, &error));
  CHECK(pixazo_page_count(page) == 2);
  pixazo_page_free(page);
}

static void counts(pixazo_repository *repository)
{
  pixazo_query *query = NULL;
  int64_t count = -1;
  char *json = NULL;
  NEEDS(pixazo_query_new(&query, &error));
  WORKS(pixazo_query_set_string(query, "text", "ship", &error));
  WORKS(pixazo_repository_count(repository, query, &count, &error));
  CHECK(count == 1);
  WORKS(pixazo_repository_count(repository, NULL, &count, &error));
  CHECK(count == 2);
  NEEDS(pixazo_repository_stats(repository, &json, &error));
  CHECK_HOLDS(json, "\"schema\":1");
  CHECK_HOLDS(json, "offline");
  pixazo_free(json);
  NEEDS(pixazo_repository_check(repository, &json, &error));
  CHECK(json && *json);
  pixazo_free(json);
  pixazo_query_free(query);
}

static void edits(pixazo_repository *repository)
{
  pixazo_page *page = NULL;
  pixazo_generation *record = UNTOUCHED;
  char *json = NULL;
  NEEDS(pixazo_repository_list(repository, NULL, &page, &error));
  const char *image = pixazo_generation_image_uuid(pixazo_page_get(page, 0), 0);
  FAILS(PIXAZO_E_NOT_FOUND, pixazo_repository_find(repository, nobody, &record, &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_repository_find(repository, "no uuid", &record, &error));
  FAILS(PIXAZO_E_NOT_FOUND, pixazo_repository_find_key(repository, "", "no such key", &record, &error));
  CHECK(record == UNTOUCHED);
  WORKS(pixazo_repository_update(repository, image, "{\"rating\":4,\"alt_text\":\"a boat\"}", &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_repository_update(repository, image, "{\"rating\":6}", &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_repository_update(repository, image, "{\"width\":1}", &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_repository_update(repository, image, "{", &error));
  FAILS(PIXAZO_E_NOT_FOUND, pixazo_repository_update(repository, nobody, "{\"rating\":1}", &error));
  NEEDS(pixazo_repository_find(repository, image, &record, &error));
  NEEDS(pixazo_generation_to_json(record, &json, &error));
  CHECK_HOLDS(json, "\"rating\":4");
  CHECK_HOLDS(json, "a boat");
  pixazo_free(json);
  pixazo_generation_free(record);
  pixazo_page_free(page);
}

static void two_phases_of_deleting(pixazo_repository *repository, pixazo_store *store)
{
  const int64_t far = INT64_C(4000000000000000);
  pixazo_page *page = NULL;
  char *keys = UNTOUCHED;
  int64_t count = 0;
  NEEDS(pixazo_repository_list(repository, NULL, &page, &error));
  const char *uuid = pixazo_generation_uuid(pixazo_page_get(page, 0));
  const char *key = pixazo_generation_image_key(pixazo_page_get(page, 0), 0);
  FAILS(PIXAZO_E_NOT_FOUND, pixazo_repository_remove(repository, nobody, &error));
  WORKS(pixazo_repository_remove(repository, uuid, &error));
  WORKS(pixazo_repository_remove(repository, uuid, &error));
  WORKS(pixazo_repository_count(repository, NULL, &count, &error));
  CHECK(count == 1);
  WORKS(pixazo_repository_restore(repository, uuid, &error));
  WORKS(pixazo_repository_count(repository, NULL, &count, &error));
  CHECK(count == 2);
  WORKS(pixazo_repository_remove(repository, uuid, &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_repository_purge(repository, 0, 0, &keys, &error));
  CHECK(keys == UNTOUCHED);
  NEEDS(pixazo_repository_purge(repository, far, 0, &keys, &error));
  CHECK_HOLDS(keys, key);
  pixazo_free(keys);
  WORKS(pixazo_store_remove(store, key, &error));
  WORKS(pixazo_repository_purge(repository, far, 1, NULL, &error));
  NEEDS(pixazo_repository_purge(repository, far, 0, &keys, &error));
  CHECK_TEXT(keys, "[]");
  pixazo_free(keys);
  pixazo_page_free(page);
}

static void repository_refusals(void)
{
  pixazo_repository_options options;
  pixazo_repository *repository = UNTOUCHED;
  pixazo_repository_options_init(&options, sizeof options);
  FAILS(PIXAZO_E_ARGUMENT, pixazo_repository_new(&options, &repository, &error));
  options.path = api_file("no.db", "this is certainly no database, whatever its name says, as anybody can read", 0600);
  FAILS(PIXAZO_E_CORRUPT, pixazo_repository_new(&options, &repository, &error));
  CHECK(repository == UNTOUCHED);
  options.path = api_path("own.db");
  NEEDS(pixazo_repository_new(&options, &repository, &error));
  CHECK(pixazo_repository_ref(repository) == repository && pixazo_repository_ref(NULL) == NULL);
  CHECK(pixazo_repository_unref(repository) == NULL && pixazo_repository_unref(repository) == NULL);
  CHECK(pixazo_repository_unref(NULL) == NULL);
}

static void doctor(void)
{
  char *report = UNTOUCHED;
  FAILS(PIXAZO_E_ARGUMENT, pixazo_studio_doctor("", NULL, &report, &error));
  CHECK(report == UNTOUCHED);
  NEEDS(pixazo_studio_doctor(api_path("art"), NULL, &report, &error));
  CHECK_HOLDS(report, "\"schema\":1");
  CHECK_HOLDS(report, PIXAZO_VERSION_STRING);
  CHECK_HOLDS(report, "\"database\"");
  pixazo_free(report);
  NEEDS(pixazo_studio_doctor(api_path("not there"), NULL, &report, &error));
  CHECK(access(api_path("not there"), F_OK) != 0);
  pixazo_free(report);
}

int main(void)
{
  api_begin();
  open_refusals();
  repository_refusals();
  pixazo_studio *studio = open_studio();
  handles(studio);
  generation(studio);
  pages(pixazo_studio_repository(studio));
  counts(pixazo_studio_repository(studio));
  edits(pixazo_studio_repository(studio));
  two_phases_of_deleting(pixazo_studio_repository(studio), pixazo_studio_store(studio));
  doctor();
  pixazo_studio_close(studio);
  return api_end();
}
