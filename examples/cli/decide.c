/* SPDX-License-Identifier: MIT */
/* pixazo abandon and retry: what is decided about a generation that goes no further by itself. */
#include "cli.h"

/* What cannot be decided about this one is a mistake in what was asked for, not of the disk. */
static int refused(pixazo_status status, pixazo_error *error)
{
  int code = fail_with(status, error);
  bool asked_wrong = status == PIXAZO_E_STATE || status == PIXAZO_E_EXISTS || status == PIXAZO_E_CONFLICT;
  return asked_wrong ? EXIT_USAGE : code;
}

static int abandon_one(session *self, const char *id)
{
  pixazo_error *error = NULL;
  pixazo_status status = pixazo_pipeline_abandon(self->pipeline, id, &error);
  if (status != PIXAZO_OK)
    return refused(status, error);
  say(self->options, "%s is given up; what it may have cost stays in the books\n", id);
  return EXIT_ALL_GOOD;
}

static int retry_one(session *self, const char *id)
{
  pixazo_error *error = NULL;
  char *again = NULL;
  pixazo_status status = pixazo_pipeline_retry(self->pipeline, id, &again, &error);
  if (status != PIXAZO_OK)
    return refused(status, error);
  say(self->options, "%s is tried again as %s\n", id, again);
  int code = await_result(self, again);
  pixazo_free(again);
  return code;
}

/* The first failure tells; the others are tried all the same, unless somebody interrupts. */
static int run_each(const cli_options *options, const char *name, int (*one)(session *, const char *))
{
  session self;
  if (options->argument_count < 1) {
    complain("%s wants ids of generations; `pixazo pending` gives them", name);
    return EXIT_USAGE;
  }
  int code = session_open(options, &self);
  if (code != EXIT_ALL_GOOD)
    return code;
  session_tell_note(&self);
  for (int i = 0; i < options->argument_count && pixazo_cancel_get(self.cancel) == 0; i++) {
    int ended = one(&self, options->arguments[i]);
    code = code == EXIT_ALL_GOOD ? ended : code;
  }
  session_close(&self);
  return code;
}

int run_abandon(const cli_options *options)
{
  return run_each(options, "abandon", abandon_one);
}

int run_retry(const cli_options *options)
{
  return run_each(options, "retry", retry_one);
}
