/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum {
  SENDING = VERB_GENERATE | VERB_BATCH,
  LISTING = VERB_LIST | VERB_PENDING,
  DECIDING = VERB_ABANDON | VERB_RETRY,
  BOOKS = VERB_BUDGET | VERB_COST | VERB_STATS,
  CONVERTING = VERB_EXPORT | VERB_THUMB,
  WRITING = CONVERTING | VERB_COMPOSITE,
  CATALOGUE = VERB_PROVIDERS | VERB_MODELS,
  WITH_DIR = SENDING | LISTING | VERB_RESUME | VERB_SHOW | WRITING | VERB_CONFIG | VERB_DOCTOR | DECIDING | BOOKS | CATALOGUE,
  WITH_SETTINGS = SENDING | VERB_RESUME | DECIDING | VERB_CONFIG | VERB_DOCTOR | CATALOGUE,
  EVERY = 524287
};

typedef enum option_kind { TEXT, FLAG, NUMBER, SIZE, MONEY, SETTING, PAIR, KEY } option_kind;

/* One line for each option: parser, checks and --help read it. */
static const struct row {
  const char *name;
  char letter; /* 0: none */
  option_kind kind;
  unsigned verbs;
  size_t member;
  int64_t low;
  int64_t high;
  const char *argument; /* NULL: none */
  const char *help;
} rows[] = {
#define AT(member) offsetof(cli_options, member)
    {"dir", 0, TEXT, WITH_DIR, AT(dir), 0, 0, "DIR", "where pictures and records are; default $PIXAZO_DIR, else ./art"},
    {"preset", 0, TEXT, WITH_SETTINGS, AT(preset), 0, 0, "NAME", "default, pixazo-mcp, pixazo-mcp-s2, playground, dev or prod"},
    {"provider", 0, TEXT, WITH_SETTINGS | VERB_LIST, AT(provider), 0, 0, "NAME", "see `pixazo providers`; offline: test pictures"},
    {"provider", 0, TEXT, VERB_BUDGET, AT(provider), 0, 0, "NAME", "a budget of this provider"},
    {"principal", 0, TEXT, VERB_BUDGET, AT(principal), 0, 0, "NAME", "a budget of this principal; \"\": the default one"},
    {"period", 0, TEXT, VERB_BUDGET, AT(period), 0, 0, "NAME", "day, month (of UTC) or total"},
    {"currency", 0, TEXT, VERB_BUDGET, AT(currency), 0, 0, "CODE", "of the budget; default USD"},
    {"allow-unknown", 0, FLAG, VERB_BUDGET, AT(allow_unknown), 0, 0, NULL, "calls whose price is not known pass, uncounted"},
    {"check", 0, TEXT, VERB_PROVIDERS, AT(check), 0, 0, "FILE", "check the definition of a provider and show what it says"},
    {"by", 0, TEXT, VERB_COST, AT(by), 0, 0, "NAME", "day, month, provider, model or principal; default day"},
    {"prometheus", 0, FLAG, VERB_STATS, AT(prometheus), 0, 0, NULL, "samples for Prometheus, as for a textfile collector"},
    {"budget", 0, MONEY, SENDING | VERB_RESUME | VERB_RETRY, AT(budget), 0, 0, "AMOUNT", "what this run may cost, as 2.50"},
    {"max-cost", 0, MONEY, SENDING, AT(max_cost), 0, 0, "AMOUNT", "send no request whose worst case is above it, or not known"},
    {"model", 0, TEXT, WITH_SETTINGS | VERB_LIST, AT(model), 0, 0, "NAME", "model, or provider/model"},
    {"size", 0, SIZE, SENDING | WRITING, 0, 1, 65535, "WxH", "pixels, as 1024x768"},
    {"seed", 0, NUMBER, SENDING, AT(seed), -1, UINT32_MAX, "N", "-1: drawn at random and recorded"},
    {"n", 'n', NUMBER, SENDING, AT(count), 1, 1000, "N", "how many pictures; default 1"},
    {"steps", 0, NUMBER, SENDING, AT(steps), 1, 1000, "N", "of the diffusion; default of the model"},
    {"guidance", 0, TEXT, SENDING, AT(guidance), 0, 0, "X", "how closely the prompt is followed, 0 to 100"},
    {"negative", 0, TEXT, SENDING, AT(negative), 0, 0, "TEXT", "what the picture should not show"},
    {"renditions", 0, TEXT, SENDING | VERB_RESUME | VERB_RETRY, AT(renditions), 0, 0, "LIST",
     "png, jpeg, webp, fit-256, smart-300, web with commas between; or none"},
    {"output", 'o', TEXT, VERB_GENERATE | WRITING, AT(output), 0, 0, "FILE",
     "copy to FILE, converted to what its name says; -: bytes to stdout. export and thumb: or a folder"},
    {"key", 0, TEXT, VERB_GENERATE, AT(key), 0, 0, "TEXT", "idempotency key: the same key again pays nothing"},
    {"name", 0, TEXT, VERB_BATCH, AT(name), 0, 0, "TEXT", "name of the batch instead of the path of its file"},
    {"concurrency", 0, NUMBER, SENDING | VERB_RESUME, AT(concurrency), 1, 10000, "N", "paid calls in flight; default 3"},
    {"dry-run", 0, FLAG, SENDING, AT(dry_run), 0, 0, NULL, "print the plan and the worst-case cost; send nothing"},
    {"continue", 0, FLAG, VERB_RESUME, AT(go_on), 0, 0, NULL, "also send what was planned and never sent"},
    {"limit", 0, NUMBER, LISTING, AT(limit), 1, 1000, "N", "generations on a page; default 20"},
    {"state", 0, TEXT, VERB_LIST, AT(state), 0, 0, "LIST", "done, partial, failed, ambiguous ... with commas between"},
    {"text", 0, TEXT, VERB_LIST, AT(text), 0, 0, "WORDS", "words of the prompt"},
    {"cursor", 0, TEXT, LISTING, AT(cursor), 0, 0, "TEXT", "go on after a page"},
    {"recipe", 0, TEXT, WRITING, AT(recipe), 0, 0, "LIST",
     "fit-256, smart-300, web, png, jpeg or webp with commas between; default of export: as the source"},
    {"format", 0, TEXT, WRITING, AT(format), 0, 0, "NAME", "png, jpeg or webp; default: by the name of the output"},
    {"fit", 0, TEXT, WRITING, AT(fit), 0, 0, "NAME", "inside, cover, contain, fill or exact"},
    {"gravity", 0, TEXT, WRITING, AT(gravity), 0, 0, "NAME",
     "what cover keeps, and where layers go: centre, north, northeast ..., focus or smart"},
    {"smart", 0, FLAG, VERB_THUMB, AT(smart), 0, 0, NULL, "crop to 300x300 around what one looks at"},
    {"quality", 0, NUMBER, WRITING, AT(quality), 0, 100, "N", "of JPEG and WebP"},
    {"level", 0, NUMBER, WRITING, AT(level), 0, 9, "N", "of PNG; more is smaller and slower"},
    {"with", 0, PAIR, WRITING, 0, 0, 0, "KEY=VALUE", "any key of a recipe, as max_bytes=50000; see docs/exporting.md"},
    {"jobs", 0, NUMBER, CONVERTING, AT(jobs), 1, 256, "N", "files at once; default: one for each processor"},
    {"mode", 0, TEXT, VERB_COMPOSITE, AT(mode), 0, 0, "NAME", "over, multiply, screen or overlay; default over"},
    {"opacity", 0, NUMBER, VERB_COMPOSITE, AT(opacity), 0, 100, "N", "of the layers, percent; default 100"},
    {"offset", 0, TEXT, VERB_COMPOSITE, AT(offset), 0, 0, "X,Y", "pixels from where gravity puts the layers"},
    {"layer-fit", 0, TEXT, VERB_COMPOSITE, AT(layer_fit), 0, 0, "NAME",
     "inside, cover or fill: layers take the size of the base"},
    {"set", 0, SETTING, WITH_SETTINGS, 0, 0, 0, "KEY=VALUE", "any setting; `pixazo config` lists them"},
    {"json", 0, FLAG, EVERY, AT(json), 0, 0, NULL, "one JSON object on stdout"},
    {"jsonl", 0, FLAG, VERB_BATCH | LISTING | VERB_INSPECT | CONVERTING, AT(jsonl), 0, 0, NULL,
     "one JSON object on each line of stdout"},
    {"progress-json", 0, FLAG, SENDING | CONVERTING | VERB_RETRY, AT(progress_json), 0, 0, NULL,
     "events as one JSON object on each line of stderr"},
    {"quiet", 'q', FLAG, EVERY, AT(quiet), 0, 0, NULL, "nothing but results and errors"},
    {"help", 'h', FLAG, EVERY, AT(help), 0, 0, NULL, "this text"},
    {"api-key", 0, KEY, 0, 0, 0, 0, "KEY", ""}, /* known so that it can be refused with a reason */
#undef AT
};

