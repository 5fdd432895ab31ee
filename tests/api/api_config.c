/* SPDX-License-Identifier: MIT */
/* config.h: which source wins, and the handles that are made from settings. */
#include "check.h"

static pixazo_config *settings(void)
{
  pixazo_config *config = NULL;
  NEEDS(pixazo_config_new(&config, &error));
  return config;
}

/* From the lowest source to the highest, each loaded before the one below it. */
static void precedence(void)
{
  pixazo_config *config = settings();
  CHECK_TEXT(pixazo_config_source(config, "count"), "default");
  CHECK_TEXT(pixazo_config_get(config, "count"), "1");
  WORKS(pixazo_config_set(config, "width", "320", &error));
  (void)setenv("PIXAZO_DEFAULT_WIDTH", "640", 1);
  (void)setenv("PIXAZO_DEFAULT_HEIGHT", "641", 1);
  (void)setenv("PIXAZO_DEFAULT_SEED", "", 1);
  WORKS(pixazo_config_load_env(config, &error));
  const char *path = api_file("config.json", "{\"width\":700,\"height\":701,\"steps\":30}", 0644);
  WORKS(pixazo_config_load_file(config, path, &error));
  WORKS(pixazo_config_load_preset(config, "dev", &error));
  CHECK_TEXT(pixazo_config_get(config, "width"), "320");
  CHECK_TEXT(pixazo_config_source(config, "width"), "set");
  CHECK_TEXT(pixazo_config_get(config, "height"), "641");
  CHECK_TEXT(pixazo_config_source(config, "height"), "env");
  CHECK_TEXT(pixazo_config_get(config, "steps"), "30");
  CHECK_TEXT(pixazo_config_source(config, "steps"), "file");
  CHECK_TEXT(pixazo_config_get(config, "guidance"), "7");
  CHECK_TEXT(pixazo_config_source(config, "guidance"), "preset");
  CHECK_TEXT(pixazo_config_source(config, "seed"), "default");
  WORKS(pixazo_config_set(config, "width", NULL, &error));
  CHECK_TEXT(pixazo_config_get(config, "width"), "640");
  WORKS(pixazo_config_load_json(config, "{\"width\":99}", &error));
  CHECK_TEXT(pixazo_config_get(config, "width"), "99");
  CHECK(!pixazo_config_get(config, "colour"));
  CHECK_TEXT(pixazo_config_source(config, "colour"), "");
  WORKS(pixazo_config_set(config, "sdcpp-queue.base_url", "https://q.example", &error));
  CHECK_TEXT(pixazo_config_source(config, "sdcpp_queue.base_url"), "set");
  char *providers = NULL;
  WORKS(pixazo_config_providers_to_json(config, &providers, &error));
  CHECK(strstr(providers, "\"reached_at\":\"https://q.example\""));
  pixazo_free(providers);
  pixazo_config_free(config);
  pixazo_config_free(NULL);
  (void)unsetenv("PIXAZO_DEFAULT_WIDTH");
  (void)unsetenv("PIXAZO_DEFAULT_HEIGHT");
}

static void all_faults_at_once(void)
{
  pixazo_config *config = settings();
  pixazo_error *error = NULL;
  (void)setenv("PIXAZO_DEFAULT_WIDTH", "wide", 1);
  (void)setenv("PIXAZO_DEFAULT_NUM_STEPS", "0", 1);
  (void)setenv("PIXAZO_DEFAULT_HEIGHT", "512", 1);
  CHECK(pixazo_config_load_env(config, &error) == PIXAZO_E_ARGUMENT);
  CHECK_HOLDS(pixazo_error_message(error), "PIXAZO_DEFAULT_WIDTH");
  CHECK_HOLDS(pixazo_error_message(error), "PIXAZO_DEFAULT_NUM_STEPS");
  CHECK(!pixazo_config_get(config, "height"));
  pixazo_error_free(error);
  (void)unsetenv("PIXAZO_DEFAULT_WIDTH");
  (void)unsetenv("PIXAZO_DEFAULT_NUM_STEPS");
  (void)unsetenv("PIXAZO_DEFAULT_HEIGHT");
  pixazo_config_free(config);
}

