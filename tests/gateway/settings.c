/* SPDX-License-Identifier: MIT */
#include "gateway/settings.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: pixazo-gateway [--port N] [--tls CERT KEY | --make-tls DIR] [--certificates DIR] [--script FILE]\n"
    "                      [--counts FILE] [--key [PROTOCOL=]KEY]... [--base URL] [--delay-ms N]\n"
    "                      [--polls N] [--picture-bytes N] [--honour-size] [--lifetime SECONDS] [--exit-with-parent]\n";

enum {
  OPTION_PORT = 256,
  OPTION_TLS,
  OPTION_MAKE_TLS,
  OPTION_CERTIFICATES,
  OPTION_SCRIPT,
  OPTION_COUNTS,
  OPTION_KEY,
  OPTION_BASE,
  OPTION_DELAY,
  OPTION_POLLS,
  OPTION_PICTURE,
  OPTION_HONOUR,
  OPTION_LIFETIME,
  OPTION_PARENT
};

static const struct option table[] = {
    {"port", required_argument, NULL, OPTION_PORT},
    {"tls", required_argument, NULL, OPTION_TLS},
    {"make-tls", required_argument, NULL, OPTION_MAKE_TLS},
    {"certificates", required_argument, NULL, OPTION_CERTIFICATES},
    {"script", required_argument, NULL, OPTION_SCRIPT},
    {"counts", required_argument, NULL, OPTION_COUNTS},
    {"key", required_argument, NULL, OPTION_KEY},
    {"base", required_argument, NULL, OPTION_BASE},
    {"delay-ms", required_argument, NULL, OPTION_DELAY},
    {"polls", required_argument, NULL, OPTION_POLLS},
    {"picture-bytes", required_argument, NULL, OPTION_PICTURE},
    {"honour-size", no_argument, NULL, OPTION_HONOUR},
    {"lifetime", required_argument, NULL, OPTION_LIFETIME},
    {"exit-with-parent", no_argument, NULL, OPTION_PARENT},
    {NULL, 0, NULL, 0},
};

static bool number(const char *text, int64_t max, int64_t *out)
{
  char *end;
  long long value = strtoll(text, &end, 10);
  *out = value;
  return end != text && *end == '\0' && value >= 0 && value <= max;
}

static bool read_number(settings *out, int option)
{
  int64_t value = 0;
  switch (option) {
  case OPTION_PORT:
    if (!number(optarg, UINT16_MAX, &value))
      return false;
    out->port = (uint16_t)value;
    return true;
  case OPTION_DELAY:
    return number(optarg, 3600000, &out->delay_ms);
  case OPTION_POLLS:
    return number(optarg, 1000, &out->polls);
  case OPTION_LIFETIME:
    return number(optarg, 86400, &out->lifetime_s);
  case OPTION_PICTURE:
    if (!number(optarg, 200 * 1024 * 1024, &value))
      return false;
    out->picture_bytes = (size_t)value;
    return true;
  default:
    return false;
  }
}

static bool read_tls(settings *out, int count, char **arguments)
{
  if (optind >= count)
    return false;
  out->certificate = optarg;
  out->private_key = arguments[optind++];
  return true;
}

/* NAME=KEY belongs to a protocol; anything else is Pixazo's. */
static bool read_key(settings *out)
{
  size_t room = sizeof out->keys / sizeof out->keys[0];
  if (!strchr(optarg, '='))
    out->key = optarg;
  else if (out->key_count < room)
    out->keys[out->key_count++] = optarg;
  else
    return false;
  return true;
}

static bool read_text(settings *out, int option)
{
  switch (option) {
  case OPTION_CERTIFICATES:
    out->certificates_only = true;
    out->make_tls = optarg;
    return true;
  case OPTION_MAKE_TLS:
    out->make_tls = optarg;
    return true;
  case OPTION_SCRIPT:
    out->script = optarg;
    return true;
  case OPTION_COUNTS:
    out->counts = optarg;
    return true;
  case OPTION_KEY:
    return read_key(out);
  case OPTION_BASE:
    out->base = optarg;
    return true;
  case OPTION_HONOUR:
    out->honour_size = true;
    return true;
  case OPTION_PARENT:
    out->exit_with_parent = true;
    return true;
  default:
    return read_number(out, option);
  }
}

bool settings_read(settings *out, int count, char **arguments)
{
  *out = (settings){.picture_bytes = 65536, .polls = 2, .lifetime_s = 600};
  int option;
  bool good = true;
  while (good && (option = getopt_long(count, arguments, "+", table, NULL)) != -1)
    good = option == OPTION_TLS ? read_tls(out, count, arguments) : read_text(out, option);
  if (good && optind == count)
    return true;
  fputs(usage, stderr);
  return false;
}
