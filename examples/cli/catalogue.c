/* SPDX-License-Identifier: MIT */
/* pixazo providers, models, config and doctor: what there is and what is set. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "json.h"

enum { DEFINITION_MAX = 1024 * 1024 };

static int no_arguments(const cli_options *options)
{
  if (options->argument_count == 0)
    return EXIT_ALL_GOOD;
  complain("\"%s\": no argument is wanted here", options->arguments[0]);
  return EXIT_USAGE;
}

static void print_provider(const char *provider)
{
  char name[64];
  char title[128];
  char rule[512];
  size_t models = 0;
  json_string(json_member(provider, "name"), name, sizeof name);
  json_string(json_member(provider, "title"), title, sizeof title);
  json_string(json_member(json_member(provider, "billing"), "rule"), rule, sizeof rule);
  for (const char *model = json_first(json_member(provider, "models")); model; model = json_next(model))
    models++;
  bool has_key = json_true(json_member(provider, "has_key"));
  bool needs_key = json_true(json_member(provider, "needs_key"));
  (void)printf("%-10s %s, %zu model%s%s; %s\n", name, title, models, models == 1 ? "" : "s",
               has_key ? ", key set" : needs_key ? ", needs a key" : "", rule);
}

static void print_model(const char *model)
{
  char id[128];
  char title[128];
  char amount[48] = "price not known";
  char currency[16];
  char date[32];
  const char *price = json_member(model, "price");
  json_string(json_member(model, "id"), id, sizeof id);
  json_string(json_member(model, "title"), title, sizeof title);
  json_string(json_member(price, "currency"), currency, sizeof currency);
  json_string(json_member(price, "date"), date, sizeof date);
  if (json_true(json_member(price, "known")))
    format_amount(json_integer(json_member(price, "micros_per_picture")), currency, amount, sizeof amount);
  (void)printf("%-26s %-42s %s%s%s%s\n", id, title, amount, date[0] ? " (" : "", date, date[0] ? ")" : "");
}

static void print_models(const char *provider)
{
  for (const char *model = json_first(json_member(provider, "models")); model; model = json_next(model))
    print_model(model);
}

static int print_providers(const cli_options *options, void (*print)(const char *provider))
{
  char *text = NULL;
  pixazo_config *config = NULL;
  pixazo_error *error = NULL;
  int code = no_arguments(options);
  if (code == EXIT_ALL_GOOD)
    code = load_config(options, &config);
  if (code != EXIT_ALL_GOOD)
    return code;
  pixazo_status status = pixazo_config_providers_to_json(config, &text, &error);
  pixazo_config_free(config);
  if (status != PIXAZO_OK) {
    (void)fail_with(status, error);
    return EXIT_SETTINGS;
  }
  if (options->json) {
    (void)printf("%s\n", text);
  } else {
    for (const char *at = json_first(json_member(text, "providers")); at; at = json_next(at))
      print(at);
  }
  pixazo_free(text);
  return EXIT_ALL_GOOD;
}

/* The text of a definition; free() it. NULL: it could not be read, and that was said. */
static char *read_definition(const char *path)
{
  FILE *file = fopen(path, "re");
  char *text = file ? malloc(DEFINITION_MAX + 2) : NULL;
  size_t size = text ? fread(text, 1, DEFINITION_MAX + 1, file) : 0;
  bool good = text && !ferror(file) && size <= DEFINITION_MAX && !memchr(text, '\0', size);
  if (good)
    text[size] = '\0';
  else
    complain("%s: %s", path, size > DEFINITION_MAX ? "more than 1 MiB" : !file ? strerror(errno) : "is no text that can be read");
  if (file)
    (void)fclose(file);
  if (!good) {
    free(text);
    text = NULL;
  }
  return text;
}

static int check_definition(const cli_options *options)
{
  pixazo_provider *provider = NULL;
  pixazo_error *error = NULL;
  char *described = NULL;
  char *text = read_definition(options->check);
  if (!text)
    return EXIT_SETTINGS;
  pixazo_status status = pixazo_provider_new(text, &provider, &error);
  free(text);
  if (status == PIXAZO_OK)
    status = pixazo_provider_to_json(provider, &described, &error);
  (void)pixazo_provider_unref(provider);
  if (status != PIXAZO_OK)
    return fail_with(status, error);
  const char *shown = json_first(json_member(described, "providers"));
  if (options->json)
    (void)printf("%s\n", described);
  else
    print_provider(shown);
  if (!options->json)
    print_models(shown);
  pixazo_free(described);
  return EXIT_ALL_GOOD;
}

