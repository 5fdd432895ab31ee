/* SPDX-License-Identifier: MIT */
/* pixazo batch: one request on each line. Only a window of lines is held, so memory does not grow with the file. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "json.h"

enum { KEY_MAX = PATH_MAX + 64, TRIES_MAX = 1000 };

/* A line that was added and has not ended. */
typedef struct slot {
  char *id; /* NULL: free */
  size_t line;
  bool waits; /* its own call has ended, others of the same request have not */
} slot;

typedef struct batch {
  session session;
  const cli_options *options;
  FILE *input;
  char name[PATH_MAX];
  char *defaults; /* the options as JSON; owned by the library */
  char *text;     /* the line; owned */
  size_t capacity;
  size_t line;
  bool ended; /* no more lines */
  slot *slots;
  size_t window;
  size_t used;
  size_t repeated;   /* lines that an earlier run has done */
  int first_failure; /* exit code of it; 0: none */
  bool ambiguous;
} batch;

static void count_failure(batch *self, int code)
{
  if (code == EXIT_ALL_GOOD)
    return;
  self->session.failed += code != EXIT_PARTIAL;
  self->ambiguous |= code == EXIT_AMBIGUOUS;
  if (self->first_failure == EXIT_ALL_GOOD)
    self->first_failure = code;
  if (code == EXIT_SETTINGS)
    self->ended = true; /* a key that is refused once is refused for every line */
}

static int result_of(const batch *self)
{
  if (pixazo_cancel_get(self->session.cancel) != 0)
    return EXIT_INTERRUPTED;
  if (self->ambiguous)
    return EXIT_AMBIGUOUS; /* an unknown charge outranks everything */
  return self->first_failure != EXIT_ALL_GOOD && self->session.done > 0 ? EXIT_PARTIAL : self->first_failure;
}

static void print_result(batch *self, size_t line, const pixazo_generation *record)
{
  if (self->options->jsonl || self->options->json) {
    char *text = record_json(record);
    if (text)
      (void)printf("{\"line\":%zu,\"generation\":%s}\n", line, text);
    pixazo_free(text);
  } else {
    for (size_t i = 0; i < pixazo_generation_image_count(record); i++) {
      if (pixazo_generation_image_state(record, i) == PIXAZO_IMAGE_RECORDED)
        (void)printf("%s\n", pixazo_generation_image_path(record, i));
    }
  }
  (void)fflush(stdout);
}

static void line_done(batch *self, size_t line, const pixazo_generation *record, bool earlier)
{
  session_clear_bar(&self->session);
  self->session.done++;
  if (!earlier)
    report_pictures(self->options, record);
  print_result(self, line, record);
  if (pixazo_generation_state(record) == PIXAZO_GENERATION_PARTIAL)
    count_failure(self, EXIT_PARTIAL);
}

/* The error stays the caller's. */
static void line_failed(batch *self, size_t line, pixazo_status status, const pixazo_error *error)
{
  char where[PATH_MAX + 48];
  session_clear_bar(&self->session);
  (void)snprintf(where, sizeof where, "%s, line %zu: ", self->options->arguments[0], line);
  count_failure(self, report_error(where, status, error));
  if (!self->options->jsonl && !self->options->json)
    return;
  (void)printf("{\"line\":%zu,\"error\":\"%s\",\"message\":", line, pixazo_status_name(status));
  print_json_string(stdout, error ? pixazo_error_message(error) : pixazo_status_text(status));
  (void)puts("}");
  (void)fflush(stdout);
}

/* What became of a generation; PIXAZO_E_AGAIN: it has not ended, or other calls of the same request have not.
 * `why`: what its last event says; NULL: only the record is left. */
static pixazo_status take_result(batch *self, const char *id, const slot *at, const pixazo_error *why)
{
  pixazo_generation *record = NULL;
  pixazo_error *error = NULL;
  pixazo_status status = pixazo_pipeline_wait(self->session.pipeline, id, 0, NULL, &record, &error);
  if (status == PIXAZO_OK)
    line_done(self, at->line, record, !at->id);
  else if (status != PIXAZO_E_AGAIN)
    line_failed(self, at->line, why ? pixazo_error_status(why) : status, why ? why : error);
  pixazo_error_free(error);
  pixazo_generation_free(record);
  return status;
}

