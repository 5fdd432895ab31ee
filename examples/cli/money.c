/* SPDX-License-Identifier: MIT */
/* pixazo budget and cost: what may be spent, and what was. They send nothing and need no key. */
#include <inttypes.h>
#include <string.h>

#include "cli.h"
#include "json.h"

enum { TERMS_MAX = 2048 };

static void amount_of(const char *object, const char *member, char *text, size_t size)
{
  char currency[16];
  json_string(json_member(object, "currency"), currency, sizeof currency);
  format_amount(json_integer(json_member(object, member)), currency, text, size);
}

/* "day  of provider pixazo". */
static void print_whose(const char *budget)
{
  char scope[32], name[300], period[16];
  json_string(json_member(budget, "scope"), scope, sizeof scope);
  json_string(json_member(budget, "name"), name, sizeof name);
  json_string(json_member(budget, "period"), period, sizeof period);
  (void)printf("%-6s ", period);
  if (strcmp(scope, "all") == 0)
    (void)fputs("all calls", stdout);
  else
    print_cut(stdout, scope, sizeof scope);
  if (name[0] && strcmp(scope, "run") != 0) {
    (void)fputc(' ', stdout);
    print_cut(stdout, name, 60);
  }
}

static void print_budget(const char *budget)
{
  char cap[48], used[48], open[48], left[48], end[32];
  int64_t unknown = json_integer(json_member(budget, "unknown_price_calls"));
  int64_t end_us = json_integer(json_member(budget, "period_end_us"));
  amount_of(budget, "cap_micros", cap, sizeof cap);
  amount_of(budget, "used_micros", used, sizeof used);
  amount_of(budget, "open_micros", open, sizeof open);
  amount_of(budget, "left_micros", left, sizeof left);
  print_whose(budget);
  (void)printf(": %s of %s used, %s left", used, cap, left);
  if (json_integer(json_member(budget, "open_micros")) > 0)
    (void)printf(", %s of it in doubt", open);
  if (unknown > 0)
    (void)printf(", %" PRId64 " call%s of unknown price not counted", unknown, unknown == 1 ? "" : "s");
  if (end_us > 0) {
    format_time(end_us, end, sizeof end);
    (void)printf("; until %s UTC", end);
  }
  (void)fputc('\n', stdout);
}

static int list_budgets(const cli_options *options, pixazo_repository *repository)
{
  char *text = NULL;
  pixazo_error *error = NULL;
  pixazo_status status = pixazo_repository_budgets(repository, &text, &error);
  if (status != PIXAZO_OK)
    return fail_with(status, error);
  const char *budget = json_first(json_member(text, "budgets"));
  if (options->json)
    (void)printf("%s\n", text);
  else if (!budget)
    say(options, "there is no budget; `pixazo budget set 20 --period month` makes one\n");
  for (; budget && !options->json; budget = json_next(budget))
    print_budget(budget);
  pixazo_free(text);
  return EXIT_ALL_GOOD;
}

static bool copy_word(char *out, size_t size, const char *text)
{
  int length = snprintf(out, size, "%s", text);
  return length >= 0 && (size_t)length < size && !strpbrk(text, "\"\\") && strcspn(text, "\n\r\t") == strlen(text);
}

/* The JSON that tells which budget is meant; without the last bracket. */
static bool write_key(const cli_options *options, char *json, size_t size)
{
  char name[256];
  const char *scope = options->provider ? "provider" : options->principal ? "principal" : "all";
  const char *given = options->provider ? options->provider : options->principal ? options->principal : "";
  if (options->provider && options->principal) {
    complain("a budget is of a provider or of a principal, not of both");
    return false;
  }
  if (!options->period) {
    complain("--period is needed: day, month or total");
    return false;
  }
  char period[32], currency[16];
  if (!copy_word(name, sizeof name, given) || !copy_word(period, sizeof period, options->period) ||
      !copy_word(currency, sizeof currency, options->currency ? options->currency : "USD")) {
    complain("a name, period or currency is too long or has quotes in it");
    return false;
  }
  (void)snprintf(json, size, "{\"scope\":\"%s\",\"name\":\"%s\",\"period\":\"%s\",\"currency\":\"%s\"", scope, name, period,
                 currency);
  return true;
}

