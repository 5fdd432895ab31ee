/* SPDX-License-Identifier: MIT */
#include "gateway/sse.h"

static const rule plain = {0};

static const rule *form_of(const sse *self)
{
  return self->call->script ? self->call->script : &plain;
}

static void line(sse *self, const char *text)
{
  bytes_text(&self->out->content.text, text);
  bytes_text(&self->out->content.text, form_of(self)->newline ? form_of(self)->newline : "\n");
}

sse sse_start(const exchange *call, reply *out)
{
  reply_file(out, 200, "text/event-stream; charset=utf-8", "", 0);
  bytes_text(&out->headers, "Cache-Control: no-cache\r\n");
  return (sse){.call = call, .out = out};
}

static void begin(sse *self, const char *name)
{
  bytes *text = &self->out->content.text;
  reply_stop(self->out);
  if (form_of(self)->comments)
    line(self, ": keep-alive");
  if (name) {
    bytes_text(text, "event: ");
    line(self, name);
  }
  bytes_text(text, form_of(self)->comments ? "data:" : "data: "); /* the blank is optional */
}

void sse_event_end(sse *self)
{
  line(self, "");
  line(self, "");
  self->events++;
}

void sse_last(sse *self)
{
  const rule *form = form_of(self);
  if (self->over || !form->stream_error || self->events < form->error_after)
    return;
  self->over = true;
  begin(self, self->error_event);
  bytes_text(&self->out->content.text, form->stream_error);
  sse_event_end(self);
}

bool sse_event(sse *self, const char *name)
{
  sse_last(self);
  if (self->over)
    return false;
  begin(self, name);
  return true;
}

void sse_split(sse *self)
{
  if (!form_of(self)->split_data)
    return;
  line(self, "");
  bytes_text(&self->out->content.text, "data: ");
}

void sse_finish(sse *self)
{
  if (!form_of(self)->done || self->over)
    return;
  reply_stop(self->out);
  bytes_text(&self->out->content.text, "data: [DONE]");
  sse_event_end(self);
}