static void refusals(void)
{
  pixazo_config *config = settings();
  FAILS(PIXAZO_E_NOT_FOUND, pixazo_config_load_preset(config, "none", &error));
  FAILS(PIXAZO_E_NOT_FOUND, pixazo_config_load_file(config, api_path("absent.json"), &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_config_load_json(config, "[]", &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_config_load_json(config, "{\"height\":512,\"width\":0}", &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_config_set(config, "widht", "1", &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_config_set(config, "width", "1.5", &error));
  const char *open_file = api_file("open.json", "{\"api_key\":\"an-obvious-fake\"}", 0644);
  FAILS(PIXAZO_E_ARGUMENT, pixazo_config_load_file(config, open_file, &error));
  CHECK(!pixazo_config_get(config, "height") && !pixazo_config_get(config, "api_key"));
  pixazo_config_free(config);
}

static void key_file(void)
{
  pixazo_config *config = settings();
  char *json = NULL;
  FAILS(PIXAZO_E_NOT_FOUND, pixazo_config_load_key_file(config, NULL, &error));
  FAILS(PIXAZO_E_AUTH, pixazo_config_load_key_file(config, api_file("open-key", "an-obvious-fake\n", 0644), &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_config_load_key_file(config, api_file("bad-key", "two\nlines\n", 0600), &error));
  WORKS(pixazo_config_load_key_file(config, api_file("key", "an-obvious-fake\n", 0600), &error));
  CHECK_TEXT(pixazo_config_get(config, "api_key"), "an-obvious-fake");
  CHECK_TEXT(pixazo_config_source(config, "api_key"), "key file");
  NEEDS(pixazo_config_to_json(config, &json, &error));
  CHECK(!strstr(json, "an-obvious-fake"));
  CHECK_HOLDS(json, "(set)");
  CHECK_HOLDS(json, "\"generation_timeout_ms\"");
  pixazo_free(json);
  pixazo_config_free(config);
}

static void applied_to_a_request(void)
{
  pixazo_config *config = settings();
  pixazo_client *client = NULL;
  char *plan = NULL;
  pixazo_request *request = api_request("{\"prompt\":\"hill\",\"width\":320}");
  WORKS(pixazo_config_load_json(
    config, "{\"provider\":\"offline\",\"width\":640,\"height\":192,\"negative_prompt\":\"rain\"}", &error));
  WORKS(pixazo_config_apply(config, request, &error));
  CHECK_TEXT(pixazo_request_get_string(request, "negative_prompt"), "rain");
  NEEDS(pixazo_client_new_from_config(config, &client, &error));
  CHECK_TEXT(pixazo_client_provider(client), "offline");
  NEEDS(pixazo_client_estimate(client, request, &plan, &error));
  CHECK_HOLDS(plan, "\"width\":320");
  CHECK_HOLDS(plan, "\"height\":192");
  CHECK(!strstr(plan, "\"width\":640"));
  pixazo_free(plan);
  (void)pixazo_client_unref(client);
  pixazo_request_free(request);
  pixazo_config_free(config);
}

static void handles(void)
{
  pixazo_config *config = settings();
  pixazo_client *client = UNTOUCHED;
  pixazo_store *store = UNTOUCHED;
  pixazo_repository *repository = UNTOUCHED;
  pixazo_exporter *exporter = NULL;
  FAILS(PIXAZO_E_AUTH, pixazo_client_new_from_config(config, &client, &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_store_new_from_config(config, &store, &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_repository_new_from_config(config, &repository, &error));
  CHECK(client == UNTOUCHED && store == UNTOUCHED && repository == UNTOUCHED);
  WORKS(pixazo_config_set(config, "store_directory", api_path("pictures"), &error));
  WORKS(pixazo_config_set(config, "database", api_path("records.db"), &error));
  WORKS(pixazo_exporter_new_from_config(config, &exporter, &error));
  NEEDS(pixazo_store_new_from_config(config, &store, &error));
  NEEDS(pixazo_repository_new_from_config(config, &repository, &error));
  CHECK_TEXT(pixazo_store_kind(store), "local");
  CHECK(access(api_path("records.db"), F_OK) == 0 && access(api_path("pictures"), F_OK) == 0);
  pixazo_config_free(config);
  (void)pixazo_exporter_unref(exporter);
  (void)pixazo_store_unref(store);
  (void)pixazo_repository_unref(repository);
}

int main(void)
{
  api_begin();
  precedence();
  all_faults_at_once();
  refusals();
  key_file();
  applied_to_a_request();
  handles();
  return api_end();
}
