/* SPDX-License-Identifier: MIT */
/* pixazo stats: what the repository knows as numbers, for people, as JSON, or as text for Prometheus. It sends nothing and needs
 * no key. The names of the samples are not those of a process that makes pictures: that one counts from its own start. */
#include <inttypes.h>
#include <string.h>

#include "cli.h"
#include "json.h"

enum { LABEL_SIZE = 1024 };

/* The reports that the samples are taken from. */
typedef struct reports {
  char *stats;
  char *costs;
  char *budgets;
} reports;

static void put_label(const char *name, const char *text, bool first)
{
  (void)printf("%s%s=\"", first ? "{" : ",", name);
  for (; *text; text++) {
    if (*text == '\n')
      (void)fputs("\\n", stdout);
    else if (*text == '"' || *text == '\\')
      (void)printf("\\%c", *text);
    else
      (void)fputc(*text, stdout);
  }
  (void)fputc('"', stdout);
}

static void put_member_label(const char *object, const char *name, bool first)
{
  char text[LABEL_SIZE];
  json_string(json_member(object, name), text, sizeof text);
  put_label(name, text, first);
}

static void put_head(const char *name, const char *type, const char *help)
{
  (void)printf("# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* Exact: millionths as a decimal fraction. */
static void put_micros(int64_t micros)
{
  uint64_t size = micros < 0 ? (uint64_t)0 - (uint64_t)micros : (uint64_t)micros;
  (void)printf("} %s%" PRIu64 ".%06" PRIu64 "\n", micros < 0 ? "-" : "", size / 1000000, size % 1000000);
}

static bool same(const char *one, const char *other, const char *name)
{
  char left[LABEL_SIZE], right[LABEL_SIZE];
  json_string(json_member(one, name), left, sizeof left);
  json_string(json_member(other, name), right, sizeof right);
  return strcmp(left, right) == 0;
}

/* The rows of one model stand together, one for each currency. The first of the next model. */
static const char *next_model(const char *row)
{
  const char *next = json_next(row);
  while (next && same(row, next, "provider") && same(row, next, "model"))
    next = json_next(next);
  return next;
}

/* A number of one model in all its currencies; `inside`: the object it stands in, NULL: the row. */
static int64_t sum_of(const char *row, const char *inside, const char *name)
{
  int64_t sum = 0;
  const char *end = next_model(row);
  for (; row && row != end; row = json_next(row))
    sum += json_integer(json_member(inside ? json_member(row, inside) : row, name));
  return sum;
}

static void put_generations(const char *models)
{
  static const char name[] = "pixazo_repository_generations";
  put_head(name, "gauge", "Recorded generations by their state now.");
  for (const char *row = json_first(models); row; row = next_model(row)) {
    for (int32_t state = PIXAZO_GENERATION_PLANNED; state <= PIXAZO_GENERATION_ABANDONED; state++) {
      const char *text = pixazo_generation_state_name(state);
      (void)fputs(name, stdout);
      put_member_label(row, "provider", true);
      put_member_label(row, "model", false);
      put_label("state", text, false);
      (void)printf("} %" PRId64 "\n", sum_of(row, "generations", text));
    }
  }
}

static void put_counter(const char *models, const char *name, const char *member, const char *help)
{
  put_head(name, "counter", help);
  for (const char *row = json_first(models); row; row = next_model(row)) {
    (void)fputs(name, stdout);
    put_member_label(row, "provider", true);
    put_member_label(row, "model", false);
    (void)printf("} %" PRId64 "\n", sum_of(row, NULL, member));
  }
}

static void put_costs(const char *costs)
{
  static const char *const states[] = {"settled", "open", "reserved"};
  static const char name[] = "pixazo_repository_cost", unknown[] = "pixazo_repository_unknown_price_calls";
  put_head(name, "gauge", "The ledger in units of the currency: settled, open (upper bounds of calls in doubt) and reserved.");
  for (const char *row = json_first(costs); row; row = json_next(row)) {
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
      char member[32];
      (void)snprintf(member, sizeof member, "%s_micros", states[i]);
      (void)fputs(name, stdout);
      put_member_label(row, "provider", true);
      put_member_label(row, "currency", false);
      put_label("state", states[i], false);
      put_micros(json_integer(json_member(row, member)));
    }
  }
  put_head(unknown, "gauge", "Calls in the ledger whose price is not known: they are in no amount.");
  for (const char *row = json_first(costs); row; row = json_next(row)) {
    (void)fputs(unknown, stdout);
    put_member_label(row, "provider", true);
    put_member_label(row, "currency", false);
    (void)printf("} %" PRId64 "\n", json_integer(json_member(row, "unknown_price_calls")));
  }
}

/* The budget of a run belongs to one process and goes with it. */
static bool is_lasting(const char *budget)
{
  char scope[32];
  json_string(json_member(budget, "scope"), scope, sizeof scope);
  return strcmp(scope, "run") != 0;
}

static void put_budgets(const char *budgets)
{
  static const struct {
    const char *name;
    const char *member;
    const char *help;
  } samples[] = {
      {"pixazo_budget_limit", "cap_micros", "What calls may cost in the period of now, in units of the currency."},
      {"pixazo_budget_used", "used_micros", "What of it is used: settled, reserved and in doubt."},
      {"pixazo_budget_reserved", "reserved_micros", "What of it belongs to calls on their way."},
      {"pixazo_budget_open", "open_micros", "What of it belongs to calls in doubt, as an upper bound."},
  };
  for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
    put_head(samples[i].name, "gauge", samples[i].help);
    for (const char *row = json_first(budgets); row; row = json_next(row)) {
      if (!is_lasting(row))
        continue;
      (void)fputs(samples[i].name, stdout);
      put_member_label(row, "scope", true);
      put_member_label(row, "name", false);
      put_member_label(row, "period", false);
      put_member_label(row, "currency", false);
      put_micros(json_integer(json_member(row, samples[i].member)));
    }
  }
}

