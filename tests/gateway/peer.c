/* SPDX-License-Identifier: MIT */
#include "gateway/server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum {
  DRAIN_MS = 2000,
  TURN_MAX = 256 * 1024, /* bytes one peer sends before the others have their turn */
  AHEAD_MAX = 64 * 1024  /* bytes of later requests read while one is answered */
};

typedef enum run_end { RUN_WAITS, RUN_BLOCKED, RUN_NEXT, RUN_OVER } run_end;

static void want(peer *self, uint32_t events)
{
  if (self->interest == events)
    return;
  struct epoll_event told = {.events = events, .data.ptr = self};
  int change = self->interest == UINT32_MAX ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  (void)epoll_ctl(self->owner->epoll, change, self->wire.descriptor, &told);
  self->interest = events;
}

static void forget_request(peer *self)
{
  if (self->is_post)
    counts_post_open(&self->owner->tally, -1);
  self->is_post = self->is_file = self->is_control = false;
  http_request_done(&self->request);
  plan_done(&self->answer);
}

static void release(peer *self, bool reset)
{
  server *owner = self->owner;
  timers_clear(&owner->waiting, &self->wake);
  if (self->counted)
    counts_connection_open(&owner->tally, -1);
  forget_request(self);
  bytes_done(&self->in);
  channel_close(&self->wire, reset);
  if (self->next)
    self->next->previous = self->previous;
  if (self->previous)
    self->previous->next = self->next;
  else
    owner->peers = self->next;
  free(self);
}

void peer_free(peer *self)
{
  release(self, false);
}

static void gone(peer *self)
{
  if (self->state == PEER_ANSWERING && !self->is_control) {
    self->owner->tally.client_gone++;
    self->owner->tally.changed = true;
  }
  if (self->state == PEER_HANDSHAKE) {
    self->owner->tally.handshakes_failed++;
    self->owner->tally.changed = true;
  }
  release(self, false);
}

/* Ends our side and waits a little for the other to end: closing with bytes unread would reset, and take back the answer. */
static run_end finish(peer *self, bool with_notice)
{
  channel_finish(&self->wire, with_notice);
  forget_request(self);
  self->state = PEER_DRAINING;
  timers_set(&self->owner->waiting, &self->wake, now_ms() + DRAIN_MS);
  want(self, EPOLLIN);
  return RUN_OVER;
}

static void count_begun(peer *self)
{
  if (self->is_post && self->answer.status / 100 == 2) {
    self->owner->tally.posts_begun_200++;
    self->owner->tally.changed = true;
  }
}

static void count_answered(peer *self)
{
  counts *tally = &self->owner->tally;
  if (!self->answer.whole)
    return;
  if (self->is_post) {
    tally->posts_answered++;
    tally->posts_answered_200 += self->answer.status / 100 == 2;
  }
  if (self->is_file)
    tally->downloads_whole += self->answer.status == 200;
  tally->changed = true;
}

/* One write of a step; a negative result as of channel_write. */
static ssize_t send_some(peer *self, const step *now)
{
  plan *answer = &self->answer;
  const char *data = NULL;
  size_t size = plan_peek(answer, &data);
  if (size > now->size - answer->step_sent)
    size = now->size - answer->step_sent;
  if (now->piece > 0 && size > now->piece)
    size = now->piece;
  ssize_t put = channel_write(&self->wire, data, size);
  if (put > 0) {
    if (!answer->begun)
      count_begun(self);
    answer->begun = true;
    answer->step_sent += (size_t)put;
    plan_take(answer, (size_t)put);
  }
  return put;
}

static run_end wait_for(peer *self, int64_t wait_ms)
{
  plan *answer = &self->answer;
  want(self, self->in.size < AHEAD_MAX ? EPOLLIN : 0);
  if (wait_ms <= 0) /* until the client goes */
    return RUN_WAITS;
  if (answer->until == 0)
    answer->until = now_ms() + wait_ms;
  timers_set(&self->owner->waiting, &self->wake, answer->until);
  return RUN_WAITS;
}

static run_end run_send(peer *self, const step *now)
{
  plan *answer = &self->answer;
  size_t turn = 0;
  while (answer->step_sent < now->size || now->kind == STEP_REPEAT) {
    if (answer->step_sent == now->size) {
      answer->step_sent = 0;
      plan_repeat(answer);
    }
    ssize_t put = turn < TURN_MAX ? send_some(self, now) : CHANNEL_AGAIN;
    if (put == CHANNEL_AGAIN) {
      want(self, EPOLLOUT);
      return RUN_BLOCKED;
    }
    if (put <= 0) {
      gone(self);
      return RUN_OVER;
    }
    turn += (size_t)put;
    if (now->piece > 0 && now->piece_ms > 0 && answer->step_sent < now->size)
      return wait_for(self, now->piece_ms);
  }
  return RUN_NEXT;
}

static void next_step(plan *answer)
{
  answer->index++;
  answer->step_sent = 0;
  answer->until = 0;
}

static run_end run_end_of(peer *self, const step *now)
{
  count_answered(self);
  switch (now->kind) {
  case STEP_KEEP:
    forget_request(self);
    self->state = PEER_READING;
    return RUN_NEXT;
  case STEP_CLOSE:
    return finish(self, true);
  case STEP_FIN:
    return finish(self, false);
  default:
    release(self, true);
    return RUN_OVER;
  }
}

