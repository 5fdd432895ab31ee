/* SPDX-License-Identifier: MIT */
/* The same transfers by libcurl alone, as cheaply as they can be written: one thread, curl_multi_socket_action over epoll,
 * handles set up once and used again, a fresh connection for each POST, kept ones for GET. It checks nothing that it
 * does not need: no address, no limit, no journal, no retry. */
#include "measure.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 256, URL_ROOM = 512 };

static const char body[] = "{\"prompt\":\"a harbour in weather\",\"num_steps\":20,\"guidance_scale\":7,\"seed\":1,"
                           "\"height\":1024,\"width\":1024}";

typedef struct slot {
  CURL *post, *get;
  char *text; /* the answer */
  size_t size, room;
  int file; /* the picture; -1: none */
} slot;

static measure job;
static CURLM *multi;
static int poller;
static int64_t due_ms; /* -1: no timer */
static int begun, ended;

static int64_t now_ms(void)
{
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void check(bool good, const char *what)
{
  if (!good)
    measure_fail(what);
}

/* ---- one generation ---- */

static size_t take_text(char *data, size_t unit, size_t count, void *user)
{
  slot *self = user;
  size_t size = unit * count;
  if (self->size + size + 1 > self->room) {
    self->room = (self->size + size + 1) * 2;
    self->text = realloc(self->text, self->room);
    check(self->text != NULL, "memory");
  }
  memcpy(self->text + self->size, data, size);
  self->size += size;
  self->text[self->size] = '\0';
  return size;
}

static void keep(const slot *self, const void *data, size_t size)
{
  for (size_t at = 0; at < size;) {
    ssize_t written = write(self->file, (const char *)data + at, size - at);
    check(written > 0, "write");
    at += (size_t)written;
  }
  job.bytes += size;
}

static size_t take_picture(char *data, size_t unit, size_t count, void *user)
{
  keep(user, data, unit * count);
  return unit * count;
}

static void start(CURL *easy)
{
  check(curl_multi_add_handle(multi, easy) == CURLM_OK, "curl_multi_add_handle");
}

static void start_post(slot *self)
{
  begun++;
  self->size = 0;
  start(self->post);
}

static void next(slot *self)
{
  (void)close(self->file);
  self->file = -1;
  ended++;
  if (begun < job.count)
    start_post(self);
}

/* Values of all 256 bytes; 255: not base64. */
static unsigned char sextets[256];

static void make_sextets(void)
{
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  memset(sextets, 255, sizeof sextets);
  for (unsigned i = 0; i < 64; i++)
    sextets[(unsigned char)alphabet[i]] = (unsigned char)i;
}

/* In place: what comes out is shorter than what is still to be read. */
static void decode(const slot *self, char *text, size_t size)
{
  const unsigned char *in = (const unsigned char *)text;
  unsigned char *out = (unsigned char *)text;
  check(size % 4 == 0 && size > 0, "base64");
  size_t padding = (size_t)(text[size - 1] == '=') + (text[size - 2] == '=');
  memset(text + size - padding, 'A', padding);
  for (size_t i = 0; i < size; i += 4, out += 3) {
    unsigned a = sextets[in[i]], b = sextets[in[i + 1]], c = sextets[in[i + 2]], d = sextets[in[i + 3]];
    check(((a | b | c | d) & 128) == 0, "base64");
    unsigned bits = a << 18 | b << 12 | c << 6 | d;
    out[0] = (unsigned char)(bits >> 16);
    out[1] = (unsigned char)(bits >> 8);
    out[2] = (unsigned char)bits;
  }
  keep(self, text, (size_t)(out - (unsigned char *)text) - padding);
}

/* The value of the one string in {"name":"value"}. */
static char *value_of(slot *self, size_t *size)
{
  char *begin = memmem(self->text, self->size, "\":\"", 3);
  char *end = begin ? memchr(begin + 3, '"', (size_t)(self->text + self->size - begin) - 3) : NULL;
  check(end != NULL, "the answer");
  *end = '\0';
  *size = (size_t)(end - begin) - 3;
  return begin + 3;
}

static void on_answer(slot *self)
{
  size_t size = 0;
  char *value = value_of(self, &size);
  self->file = measure_file();
  if (job.in_line) {
    decode(self, value, size);
    next(self);
    return;
  }
  check(curl_easy_setopt(self->get, CURLOPT_URL, value) == CURLE_OK, "the address");
  start(self->get);
}

static void reap(void)
{
  int left = 0;
  for (CURLMsg *message; (message = curl_multi_info_read(multi, &left)) != NULL;) {
    CURL *easy = message->easy_handle;
    void *user = NULL;
    long status = 0;
    check(message->data.result == CURLE_OK, curl_easy_strerror(message->data.result));
    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    check(status == 200, "the status");
    (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)(void *)&user);
    (void)curl_multi_remove_handle(multi, easy);
    slot *self = user;
    if (easy == self->post)
      on_answer(self);
    else
      next(self);
  }
}

