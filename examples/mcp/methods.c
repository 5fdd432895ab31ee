/* SPDX-License-Identifier: MIT */
/* What each method means, in sessions that begin with `initialize` and in requests that name their revision themselves. */
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "json.h"
#include "mcp.h"
#include "text.h"

#define INSTRUCTIONS                                                                                                       \
  "Makes pictures from text with pix_generate, and keeps every one of them with what was asked, sent and paid. A picture " \
  "takes up to a few minutes; when a call runs into a time-out repeat it with the same arguments: it is paid once. "       \
  "pix_history finds earlier pictures, pix_get shows one, pix_export converts and resizes, pix_estimate names the price, " \
  "pix_budget what is left, pix_pending and pix_resume what was interrupted."

enum { SOON_MS = 60000, HIDDEN_BYTES = 512 };

static void put_server_info(draft *out, const char *name)
{
  put_open(out, name, '{');
  put_string(out, "name", SERVER_NAME);
  put_string(out, "title", "Pixazo pictures");
  put_string(out, "version", pixazo_version());
  put_close(out, '}');
}

bool reply_open(draft *out, const message *request)
{
  if (!draft_open(out))
    return false;
  (void)fprintf(out->stream, "{\"jsonrpc\":\"2.0\",\"id\":%.*s,\"result\":", (int)request->id.length, request->id.at);
  put_open(out, NULL, '{');
  if (request->version)
    put_string(out, "resultType", "complete");
  return true;
}

static void no_memory(server *self, const message *request, bool *closed)
{
  char text[HIDDEN_BYTES];
  int size =
      snprintf(text, sizeof text, "{\"jsonrpc\":\"2.0\",\"id\":%.*s,\"error\":{\"code\":%d,\"message\":\"out of memory\"}}",
               (int)request->id.length, request->id.at, ERROR_INTERNAL);
  if (size > 0 && size < (int)sizeof text)
    (void)output_line(&self->output, text, (size_t)size, closed, true);
}

static void send_draft(server *self, draft *out, const message *request, bool *closed)
{
  if (!draft_close(out)) {
    no_memory(self, request, closed);
    return;
  }
  (void)output_line(&self->output, out->text, out->size, closed, true);
  free(out->text);
}

void reply_send(server *self, draft *out, const message *request, bool *closed)
{
  if (request->version) {
    put_open(out, "_meta", '{');
    put_server_info(out, "io.modelcontextprotocol/serverInfo");
    put_close(out, '}');
  }
  put_close(out, '}');
  (void)fputc('}', out->stream);
  send_draft(self, out, request, closed);
}

void reply_error(server *self, const message *request, bool *closed, int code, const char *text, const char *data)
{
  draft out;
  if (!draft_open(&out)) {
    no_memory(self, request, closed);
    return;
  }
  (void)fprintf(out.stream, "{\"jsonrpc\":\"2.0\",\"id\":%.*s,\"error\":", (int)request->id.length, request->id.at);
  put_open(&out, NULL, '{');
  put_int(&out, "code", code);
  put_string(&out, "message", text);
  if (data)
    put_json(&out, "data", (span){data, strlen(data)});
  put_close(&out, '}');
  (void)fputc('}', out.stream);
  send_draft(self, &out, request, closed);
}

/* A client need not read stderr: what it has no room for is dropped. */
static void write_stderr(const char *text, size_t size)
{
  struct pollfd ready = {STDERR_FILENO, POLLOUT, 0};
  if (poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0 || write(STDERR_FILENO, text, size) < 0)
    return;
}

static void write_log(server *self, const char *text)
{
  char when[32];
  draft line;
  if (!draft_open(&line))
    return;
  format_time((int64_t)time(NULL) * 1000000, when, sizeof when);
  (void)fprintf(line.stream, "%s ", when);
  print_cut(line.stream, text, SIZE_MAX);
  (void)fputc('\n', line.stream);
  if (draft_close(&line)) {
    write_stderr(line.text, line.size);
    if (self->log_file && fwrite(line.text, 1, line.size, self->log_file) == line.size)
      (void)fflush(self->log_file);
  }
  free(line.text);
}

static const char *level_name(int32_t level)
{
  return level <= PIXAZO_LOG_ERROR     ? "error"
         : level == PIXAZO_LOG_WARNING ? "warning"
         : level == PIXAZO_LOG_INFO    ? "info"
                                       : "debug";
}

