/* SPDX-License-Identifier: MIT */
#include "gateway/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/jobs.h"

enum { BACKLOG = 4096, EVENTS = 256, ACCEPTS_PER_TURN = 64, SAVE_EVERY_MS = 20 };

static bool fail(const char *what)
{
  int reason = errno;
  fprintf(stderr, "pixazo-gateway: %s: ", what);
  errno = reason;
  perror(NULL);
  return false;
}

static void raise_descriptor_limit(void)
{
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
  }
}

static bool listen_on(server *self)
{
  int yes = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(self->options->port)};
  socklen_t size = sizeof address;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  self->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (self->listener < 0 || setsockopt(self->listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0)
    return fail("socket");
  if (bind(self->listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(self->listener, BACKLOG) != 0)
    return fail("bind");
  if (getsockname(self->listener, (struct sockaddr *)&address, &size) != 0)
    return fail("getsockname");
  bytes_printf(&self->base, "%s://127.0.0.1:%d", self->tls ? "https" : "http", ntohs(address.sin_port));
  return true;
}

static bool watch(server *self, int descriptor, void *mark)
{
  struct epoll_event told = {.events = EPOLLIN, .data.ptr = mark};
  return descriptor >= 0 && epoll_ctl(self->epoll, EPOLL_CTL_ADD, descriptor, &told) == 0;
}

static bool start_events(server *self)
{
  sigset_t ends;
  (void)sigemptyset(&ends);
  (void)sigaddset(&ends, SIGTERM);
  (void)sigaddset(&ends, SIGINT);
  (void)sigprocmask(SIG_BLOCK, &ends, NULL);
  self->signals = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
  self->epoll = epoll_create1(EPOLL_CLOEXEC);
  if (self->epoll < 0 || !watch(self, self->signals, &self->signals) || !watch(self, self->listener, &self->listener))
    return fail("epoll");
  return true;
}

static bool load_script(server *self)
{
  bytes text = {0};
  bytes problem = {0};
  if (!self->options->script)
    return true;
  bool good = bytes_read_file(&text, self->options->script);
  if (!good)
    (void)fail(self->options->script);
  else if (!script_load(&self->rules, bytes_cstr(&text), text.size, &problem))
    good = fprintf(stderr, "pixazo-gateway: %s\n", bytes_cstr(&problem)) < 0;
  bytes_done(&text);
  bytes_done(&problem);
  return good;
}

bool server_start(server *self, const settings *options)
{
  *self = (server){.options = options, .listener = -1, .epoll = -1, .signals = -1};
  raise_descriptor_limit();
  self->shared.queue = jobs_new();
  if (options->certificate) {
    self->tls = channel_context(options->certificate, options->private_key);
    if (!self->tls)
      return false;
  }
  return load_script(self) && listen_on(self) && start_events(self);
}

static void accept_some(server *self)
{
  for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
    int descriptor = accept4(self->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) {
      if (errno == EMFILE || errno == ENFILE)
        (void)fail("accept");
      return;
    }
    peer_open(self, descriptor);
  }
}

static bool handle(server *self, const struct epoll_event *event)
{
  if (event->data.ptr == &self->signals)
    return false;
  if (event->data.ptr == &self->listener)
    accept_some(self);
  else
    peer_event(event->data.ptr, event->events);
  return true;
}

static int until_next(const server *self, int64_t now, int64_t end)
{
  int64_t due = end;
  if (self->waiting.count > 0 && self->waiting.heap[0]->due < due)
    due = self->waiting.heap[0]->due;
  if (self->tally.changed && self->options->counts && now + SAVE_EVERY_MS < due)
    due = now + SAVE_EVERY_MS;
  return due > now ? (int)(due - now) : 0;
}

static void save_counts(server *self, int64_t now, int64_t *saved)
{
  if (!self->options->counts || !self->tally.changed || now - *saved < SAVE_EVERY_MS)
    return;
  counts_save(&self->tally, self->options->counts);
  *saved = now;
}

void server_run(server *self)
{
  struct epoll_event events[EVENTS];
  int64_t now = now_ms();
  int64_t end = now + self->options->lifetime_s * 1000;
  int64_t saved = 0;
  self->tally.changed = true;
  for (bool goes_on = true; goes_on && now < end; now = now_ms()) {
    save_counts(self, now, &saved);
    int count = epoll_wait(self->epoll, events, EVENTS, until_next(self, now, end));
    for (int i = 0; i < count && goes_on; i++)
      goes_on = handle(self, &events[i]);
    timer *due;
    while (goes_on && (due = timers_take(&self->waiting, now_ms())) != NULL)
      peer_due((peer *)due);
  }
}

void server_done(server *self)
{
  while (self->peers)
    peer_free(self->peers);
  if (self->options->counts && self->epoll >= 0)
    counts_save(&self->tally, self->options->counts);
  int descriptors[] = {self->listener, self->epoll, self->signals};
  for (size_t i = 0; i < sizeof descriptors / sizeof descriptors[0]; i++) {
    if (descriptors[i] >= 0)
      (void)close(descriptors[i]);
  }
  channel_context_free(self->tls);
  timers_done(&self->waiting);
  script_done(&self->rules);
  counts_done(&self->tally);
  jobs_free(self->shared.queue);
  bytes_done(&self->base);
}
