/* SPDX-License-Identifier: MIT */
#include "net/descriptors.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/str.h"

enum {
  BUDGET_MAX = 16384, /* calls on one I/O thread; more would only wait in its queues */
  BUDGET_MIN = 4,
  HANDFUL = 6,
  SEARCHED = 4096 /* descriptors looked through for a pair that took the lowest free numbers */
};

/* A quarter stays for the program and for the connections kept between calls. */
uint32_t px_descriptor_budget(void)
{
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > 2 * BUDGET_MAX)
    return BUDGET_MAX;
  rlim_t budget = limit.rlim_cur / 4 * 3;
  budget = budget > 16 + BUDGET_MIN ? budget - 16 : BUDGET_MIN;
  return budget > BUDGET_MAX ? BUDGET_MAX : (uint32_t)budget;
}

bool px_descriptors_short(void)
{
  int opened[HANDFUL];
  int count = 0;
  while (count < HANDFUL && (opened[count] = open("/", O_PATH | O_CLOEXEC)) >= 0)
    count++;
  bool is_short = count < HANDFUL;
  while (count > 0)
    (void)close(opened[--count]);
  return is_short;
}

/* Inode number of a socket; 0 for anything else. By way of /proc: the descriptor may be another thread's, and closed
 * at this moment. */
static uint64_t socket_inode(int descriptor)
{
  static const char mark[] = "socket:[";
  char path[40];
  char link[64];
  uint64_t inode = 0;
  (void)snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
  ssize_t size = readlink(path, link, sizeof link - 1);
  if (size < (ssize_t)sizeof mark || memcmp(link, mark, sizeof mark - 1) != 0)
    return 0;
  link[size - 1] = '\0'; /* the closing bracket */
  return px_parse_uint64(link + sizeof mark - 1, &inode) ? inode : 0;
}

static bool is_local(int descriptor)
{
  int domain = 0;
  socklen_t size = sizeof domain;
  return getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX;
}

static void seal(int descriptor)
{
  int flags = fcntl(descriptor, F_GETFD);
  if (flags >= 0)
    (void)fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC);
}

/* The other end of a fresh pair: its inode is the next one, its number the next free one. -1: not found. */
static int partner_of(int descriptor)
{
  uint64_t inode = socket_inode(descriptor);
  for (int other = descriptor + 1; inode != 0 && other < descriptor + SEARCHED; other++)
    if (socket_inode(other) == inode + 1)
      return other;
  return -1;
}

void px_descriptor_seal_pair(int descriptor)
{
  if (!is_local(descriptor))
    return;
  int partner = partner_of(descriptor);
  seal(descriptor);
  if (partner >= 0)
    seal(partner);
}

/* A number the kernel knows about a socket; -1 when it is none. Not by libc's name for it: a race detector would take
 * a look at another thread's descriptor for an access to shared memory. */
static int ask_socket(int descriptor, unsigned long question)
{
  int number = -1;
  return syscall(SYS_ioctl, descriptor, question, &number) == 0 ? number : -1;
}

int px_descriptor_waiting(int descriptor)
{
  return ask_socket(descriptor, SIOCINQ);
}

bool px_descriptor_find_woken(int pair[2])
{
  for (int reader = 0; reader < SEARCHED; reader++) {
    if (socket_inode(reader) == 0 || px_descriptor_waiting(reader) != 1)
      continue;
    int writer = partner_of(reader);
    if (writer >= 0 && ask_socket(writer, SIOCOUTQ) > 0) {
      pair[0] = reader;
      pair[1] = writer;
      return true;
    }
  }
  return false;
}
