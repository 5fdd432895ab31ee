/* SPDX-License-Identifier: MIT */
/* What the files of the command line share. Results go to stdout, everything else to stderr. */
#ifndef CLI_H
#define CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <pixazo/pixazo.h>

#include "text.h"

/* Exit codes; they never change their meaning. */
enum {
  EXIT_ALL_GOOD = 0,
  EXIT_PARTIAL = 1,
  EXIT_USAGE = 2,
  EXIT_SETTINGS = 3, /* configuration or key */
  EXIT_REFUSED = 4,  /* by the provider */
  EXIT_BLOCKED = 5,  /* content policy */
  EXIT_BUDGET = 6,
  EXIT_NETWORK = 7,
  EXIT_AMBIGUOUS = 8, /* sent, outcome unknown: decide */
  EXIT_STORAGE = 9,
  EXIT_INTERRUPTED = 130
};

/* One bit for each command. */
enum {
  VERB_GENERATE = 1,
  VERB_BATCH = 2,
  VERB_RESUME = 4,
  VERB_PENDING = 8,
  VERB_LIST = 16,
  VERB_SHOW = 32,
  VERB_EXPORT = 64,
  VERB_INSPECT = 128,
  VERB_PROVIDERS = 256,
  VERB_MODELS = 512,
  VERB_CONFIG = 1024,
  VERB_DOCTOR = 2048,
  VERB_THUMB = 4096,
  VERB_COMPOSITE = 8192,
  VERB_ABANDON = 16384,
  VERB_RETRY = 32768,
  VERB_BUDGET = 65536,
  VERB_COST = 131072,
  VERB_STATS = 262144
};

enum { SETTINGS_MAX = 32 };

/* What was on the command line. Text points into argv. Numbers are -1 when they were not given. */
typedef struct cli_options {
  const char *dir;
  const char *preset;
  const char *provider;
  const char *model;
  const char *negative;
  const char *guidance;
  const char *output;
  const char *key;
  const char *name;
  const char *renditions;
  const char *state;
  const char *text;
  const char *cursor;
  const char *recipe;
  const char *format;
  const char *fit;
  const char *settings[SETTINGS_MAX]; /* KEY=VALUE */
  size_t setting_count;
  const char *pairs[SETTINGS_MAX]; /* KEY=VALUE of a recipe */
  size_t pair_count;
  const char *gravity;
  const char *mode;
  const char *offset;
  const char *layer_fit;
  const char *principal;
  const char *period;
  const char *currency;
  const char *by;
  const char *check;
  const char *budget; /* amounts in the currency's units, checked when they are read */
  const char *max_cost;
  int64_t seed; /* SEED_UNSET when not given */
  int64_t width;
  int64_t height;
  int64_t count;
  int64_t steps;
  int64_t concurrency;
  int64_t limit;
  int64_t quality;
  int64_t level;
  int64_t jobs;
  int64_t opacity;
  bool smart;
  bool json;
  bool jsonl;
  bool quiet;
  bool progress_json;
  bool dry_run;
  bool go_on;
  bool allow_unknown;
  bool prometheus;
  bool help;
  char **arguments; /* what is no option */
  int argument_count;
} cli_options;

#define SEED_UNSET INT64_MIN

/* options.c: false: wrong, and the reason was printed. */
bool options_parse(int argc, char **argv, unsigned verb, const char *verb_name, cli_options *options);
void options_help(unsigned verb);
/* "a number from low to high"; false: printed. */
bool options_number(const char *name, const char *text, int64_t low, int64_t high, int64_t *out);

/* Exact decimals, as 2.50; false: printed. */
bool options_money(const char *name, const char *text, int64_t *micros);

/* report.c */
void say(const cli_options *options, const char *format, ...) __attribute__((format(printf, 2, 3)));
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* One line on stderr with message and hint; gives the exit code. */
int report_error(const char *where, pixazo_status status, const pixazo_error *error);
/* The same, and frees the error. */
int fail_with(pixazo_status status, pixazo_error *error);
int exit_code_of(pixazo_status status);
/* After each picture: model, path, cost, confidence on stderr. */
void report_pictures(const cli_options *options, const pixazo_generation *record);
/* Owned text of a record; NULL: printed. */
char *record_json(const pixazo_generation *record);

/* interrupt.c: the first Ctrl-C asks to send nothing new, the second to stop now. Where nothing is paid the first one stops. */
bool interrupt_catch(pixazo_cancel *token, bool paid);

/* session.c: an open studio and the events of its pipeline. */
typedef struct session {
  const cli_options *options;
  pixazo_studio *studio;
  pixazo_pipeline *pipeline;
  pixazo_cancel *cancel;
  int32_t cancelled; /* what the pipeline was told */
  bool draws;        /* a progress line is wanted */
  bool bar;          /* one is on the screen */
  size_t done;       /* for the progress line */
  size_t failed;
  int64_t started_us;
} session;

/* Settings with the precedence of docs/configuration.md. Gives an exit code, 0 when *out is set. */
int load_config(const cli_options *options, pixazo_config **out);
int session_open(const cli_options *options, session *out);
/* Which pictures these will be, when that is no matter of course. */
void session_tell_note(const session *self);
void session_close(session *self);
/* Takes one event, or waits a moment for one; passes cancels on; draws progress. *out NULL: none. */
pixazo_status session_event(session *self, pixazo_event **out, pixazo_error **error);
void session_clear_bar(session *self);
/* The request of the options alone. Gives an exit code. */
int make_request(const cli_options *options, const char *prompt, pixazo_request **out);
int set_parameters(const cli_options *options, pixazo_request *request);
/* Before something is sent that costs money, or whose price is not known. */
void announce_price(session *self, const pixazo_request *request);
/* --max-cost: E_BUDGET when the worst case of this request is above it, or not known. */
pixazo_status check_max_cost(session *self, const pixazo_request *request, pixazo_error **error);
/* generate.c: waits for a generation of this pipeline and prints what came. Gives an exit code. */
int await_result(session *self, const char *id);
const char *directory_of(const cli_options *options);
/* `make`: also where there is none yet. */
int open_repository(const cli_options *options, bool make, pixazo_repository **out);
void raise_descriptor_limit(void);

/* output.c: -o. Gives an exit code. */
int write_outputs(const cli_options *options, session *self, const pixazo_generation *record);

/* One function for each command: gives the exit code. */
int run_generate(const cli_options *options);
int run_batch(const cli_options *options);
int run_resume(const cli_options *options);
int run_abandon(const cli_options *options);
int run_retry(const cli_options *options);
int run_budget(const cli_options *options);
int run_cost(const cli_options *options);
int run_stats(const cli_options *options);
int run_pending(const cli_options *options);
int run_list(const cli_options *options);
int run_show(const cli_options *options);
int run_export(const cli_options *options);
int run_thumb(const cli_options *options);
int run_composite(const cli_options *options);
int run_inspect(const cli_options *options);
int run_providers(const cli_options *options);
int run_models(const cli_options *options);
int run_config(const cli_options *options);
int run_doctor(const cli_options *options);

#endif
