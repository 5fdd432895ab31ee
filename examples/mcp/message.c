/* SPDX-License-Identifier: MIT */
#include "message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pixazo/request.h>

#include "json.h"

const char *const revisions[REVISIONS] = {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"};

int revision_of(const char *name)
{
  for (int i = 0; i < REVISIONS; i++) {
    if (strcmp(name, revisions[i]) == 0)
      return i;
  }
  return -1;
}

span span_of(const char *value)
{
  return (span){value, json_length(value)};
}

static bool is_object(const char *value)
{
  return value && *value == '{';
}

/* A string or a number: what may name a request. */
static bool is_name(const char *value)
{
  return value && (*value == '"' || *value == '-' || (*value >= '0' && *value <= '9'));
}

static void read_params(message *out)
{
  out->meta = json_member(out->params, "_meta");
  if (!is_object(out->meta))
    out->meta = NULL;
  const char *token = json_member(out->meta, "progressToken");
  if (is_name(token))
    out->token = span_of(token);
  out->version = json_member(out->meta, "io.modelcontextprotocol/protocolVersion");
}

static const char *read_object(const char *object, message *out)
{
  const char *id = json_member(object, "id");
  const char *method = json_member(object, "method");
  char version[8];
  json_string(json_member(object, "jsonrpc"), version, sizeof version);
  if (strcmp(version, "2.0") != 0)
    return "no JSON-RPC 2.0";
  if (!method) {
    out->kind = MESSAGE_ANSWER;
    return id ? NULL : "neither a method nor an id";
  }
  if (*method != '"')
    return "the method is no text";
  if (id && !is_name(id))
    return "the id is neither text nor a number";
  json_string(method, out->method, sizeof out->method);
  out->params = json_member(object, "params");
  if (out->params && !is_object(out->params)) {
    out->params = NULL;
    out->wrong_params = true;
  }
  out->kind = id ? MESSAGE_REQUEST : MESSAGE_NOTIFICATION;
  if (id)
    out->id = span_of(id);
  read_params(out);
  return NULL;
}

void message_read_at(const char *object, message *out)
{
  *out = (message){.kind = MESSAGE_WRONG};
  out->why = is_object(object) ? read_object(object, out) : "no object";
  if (out->why)
    out->kind = MESSAGE_WRONG;
}

/* The library's own check of JSON text: RFC 8259, UTF-8, bounded depth and size, no member twice. It wants an object. */
static bool is_json(const char *text)
{
  pixazo_request *request = NULL;
  bool good = pixazo_request_new(NULL, &request, NULL) == PIXAZO_OK;
  good = good && pixazo_request_set_json(request, "metadata", text, NULL) == PIXAZO_OK;
  pixazo_request_free(request);
  return good;
}

static bool is_json_array(const char *text)
{
  size_t size = strlen(text) + sizeof "{\"batch\":}";
  char *object = malloc(size);
  if (!object)
    return false;
  (void)snprintf(object, size, "{\"batch\":%s}", text);
  bool good = is_json(object);
  free(object);
  return good;
}

void message_read(const char *text, message *out)
{
  text += strspn(text, " \t");
  *out = (message){.kind = MESSAGE_WRONG, .why = "no JSON, or more of it than is read"};
  if (*text == '[' && is_json_array(text))
    *out = (message){.kind = MESSAGE_BATCH, .params = text};
  else if (*text == '{' && is_json(text))
    message_read_at(text, out);
}
