/* SPDX-License-Identifier: MIT */
#include "net/loop.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "net/descriptors.h"

enum {
  TICK_US = 100000, /* how often tokens and deadlines are looked at */
  PAUSE_US = 50000, /* before the next try when descriptors ran out */
  EVENTS = 32,      /* sockets served before others get their turn */
  STEP_US = 10000,  /* and for how long: one may take milliseconds (TLS); who was left out is reported again */
  BURST = 16,       /* calls started before sockets are served again */
  KEPT_MIN = 4,
  KEPT_MAX = 64
};

/* ---- ending ---- */

static void finish(px_loop *loop, px_transfer *transfer)
{
  px_list_remove(transfer);
  loop->ended(loop->self, transfer);
}

/* The others asked for the same name: they got the same answer. */
static void finish_followers(px_loop *loop, px_list *followers, const px_transfer *pioneer)
{
  while (followers->first) {
    px_transfer *follower = followers->first;
    px_transfer_fail(follower, pioneer->outcome.trouble, "%s", pioneer->reason[0] ? pioneer->reason : "lookup failed");
    finish(loop, follower);
  }
}

/* Nothing was asked of anybody, and this process has no descriptors left: that is no failure of the call. */
static bool must_wait_for_descriptors(const px_transfer *transfer)
{
  switch (transfer->outcome.trouble) {
  case PX_TROUBLE_RESOLVE:
  case PX_TROUBLE_CONNECT:
  case PX_TROUBLE_TLS:
  case PX_TROUBLE_LOCAL:
  case PX_TROUBLE_MEMORY:
    return !transfer->written && !transfer->outcome.body_asked && (transfer->no_descriptors || px_descriptors_short());
  default:
    return false;
  }
}

static void on_ended(void *self, px_transfer *transfer, const char *redirect)
{
  px_loop *loop = self;
  px_list followers = {NULL, NULL, 0};
  bool short_of = must_wait_for_descriptors(transfer);
  bool unresolved = transfer->host && !short_of &&
                    (transfer->outcome.trouble == PX_TROUBLE_RESOLVE || transfer->outcome.trouble == PX_TROUBLE_TIMEOUT);
  px_list_remove(transfer);
  px_lookup_left(&loop->lookup, transfer, unresolved, unresolved ? &followers : &loop->ready);
  finish_followers(loop, &followers, transfer);
  if (short_of) {
    px_transfer_rewind(transfer);
    transfer->pause_until_us = px_mono_us(loop->clock) + PAUSE_US;
    px_list_append(&loop->delayed, transfer);
  } else if (redirect && px_transfer_redirect(transfer, redirect, loop->allow_hosts)) {
    px_list_append(&loop->ready, transfer);
  } else {
    finish(loop, transfer);
  }
}

static void on_resolved(void *self, px_transfer *transfer)
{
  px_loop *loop = self;
  px_lookup_found(&loop->lookup, transfer, px_mono_us(loop->clock), &loop->ready);
}

/* It met a kept connection and looked nothing up: the next one may. */
static void on_ready(void *self, px_transfer *transfer)
{
  px_loop *loop = self;
  px_lookup_left(&loop->lookup, transfer, false, &loop->ready);
}

/* ---- cutting ---- */

static void cut(px_loop *loop, px_transfer *transfer)
{
  px_multi_drop(loop->multi, transfer);
  px_lookup_left(&loop->lookup, transfer, false, &loop->ready);
  finish(loop, transfer);
}

static bool is_cancelled(px_transfer *transfer)
{
  if (atomic_load(&transfer->cancelled))
    return true;
  int32_t mode = pixazo_cancel_get(transfer->call->cancel);
  bool keeps_listening = transfer->call->finish_when_sent && transfer->outcome.body_asked;
  return mode == PIXAZO_CANCEL_NOW || (mode != 0 && !keeps_listening);
}

/* True when it was over and is gone. */
static bool cut_if_over(px_loop *loop, px_transfer *transfer, int64_t now_us)
{
  const px_http_call *call = transfer->call;
  if (is_cancelled(transfer))
    px_transfer_fail(transfer, PX_TROUBLE_CANCEL, "cancelled");
  else if (now_us >= transfer->deadline_us)
    px_transfer_fail(transfer, PX_TROUBLE_TIMEOUT, "no whole answer within %u ms", (unsigned)call->total_ms);
  else if (call->stall_ms && transfer->connected && now_us - transfer->activity_us > (int64_t)call->stall_ms * 1000)
    px_transfer_fail(transfer, PX_TROUBLE_TIMEOUT, "silent for %u ms", (unsigned)call->stall_ms);
  else
    return false;
  cut(loop, transfer);
  return true;
}

static void look_at(void *self, px_transfer *transfer)
{
  px_loop *loop = self;
  (void)cut_if_over(loop, transfer, px_mono_us(loop->clock));
}

static void look_through(px_loop *loop, px_list *list)
{
  for (px_transfer *transfer = list->first, *next; transfer; transfer = next) {
    next = transfer->next;
    look_at(loop, transfer);
  }
}

static void resume_delayed(px_loop *loop, int64_t now_us)
{
  for (px_transfer *transfer = loop->delayed.first, *next; transfer; transfer = next) {
    next = transfer->next;
    bool room = !loop->ready.first && loop->running.count < loop->slots;
    if (transfer->pause_until_us > now_us || (transfer->call->delay_ms && !room))
      continue;
    px_list_remove(transfer);
    px_list_append(&loop->ready, transfer);
  }
}