static run_end run_plan(peer *self)
{
  plan *answer = &self->answer;
  for (;;) {
    const step *now = &answer->steps[answer->index];
    if (now->kind == STEP_WAIT) {
      if (answer->until == 0 || answer->until > now_ms())
        return wait_for(self, now->wait_ms);
      next_step(answer);
    } else if (now->kind == STEP_SEND || now->kind == STEP_REPEAT) {
      if (answer->until > now_ms()) /* between two pieces */
        return wait_for(self, 1);
      answer->until = 0;
      run_end end = run_send(self, now);
      if (end != RUN_NEXT)
        return end;
      next_step(answer);
    } else {
      return run_end_of(self, now);
    }
  }
}

/* Takes what has arrived; false when the peer is no more. */
static bool fill(peer *self, bool *more)
{
  char block[16384];
  *more = false;
  ssize_t got = channel_read(&self->wire, block, sizeof block);
  if (got > 0) {
    *more = true;
    if (self->state != PEER_DRAINING)
      bytes_add(&self->in, block, (size_t)got);
    return true;
  }
  if (got == CHANNEL_AGAIN)
    return true;
  gone(self);
  return false;
}

static void begin_answer(peer *self)
{
  self->state = PEER_ANSWERING;
}

static bool read_request(peer *self)
{
  switch (http_read(&self->request, &self->in)) {
  case HTTP_MORE:
    return false;
  case HTTP_HEAD:
    if (serve_head(self))
      begin_answer(self);
    else if (self->request.expects_continue)
      (void)channel_write(&self->wire, "HTTP/1.1 100 Continue\r\n\r\n", 25);
    return true;
  case HTTP_WHOLE:
    serve_request(self);
    break;
  case HTTP_BAD:
    serve_bad_request(self);
    break;
  }
  begin_answer(self);
  return true;
}

static void pump(peer *self)
{
  for (;;) {
    if (self->state == PEER_ANSWERING) {
      if (run_plan(self) != RUN_NEXT)
        return;
      continue;
    }
    if (read_request(self))
      continue;
    bool more;
    if (!fill(self, &more))
      return;
    if (!more) {
      want(self, EPOLLIN);
      return;
    }
  }
}

/* The first byte tells TLS from plain HTTP; a TLS server takes the latter for /control/ alone (see serve.c). */
static bool sniff(peer *self)
{
  unsigned char first;
  ssize_t got = recv(self->wire.descriptor, &first, 1, MSG_PEEK);
  if (got < 0) {
    want(self, EPOLLIN);
    return false;
  }
  self->state = PEER_READING;
  if (got == 0) {
    gone(self);
    return false;
  }
  if (self->owner->tls && first == 0x16) {
    self->state = PEER_HANDSHAKE;
    if (!channel_secure(&self->wire, self->owner->tls)) {
      gone(self);
      return false;
    }
  }
  return true;
}

static bool shake(peer *self)
{
  bool wants_write;
  int result = channel_handshake(&self->wire, &wants_write);
  if (result == CHANNEL_AGAIN) {
    want(self, wants_write ? EPOLLOUT : EPOLLIN);
    return false;
  }
  if (result == CHANNEL_BROKEN) {
    gone(self);
    return false;
  }
  self->owner->tally.handshakes++;
  self->owner->tally.changed = true;
  self->state = PEER_READING;
  return true;
}

static void drain(peer *self)
{
  bool more = true;
  while (more) {
    if (!fill(self, &more))
      return;
  }
}

void peer_event(peer *self, uint32_t events)
{
  bool more = true;
  if (self->state == PEER_NEW && !sniff(self))
    return;
  if (self->state == PEER_HANDSHAKE && !shake(self))
    return;
  if (self->state == PEER_DRAINING) {
    drain(self);
    return;
  }
  if (self->state == PEER_ANSWERING && (events & (EPOLLIN | EPOLLERR | EPOLLHUP))) {
    while (more && self->in.size < AHEAD_MAX) {
      if (!fill(self, &more))
        return;
    }
    if (events & (EPOLLERR | EPOLLHUP)) {
      gone(self);
      return;
    }
  }
  pump(self);
}

void peer_due(peer *self)
{
  if (self->state == PEER_ANSWERING)
    pump(self);
  else
    release(self, false);
}

void peer_hurry(peer *self)
{
  bool waits = self->state == PEER_ANSWERING && self->answer.steps[self->answer.index].kind == STEP_WAIT;
  if (!waits || self->answer.until == 0)
    return;
  self->answer.until = now_ms();
  timers_set(&self->owner->waiting, &self->wake, self->answer.until);
}

void peer_open(server *self, int descriptor)
{
  int yes = 1;
  (void)setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  peer *fresh = must_alloc(1, sizeof *fresh);
  fresh->owner = self;
  fresh->number = ++self->next_number;
  fresh->wire.descriptor = descriptor;
  fresh->interest = UINT32_MAX;
  fresh->next = self->peers;
  if (fresh->next)
    fresh->next->previous = fresh;
  self->peers = fresh;
  self->tally.accepted++;
  if (serve_accept(fresh)) {
    begin_answer(fresh);
    pump(fresh);
    return;
  }
  peer_event(fresh, EPOLLIN);
}