enum { ROWS = sizeof rows / sizeof *rows, FIRST_CODE = 256 };

bool options_number(const char *name, const char *text, int64_t low, int64_t high, int64_t *out)
{
  char *end = NULL;
  errno = 0;
  long long number = strtoll(text, &end, 10);
  if (errno == 0 && end != text && *end == '\0' && number >= low && number <= high) {
    *out = number;
    return true;
  }
  complain("--%s \"%s\": want a whole number from %" PRId64 " to %" PRId64, name, text, low, high);
  return false;
}

/* Whole digits, a point, up to six more. */
static bool read_micros(const char *text, int64_t *micros)
{
  int64_t value = 0;
  size_t whole = strspn(text, "0123456789");
  const char *fraction = text[whole] == '.' ? text + whole + 1 : text + whole;
  size_t places = strspn(fraction, "0123456789");
  if (whole < 1 || whole > 12 || places > 6 || fraction[places] != '\0' || (text[whole] == '.' && places == 0))
    return false;
  for (size_t i = 0; i < whole; i++)
    value = value * 10 + (text[i] - '0');
  for (size_t i = 0; i < 6; i++)
    value = value * 10 + (i < places ? fraction[i] - '0' : 0);
  *micros = value;
  return true;
}

bool options_money(const char *name, const char *text, int64_t *micros)
{
  if (read_micros(text, micros))
    return true;
  complain("%s \"%s\": want an amount, as 2.50, with at most six digits after the point", name, text);
  return false;
}

