/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "cli.h"
#include "json.h"

/* Cost and confidence of an estimate as text; false: it is free. */
static bool estimate_money(const char *plan, char *money, size_t size)
{
  char currency[16];
  char confidence[32];
  char amount[48];
  const char *cost = json_member(plan, "cost");
  int64_t micros = json_integer(json_member(cost, "upper_bound_micros"));
  json_string(json_member(cost, "currency"), currency, sizeof currency);
  json_string(json_member(cost, "confidence"), confidence, sizeof confidence);
  if (!json_true(json_member(cost, "known"))) {
    (void)snprintf(money, size, "price not known");
    return true;
  }
  format_amount(micros, currency, amount, sizeof amount);
  (void)snprintf(money, size, "at most %s (%s)", amount, confidence);
  return micros > 0;
}

void announce_price(session *self, const pixazo_request *request)
{
  char *plan = NULL;
  char money[128];
  char model[128];
  char provider[64];
  if (pixazo_client_estimate(pixazo_studio_client(self->studio), request, &plan, NULL) != PIXAZO_OK)
    return;
  const char *cost = json_member(plan, "cost"); /* of the dearest one who may be asked */
  json_string(json_member(cost, "model"), model, sizeof model);
  json_string(json_member(cost, "provider"), provider, sizeof provider);
  if (estimate_money(plan, money, sizeof money))
    say(self->options, "%s/%s: %s\n", provider, model, money);
  pixazo_free(plan);
}

pixazo_status check_max_cost(session *self, const pixazo_request *request, pixazo_error **error)
{
  char *plan = NULL;
  char money[128];
  int64_t most = 0;
  if (!self->options->max_cost)
    return PIXAZO_OK;
  (void)options_money("max-cost", self->options->max_cost, &most);
  pixazo_status status = pixazo_client_estimate(pixazo_studio_client(self->studio), request, &plan, error);
  if (status != PIXAZO_OK)
    return status;
  const char *cost = json_member(plan, "cost");
  bool known = json_true(json_member(cost, "known"));
  (void)estimate_money(plan, money, sizeof money);
  if (!known || json_integer(json_member(cost, "upper_bound_micros")) > most)
    status = pixazo_error_set(error, PIXAZO_E_BUDGET, known ? "the worst case is above --max-cost; nothing was sent"
                                                            : "its price is not known, and --max-cost is set; nothing was sent");
  pixazo_free(plan);
  return status;
}

static int dry_run(session *self, const pixazo_request *request)
{
  char *plan = NULL;
  char money[128];
  pixazo_error *error = NULL;
  pixazo_status status = pixazo_client_estimate(pixazo_studio_client(self->studio), request, &plan, &error);
  if (status != PIXAZO_OK)
    return fail_with(status, error);
  session_tell_note(self);
  (void)estimate_money(plan, money, sizeof money);
  (void)printf("%s\n", plan);
  say(self->options, "nothing was sent; worst case: %s\n", money);
  pixazo_free(plan);
  status = check_max_cost(self, request, &error);
  return status == PIXAZO_OK ? EXIT_ALL_GOOD : fail_with(status, error);
}

/* Until the generation has ended: a call that is paid is waited for even after Ctrl-C.
 * *failure: the event that says why it failed; owned; the record alone says less. */
static pixazo_status wait_for(session *self, const char *id, pixazo_generation **record, pixazo_event **failure,
                              pixazo_error **error)
{
  for (;;) {
    pixazo_event *event = NULL;
    pixazo_status status = session_event(self, &event, error);
    bool look = !event || pixazo_event_kind(event) == PIXAZO_EVENT_ENDED;
    if (event && look && !*failure && pixazo_event_error(event))
      *failure = event;
    else
      pixazo_event_free(event);
    if (status == PIXAZO_OK && look)
      status = pixazo_pipeline_wait(self->pipeline, id, 0, NULL, record, error);
    else if (status == PIXAZO_OK)
      continue;
    if (status != PIXAZO_E_AGAIN)
      return status;
    *error = pixazo_pipeline_trouble(self->pipeline);
    if (*error)
      return pixazo_error_status(*error);
  }
}