static void print_samples(const reports *self)
{
  const char *models = json_member(self->stats, "models");
  put_generations(models);
  put_counter(models, "pixazo_repository_attempts_total", "attempts", "Recorded paid calls.");
  put_counter(models, "pixazo_repository_pictures_total", "pictures", "Pictures that were recorded.");
  put_counter(models, "pixazo_repository_picture_bytes_total", "bytes", "Bytes of their originals.");
  put_costs(json_member(self->costs, "costs"));
  put_budgets(json_member(self->budgets, "budgets"));
}

static void print_model(const char *row)
{
  char provider[LABEL_SIZE], model[LABEL_SIZE], currency[16], cost[48], size[32];
  const char *generations = json_member(row, "generations");
  json_string(json_member(row, "provider"), provider, sizeof provider);
  json_string(json_member(row, "model"), model, sizeof model);
  json_string(json_member(row, "currency"), currency, sizeof currency);
  format_amount(json_integer(json_member(row, "cost_micros")), currency, cost, sizeof cost);
  format_bytes(json_integer(json_member(row, "bytes")), size, sizeof size);
  print_cut(stdout, provider, 40);
  (void)fputc('/', stdout);
  print_cut(stdout, model, 60);
  int64_t pictures = json_integer(json_member(row, "pictures"));
  (void)printf("  %" PRId64 " picture%s, %s, %s;", pictures, pictures == 1 ? "" : "s", size, cost);
  for (int32_t state = PIXAZO_GENERATION_PLANNED; state <= PIXAZO_GENERATION_ABANDONED; state++) {
    int64_t count = json_integer(json_member(generations, pixazo_generation_state_name(state)));
    if (count > 0)
      (void)printf(" %" PRId64 " %s", count, pixazo_generation_state_name(state));
  }
  (void)fputc('\n', stdout);
}

static pixazo_status gather(pixazo_repository *repository, bool all, reports *out, pixazo_error **error)
{
  pixazo_status status = pixazo_repository_stats(repository, &out->stats, error);
  if (status == PIXAZO_OK && all)
    status = pixazo_repository_costs(repository, "provider", 0, &out->costs, error);
  return status == PIXAZO_OK && all ? pixazo_repository_budgets(repository, &out->budgets, error) : status;
}

static void print_reports(const cli_options *options, const reports *self)
{
  if (options->prometheus) {
    print_samples(self);
  } else if (options->json) {
    (void)printf("%s\n", self->stats);
  } else {
    for (const char *row = json_first(json_member(self->stats, "models")); row; row = json_next(row))
      print_model(row);
  }
}

int run_stats(const cli_options *options)
{
  pixazo_repository *repository = NULL;
  pixazo_error *error = NULL;
  reports found = {NULL, NULL, NULL};
  if (options->argument_count != 0 || (options->prometheus && options->json)) {
    complain("stats takes no arguments, and --prometheus or --json, not both");
    return EXIT_USAGE;
  }
  int code = open_repository(options, false, &repository);
  if (code != EXIT_ALL_GOOD)
    return code;
  pixazo_status status = gather(repository, options->prometheus, &found, &error);
  if (status == PIXAZO_OK)
    print_reports(options, &found);
  else
    code = fail_with(status, error);
  pixazo_free(found.stats);
  pixazo_free(found.costs);
  pixazo_free(found.budgets);
  pixazo_repository_unref(repository);
  return code;
}
