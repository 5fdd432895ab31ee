/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "json.h"

enum { WAIT_MS = 100 }; /* how soon Ctrl-C is noticed */

const char *directory_of(const cli_options *options)
{
  const char *variable = getenv("PIXAZO_DIR");
  if (options->dir)
    return options->dir;
  return variable && variable[0] ? variable : "art";
}

void raise_descriptor_limit(void)
{
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
  }
}

/* Absent is fine. */
static pixazo_status if_there(pixazo_status status, pixazo_error **error)
{
  if (status != PIXAZO_E_NOT_FOUND)
    return status;
  pixazo_error_free(*error);
  *error = NULL;
  return PIXAZO_OK;
}

static pixazo_status load_sources(const cli_options *options, pixazo_config *config, pixazo_error **error)
{
  char path[PATH_MAX];
  (void)snprintf(path, sizeof path, "%s/config.json", directory_of(options));
  pixazo_status status = if_there(pixazo_config_load_file(config, path, error), error);
  if (status == PIXAZO_OK)
    status = pixazo_config_load_env(config, error);
  if (status == PIXAZO_OK)
    status = if_there(pixazo_config_load_key_file(config, NULL, error), error);
  return status;
}

static pixazo_status apply_options(const cli_options *options, pixazo_config *config, pixazo_error **error)
{
  char concurrency[24];
  (void)snprintf(concurrency, sizeof concurrency, "%lld", (long long)options->concurrency);
  const struct {
    const char *key;
    const char *value;
  } pairs[] = {{"preset", options->preset},
               {"provider", options->provider},
               {"model", options->model},
               {"renditions", options->renditions},
               {"budget_run", options->budget},
               {"concurrency", options->concurrency > 0 ? concurrency : NULL}};
  pixazo_status status = PIXAZO_OK;
  for (size_t i = 0; status == PIXAZO_OK && i < sizeof pairs / sizeof *pairs; i++) {
    if (pairs[i].value)
      status = pixazo_config_set(config, pairs[i].key, pairs[i].value, error);
  }
  for (size_t i = 0; status == PIXAZO_OK && i < options->setting_count; i++) {
    char key[128];
    const char *equals = strchr(options->settings[i], '=');
    (void)snprintf(key, sizeof key, "%.*s", (int)(equals - options->settings[i]), options->settings[i]);
    status = pixazo_config_set(config, key, equals + 1, error);
  }
  return status;
}

int load_config(const cli_options *options, pixazo_config **out)
{
  pixazo_error *error = NULL;
  pixazo_config *config = NULL;
  pixazo_status status = pixazo_config_new(&config, &error);
  if (status == PIXAZO_OK)
    status = load_sources(options, config, &error);
  if (status == PIXAZO_OK)
    status = apply_options(options, config, &error);
  if (status == PIXAZO_OK) {
    *out = config;
    return EXIT_ALL_GOOD;
  }
  pixazo_config_free(config);
  (void)fail_with(status, error);
  return EXIT_SETTINGS;
}

static void log_line(int32_t level, const char *line, size_t length, void *user_data)
{
  session *self = user_data;
  (void)length;
  if ((self->options->quiet || self->options->progress_json) && level > PIXAZO_LOG_ERROR)
    return;
  if (strncmp(line, "studio: ", 8) == 0) /* the note and the price are said in words of our own */
    return;
  session_clear_bar(self);
  print_cut(stderr, line, SIZE_MAX); /* a provider's words may be part of it */
  (void)fputc('\n', stderr);
}

static int open_studio(session *self)
{
  pixazo_config *config = NULL;
  pixazo_log *log = NULL;
  pixazo_error *error = NULL;
  int code = load_config(self->options, &config);
  if (code != EXIT_ALL_GOOD)
    return code;
  pixazo_studio_options options = PIXAZO_STUDIO_OPTIONS_INIT;
  options.config = config;
  pixazo_status status = pixazo_log_new(PIXAZO_LOG_WARNING, log_line, self, &log, &error);
  options.log = log;
  if (status == PIXAZO_OK)
    status = pixazo_cancel_new(&self->cancel, &error);
  if (status == PIXAZO_OK)
    status = pixazo_studio_open(directory_of(self->options), &options, &self->studio, &error);
  pixazo_log_unref(log);
  pixazo_config_free(config);
  if (status == PIXAZO_OK)
    return EXIT_ALL_GOOD;
  code = fail_with(status, error);
  return code == EXIT_USAGE || status == PIXAZO_E_UNSUPPORTED ? EXIT_SETTINGS : code;
}

