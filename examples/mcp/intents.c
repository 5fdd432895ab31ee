/* SPDX-License-Identifier: MIT */
/* Pictures that were asked for and not yet answered. A client whose time-out runs out asks again, under another request id:
 * an equal call waits for the picture that is being made, and pays nothing. Once a client was answered the same call
 * means another picture. */
#include <stdlib.h>
#include <string.h>

#include "mcp.h"

enum { INTENTS_MAX = 1000 }; /* pictures nobody fetched; the oldest are forgotten here, never in the records */

bool intents_init(intents *self)
{
  *self = (intents){.first = NULL};
  return pthread_mutex_init(&self->lock, NULL) == 0;
}

static void intent_free(intent *self)
{
  if (self)
    free(self->arguments);
  free(self);
}

void intents_done(intents *self)
{
  while (self->first) {
    intent *next = self->first->next;
    intent_free(self->first);
    self->first = next;
  }
  (void)pthread_mutex_destroy(&self->lock);
}

/* FNV-1a. Equal texts are compared whole wherever money depends on it. */
uint64_t fingerprint(const char *text, size_t size)
{
  uint64_t value = UINT64_C(14695981039346656037);
  for (size_t i = 0; i < size; i++)
    value = (value ^ (unsigned char)text[i]) * UINT64_C(1099511628211);
  return value;
}

char *without_spaces(span json)
{
  draft text;
  if (!draft_open(&text))
    return NULL;
  put_json(&text, NULL, json);
  return draft_close(&text) ? text.text : NULL;
}

/* Under the lock. */
static intent *find(const intents *self, const char *arguments)
{
  for (intent *each = self->first; each; each = each->next) {
    if (!each->settled && strcmp(each->arguments, arguments) == 0)
      return each;
  }
  return NULL;
}

static void forget(intents *self, intent *gone)
{
  intent **at = &self->first;
  while (*at && *at != gone)
    at = &(*at)->next;
  if (*at)
    *at = gone->next;
  intent_free(gone);
}

static void bound(intents *self)
{
  size_t count = 0;
  intent *oldest = NULL;
  for (intent *each = self->first; each; each = each->next, count++)
    oldest = each->waiting == 0 ? each : oldest;
  if (count > INTENTS_MAX && oldest)
    forget(self, oldest);
}

static pixazo_status begin(intents *self, const char *arguments, intent_add_fn add, void *data, intent **out,
                           pixazo_error **error)
{
  intent *made = calloc(1, sizeof *made);
  if (!made || !(made->arguments = strdup(arguments))) {
    intent_free(made);
    return pixazo_error_set(error, PIXAZO_E_NOMEM, "out of memory");
  }
  pixazo_status status = add(data, made->generation, error);
  if (status != PIXAZO_OK) {
    intent_free(made);
    return status;
  }
  made->next = self->first;
  self->first = made;
  bound(self);
  *out = made;
  return PIXAZO_OK;
}

pixazo_status intents_join(intents *self, const char *arguments, intent_add_fn add, void *data, intent **out, bool *shared,
                           pixazo_error **error)
{
  (void)pthread_mutex_lock(&self->lock);
  intent *found = find(self, arguments);
  pixazo_status status = PIXAZO_OK;
  *shared = found != NULL;
  if (!found && self->closed)
    status = pixazo_error_set(error, PIXAZO_E_CANCELLED, "the server is ending; nothing was sent");
  else if (!found)
    status = begin(self, arguments, add, data, &found, error);
  if (status == PIXAZO_OK) {
    found->waiting++;
    *out = found;
  }
  (void)pthread_mutex_unlock(&self->lock);
  return status;
}

void intents_close(intents *self)
{
  (void)pthread_mutex_lock(&self->lock);
  self->closed = true;
  (void)pthread_mutex_unlock(&self->lock);
}

bool intents_alone(intents *self, const intent *joined)
{
  (void)pthread_mutex_lock(&self->lock);
  bool alone = joined->waiting == 1;
  (void)pthread_mutex_unlock(&self->lock);
  return alone;
}

/* Under the lock. */
static void leave(intents *self, intent *joined, bool keep)
{
  joined->waiting--;
  joined->settled = joined->settled || !keep;
  if (joined->waiting == 0 && joined->settled && joined->answered == 0)
    forget(self, joined);
}

void intents_leave(intents *self, intent *joined)
{
  (void)pthread_mutex_lock(&self->lock);
  leave(self, joined, false);
  (void)pthread_mutex_unlock(&self->lock);
}

/* Whether an answer may go out and what that means for the wish is one decision: a cancel comes before it or behind it. */
bool intents_answer(intents *self, call *caller, bool good)
{
  (void)pthread_mutex_lock(&self->lock);
  bool first = !output_close(&caller->server->output, &caller->closed);
  if (caller->joined) {
    if (first && good && caller->worth_keeping)
      caller->joined->answered = fingerprint(caller->message.id.at, caller->message.id.length);
    leave(self, caller->joined, !(first && good) && caller->worth_keeping);
  }
  (void)pthread_mutex_unlock(&self->lock);
  return first;
}

void intents_revive(intents *self, span id)
{
  uint64_t answered = fingerprint(id.at, id.length);
  (void)pthread_mutex_lock(&self->lock);
  for (intent *each = self->first; each; each = each->next) {
    if (each->answered == answered) {
      each->answered = 0;
      each->settled = false;
      break;
    }
  }
  (void)pthread_mutex_unlock(&self->lock);
}
