/* SPDX-License-Identifier: MIT */
/* The answer of a tool: sentences, links and pictures, and the same as data. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "mcp.h"
#include "text.h"

enum { SENTENCE_MAX = 8192 };

__attribute__((format(printf, 2, 0))) static void add_sentence(result *self, const char *format, va_list arguments)
{
  char text[SENTENCE_MAX];
  (void)vsnprintf(text, sizeof text, format, arguments);
  cut_to_characters(text);
  if (self->text.behind)
    (void)fputc(' ', self->text.stream);
  self->text.behind = true;
  (void)fputs(text, self->text.stream);
}

void say(result *self, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  add_sentence(self, format, arguments);
  va_end(arguments);
}

void say_failure(result *self, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  add_sentence(self, format, arguments);
  va_end(arguments);
  self->failed = true;
}

static const char *charge_text(int32_t charge)
{
  switch (charge) {
  case PIXAZO_CHARGE_NOT_CHARGED:
    return "Nothing was charged.";
  case PIXAZO_CHARGE_CHARGED:
    return "It was charged.";
  case PIXAZO_CHARGE_UNKNOWN:
    return "It may have been charged: do not repeat it blindly, look at pix_pending.";
  default:
    return "";
  }
}

void say_error(result *self, const char *what, pixazo_status status, pixazo_error *error)
{
  const char *why = error ? pixazo_error_message(error) : pixazo_status_text(status);
  const char *hint = pixazo_error_hint(error);
  const char *charge = charge_text(pixazo_error_charge(error));
  const char *generation = pixazo_error_generation(error);
  say_failure(self, "%s: %s.", what, why);
  if (hint[0])
    say(self, "What to do: %s.", hint);
  if (charge[0])
    say(self, "%s", charge);
  if (pixazo_error_retry_after_ms(error) > 0)
    say(self, "The service asks to wait %u s.", (unsigned)(pixazo_error_retry_after_ms(error) / 1000 + 1));
  if (generation[0])
    say(self, "Recorded as generation %s (%s).", generation, pixazo_status_name(status));
  pixazo_error_free(error);
}

void say_note(result *self, const pixazo_studio *studio)
{
  const char *note = pixazo_studio_note(studio);
  if (!note[0])
    return;
  say(self, "Note: %s.", note);
  put_string(&self->structured, "note", note);
}

static bool open_result(result *self)
{
  *self = (result){.failed = false};
  bool opened = draft_open(&self->text);
  opened = draft_open(&self->content) && opened;
  opened = draft_open(&self->structured) && opened;
  if (opened)
    put_open(&self->structured, NULL, '{');
  return opened;
}

/* False: no memory for one of them. */
static bool close_result(result *self)
{
  if (self->structured.stream)
    put_close(&self->structured, '}');
  bool whole = draft_close(&self->text);
  whole = draft_close(&self->content) && whole;
  return draft_close(&self->structured) && whole;
}

static void put_text_block(draft *out, const char *text)
{
  put_open(out, NULL, '{');
  put_string(out, "type", "text");
  put_string(out, "text", text);
  put_close(out, '}');
}

static void send(call *self, const result *answer)
{
  draft out;
  bool structured = self->revision >= RESOURCE_LINKS_SINCE;
  if (!reply_open(&out, &self->message)) {
    reply_error(self->server, &self->message, NULL, ERROR_INTERNAL, "out of memory", NULL);
    return;
  }
  put_open(&out, "content", '[');
  put_text_block(&out, answer->text.text);
  if (!answer->failed && !structured) /* clients of old find the data here */
    put_text_block(&out, answer->structured.text);
  if (answer->content.size > 0) {
    put_name(&out, NULL);
    (void)fwrite(answer->content.text, 1, answer->content.size, out.stream);
  }
  put_close(&out, ']');
  if (!answer->failed && structured)
    put_json(&out, "structuredContent", (span){answer->structured.text, answer->structured.size});
  put_bool(&out, "isError", answer->failed);
  reply_send(self->server, &out, &self->message, NULL);
}

void run_tool(call *self)
{
  result answer;
  bool good = open_result(&answer);
  if (good)
    self->tool->run(self, &answer);
  good = close_result(&answer) && good;
  if (intents_answer(&self->server->intents, self, good)) {
    if (good)
      send(self, &answer);
    else
      reply_error(self->server, &self->message, NULL, ERROR_INTERNAL, "out of memory", NULL);
  }
  free(answer.text.text);
  free(answer.content.text);
  free(answer.structured.text);
}