static int64_t now_us(void)
{
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static bool wants_bar(const cli_options *options)
{
  const char *term = getenv("TERM");
  return !options->quiet && !options->progress_json && isatty(STDERR_FILENO) && !(term && strcmp(term, "dumb") == 0);
}

int session_open(const cli_options *options, session *out)
{
  *out = (session){.options = options, .draws = wants_bar(options), .started_us = now_us()};
  raise_descriptor_limit();
  int code = open_studio(out);
  if (code != EXIT_ALL_GOOD) {
    pixazo_cancel_unref(out->cancel);
    return code;
  }
  out->pipeline = pixazo_studio_pipeline(out->studio);
  (void)interrupt_catch(out->cancel, true);
  return EXIT_ALL_GOOD;
}

void session_tell_note(const session *self)
{
  const char *note = pixazo_studio_note(self->studio);
  if (note[0])
    say(self->options, "%s\n", note);
}

void session_close(session *self)
{
  session_clear_bar(self);
  pixazo_studio_close(self->studio);
  self->studio = NULL;
  /* The handler may run at any time, so the token stays as long as the program. */
}

void session_clear_bar(session *self)
{
  if (self->bar)
    (void)fputs("\r\033[K", stderr);
  self->bar = false;
}

static void draw_bar(session *self, const pixazo_event *event)
{
  static const char *const stages[] = {"", "waiting", "generating", "downloading", "processing"};
  if (!self->draws)
    return;
  int32_t stage = event ? pixazo_event_stage(event) : 0;
  const char *color = getenv("NO_COLOR") ? "" : "\033[36m";
  size_t open = pixazo_pipeline_open_count(self->pipeline);
  if (open == 0)
    return;
  (void)fprintf(stderr, "\r\033[K%s%zu done, %zu failed, %zu in work, %lld s%s %s", color, self->done, self->failed, open,
                (long long)((now_us() - self->started_us) / 1000000), color[0] ? "\033[0m" : "",
                stage > 0 && stage < 5 ? stages[stage] : "");
  self->bar = true;
}

static void pass_cancel_on(session *self)
{
  int32_t wanted = pixazo_cancel_get(self->cancel);
  if (wanted > self->cancelled && pixazo_pipeline_cancel(self->pipeline, NULL, wanted, NULL) == PIXAZO_OK)
    self->cancelled = wanted;
}

static void show_event(session *self, const pixazo_event *event)
{
  char *text = NULL;
  if (self->options->progress_json && pixazo_event_to_json(event, &text, NULL) == PIXAZO_OK)
    (void)fprintf(stderr, "%s\n", text);
  pixazo_free(text);
  if (pixazo_event_kind(event) == PIXAZO_EVENT_RETRY && !self->options->progress_json) {
    session_clear_bar(self);
    say(self->options, "again in %u ms: %s\n", (unsigned)pixazo_event_delay_ms(event),
        pixazo_error_message(pixazo_event_error(event)));
  }
  if (pixazo_event_kind(event) == PIXAZO_EVENT_ALERT && !self->options->progress_json) {
    session_clear_bar(self);
    say(self->options, "warning: %s\n", pixazo_event_message(event));
  }
}

pixazo_status session_event(session *self, pixazo_event **out, pixazo_error **error)
{
  pixazo_event *event = NULL;
  pass_cancel_on(self);
  pixazo_status status = pixazo_pipeline_next_event(self->pipeline, WAIT_MS, &event, error);
  if (status == PIXAZO_E_AGAIN && error) {
    pixazo_error_free(*error);
    *error = NULL;
  } else if (status != PIXAZO_OK) {
    return status;
  }
  if (event)
    show_event(self, event);
  draw_bar(self, event);
  *out = event;
  return PIXAZO_OK;
}

static pixazo_status set_int(pixazo_request *request, const char *key, int64_t value, int64_t unset, pixazo_error **error)
{
  return value == unset ? PIXAZO_OK : pixazo_request_set_int(request, key, value, error);
}

static pixazo_status set_guidance(pixazo_request *request, const char *text, pixazo_error **error)
{
  char *end = NULL;
  if (!text)
    return PIXAZO_OK;
  double value = strtod(text, &end);
  if (end == text || *end != '\0' || !(value >= 0 && value <= 100))
    return pixazo_error_set(error, PIXAZO_E_ARGUMENT, "--guidance: want a number from 0 to 100");
  return pixazo_request_set_double(request, "guidance", value, error);
}

int set_parameters(const cli_options *options, pixazo_request *request)
{
  pixazo_error *error = NULL;
  pixazo_status status = set_int(request, "width", options->width, -1, &error);
  if (status == PIXAZO_OK)
    status = set_int(request, "height", options->height, -1, &error);
  if (status == PIXAZO_OK)
    status = set_int(request, "steps", options->steps, -1, &error);
  if (status == PIXAZO_OK)
    status = set_int(request, "count", options->count, -1, &error);
  if (status == PIXAZO_OK)
    status = set_int(request, "seed", options->seed, SEED_UNSET, &error);
  if (status == PIXAZO_OK && options->negative)
    status = pixazo_request_set_string(request, "negative_prompt", options->negative, &error);
  if (status == PIXAZO_OK && options->key)
    status = pixazo_request_set_string(request, "idempotency_key", options->key, &error);
  if (status == PIXAZO_OK)
    status = set_guidance(request, options->guidance, &error);
  return status == PIXAZO_OK ? EXIT_ALL_GOOD : fail_with(status, error);
}

int make_request(const cli_options *options, const char *prompt, pixazo_request **out)
{
  pixazo_error *error = NULL;
  pixazo_request *request = NULL;
  pixazo_status status = pixazo_request_new(prompt, &request, &error);
  if (status != PIXAZO_OK)
    return fail_with(status, error);
  int code = set_parameters(options, request);
  if (code == EXIT_ALL_GOOD)
    *out = request;
  else
    pixazo_request_free(request);
  return code;
}

static pixazo_status name_files(const cli_options *options, bool make, pixazo_config *config, pixazo_error **error)
{
  char root[PATH_MAX];
  char path[PATH_MAX + 16];
  if (make)
    (void)mkdir(directory_of(options), 0750); /* there already, or the next line says why not */
  if (!realpath(directory_of(options), root))
    return pixazo_error_set(error, PIXAZO_E_NOT_FOUND,
                            "there is no such directory; `pixazo generate` makes it, --dir names another");
  (void)snprintf(path, sizeof path, "%s/pixazo.db", root);
  pixazo_status status = PIXAZO_OK;
  if (!pixazo_config_get(config, "media_root"))
    status = pixazo_config_set(config, "media_root", root, error);
  if (status == PIXAZO_OK && !pixazo_config_get(config, "database"))
    status = pixazo_config_set(config, "database", path, error);
  if (status == PIXAZO_OK && !make && access(pixazo_config_get(config, "database"), F_OK) != 0)
    return pixazo_error_set(error, PIXAZO_E_NOT_FOUND, "no pictures were made in this directory yet");
  return status == PIXAZO_OK ? pixazo_config_set(config, "convert_legacy", "1", error) : status;
}

int open_repository(const cli_options *options, bool make, pixazo_repository **out)
{
  pixazo_config *config = NULL;
  pixazo_error *error = NULL;
  int code = load_config(options, &config);
  if (code != EXIT_ALL_GOOD)
    return code;
  pixazo_status status = name_files(options, make, config, &error);
  if (status == PIXAZO_OK)
    status = pixazo_repository_new_from_config(config, out, &error);
  pixazo_config_free(config);
  if (status == PIXAZO_OK)
    return EXIT_ALL_GOOD;
  (void)fprintf(stderr, "%s: ", directory_of(options));
  return fail_with(status, error);
}