/* Nothing was or can be paid for it, so the line may be sent under a new key. */
static bool cost_nothing(const pixazo_generation *record)
{
  int32_t state = pixazo_generation_state(record);
  int32_t class = pixazo_generation_class(record);
  if (state == PIXAZO_GENERATION_CANCELLED || state == PIXAZO_GENERATION_ABANDONED)
    return pixazo_generation_attempts(record) == 0 ||
           (pixazo_generation_attempts(record) == 1 && class == PIXAZO_CLASS_NOT_SENT);
  return state == PIXAZO_GENERATION_FAILED && (class == PIXAZO_CLASS_NONE || class == PIXAZO_CLASS_NOT_SENT ||
                                               class == PIXAZO_CLASS_REFUSED || class == PIXAZO_CLASS_FAILED);
}

/* What an earlier run left under this key. PIXAZO_E_NOT_FOUND: the key is free to use.
 * PIXAZO_E_AGAIN: it was used for nothing that costs; take the next. PIXAZO_OK: the line is dealt with. */
static pixazo_status look_back(batch *self, const pixazo_request *request, const char *key)
{
  pixazo_generation *record = NULL;
  const char *principal = pixazo_request_get_string(request, "principal");
  pixazo_repository *repository = pixazo_studio_repository(self->session.studio);
  pixazo_status status = pixazo_repository_find_key(repository, principal ? principal : "", key, &record, NULL);
  if (status != PIXAZO_OK)
    return status;
  if (pixazo_generation_state(record) == PIXAZO_GENERATION_PLANNED)
    status = pixazo_pipeline_abandon(self->session.pipeline, pixazo_generation_uuid(record), NULL) == PIXAZO_OK
                 ? PIXAZO_E_AGAIN /* the run that planned it is gone and had sent nothing */
                 : PIXAZO_OK;
  else
    status = cost_nothing(record) ? PIXAZO_E_AGAIN : PIXAZO_OK;
  if (status == PIXAZO_OK) {
    self->repeated++;
    slot earlier = {NULL, self->line, false};
    if (take_result(self, pixazo_generation_uuid(record), &earlier, NULL) == PIXAZO_E_AGAIN)
      line_failed(self, self->line, PIXAZO_E_BUSY, NULL); /* another process is at it */
  }
  pixazo_generation_free(record);
  return status;
}

/* A key of its own for each line of this file, the same in every run. */
static pixazo_status choose_key(batch *self, pixazo_request *request, bool *wanted)
{
  char key[KEY_MAX];
  char json[KEY_MAX * 2];
  *wanted = false;
  if (pixazo_request_get_string(request, "idempotency_key")) {
    *wanted = true; /* the line has one itself: the library deals with it */
    return PIXAZO_OK;
  }
  for (int try = 1; try <= TRIES_MAX; try++) {
    int stem = snprintf(key, sizeof key, "batch:%.180s:%zu", self->name, self->line);
    if (try > 1)
      (void)snprintf(key + stem, sizeof key - (size_t)stem, ":%d", try);
    pixazo_status status = look_back(self, request, key);
    if (status == PIXAZO_E_AGAIN)
      continue;
    if (status != PIXAZO_E_NOT_FOUND)
      return status;
    (void)snprintf(json, sizeof json, "{\"idempotency_key\": \"%s\"}", key);
    *wanted = true;
    return pixazo_request_set_defaults(request, json, NULL);
  }
  return PIXAZO_E_BUSY;
}