/* ---- set up once ---- */

static CURL *make_handle(slot *self, curl_write_callback take)
{
  CURL *easy = curl_easy_init();
  check(easy != NULL, "curl_easy_init");
  (void)curl_easy_setopt(easy, CURLOPT_PRIVATE, self);
  (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
  (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, self);
  (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  (void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
  (void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  return easy;
}

static void make_slot(slot *self, const char *url, struct curl_slist *headers)
{
  self->file = -1;
  self->post = make_handle(self, take_text);
  (void)curl_easy_setopt(self->post, CURLOPT_URL, url);
  (void)curl_easy_setopt(self->post, CURLOPT_HTTPHEADER, headers);
  (void)curl_easy_setopt(self->post, CURLOPT_POSTFIELDS, body);
  (void)curl_easy_setopt(self->post, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
  (void)curl_easy_setopt(self->post, CURLOPT_FRESH_CONNECT, 1L);
  (void)curl_easy_setopt(self->post, CURLOPT_FORBID_REUSE, 1L);
  self->get = make_handle(self, take_picture);
}

/* ---- the loop ---- */

static int watch(CURL *easy, curl_socket_t descriptor, int what, void *user, void *known)
{
  (void)easy, (void)user;
  if (what == CURL_POLL_REMOVE) {
    (void)epoll_ctl(poller, EPOLL_CTL_DEL, descriptor, NULL);
    return 0;
  }
  struct epoll_event event = {.data.fd = descriptor};
  event.events = (what & CURL_POLL_IN ? (uint32_t)EPOLLIN : 0) | (what & CURL_POLL_OUT ? (uint32_t)EPOLLOUT : 0);
  if (!known)
    (void)curl_multi_assign(multi, descriptor, multi);
  if (epoll_ctl(poller, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, &event) == 0)
    return 0;
  return epoll_ctl(poller, errno == EEXIST ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, &event);
}

static int plan(CURLM *handle, long milliseconds, void *user)
{
  (void)handle, (void)user;
  due_ms = milliseconds < 0 ? -1 : now_ms() + milliseconds;
  return 0;
}

static void turn(void)
{
  struct epoll_event events[EVENTS];
  int running = 0;
  int64_t left = due_ms < 0 ? 1000 : due_ms - now_ms();
  int count = epoll_wait(poller, events, EVENTS, left < 0 ? 0 : (int)left);
  for (int i = 0; i < count; i++) {
    uint32_t what = events[i].events;
    int flags = (what & EPOLLIN ? CURL_CSELECT_IN : 0) | (what & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                (what & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
    (void)curl_multi_socket_action(multi, events[i].data.fd, flags, &running);
  }
  if (due_ms >= 0 && due_ms <= now_ms()) {
    due_ms = -1;
    (void)curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
  }
  reap();
}

static void run(slot *slots)
{
  int first = job.in_flight < job.count ? job.in_flight : job.count;
  measure_begin(&job);
  for (int i = 0; i < first; i++)
    start_post(&slots[i]);
  while (ended < job.count)
    turn();
  measure_end(&job);
}

static void clean_up(slot *slots)
{
  for (int i = 0; i < job.in_flight; i++) {
    curl_easy_cleanup(slots[i].post);
    curl_easy_cleanup(slots[i].get);
    free(slots[i].text);
  }
  free(slots);
  (void)curl_multi_cleanup(multi);
  curl_global_cleanup();
}

int main(int argc, char **argv)
{
  static const char *const lines[] = {("Ocp-Apim-Subscription-Key: " MEASURE_KEY), "Content-Type: application/json",
                                      "Cache-Control: no-cache"};
  char url[URL_ROOM];
  struct curl_slist *headers = NULL;
  measure_read(&job, argc, argv);
  check(!job.file, "there is no file to read");
  make_sextets();
  (void)snprintf(url, sizeof url, "%s" MEASURE_PATH, job.base);
  check(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK, "libcurl");
  multi = curl_multi_init();
  poller = epoll_create1(EPOLL_CLOEXEC);
  slot *slots = calloc((size_t)job.in_flight, sizeof *slots);
  check(multi && poller >= 0 && slots, "memory");
  (void)curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch);
  (void)curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, plan);
  (void)curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)job.in_flight + 64);
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
    headers = curl_slist_append(headers, lines[i]);
  for (int i = 0; i < job.in_flight; i++)
    make_slot(&slots[i], url, headers);
  run(slots);
  clean_up(slots);
  curl_slist_free_all(headers);
  return 0;
}
