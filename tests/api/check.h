/* SPDX-License-Identifier: MIT */
/* What the programs of this folder share: each uses the installed library alone and ends 1 when something was wrong. */
#ifndef API_CHECK_H
#define API_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pixazo/pixazo.h>

static int api_failures;
static char api_marker;

/* What an out parameter holds before a call that must not touch it. */
#define UNTOUCHED ((void *)&api_marker)

static inline void api_check(int good, const char *file, int line, const char *what)
{
  if (!good) {
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    api_failures++;
  }
}

static inline void api_check_text(const char *actual, const char *expected, const char *file, int line, const char *what)
{
  if (!actual || strcmp(actual, expected) != 0) {
    fprintf(stderr, "%s:%d: %s is \"%s\", not \"%s\"\n", file, line, what, actual ? actual : "NULL", expected);
    api_failures++;
  }
}

static inline void api_check_holds(const char *text, const char *part, const char *file, int line, const char *what)
{
  if (!text || !strstr(text, part)) {
    fprintf(stderr, "%s:%d: %s is \"%s\", without \"%s\"\n", file, line, what, text ? text : "NULL", part);
    api_failures++;
  }
}

/* Frees the error. A status without an error object (PIXAZO_E_AGAIN) is not for this function. */
static inline void api_check_call(pixazo_status status, pixazo_status expected, pixazo_error *error, const char *file,
                                  int line, const char *what)
{
  if (status != expected) {
    fprintf(stderr, "%s:%d: %s gave %s, not %s: %s\n", file, line, what, pixazo_status_name(status),
            pixazo_status_name(expected), pixazo_error_message(error));
    api_failures++;
  } else if (expected != PIXAZO_OK && (pixazo_error_status(error) != expected || !*pixazo_error_message(error))) {
    fprintf(stderr, "%s:%d: %s left no error that explains it\n", file, line, what);
    api_failures++;
  } else if (expected == PIXAZO_OK && error) {
    fprintf(stderr, "%s:%d: %s succeeded and left an error: %s\n", file, line, what, pixazo_error_message(error));
    api_failures++;
  }
  pixazo_error_free(error);
}

#define CHECK(condition) api_check((condition) != 0, __FILE__, __LINE__, #condition)
#define CHECK_TEXT(actual, expected) api_check_text(actual, expected, __FILE__, __LINE__, #actual)
#define CHECK_HOLDS(text, part) api_check_holds(text, part, __FILE__, __LINE__, #text)

/* The call takes &error, which these give it. */
#define FAILS(expected, call)                                                  \
  do {                                                                         \
    pixazo_error *error = NULL;                                                \
    pixazo_status api_status = (call);                                         \
    api_check_call(api_status, expected, error, __FILE__, __LINE__, #call);    \
  } while (0)
#define WORKS(call) FAILS(PIXAZO_OK, call)
/* For what the rest of the program needs: without it there is nothing more to see. */
#define NEEDS(call)                                          \
  do {                                                       \
    int api_before = api_failures;                           \
    WORKS(call);                                             \
    if (api_failures != api_before)                          \
      exit(1);                                               \
  } while (0)

static char api_directory[256];

/* The library's own threads have stopped: nothing is written any more. */
static inline void api_remove_directory(void)
{
  char command[300];
  (void)snprintf(command, sizeof command, "rm -rf '%s'", api_directory);
  if (*api_directory && system(command) != 0)
    fprintf(stderr, "%s stays\n", api_directory);
}

/* A directory of this program's own, home included, and no setting of the person who runs it. */
static inline void api_begin(void)
{
  static const char *const settings[] = {"PIXAZO_API_KEY",        "PIXAZO_PROVIDER",      "PIXAZO_MODEL",
                                         "PIXAZO_GATEWAY_URL",    "PIXAZO_PRESET",        "PIXAZO_DEFAULT_WIDTH",
                                         "PIXAZO_DEFAULT_HEIGHT", "PIXAZO_DEFAULT_SEED",  "PIXAZO_OFFLINE_SCRIPT",
                                         "PIXAZO_DEFAULT_NUM_STEPS", "PIXAZO_RENDITIONS", "PIXAZO_DEFAULT_GUIDANCE"};
  const char *parent = getenv("TMPDIR");
  (void)snprintf(api_directory, sizeof api_directory, "%s/pixazo-api-XXXXXX", parent && *parent ? parent : "/tmp");
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
    (void)unsetenv(settings[i]);
  if (!mkdtemp(api_directory) || setenv("HOME", api_directory, 1) != 0 || atexit(api_remove_directory) != 0)
    exit(1);
}

/* A path in that directory; valid until the fourth call after it. */
static inline const char *api_path(const char *name)
{
  static char paths[4][512];
  static unsigned next;
  char *path = paths[next++ % 4];
  (void)snprintf(path, sizeof paths[0], "%s/%s", api_directory, name);
  return path;
}

static inline const char *api_file(const char *name, const char *text, mode_t mode)
{
  const char *path = api_path(name);
  FILE *file = fopen(path, "w");
  if (!file || fputs(text, file) < 0 || fclose(file) != 0 || chmod(path, mode) != 0)
    exit(1);
  return path;
}

static inline int api_end(void)
{
  return api_failures ? 1 : 0;
}

/* The part of a client nearly every program wants: the built-in provider, which needs no network. */
static inline pixazo_client *api_offline_client(const char *script, pixazo_gate *gate)
{
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  pixazo_client *client = NULL;
  options.provider = "offline";
  options.offline_script = script;
  options.gate = gate;
  options.retry_delay_ms = 1;
  NEEDS(pixazo_client_new(&options, &client, &error));
  return client;
}

static inline pixazo_request *api_request(const char *json)
{
  pixazo_request *request = NULL;
  NEEDS(pixazo_request_new_from_json(json, &request, &error));
  return request;
}

#endif