void tell(server *self, int32_t level, const char *format, ...)
{
  char text[2048];
  draft out;
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  cut_to_characters(text);
  write_log(self, text);
  if (level > atomic_load(&self->log_level) || !draft_open(&out))
    return;
  (void)fputs("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":", out.stream);
  put_open(&out, NULL, '{');
  put_string(&out, "level", level_name(level));
  put_string(&out, "logger", SERVER_NAME);
  put_string(&out, "data", text);
  put_close(&out, '}');
  (void)fputc('}', out.stream);
  if (draft_close(&out))
    (void)output_line(&self->output, out.text, out.size, NULL, false);
  free(out.text);
}

static void put_capabilities(draft *out, bool session)
{
  put_open(out, "capabilities", '{');
  put_open(out, "tools", '{');
  if (session)
    put_bool(out, "listChanged", false);
  put_close(out, '}');
  put_open(out, "resources", '{');
  if (session)
    put_bool(out, "listChanged", false);
  put_close(out, '}');
  if (session) {
    put_open(out, "logging", '{');
    put_close(out, '}');
  }
  put_close(out, '}');
}

static void on_initialize(server *self, const message *request)
{
  char wanted[32];
  draft out;
  json_string(json_member(request->params, "protocolVersion"), wanted, sizeof wanted);
  int revision = revision_of(wanted);
  self->revision = revision >= 0 && revision <= LAST_SESSION ? revision : LAST_SESSION;
  if (!reply_open(&out, request)) {
    no_memory(self, request, NULL);
    return;
  }
  put_string(&out, "protocolVersion", revisions[self->revision]);
  put_capabilities(&out, true);
  put_server_info(&out, "serverInfo");
  put_string(&out, "instructions", INSTRUCTIONS);
  reply_send(self, &out, request, NULL);
}

void put_freshness(draft *out, const message *request, int milliseconds)
{
  if (!request->version)
    return;
  put_int(out, "ttlMs", milliseconds);
  put_string(out, "cacheScope", "private");
}

static void on_discover(server *self, const message *request)
{
  draft out;
  if (!reply_open(&out, request)) {
    no_memory(self, request, NULL);
    return;
  }
  put_open(&out, "supportedVersions", '[');
  for (int i = REVISIONS - 1; i >= 0; i--)
    put_string(&out, NULL, revisions[i]);
  put_close(&out, ']');
  put_capabilities(&out, false);
  put_string(&out, "instructions", INSTRUCTIONS);
  put_freshness(&out, request, SOON_MS);
  reply_send(self, &out, request, NULL);
}

static void on_ping(server *self, const message *request)
{
  draft out;
  if (reply_open(&out, request))
    reply_send(self, &out, request, NULL);
  else
    no_memory(self, request, NULL);
}

static void on_set_level(server *self, const message *request)
{
  static const struct {
    const char *name;
    int level;
  } levels[] = {{"debug", PIXAZO_LOG_DEBUG},     {"info", PIXAZO_LOG_INFO},      {"notice", PIXAZO_LOG_INFO},
                {"warning", PIXAZO_LOG_WARNING}, {"error", PIXAZO_LOG_ERROR},    {"critical", PIXAZO_LOG_ERROR},
                {"alert", PIXAZO_LOG_ERROR},     {"emergency", PIXAZO_LOG_ERROR}};
  char wanted[16];
  json_string(json_member(request->params, "level"), wanted, sizeof wanted);
  for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
    if (strcmp(levels[i].name, wanted) == 0) {
      atomic_store(&self->log_level, levels[i].level);
      on_ping(self, request);
      return;
    }
  }
  reply_error(self, request, NULL, ERROR_PARAMS,
              "level: want one of debug, info, notice, warning, error, critical, alert, emergency", NULL);
}

static void on_tools_list(server *self, const message *request)
{
  draft out;
  if (json_member(request->params, "cursor")) {
    reply_error(self, request, NULL, ERROR_PARAMS, "cursor: the list has one page, no cursor was given out", NULL);
    return;
  }
  if (!reply_open(&out, request)) {
    no_memory(self, request, NULL);
    return;
  }
  put_tools(&out);
  put_freshness(&out, request, SOON_MS);
  reply_send(self, &out, request, NULL);
}

static void on_templates(server *self, const message *request)
{
  draft out;
  if (!reply_open(&out, request)) {
    no_memory(self, request, NULL);
    return;
  }
  put_resource_templates(&out);
  put_freshness(&out, request, SOON_MS);
  reply_send(self, &out, request, NULL);
}

/* Hands a request to a thread of its own, with a copy of its text. */
static void start_call(server *self, const message *request, void (*run)(call *), const tool *wanted)
{
  call *made = calloc(1, sizeof *made);
  char *line = NULL;
  draft copy;
  if (made && draft_open(&copy)) {
    span params = request->params ? span_of(request->params) : (span){"{}", 2};
    (void)fprintf(copy.stream, "{\"jsonrpc\":\"2.0\",\"id\":%.*s,\"method\":\"call\",\"params\":%.*s}",
                  (int)request->id.length, request->id.at, (int)params.length, params.at);
    line = draft_close(&copy) ? copy.text : NULL;
  }
  if (!line) {
    free(made);
    no_memory(self, request, NULL);
    return;
  }
  *made = (call){.server = self, .line = line, .run = run, .tool = wanted};
  message_read_at(line, &made->message);
  made->arguments = json_member(made->message.params, "arguments");
  made->revision = made->message.version ? STATELESS : self->revision;
  if (calls_add(self, made))
    return;
  call_free(made);
  reply_error(self, request, NULL, ERROR_INTERNAL, "too many calls at once; try again when some have ended", NULL);
}

