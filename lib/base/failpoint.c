/* SPDX-License-Identifier: MIT */
#include "base/failpoint.h"

#ifdef PIXAZO_FAILPOINTS

#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"

void px_failpoint(const char *name)
{
  static atomic_uint reached; /* one point is armed at a time, so one counter will do */
  const char *armed = getenv("PIXAZO_FAILPOINT");
  size_t length = strlen(name);
  if (!armed || strncmp(armed, name, length) != 0 || armed[length] != ':')
    return;
  const char *count = armed + length + 1;
  size_t digits = strcspn(count, ":");
  char text[16] = "";
  uint64_t wanted = 0;
  if (digits >= sizeof text)
    return;
  memcpy(text, count, digits);
  if (!px_parse_uint64(text, &wanted) || atomic_fetch_add(&reached, 1) + 1 != wanted)
    return;
  (void)kill(getpid(), px_str_equal(count + digits, ":stop") ? SIGSTOP : SIGKILL);
}

#else
typedef int px_failpoints_are_off; /* ISO C forbids an empty translation unit */
#endif
