/* SPDX-License-Identifier: MIT */
/* pixazo list, pending and show: what was asked, paid and delivered. They send nothing and need no key. */
#include <inttypes.h>
#include <string.h>

#include "cli.h"

static pixazo_status fill_query(const cli_options *options, const char *state, pixazo_query *query, pixazo_error **error)
{
  const struct {
    const char *key;
    const char *value;
  } filters[] = {{"state", state},
                 {"provider", options->provider},
                 {"model", options->model},
                 {"text", options->text},
                 {"cursor", options->cursor}};
  pixazo_status status = PIXAZO_OK;
  for (size_t i = 0; status == PIXAZO_OK && i < sizeof filters / sizeof *filters; i++) {
    if (filters[i].value)
      status = pixazo_query_set_string(query, filters[i].key, filters[i].value, error);
  }
  return status == PIXAZO_OK && options->limit > 0 ? pixazo_query_set_int(query, "limit", options->limit, error) : status;
}

static pixazo_status find_page(const cli_options *options, const char *state, pixazo_repository *repository,
                               pixazo_page **page, pixazo_error **error)
{
  pixazo_query *query = NULL;
  pixazo_status status = pixazo_query_new(&query, error);
  if (status == PIXAZO_OK)
    status = fill_query(options, state, query, error);
  if (status == PIXAZO_OK)
    status = pixazo_repository_list(repository, query, page, error);
  pixazo_query_free(query);
  return status;
}

static void print_json_page(const cli_options *options, const pixazo_page *page)
{
  if (!options->jsonl)
    (void)fputs("{\"schema\":1,\"generations\":[", stdout);
  for (size_t i = 0; i < pixazo_page_count(page); i++) {
    char *text = record_json(pixazo_page_get(page, i));
    if (!text)
      continue;
    (void)printf("%s%s%s", !options->jsonl && i > 0 ? "," : "", text, options->jsonl ? "\n" : "");
    pixazo_free(text);
  }
  if (options->jsonl)
    return;
  (void)fputs("],\"cursor\":", stdout);
  print_json_string(stdout, pixazo_page_cursor(page));
  (void)puts("}");
}

/* A call that was paid for and brought nothing is no plain failure. */
static const char *state_of(const pixazo_generation *record)
{
  bool lost = pixazo_generation_state(record) == PIXAZO_GENERATION_FAILED &&
              pixazo_generation_class(record) == PIXAZO_CLASS_LOST;
  return lost ? "lost" : pixazo_generation_state_name(pixazo_generation_state(record));
}

/* `why`: with what keeps it from going on. */
static void print_row(const pixazo_generation *record, bool why)
{
  char time[32];
  format_time(pixazo_generation_created_us(record), time, sizeof time);
  (void)printf("%s  %s  %-9s  %zu  %s/%s  ", pixazo_generation_uuid(record), time,
               state_of(record), pixazo_generation_image_count(record),
               pixazo_generation_provider(record), pixazo_generation_model(record));
  print_cut(stdout, pixazo_generation_prompt(record), 60);
  if (why && pixazo_generation_message(record)[0]) {
    (void)fputs("  (", stdout);
    print_cut(stdout, pixazo_generation_message(record), 400);
    (void)fputc(')', stdout);
  }
  (void)fputc('\n', stdout);
}

static void print_page(const cli_options *options, const pixazo_page *page, bool why)
{
  if (options->json || options->jsonl) {
    print_json_page(options, page);
    return;
  }
  for (size_t i = 0; i < pixazo_page_count(page); i++)
    print_row(pixazo_page_get(page, i), why);
  if (pixazo_page_cursor(page)[0])
    say(options, "more: --cursor %s\n", pixazo_page_cursor(page));
}