static bool parse_size(const char *text, cli_options *options)
{
  char *end = NULL;
  long width = strtol(text, &end, 10);
  long height = *end == 'x' || *end == 'X' ? strtol(end + 1, &end, 10) : 0;
  if (*end != '\0' || width < 1 || width > 65535 || height < 1 || height > 65535) {
    complain("--size \"%s\": want WIDTHxHEIGHT, each from 1 to 65535, as 1024x768", text);
    return false;
  }
  options->width = width;
  options->height = height;
  return true;
}

static bool refuse_key(void)
{
  complain("a key on the command line is seen by every user of this machine and kept by the shell; "
           "set PIXAZO_API_KEY, or put it into ~/.pixazo/api-key (chmod 600); of another provider PIXAZO_KEY_NAME or "
           "~/.pixazo/keys/NAME");
  return false;
}

static bool add_setting(const char *text, cli_options *options)
{
  if (!strchr(text, '=') || options->setting_count == SETTINGS_MAX) {
    complain("--set \"%s\": want KEY=VALUE, at most %d times", text, SETTINGS_MAX);
    return false;
  }
  if (holds_key(text))
    return refuse_key();
  options->settings[options->setting_count++] = text;
  return true;
}

static bool add_pair(const char *text, cli_options *options)
{
  const char *equals = strchr(text, '=');
  if (!equals || equals == text || options->pair_count == SETTINGS_MAX) {
    complain("--with \"%s\": want KEY=VALUE, at most %d times", text, SETTINGS_MAX);
    return false;
  }
  options->pairs[options->pair_count++] = text;
  return true;
}