static void count_slots(px_loop *loop)
{
  uint32_t budget = px_descriptor_budget();
  uint32_t slots = loop->max_calls && loop->max_calls < budget ? loop->max_calls : budget;
  if (slots == loop->slots)
    return;
  loop->slots = slots;
  uint32_t kept = slots / 8;
  loop->kept = kept < KEPT_MIN ? KEPT_MIN : kept > KEPT_MAX ? KEPT_MAX : kept;
}

/* ---- starting ---- */

static void refuse(px_loop *loop, px_transfer *transfer)
{
  px_transfer_fail(transfer, PX_TROUBLE_MEMORY, "out of memory");
  finish(loop, transfer);
}

static void start(px_loop *loop, px_transfer *transfer)
{
  if (cut_if_over(loop, transfer, px_mono_us(loop->clock)))
    return;
  px_list_remove(transfer);
  if (loop->proxy || !transfer->target.literal) {
    const char *name = loop->proxy ? "" : transfer->target.host;
    int way = px_lookup_enter(&loop->lookup, transfer, name, px_mono_us(loop->clock));
    if (way == PX_LOOKUP_JOINED)
      return;
    if (way == PX_LOOKUP_NOMEM) {
      refuse(loop, transfer);
      return;
    }
  }
  if (px_multi_start(loop->multi, transfer, NULL) == PIXAZO_OK) {
    px_list_append(&loop->running, transfer);
  } else {
    px_lookup_left(&loop->lookup, transfer, false, &loop->ready);
    refuse(loop, transfer);
  }
}

static bool can_start(const px_loop *loop)
{
  return loop->ready.first && loop->running.count < loop->slots;
}

/* ---- the loop ---- */

static void drain(int descriptor)
{
  uint64_t count;
  while (read(descriptor, &count, sizeof count) > 0) {
  }
}

static int wait_ms(const px_loop *loop)
{
  if (can_start(loop))
    return 0;
  int64_t until = px_multi_due_us(loop->multi);
  bool busy = loop->running.first || loop->delayed.first || loop->ready.first;
  if (busy && loop->tick_us < until)
    until = loop->tick_us;
  if (until == INT64_MAX)
    return -1;
  int64_t left_us = until - px_mono_us(loop->clock);
  if (left_us <= 0)
    return 0;
  return left_us > TICK_US * 10 ? 1000 : (int)((left_us + 999) / 1000);
}

void px_loop_wait(px_loop *loop)
{
  struct epoll_event events[EVENTS];
  int count = epoll_wait(loop->epoll, events, EVENTS, wait_ms(loop));
  int64_t until_us = px_mono_us(loop->clock) + STEP_US;
  for (int i = 0; i < count && (i == 0 || px_mono_us(loop->clock) < until_us); i++) {
    if (events[i].data.fd == loop->wake)
      drain(loop->wake);
    else
      px_multi_event(loop->multi, events[i].data.fd, events[i].events);
  }
}

void px_loop_turn(px_loop *loop, bool look)
{
  px_multi_advance(loop->multi);
  int64_t now_us = px_mono_us(loop->clock);
  if (look || now_us >= loop->tick_us) {
    loop->tick_us = now_us + TICK_US;
    count_slots(loop);
    look_through(loop, &loop->running);
    look_through(loop, &loop->delayed);
    look_through(loop, &loop->ready);
    px_lookup_each(&loop->lookup, look_at, loop);
    resume_delayed(loop, now_us);
  }
  for (int i = 0; i < BURST && can_start(loop); i++)
    start(loop, loop->ready.first);
  px_multi_keep(loop->multi, (uint32_t)loop->running.count + loop->kept); /* libcurl counts those in use too */
}

void px_loop_admit(px_loop *loop, px_transfer *transfer)
{
  transfer->clock = loop->clock;
  px_list_append(transfer->call->delay_ms ? &loop->delayed : &loop->ready, transfer);
}

void px_loop_wake(px_loop *loop)
{
  uint64_t one = 1;
  ssize_t written = write(loop->wake, &one, sizeof one); /* fails only when it is awake already */
  (void)written;
}

static void cut_list(px_loop *loop, px_list *list)
{
  while (list->first) {
    px_transfer_fail(list->first, PX_TROUBLE_CANCEL, "cut: its owner was closed");
    cut(loop, list->first);
  }
}

/* Each cut may let one that waits for its lookup go on: until none is left. */
void px_loop_cut_all(px_loop *loop)
{
  while (loop->running.first || loop->delayed.first || loop->ready.first) {
    cut_list(loop, &loop->running);
    cut_list(loop, &loop->delayed);
    cut_list(loop, &loop->ready);
  }
}

pixazo_status px_loop_open(px_loop *loop, const px_multi_settings *settings, pixazo_error **error)
{
  px_multi_settings all = *settings;
  loop->wake = -1;
  loop->epoll = epoll_create1(EPOLL_CLOEXEC);
  if (loop->epoll < 0)
    return px_fail_errno(error, PIXAZO_E_IO, errno, "cannot make an epoll descriptor");
  loop->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = loop->wake};
  if (loop->wake < 0 || epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->wake, &event) != 0)
    return px_fail_errno(error, PIXAZO_E_IO, errno, "cannot make an event descriptor");
  all.epoll = loop->epoll;
  all.resolved = on_resolved;
  all.ready = on_ready;
  all.ended = on_ended;
  all.self = loop;
  PX_TRY(px_multi_new(&all, &loop->multi, error));
  count_slots(loop);
  return PIXAZO_OK;
}

void px_loop_done(px_loop *loop)
{
  px_loop_cut_all(loop);
  px_multi_free(loop->multi);
  px_lookup_done(&loop->lookup);
  px_close_scoped(&loop->wake);
  px_close_scoped(&loop->epoll);
}
