/* SPDX-License-Identifier: MIT */
/* From a request to its plan: counting, rules, the protocol, and the server's own /control/ pages. */
#include "gateway/server.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/answers.h"

static bool is_control(const http_request *request)
{
  return strncmp(request->path, "/control/", 9) == 0;
}

static void control_script(server *self, const http_request *request, reply *out)
{
  bytes problem = {0};
  reply_json(out, 200);
  if (script_load(&self->rules, bytes_cstr(&request->body), request->body.size, &problem)) {
    bytes_printf(&out->content.text, "{\"rules\":%zu}\n", self->rules.count);
  } else {
    reply_file(out, 400, "text/plain", bytes_cstr(&problem), problem.size);
  }
  bytes_done(&problem);
}

static void control_used(const server *self, reply *out)
{
  reply_json(out, 200);
  bytes_text(&out->content.text, "{\"used\":[");
  for (size_t i = 0; i < self->rules.count; i++)
    bytes_printf(&out->content.text, "%s%" PRId64, i ? "," : "", self->rules.rules[i].used);
  bytes_text(&out->content.text, "]}\n");
}

static void control_body(const server *self, const char *number, reply *out)
{
  char *end;
  unsigned long back = strtoul(number, &end, 10);
  const bytes *body = end != number && *end == '\0' ? counts_body(&self->tally, back) : NULL;
  if (body)
    reply_file(out, 200, "application/octet-stream", bytes_cstr(body), body->size);
  else
    reply_file(out, 404, "text/plain", "no such body\n", 13);
}

static void control_hurry(server *self, reply *out)
{
  for (peer *one = self->peers; one; one = one->next)
    peer_hurry(one);
  reply_json(out, 200);
  bytes_text(&out->content.text, "{}\n");
}

static void control_answer(server *self, const http_request *request, reply *out)
{
  const char *page = request->path + strlen("/control/");
  bool get = same_text(request->method, "GET");
  if (get && same_text(page, "counts")) {
    reply_json(out, 200);
    counts_to_json(&self->tally, &out->content.text);
  } else if (get && same_text(page, "requests")) {
    reply_json(out, 200);
    counts_seen_to_json(&self->tally, &out->content.text);
  } else if (get && strncmp(page, "body/", 5) == 0) {
    control_body(self, page + 5, out);
  } else if (get && same_text(page, "rules")) {
    control_used(self, out);
  } else if (same_text(request->method, "PUT") && same_text(page, "script")) {
    control_script(self, request, out);
  } else if (same_text(request->method, "POST") && same_text(page, "hurry")) {
    control_hurry(self, out);
  } else if (same_text(request->method, "POST") && same_text(page, "reset")) {
    counts_reset(&self->tally);
    reply_json(out, 200);
    bytes_text(&out->content.text, "{}\n");
  } else {
    reply_file(out, 404, "text/plain", "no such control page\n", 21);
  }
}

static bool plain_authority(const char *host)
{
  static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]";
  return host[0] != '\0' && strspn(host, allowed) == strlen(host);
}

/* Addresses in answers name the host the client used, so that it may download where it was allowed to call. */
static void make_base(const peer *self, bytes *base)
{
  char host[256];
  if (self->owner->options->base)
    bytes_text(base, self->owner->options->base);
  else if (http_header(&self->request.head, "Host", host, sizeof host) && plain_authority(host))
    bytes_printf(base, "%s://%s", self->wire.tls ? "https" : "http", host);
  else
    bytes_text(base, bytes_cstr(&self->owner->base));
}

static void count_connection(peer *self)
{
  if (self->counted)
    return;
  self->counted = true;
  counts_connection_open(&self->owner->tally, 1);
}

static void hurry_interrupted(server *owner)
{
  uint64_t number = owner->shared.card.interrupted;
  owner->shared.card.interrupted = 0;
  for (peer *one = number ? owner->peers : NULL; one; one = one->next) {
    if (one->number == number)
      peer_hurry(one);
  }
}

static void plan_answer(peer *self, const rule *script)
{
  server *owner = self->owner;
  bytes base = {0};
  reply answer = {0};
  make_base(self, &base);
  exchange call = {&self->request, owner->options, bytes_cstr(&base), &owner->shared, script, self->number};
  answers_make(&call, &answer);
  hurry_interrupted(owner);
  plan_input input = {
      .answer = &answer,
      .script = script,
      .delay_ms = self->is_post ? owner->options->delay_ms : 0,
      .keep_alive = self->request.keep_alive,
      .head_only = same_text(self->request.method, "HEAD"),
  };
  plan_make(&self->answer, &input);
  reply_done(&answer);
  bytes_done(&base);
}

static void apply_rule(peer *self, const rule *script)
{
  if (script && script->drop)
    plan_drop(&self->answer, script);
  else
    plan_answer(self, script);
}

static void serve_control(peer *self)
{
  reply answer = {0};
  self->is_control = true;
  control_answer(self->owner, &self->request, &answer);
  plan_make(&self->answer, &(plan_input){.answer = &answer, .keep_alive = self->request.keep_alive});
  reply_done(&answer);
}

void serve_request(peer *self)
{
  server *owner = self->owner;
  if (is_control(&self->request)) {
    serve_control(self);
    return;
  }
  if (owner->tls && !self->wire.tls) {
    serve_bad_request(self);
    return;
  }
  self->requests++;
  counts_request(&owner->tally, &self->request);
  self->is_post = counts_is_bill(&self->request);
  self->is_file = exchange_is_file(self->request.path);
  if (self->is_post)
    counts_post_open(&owner->tally, 1);
  apply_rule(self, script_match(&owner->rules, AT_REQUEST, &self->request, self->requests));
}

bool serve_head(peer *self)
{
  server *owner = self->owner;
  if (is_control(&self->request))
    return false;
  count_connection(self);
  if (counts_is_bill(&self->request))
    owner->tally.posts_begun++;
  owner->tally.changed = true;
  const rule *script = script_match(&owner->rules, AT_HEAD, &self->request, self->requests + 1);
  if (!script)
    return false;
  self->requests++;
  self->request.keep_alive = false; /* the body that still comes is not read */
  apply_rule(self, script);
  return true;
}

bool serve_accept(peer *self)
{
  const rule *script = script_match(&self->owner->rules, AT_ACCEPT, NULL, 1);
  if (!script)
    return false;
  if (script->have_raw)
    plan_make(&self->answer, &(plan_input){.script = script});
  else
    plan_drop(&self->answer, script);
  return true;
}

void serve_bad_request(peer *self)
{
  reply answer = {0};
  self->owner->tally.bad_requests++;
  self->owner->tally.changed = true;
  reply_file(&answer, 400, "text/plain", "bad request\n", 12);
  plan_make(&self->answer, &(plan_input){.answer = &answer});
  reply_done(&answer);
}
