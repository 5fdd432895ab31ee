/* SPDX-License-Identifier: MIT */
#include "support/gateway.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { START_MS = 20000, STOP_MS = 5000, CALL_MS = 10000, ARGUMENTS_MAX = 32, ANSWER_MAX = 128 * 1024 * 1024 };

static _Noreturn void give_up(const char *what)
{
  fprintf(stderr, "gateway helper: %s\n", what);
  abort();
}

static int64_t now_ms(void)
{
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void nap(void)
{
  (void)nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
}

static _Noreturn void become_gateway(int out, const char *const *arguments)
{
  const char *argv[ARGUMENTS_MAX] = {PX_GATEWAY_PROGRAM, "--exit-with-parent"};
  sigset_t none;
  size_t count = 2;
  for (; arguments && *arguments && count < ARGUMENTS_MAX - 1; arguments++)
    argv[count++] = *arguments;
  (void)sigemptyset(&none);
  (void)sigprocmask(SIG_SETMASK, &none, NULL);
  (void)dup2(out, STDOUT_FILENO);
  /* A preloaded shim is for the program under test, not for its peer. */
  (void)unsetenv("LD_PRELOAD");
  (void)execv(PX_GATEWAY_PROGRAM, (char *const *)(void *)argv);
  _exit(127);
}

static void read_line(int from, char *line, size_t capacity)
{
  int64_t end = now_ms() + START_MS;
  size_t size = 0;
  while (size < capacity - 1) {
    struct pollfd ready = {.fd = from, .events = POLLIN};
    if (poll(&ready, 1, (int)(end - now_ms() > 0 ? end - now_ms() : 0)) != 1 || read(from, line + size, 1) != 1)
      give_up("the gateway did not start");
    if (line[size] == '\n')
      break;
    size++;
  }
  line[size] = '\0';
}

void gateway_start(gateway *self, const char *const *arguments)
{
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    give_up("pipe failed");
  self->pid = fork();
  if (self->pid < 0)
    give_up("fork failed");
  if (self->pid == 0)
    become_gateway(ends[1], arguments);
  (void)close(ends[1]);
  read_line(ends[0], self->base, sizeof self->base);
  (void)close(ends[0]);
  const char *colon = strrchr(self->base, ':');
  self->port = (uint16_t)strtoul(colon ? colon + 1 : "0", NULL, 10);
  if (self->port == 0)
    give_up("the gateway did not say its port");
}

void gateway_stop(gateway *self)
{
  if (self->pid <= 0)
    return;
  (void)kill(self->pid, SIGTERM);
  int64_t end = now_ms() + STOP_MS;
  while (waitpid(self->pid, NULL, WNOHANG) == 0) {
    if (now_ms() > end)
      (void)kill(self->pid, SIGKILL);
    nap();
  }
  self->pid = 0;
}

static int connect_to(const gateway *self)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(self->port)};
  struct timeval limit = {.tv_sec = CALL_MS / 1000};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0 || setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0 ||
      connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0)
    give_up("cannot connect to the gateway");
  return descriptor;
}

static void send_all(int descriptor, const char *data, size_t size)
{
  while (size > 0) {
    ssize_t put = send(descriptor, data, size, MSG_NOSIGNAL);
    if (put <= 0)
      give_up("cannot send to the gateway");
    data += put;
    size -= (size_t)put;
  }
}

static char *read_all(int descriptor, size_t *total)
{
  size_t size = 0;
  size_t capacity = 65536;
  char *text = malloc(capacity);
  for (;;) {
    if (text && size + 1 >= capacity && capacity < ANSWER_MAX) {
      capacity *= 2;
      text = realloc(text, capacity);
    }
    if (!text || size + 1 >= capacity)
      give_up("no memory for the gateway's answer");
    ssize_t got = recv(descriptor, text + size, capacity - size - 1, 0);
    if (got < 0)
      give_up("the gateway did not answer");
    if (got == 0)
      break;
    size += (size_t)got;
  }
  text[size] = '\0';
  *total = size;
  return text;
}

/* The body of the answer, NUL behind it, and its size unless that is NULL; anything but 200 ends the program. */
static char *call_sized(const gateway *self, const char *const line[2], const char *body, size_t *size)
{
  size_t total = 0;
  char head[256];
  static const char format[] = "%s /control/%s HTTP/1.1\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n";
  int length = snprintf(head, sizeof head, format, line[0], line[1], strlen(body));
  int descriptor = connect_to(self);
  send_all(descriptor, head, (size_t)length);
  send_all(descriptor, body, strlen(body));
  char *answer = read_all(descriptor, &total);
  (void)close(descriptor);
  char *start = strstr(answer, "\r\n\r\n");
  if (!start || strncmp(answer, "HTTP/1.1 200", 12) != 0)
    give_up(start ? start + 4 : "the gateway gave half an answer");
  total -= (size_t)(start + 4 - answer);
  memmove(answer, start + 4, total + 1);
  if (size)
    *size = total;
  return answer;
}

static char *call(const gateway *self, const char *method, const char *page, const char *body)
{
  return call_sized(self, (const char *const[2]){method, page}, body, NULL);
}

void gateway_script(const gateway *self, const char *json)
{
  free(call(self, "PUT", "script", json));
}

void gateway_hurry(const gateway *self)
{
  free(call(self, "POST", "hurry", ""));
}

void gateway_reset(const gateway *self)
{
  free(call(self, "POST", "reset", ""));
}

char *gateway_page(const gateway *self, const char *page)
{
  return call(self, "GET", page, "");
}

char *gateway_body(const gateway *self, size_t back, size_t *size)
{
  char page[32];
  (void)snprintf(page, sizeof page, "body/%zu", back);
  return call_sized(self, (const char *const[2]){"GET", page}, "", size);
}

/* The number after "name": in our own server's flat JSON. */
static const char *find_number(const char *json, const char *name)
{
  char mark[512];
  (void)snprintf(mark, sizeof mark, "\"%s\":", name);
  const char *place = strstr(json, mark);
  return place ? place + strlen(mark) : NULL;
}

int64_t gateway_count(const gateway *self, const char *name)
{
  char *json = gateway_page(self, "counts");
  const char *number = find_number(json, name);
  if (!number)
    give_up("a counter of that name does not exist");
  int64_t value = strtoll(number, NULL, 10);
  free(json);
  return value;
}

int64_t gateway_posts(const gateway *self, const char *path)
{
  char *json = gateway_page(self, "counts");
  const char *number = find_number(json, path);
  int64_t value = number ? strtoll(number, NULL, 10) : 0;
  free(json);
  return value;
}

int64_t gateway_wait(const gateway *self, const char *name, int64_t wanted, int64_t timeout_ms)
{
  int64_t end = now_ms() + timeout_ms;
  for (;;) {
    int64_t value = gateway_count(self, name);
    if (value >= wanted || now_ms() >= end)
      return value;
    nap();
  }
}
