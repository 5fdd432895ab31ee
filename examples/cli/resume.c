/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cli.h"
#include "json.h"

/* Anything that still needs a decision or another process. */
static int code_of_report(const char *report)
{
  static const char *const counts[] = {"ambiguous", "lost", "failed", "partial"};
  static const int codes[] = {EXIT_AMBIGUOUS, EXIT_PARTIAL, EXIT_PARTIAL, EXIT_PARTIAL};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    if (json_integer(json_member(report, counts[i])) > 0)
      return codes[i];
  }
  return EXIT_ALL_GOOD;
}

static void print_report(const char *report)
{
  char name[64];
  for (const char *member = json_first_member(report); member; member = json_next_member(member)) {
    json_member_name(member, name, sizeof name);
    if (strcmp(name, "schema") != 0)
      (void)printf("%-24s %.*s\n", name, (int)json_length(json_member_value(member)), json_member_value(member));
  }
}

int run_resume(const cli_options *options)
{
  session self;
  char *report = NULL;
  pixazo_error *error = NULL;
  if (options->argument_count != 0) {
    complain("resume takes no arguments");
    return EXIT_USAGE;
  }
  int code = session_open(options, &self);
  if (code != EXIT_ALL_GOOD)
    return code;
  session_tell_note(&self);
  uint32_t flags = options->go_on ? PIXAZO_RESUME_CONTINUE : PIXAZO_RESUME_PAID;
  pixazo_status status = pixazo_pipeline_resume(self.pipeline, flags, self.cancel, &report, &error);
  if (status == PIXAZO_OK) {
    if (options->json)
      (void)printf("%s\n", report);
    else
      print_report(report);
    code = code_of_report(report);
  } else {
    code = fail_with(status, error);
  }
  pixazo_free(report);
  session_close(&self);
  return code;
}