static bool take(const struct row *row, const char *text, cli_options *options)
{
  char *member = (char *)options + row->member;
  switch (row->kind) {
  case TEXT:
    memcpy(member, &text, sizeof text);
    return true;
  case FLAG:
    *(bool *)member = true;
    return true;
  case NUMBER: {
    int64_t number;
    if (!options_number(row->name, text, row->low, row->high, &number))
      return false;
    memcpy(member, &number, sizeof number);
    return true;
  }
  case SIZE:
    return parse_size(text, options);
  case MONEY: {
    int64_t micros;
    memcpy(member, &text, sizeof text);
    return options_money(row->name, text, &micros);
  }
  case SETTING:
    return add_setting(text, options);
  case PAIR:
    return add_pair(text, options);
  case KEY:
  default:
    return refuse_key();
  }
}

static bool unknown(const char *given, unsigned verb, const char *verb_name)
{
  const char *words[ROWS];
  size_t count = 0;
  char word[64];
  (void)snprintf(word, sizeof word, "%.*s", (int)strcspn(given + strspn(given, "-"), "="), given + strspn(given, "-"));
  for (size_t i = 0; i < ROWS; i++) {
    if (rows[i].verbs & verb)
      words[count++] = rows[i].name;
  }
  const char *near = nearest_word(word, words, count);
  complain("%s has no option %s%s%s%s", verb_name, given, near ? "; did you mean --" : "", near ? near : "",
           near ? "?" : "");
  return false;
}

static void fill_long(struct option *longs, unsigned verb)
{
  size_t count = 0;
  for (size_t i = 0; i < ROWS; i++) {
    if ((rows[i].verbs & verb) || rows[i].kind == KEY)
      longs[count++] = (struct option){rows[i].name, rows[i].argument ? required_argument : no_argument, NULL,
                                       FIRST_CODE + (int)i};
  }
  longs[count] = (struct option){NULL, 0, NULL, 0};
}

/* NULL: this command has no such option. */
static const struct row *row_of(int code, unsigned verb)
{
  for (size_t i = 0; i < ROWS; i++) {
    if (code == FIRST_CODE + (int)i || (code == rows[i].letter && (rows[i].verbs & verb)))
      return &rows[i];
  }
  return NULL;
}

bool options_parse(int argc, char **argv, unsigned verb, const char *verb_name, cli_options *options)
{
  struct option longs[ROWS + 1];
  *options = (cli_options){.seed = SEED_UNSET, .width = -1, .height = -1, .count = -1, .steps = -1, .concurrency = -1,
                           .limit = -1, .quality = -1, .level = -1, .jobs = -1, .opacity = -1};
  fill_long(longs, verb);
  opterr = 0;
  for (;;) {
    int at = optind;
    int code = getopt_long(argc, argv, ":o:qhn:", longs, NULL);
    if (code == -1)
      break;
    const struct row *row = row_of(code, verb);
    if (code == ':') {
      complain("%s wants a value", argv[optind - 1]);
      return false;
    }
    if (!row)
      return unknown(optind > at ? argv[optind - 1] : argv[at], verb, verb_name);
    if (!take(row, optarg, options))
      return false;
  }
  options->arguments = argv + optind;
  options->argument_count = argc - optind;
  return true;
}

void options_help(unsigned verb)
{
  (void)puts("\nOptions:");
  for (size_t i = 0; i < ROWS; i++) {
    char letter[8] = "";
    char name[64];
    if (!(rows[i].verbs & verb))
      continue;
    if (rows[i].letter)
      (void)snprintf(letter, sizeof letter, "-%c,", rows[i].letter);
    (void)snprintf(name, sizeof name, "--%s%s%s", rows[i].name, rows[i].argument ? " " : "",
                   rows[i].argument ? rows[i].argument : "");
    (void)printf("  %-3s %-22s %s\n", letter, name, rows[i].help);
  }
}
