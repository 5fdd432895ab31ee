/* SPDX-License-Identifier: MIT */
/* What the command line says; constant once the server runs. */
#ifndef GATEWAY_SETTINGS_H
#define GATEWAY_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct settings {
  uint16_t port;            /* 0 = any free one */
  const char *certificate;  /* NULL = plain http */
  const char *private_key;
  const char *make_tls;     /* directory for a new CA and certificates, NULL = none */
  const char *script;
  const char *counts;
  const char *key;      /* Pixazo's only accepted key, NULL = any but the empty one */
  const char *keys[16]; /* "PROTOCOL=KEY" */
  size_t key_count;
  const char *base;         /* of the URLs in answers, NULL = what the request's Host says */
  int64_t delay_ms;         /* before each answer of an API call that no rule delays itself */
  size_t picture_bytes;
  int64_t polls;            /* answered as unfinished before a queue job is complete */
  int64_t lifetime_s;
  bool honour_size;         /* pictures get the width and height asked for */
  bool exit_with_parent;
  bool certificates_only;
} settings;

/* False after a message on stderr. */
bool settings_read(settings *out, int count, char **arguments);

#endif
