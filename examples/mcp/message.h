/* SPDX-License-Identifier: MIT */
/* One line from the client: what kind of message it is. Checked, nothing is copied. */
#ifndef MCP_MESSAGE_H
#define MCP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

/* Revisions this server speaks. Those up to LAST_SESSION begin with `initialize`; later ones name theirs in each request. */
enum { REVISIONS = 5, LAST_SESSION = 3, RESOURCE_LINKS_SINCE = 2, BATCHES_IN = 1, STATELESS = 4 };
extern const char *const revisions[REVISIONS]; /* oldest first */
int revision_of(const char *name);             /* -1: unknown */

/* A piece of the line, as it stands there. */
typedef struct span {
  const char *at; /* NULL: absent */
  size_t length;
} span;

typedef enum message_kind {
  MESSAGE_WRONG, /* nobody can be answered: `why` */
  MESSAGE_REQUEST,
  MESSAGE_NOTIFICATION,
  MESSAGE_ANSWER, /* to a request; this server makes none */
  MESSAGE_BATCH   /* `params` is the array */
} message_kind;

typedef struct message {
  message_kind kind;
  const char *why;     /* static text */
  span id;             /* JSON text of a string or number */
  char method[64];     /* cut there: no name that is known is longer */
  const char *params;  /* an object, or NULL */
  bool wrong_params;   /* they are there, and no object */
  const char *meta;    /* its "_meta", an object, or NULL */
  span token;          /* of progress notifications: JSON text of a string or number */
  const char *version; /* JSON text of the revision in the metadata; NULL: a session's message */
} message;

/* The text must stay as long as the message is used. */
void message_read(const char *text, message *out);
/* One message of a batch. */
void message_read_at(const char *object, message *out);
span span_of(const char *value);

#endif