static int run_query(const cli_options *options, const char *state, bool why)
{
  pixazo_repository *repository = NULL;
  pixazo_page *page = NULL;
  pixazo_error *error = NULL;
  if (options->argument_count != 0) {
    complain("\"%s\": no argument is wanted here", options->arguments[0]);
    return EXIT_USAGE;
  }
  int code = open_repository(options, false, &repository);
  if (code != EXIT_ALL_GOOD)
    return code;
  pixazo_status status = find_page(options, state, repository, &page, &error);
  if (status == PIXAZO_OK)
    print_page(options, page, why);
  else
    code = fail_with(status, error);
  pixazo_page_free(page);
  pixazo_repository_unref(repository);
  return code;
}

int run_list(const cli_options *options)
{
  return run_query(options, options->state, false);
}

int run_pending(const cli_options *options)
{
  return run_query(options, "planned,active,ambiguous,lost", true);
}

static void print_picture(const pixazo_generation *record, size_t index)
{
  char size[32];
  format_bytes(pixazo_generation_image_bytes(record, index), size, sizeof size);
  (void)printf("picture     %s  %s  %dx%d  %s  sha256 %s\n", pixazo_generation_image_uuid(record, index),
               pixazo_image_state_name(pixazo_generation_image_state(record, index)),
               pixazo_generation_image_width(record, index), pixazo_generation_image_height(record, index), size,
               pixazo_generation_image_sha256(record, index));
  print_fact("  original  ", pixazo_generation_image_path(record, index));
  if (pixazo_generation_image_reason(record, index)[0])
    print_fact("  reason    ", pixazo_generation_image_reason(record, index));
  for (size_t i = 0; i < pixazo_generation_rendition_count(record, index); i++) {
    format_bytes(pixazo_generation_rendition_bytes(record, index, i), size, sizeof size);
    (void)printf("  %-8s  %s  %s\n", pixazo_generation_rendition_name(record, index, i),
                 pixazo_generation_rendition_path(record, index, i), size);
  }
}

static void print_record(const pixazo_generation *record)
{
  char time[32];
  char money[96];
  format_time(pixazo_generation_created_us(record), time, sizeof time);
  format_money(pixazo_generation_cost_micros(record), pixazo_generation_currency(record),
               pixazo_generation_confidence(record), money, sizeof money);
  (void)printf("id          %s\ncreated     %s UTC\n", pixazo_generation_uuid(record), time);
  (void)fputs("prompt      ", stdout);
  print_cut(stdout, pixazo_generation_prompt(record), 1000);
  (void)printf("\nstate       %s\nmodel       %s/%s\nattempts    %d\ncost        %s\n",
               state_of(record), pixazo_generation_provider(record), pixazo_generation_model(record),
               pixazo_generation_attempts(record), money);
  if (pixazo_generation_message(record)[0])
    print_fact("message     ", pixazo_generation_message(record));
  print_fact("sent        ", pixazo_generation_effective_json(record));
  for (size_t i = 0; i < pixazo_generation_image_count(record); i++)
    print_picture(record, i);
}

static int show_one(const cli_options *options, pixazo_repository *repository, const char *id)
{
  pixazo_generation *record = NULL;
  pixazo_error *error = NULL;
  pixazo_status status = pixazo_repository_find(repository, id, &record, &error);
  if (status != PIXAZO_OK)
    return fail_with(status, error);
  char *text = options->json ? record_json(record) : NULL;
  if (text)
    (void)printf("%s\n", text);
  else if (!options->json)
    print_record(record);
  pixazo_free(text);
  pixazo_generation_free(record);
  return EXIT_ALL_GOOD;
}

int run_show(const cli_options *options)
{
  pixazo_repository *repository = NULL;
  if (options->argument_count != 1) {
    complain("show wants the id of a generation or picture; `pixazo list` gives them");
    return EXIT_USAGE;
  }
  int code = open_repository(options, false, &repository);
  if (code != EXIT_ALL_GOOD)
    return code;
  code = show_one(options, repository, options->arguments[0]);
  pixazo_repository_unref(repository);
  return code;
}