/* Also fills what the line leaves open from the command line and the settings. */
static pixazo_status read_request(batch *self, pixazo_request **out, pixazo_error **error)
{
  pixazo_request *request = NULL;
  pixazo_status status = pixazo_request_new_from_json(self->text, &request, error);
  if (status == PIXAZO_OK)
    status = pixazo_request_set_defaults(request, self->defaults, error);
  if (status == PIXAZO_OK)
    status = pixazo_config_apply(pixazo_studio_config(self->session.studio), request, error);
  if (status == PIXAZO_OK)
    *out = request;
  else
    pixazo_request_free(request);
  return status;
}

static pixazo_status keep(batch *self, char *id)
{
  for (size_t i = 0; i < self->window; i++) {
    if (!self->slots[i].id) {
      self->slots[i] = (slot){id, self->line, false};
      self->used++;
      return PIXAZO_OK;
    }
  }
  pixazo_free(id);
  return PIXAZO_E_INTERNAL;
}

static void add_line(batch *self)
{
  pixazo_request *request = NULL;
  pixazo_error *error = NULL;
  char *id = NULL;
  bool wanted = false;
  pixazo_status status = read_request(self, &request, &error);
  if (status == PIXAZO_OK)
    status = choose_key(self, request, &wanted);
  if (status == PIXAZO_OK && wanted)
    status = check_max_cost(&self->session, request, &error);
  if (status == PIXAZO_OK && wanted) {
    if (self->used == 0 && self->session.done == 0)
      announce_price(&self->session, request);
    status = pixazo_pipeline_add(self->session.pipeline, request, NULL, &id, &error);
    if (status == PIXAZO_OK)
      status = keep(self, id);
  }
  pixazo_request_free(request);
  if (status != PIXAZO_OK)
    line_failed(self, self->line, status, error);
  pixazo_error_free(error);
}

static void plan_line(batch *self)
{
  pixazo_request *request = NULL;
  pixazo_error *error = NULL;
  char *plan = NULL;
  pixazo_status status = read_request(self, &request, &error);
  if (status == PIXAZO_OK)
    status = pixazo_client_estimate(pixazo_studio_client(self->session.studio), request, &plan, &error);
  if (status == PIXAZO_OK)
    (void)printf("{\"line\":%zu,\"plan\":%s}\n", self->line, plan);
  else
    line_failed(self, self->line, status, error);
  pixazo_error_free(error);
  pixazo_free(plan);
  pixazo_request_free(request);
}

/* False at the end of the input. Empty lines are counted and skipped. */
static bool next_line(batch *self)
{
  for (;;) {
    ssize_t length = getline(&self->text, &self->capacity, self->input);
    if (length < 0)
      return false;
    self->line++;
    if (strspn(self->text, " \t\r\n") < (size_t)length)
      return true;
  }
}

static void fill_window(batch *self)
{
  while (!self->ended && self->used < self->window && pixazo_cancel_get(self->session.cancel) == 0) {
    if (!next_line(self))
      self->ended = true;
    else
      add_line(self);
  }
}

/* False: it goes on. */
static bool settle(batch *self, slot *at, const pixazo_error *why)
{
  if (take_result(self, at->id, at, why) == PIXAZO_E_AGAIN)
    return false;
  pixazo_free(at->id);
  *at = (slot){NULL, 0, false};
  self->used--;
  return true;
}

/* Lines may share a generation by a key of their own. `event` NULL: looks at every line that is out. */
static void collect(batch *self, const pixazo_event *event)
{
  bool known = false;
  for (size_t i = 0; i < self->window; i++) {
    slot *at = &self->slots[i];
    if (!at->id || (event && strcmp(at->id, pixazo_event_generation(event)) != 0))
      continue;
    known = true;
    at->waits = !settle(self, at, event ? pixazo_event_error(event) : NULL);
  }
  for (size_t i = 0; !known && i < self->window; i++) {
    if (self->slots[i].id && self->slots[i].waits)
      (void)settle(self, &self->slots[i], NULL);
  }
}