static int print_result(session *self, const pixazo_generation *record)
{
  if (self->options->json) {
    char *text = record_json(record);
    if (!text)
      return EXIT_STORAGE;
    (void)printf("%s\n", text);
    pixazo_free(text);
  } else if (!self->options->output) {
    for (size_t i = 0; i < pixazo_generation_image_count(record); i++) {
      if (pixazo_generation_image_state(record, i) == PIXAZO_IMAGE_RECORDED)
        (void)printf("%s\n", pixazo_generation_image_path(record, i));
    }
  }
  return self->options->output ? write_outputs(self->options, self, record) : EXIT_ALL_GOOD;
}

static int deliver(session *self, const pixazo_generation *record)
{
  report_pictures(self->options, record);
  if (pixazo_generation_state(record) == PIXAZO_GENERATION_PARTIAL && *pixazo_generation_message(record))
    complain("this is not all: %s", pixazo_generation_message(record));
  int code = print_result(self, record);
  if (code == EXIT_ALL_GOOD && pixazo_cancel_get(self->cancel) != 0)
    return EXIT_INTERRUPTED; /* what was paid for came home all the same */
  return code == EXIT_ALL_GOOD && pixazo_generation_state(record) == PIXAZO_GENERATION_PARTIAL ? EXIT_PARTIAL : code;
}

/* The record of what failed is a result too. */
static void deliver_failure(session *self, const char *id)
{
  pixazo_generation *record = NULL;
  if (!self->options->json || pixazo_repository_find(pixazo_studio_repository(self->studio), id, &record, NULL) != PIXAZO_OK)
    return;
  char *text = record_json(record);
  if (text)
    (void)printf("%s\n", text);
  pixazo_free(text);
  pixazo_generation_free(record);
}

static int give_up(session *self, const char *id, pixazo_status status, const pixazo_error *error)
{
  deliver_failure(self, id);
  return report_error("", error ? pixazo_error_status(error) : status, error);
}

int await_result(session *self, const char *id)
{
  pixazo_error *error = NULL;
  pixazo_event *failure = NULL;
  pixazo_generation *record = NULL;
  pixazo_status status = wait_for(self, id, &record, &failure, &error);
  session_clear_bar(self);
  int code =
      status == PIXAZO_OK ? deliver(self, record) : give_up(self, id, status, failure ? pixazo_event_error(failure) : error);
  pixazo_error_free(error);
  pixazo_event_free(failure);
  pixazo_generation_free(record);
  return code;
}

static int send(session *self, pixazo_request *request)
{
  char *id = NULL;
  char *plan = NULL;
  pixazo_error *error = NULL;
  pixazo_status status = pixazo_client_estimate(pixazo_studio_client(self->studio), request, &plan, &error);
  pixazo_free(plan);
  if (status == PIXAZO_OK)
    status = check_max_cost(self, request, &error);
  if (status != PIXAZO_OK)
    return fail_with(status, error);
  session_tell_note(self);
  announce_price(self, request);
  status = pixazo_pipeline_add(self->pipeline, request, NULL, &id, &error);
  int code = status == PIXAZO_OK ? await_result(self, id) : fail_with(status, error);
  pixazo_free(id);
  return code;
}

int run_generate(const cli_options *options)
{
  session self;
  pixazo_request *request = NULL;
  if (options->argument_count != 1) {
    complain("generate wants one prompt, in quotes: pixazo generate \"a red fox\"");
    return EXIT_USAGE;
  }
  int code = make_request(options, options->arguments[0], &request);
  if (code != EXIT_ALL_GOOD)
    return code;
  code = session_open(options, &self);
  if (code == EXIT_ALL_GOOD) {
    pixazo_error *error = NULL;
    pixazo_status status = pixazo_config_apply(pixazo_studio_config(self.studio), request, &error);
    if (status != PIXAZO_OK)
      code = fail_with(status, error);
    else
      code = options->dry_run ? dry_run(&self, request) : send(&self, request);
    session_close(&self);
  }
  pixazo_request_free(request);
  return code;
}
