/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static pixazo_cancel *volatile asked; /* the handler has no other way to know */
static volatile sig_atomic_t times;
static volatile sig_atomic_t something_is_paid;

static void tell(const char *text)
{
  ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
  (void)ignored;
}

static void on_interrupt(int number)
{
  if (times++ == 0) {
    pixazo_cancel_set(asked, PIXAZO_CANCEL_SOFT);
    tell(something_is_paid ? "\npixazo: sending nothing new, finishing what is paid; once more to stop now\n"
                           : "\npixazo: stopping; finished files stay\n");
    return;
  }
  pixazo_cancel_set(asked, PIXAZO_CANCEL_NOW);
  if (something_is_paid)
    tell("\npixazo: stopping now; `pixazo resume` goes on\n");
  (void)signal(number, SIG_DFL); /* a third time ends the program as usual */
}

bool interrupt_catch(pixazo_cancel *token, bool paid)
{
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_interrupt;
  action.sa_flags = SA_RESTART;
  asked = token;
  something_is_paid = paid;
  return sigaction(SIGINT, &action, NULL) == 0 && sigaction(SIGTERM, &action, NULL) == 0;
}