int run_providers(const cli_options *options)
{
  if (!options->check)
    return print_providers(options, print_provider);
  int code = no_arguments(options);
  return code == EXIT_ALL_GOOD ? check_definition(options) : code;
}

int run_models(const cli_options *options)
{
  return print_providers(options, print_models);
}

static void print_settings(const char *text)
{
  char name[64];
  char source[32];
  char shown[512];
  for (const char *at = json_first(json_member(text, "settings")); at; at = json_next(at)) {
    json_string(json_member(at, "key"), name, sizeof name);
    json_string(json_member(at, "source"), source, sizeof source);
    json_string(json_member(at, "value"), shown, sizeof shown);
    if (!shown[0])
      json_string(json_member(at, "otherwise"), shown, sizeof shown);
    (void)printf("%-22s %-10s %s\n", name, source, shown);
  }
}

static int print_setting(const char *text, const char *key)
{
  char name[64];
  char value[4200];
  for (const char *at = json_first(json_member(text, "settings")); at; at = json_next(at)) {
    json_string(json_member(at, "key"), name, sizeof name);
    json_string(json_member(at, "value"), value, sizeof value);
    if (strcmp(name, key) == 0) {
      (void)printf("%s\n", value);
      return EXIT_ALL_GOOD;
    }
  }
  complain("there is no setting \"%s\"; `pixazo config` lists all", key);
  return EXIT_USAGE;
}

int run_config(const cli_options *options)
{
  pixazo_config *config = NULL;
  pixazo_error *error = NULL;
  char *text = NULL;
  if (options->argument_count > 1) {
    complain("config wants one key, or nothing for all");
    return EXIT_USAGE;
  }
  int code = load_config(options, &config);
  if (code != EXIT_ALL_GOOD)
    return code;
  pixazo_status status = pixazo_config_to_json(config, &text, &error);
  if (status != PIXAZO_OK)
    code = fail_with(status, error);
  else if (options->argument_count == 1)
    code = print_setting(text, options->arguments[0]);
  else if (options->json)
    (void)printf("%s\n", text);
  else
    print_settings(text);
  pixazo_free(text);
  pixazo_config_free(config);
  return code;
}

/* True when a problem is among them. */
static bool print_checks(const cli_options *options, const char *report)
{
  bool problem = false;
  char name[64];
  char status[32];
  char value[4096];
  char hint[2048];
  for (const char *at = json_first(json_member(report, "checks")); at; at = json_next(at)) {
    json_string(json_member(at, "name"), name, sizeof name);
    json_string(json_member(at, "status"), status, sizeof status);
    json_string(json_member(at, "value"), value, sizeof value);
    json_string(json_member(at, "hint"), hint, sizeof hint);
    problem |= strcmp(status, "problem") == 0;
    if (options->json)
      continue;
    (void)printf("%-8s %-12s %s%s%s\n", status, name, value, hint[0] ? "  - " : "", hint);
  }
  if (options->json)
    (void)printf("%s\n", report);
  return problem;
}

/* Without options the library loads the settings itself, so that it can also report what is wrong with them. */
static int doctor_config(const cli_options *options, pixazo_config **out)
{
  bool any = options->preset || options->provider || options->model || options->setting_count > 0;
  return any ? load_config(options, out) : EXIT_ALL_GOOD;
}

int run_doctor(const cli_options *options)
{
  char *report = NULL;
  pixazo_config *config = NULL;
  pixazo_error *error = NULL;
  int code = no_arguments(options);
  if (code == EXIT_ALL_GOOD)
    code = doctor_config(options, &config);
  if (code != EXIT_ALL_GOOD)
    return code;
  pixazo_status status = pixazo_studio_doctor(directory_of(options), config, &report, &error);
  if (status != PIXAZO_OK)
    code = fail_with(status, error);
  else
    code = print_checks(options, report) ? EXIT_SETTINGS : EXIT_ALL_GOOD;
  pixazo_free(report);
  pixazo_config_free(config);
  return code;
}