static pixazo_status work(batch *self, pixazo_error **error)
{
  fill_window(self);
  while (self->used > 0) {
    pixazo_event *event = NULL;
    pixazo_status status = session_event(&self->session, &event, error);
    if (status != PIXAZO_OK)
      return status;
    if (!event || pixazo_event_kind(event) == PIXAZO_EVENT_ENDED)
      collect(self, event);
    pixazo_event_free(event);
    *error = event ? NULL : pixazo_pipeline_trouble(self->session.pipeline);
    if (*error)
      return pixazo_error_status(*error);
    fill_window(self);
  }
  return PIXAZO_OK;
}

/* What earlier runs have paid for comes home first. */
static pixazo_status go_on(batch *self, pixazo_error **error)
{
  char *report = NULL;
  pixazo_status status =
      pixazo_pipeline_resume(self->session.pipeline, PIXAZO_RESUME_PAID, self->session.cancel, &report, error);
  pixazo_free(report);
  return status;
}

static int run_lines(batch *self)
{
  pixazo_error *error = NULL;
  if (self->options->dry_run) {
    while (next_line(self))
      plan_line(self);
    return result_of(self);
  }
  pixazo_status status = go_on(self, &error);
  if (status == PIXAZO_OK)
    status = work(self, &error);
  session_clear_bar(&self->session);
  if (status != PIXAZO_OK && status != PIXAZO_E_CANCELLED)
    return fail_with(status, error);
  pixazo_error_free(error);
  say(self->options, "%zu done (%zu of them earlier), %zu failed\n", self->session.done, self->repeated,
      self->session.failed);
  return result_of(self);
}

static int open_input(batch *self)
{
  const char *path = self->options->arguments[0];
  if (strcmp(path, "-") == 0) {
    self->input = stdin;
    if (!self->options->name) {
      complain("batch - needs --name, so that a second run knows the lines of the first");
      return EXIT_USAGE;
    }
  } else {
    self->input = fopen(path, "re");
    if (!self->input || !realpath(path, self->name)) {
      complain("%s: %s", path, strerror(errno));
      return EXIT_USAGE;
    }
  }
  if (self->options->name)
    (void)snprintf(self->name, sizeof self->name, "%s", self->options->name);
  if (strpbrk(self->name, "\"\\") || strlen(self->name) > 180) {
    complain("the name of the batch may have 180 characters and no quotes; choose one with --name");
    return EXIT_USAGE;
  }
  return EXIT_ALL_GOOD;
}

static int prepare(batch *self)
{
  pixazo_request *request = NULL;
  pixazo_error *error = NULL;
  int code = make_request(self->options, NULL, &request);
  if (code != EXIT_ALL_GOOD)
    return code;
  pixazo_status status = pixazo_request_to_json(request, &self->defaults, &error);
  pixazo_request_free(request);
  if (status != PIXAZO_OK)
    return fail_with(status, error);
  const char *concurrency = pixazo_config_get(pixazo_studio_config(self->session.studio), "concurrency");
  self->window = 2 * strtoul(concurrency ? concurrency : "3", NULL, 10);
  self->slots = calloc(self->window, sizeof *self->slots);
  return self->slots ? EXIT_ALL_GOOD : fail_with(PIXAZO_E_NOMEM, NULL);
}

static void finish_batch(batch *self)
{
  for (size_t i = 0; self->slots && i < self->window; i++)
    pixazo_free(self->slots[i].id);
  free(self->slots);
  free(self->text);
  pixazo_free(self->defaults);
  if (self->input && self->input != stdin)
    (void)fclose(self->input);
}

int run_batch(const cli_options *options)
{
  batch self = {.options = options};
  if (options->argument_count != 1) {
    complain("batch wants one file of JSON lines, or - for stdin");
    return EXIT_USAGE;
  }
  int code = open_input(&self);
  if (code == EXIT_ALL_GOOD)
    code = session_open(options, &self.session);
  if (code == EXIT_ALL_GOOD) {
    code = prepare(&self);
    if (code == EXIT_ALL_GOOD) {
      session_tell_note(&self.session);
      code = run_lines(&self);
    }
    session_close(&self.session);
  }
  finish_batch(&self);
  return code;
}