static int change_budget(const cli_options *options, pixazo_repository *repository, bool set, int64_t micros)
{
  char json[TERMS_MAX];
  pixazo_error *error = NULL;
  if (!write_key(options, json, sizeof json))
    return EXIT_USAGE;
  size_t length = strlen(json);
  if (set)
    (void)snprintf(json + length, sizeof json - length, ",\"cap_micros\":%" PRId64 ",\"allow_unknown_price\":%s}", micros,
                   options->allow_unknown ? "true" : "false");
  else
    (void)snprintf(json + length, sizeof json - length, "}");
  pixazo_status status = set ? pixazo_repository_set_budget(repository, json, &error)
                             : pixazo_repository_remove_budget(repository, json, &error);
  return status == PIXAZO_OK ? list_budgets(options, repository) : fail_with(status, error);
}

/* "" (list), "set" with its amount, or "remove". False: printed. */
static bool read_verb(const cli_options *options, bool *set, bool *remove, int64_t *micros)
{
  const char *verb = options->argument_count > 0 ? options->arguments[0] : "";
  *set = strcmp(verb, "set") == 0;
  *remove = strcmp(verb, "remove") == 0;
  int wanted = *set ? 2 : *remove ? 1 : 0;
  if (options->argument_count != wanted) {
    complain("want: pixazo budget, pixazo budget set AMOUNT --period NAME, or pixazo budget remove --period NAME");
    return false;
  }
  return !*set || options_money("budget set", options->arguments[1], micros);
}

int run_budget(const cli_options *options)
{
  pixazo_repository *repository = NULL;
  bool set = false, remove = false;
  int64_t micros = 0;
  if (!read_verb(options, &set, &remove, &micros))
    return EXIT_USAGE;
  int code = open_repository(options, set, &repository);
  if (code != EXIT_ALL_GOOD)
    return code;
  code = set || remove ? change_budget(options, repository, set, micros) : list_budgets(options, repository);
  pixazo_repository_unref(repository);
  return code;
}

static void print_cost(const char *row, const char *by)
{
  char key[300], settled[48], open[48], reserved[48];
  int64_t unknown = json_integer(json_member(row, "unknown_price_calls"));
  json_string(json_member(row, by), key, sizeof key);
  amount_of(row, "settled_micros", settled, sizeof settled);
  amount_of(row, "open_micros", open, sizeof open);
  amount_of(row, "reserved_micros", reserved, sizeof reserved);
  print_cut(stdout, key[0] ? key : "(default)", 60);
  int64_t calls = json_integer(json_member(row, "calls"));
  (void)printf("  %s in %" PRId64 " call%s", settled, calls, calls == 1 ? "" : "s");
  if (json_integer(json_member(row, "open_micros")) > 0)
    (void)printf(", %s in doubt", open);
  if (json_integer(json_member(row, "reserved_micros")) > 0)
    (void)printf(", %s on their way", reserved);
  if (unknown > 0)
    (void)printf(", %" PRId64 " of unknown price", unknown);
  (void)fputc('\n', stdout);
}

int run_cost(const cli_options *options)
{
  pixazo_repository *repository = NULL;
  pixazo_error *error = NULL;
  char *text = NULL;
  const char *by = options->by ? options->by : "day";
  if (options->argument_count != 0) {
    complain("cost takes no arguments; --by day, month, provider, model or principal");
    return EXIT_USAGE;
  }
  int code = open_repository(options, false, &repository);
  if (code != EXIT_ALL_GOOD)
    return code;
  pixazo_status status = pixazo_repository_costs(repository, by, 0, &text, &error);
  if (status != PIXAZO_OK)
    code = fail_with(status, error);
  else if (options->json)
    (void)printf("%s\n", text);
  for (const char *row = json_first(json_member(text, "costs")); row && !options->json; row = json_next(row))
    print_cost(row, by);
  pixazo_free(text);
  pixazo_repository_unref(repository);
  return code;
}
