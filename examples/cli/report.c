/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <string.h>

#include "cli.h"

enum { LINE_MAX_BYTES = 16384 };

/* What a provider said may be part of it, so only line ends get to the terminal as they are. */
__attribute__((format(printf, 1, 0))) static void tell_safely(const char *format, va_list arguments)
{
  char text[LINE_MAX_BYTES];
  (void)vsnprintf(text, sizeof text, format, arguments);
  for (char *line = text; *line;) {
    char *end = line + strcspn(line, "\n");
    bool more = *end != '\0';
    *end = '\0';
    print_cut(stderr, line, SIZE_MAX);
    if (more)
      (void)fputc('\n', stderr);
    line = end + more;
  }
}

void say(const cli_options *options, const char *format, ...)
{
  if (options->quiet || options->progress_json) /* then stderr is for programs */
    return;
  va_list arguments;
  va_start(arguments, format);
  tell_safely(format, arguments);
  va_end(arguments);
}

void complain(const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  (void)fputs("pixazo: ", stderr);
  tell_safely(format, arguments);
  (void)fputc('\n', stderr);
  va_end(arguments);
}

int exit_code_of(pixazo_status status)
{
  static const struct {
    pixazo_status status;
    int code;
  } codes[] = {
      {PIXAZO_OK, EXIT_ALL_GOOD},           {PIXAZO_E_ARGUMENT, EXIT_USAGE},        {PIXAZO_E_NOT_FOUND, EXIT_USAGE},
      {PIXAZO_E_AUTH, EXIT_SETTINGS},       {PIXAZO_E_QUOTA, EXIT_REFUSED},         {PIXAZO_E_THROTTLED, EXIT_REFUSED},
      {PIXAZO_E_PROVIDER, EXIT_REFUSED},    {PIXAZO_E_REJECTED, EXIT_BLOCKED},      {PIXAZO_E_BUDGET, EXIT_BUDGET},
      {PIXAZO_E_NETWORK, EXIT_NETWORK},     {PIXAZO_E_TIMEOUT, EXIT_NETWORK},       {PIXAZO_E_AGAIN, EXIT_NETWORK},
      {PIXAZO_E_AMBIGUOUS, EXIT_AMBIGUOUS}, {PIXAZO_E_CANCELLED, EXIT_INTERRUPTED},
  };
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
    if (codes[i].status == status)
      return codes[i].code;
  }
  return EXIT_STORAGE;
}

int report_error(const char *where, pixazo_status status, const pixazo_error *error)
{
  const char *message = error ? pixazo_error_message(error) : pixazo_status_text(status);
  const char *hint = pixazo_error_hint(error);
  complain("%s%s%s%s%s", where, message, hint[0] ? " (" : "", hint, hint[0] ? ")" : "");
  return exit_code_of(status);
}

int fail_with(pixazo_status status, pixazo_error *error)
{
  int code = report_error("", status, error);
  pixazo_error_free(error);
  return code;
}

void report_pictures(const cli_options *options, const pixazo_generation *record)
{
  char money[96];
  char size[32];
  format_money(pixazo_generation_cost_micros(record), pixazo_generation_currency(record),
               pixazo_generation_confidence(record), money, sizeof money);
  for (size_t i = 0; i < pixazo_generation_image_count(record); i++) {
    const char *path = pixazo_generation_image_path(record, i);
    if (pixazo_generation_image_state(record, i) != PIXAZO_IMAGE_RECORDED) {
      say(options, "picture %zu %s: %s\n", i + 1, pixazo_image_state_name(pixazo_generation_image_state(record, i)),
          pixazo_generation_image_reason(record, i));
      continue;
    }
    format_bytes(pixazo_generation_image_bytes(record, i), size, sizeof size);
    say(options, "%s/%s  %s  %dx%d  %s  %s%s\n", pixazo_generation_provider(record), pixazo_generation_model(record),
        path[0] ? path : pixazo_generation_image_key(record, i), pixazo_generation_image_width(record, i),
        pixazo_generation_image_height(record, i), size, money,
        strcmp(pixazo_generation_provider(record), "offline") == 0 ? "  offline test picture" : "");
  }
}

char *record_json(const pixazo_generation *record)
{
  char *text = NULL;
  pixazo_error *error = NULL;
  pixazo_status status = pixazo_generation_to_json(record, &text, &error);
  if (status != PIXAZO_OK)
    (void)fail_with(status, error);
  return text;
}