static void on_tools_call(server *self, const message *request)
{
  char text[128];
  const char *name = json_member(request->params, "name");
  const char *arguments = json_member(request->params, "arguments");
  json_string(name, text, sizeof text);
  if (!name || *name != '"') {
    reply_error(self, request, NULL, ERROR_PARAMS, "name: the name of a tool is required", NULL);
    return;
  }
  if (arguments && *arguments != '{') {
    reply_error(self, request, NULL, ERROR_PARAMS, "arguments: want an object", NULL);
    return;
  }
  const tool *wanted = tool_find(text);
  if (wanted) {
    start_call(self, request, run_tool, wanted);
    return;
  }
  char answer[192];
  (void)snprintf(answer, sizeof answer, "Unknown tool: %s", text);
  reply_error(self, request, NULL, ERROR_PARAMS, answer, NULL);
}

static void on_resources_list(server *self, const message *request)
{
  start_call(self, request, run_resources_list, NULL);
}

static void on_resources_read(server *self, const message *request)
{
  if (json_member(request->params, "uri"))
    start_call(self, request, run_resources_read, NULL);
  else
    reply_error(self, request, NULL, ERROR_PARAMS, "uri: required", NULL);
}

enum { IN_SESSIONS = 1, STATELESSLY = 2 };

static const struct {
  const char *name;
  int where;
  void (*run)(server *self, const message *request);
} methods[] = {
    {"initialize", IN_SESSIONS, on_initialize},
    {"ping", IN_SESSIONS, on_ping},
    {"logging/setLevel", IN_SESSIONS, on_set_level},
    {"server/discover", STATELESSLY, on_discover},
    {"tools/list", IN_SESSIONS | STATELESSLY, on_tools_list},
    {"tools/call", IN_SESSIONS | STATELESSLY, on_tools_call},
    {"resources/list", IN_SESSIONS | STATELESSLY, on_resources_list},
    {"resources/read", IN_SESSIONS | STATELESSLY, on_resources_read},
    {"resources/templates/list", IN_SESSIONS | STATELESSLY, on_templates},
};

/* What a request that names its revision must say. False: answered. */
static bool check_metadata(server *self, const message *request)
{
  char wanted[32];
  draft data;
  json_string(request->version, wanted, sizeof wanted);
  const char *capabilities = json_member(request->meta, "io.modelcontextprotocol/clientCapabilities");
  if (*request->version != '"' || !capabilities || *capabilities != '{') {
    reply_error(self, request, NULL, ERROR_PARAMS,
                "_meta: io.modelcontextprotocol/protocolVersion and io.modelcontextprotocol/clientCapabilities are required",
                NULL);
    return false;
  }
  if (strcmp(wanted, revisions[STATELESS]) == 0)
    return true;
  if (!draft_open(&data)) {
    no_memory(self, request, NULL);
    return false;
  }
  put_open(&data, NULL, '{');
  put_open(&data, "supported", '[');
  for (int i = REVISIONS - 1; i >= 0; i--)
    put_string(&data, NULL, revisions[i]);
  put_close(&data, ']');
  put_string(&data, "requested", wanted);
  put_close(&data, '}');
  if (draft_close(&data))
    reply_error(self, request, NULL, ERROR_REVISION, "Unsupported protocol version", data.text);
  else
    no_memory(self, request, NULL);
  free(data.text);
  return false;
}

static void handle_request(server *self, const message *request)
{
  int era = request->version ? STATELESSLY : IN_SESSIONS;
  if (request->wrong_params) {
    reply_error(self, request, NULL, ERROR_PARAMS, "params: want an object", NULL);
    return;
  }
  if (request->version && !check_metadata(self, request))
    return;
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
    if ((methods[i].where & era) && strcmp(methods[i].name, request->method) == 0) {
      methods[i].run(self, request);
      return;
    }
  }
  reply_error(self, request, NULL, ERROR_METHOD, "Method not found", NULL);
}

static void handle_notification(server *self, const message *notification)
{
  const char *id = json_member(notification->params, "requestId");
  if (strcmp(notification->method, "notifications/cancelled") == 0 && id)
    calls_cancel(self, span_of(id));
}

static void handle(server *self, const message *one)
{
  switch (one->kind) {
  case MESSAGE_REQUEST:
    handle_request(self, one);
    break;
  case MESSAGE_NOTIFICATION:
    handle_notification(self, one);
    break;
  case MESSAGE_WRONG:
    tell(self, PIXAZO_LOG_WARNING, "a line was not answered: %s", one->why);
    break;
  case MESSAGE_ANSWER:
  case MESSAGE_BATCH:
  default:
    break;
  }
}

void handle_line(server *self, const char *line)
{
  message one;
  if (line[strspn(line, " \t")] == '\0')
    return;
  message_read(line, &one);
  if (one.kind != MESSAGE_BATCH) {
    handle(self, &one);
    return;
  }
  if (self->revision != BATCHES_IN) {
    tell(self, PIXAZO_LOG_WARNING, "a batch was not answered: revision %s has none", revisions[self->revision]);
    return;
  }
  for (const char *each = json_first(one.params); each; each = json_next(each)) {
    message part;
    message_read_at(each, &part);
    handle(self, &part);
  }
}
