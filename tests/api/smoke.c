/* SPDX-License-Identifier: MIT */
/* Uses the installed library as a program would: public headers, no other test code. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pixazo/blob.h>
#include <pixazo/cancel.h>
#include <pixazo/error.h>
#include <pixazo/log.h>
#include <pixazo/memory.h>
#include <pixazo/version.h>

static void check(int good, const char *what)
{
  if (!good) {
    fprintf(stderr, "%s\n", what);
    exit(1);
  }
}

int main(void)
{
  pixazo_blob *blob = NULL;
  pixazo_cancel *cancel = NULL;
  pixazo_error *error = NULL;
  pixazo_log *log = NULL;
  char *line = NULL;

  check(strcmp(pixazo_version(), PIXAZO_VERSION_STRING) == 0, "headers and library are of different versions");
  check(pixazo_supports("failpoints") == 0, "an installed library has failpoints");
  check(pixazo_blob_new("abc", 3, &blob, &error) == PIXAZO_OK && pixazo_blob_size(blob) == 3, "blob");
  check(pixazo_blob_unref(blob) == NULL, "unref");
  check(pixazo_cancel_new(&cancel, NULL) == PIXAZO_OK, "cancel");
  pixazo_cancel_set(cancel, PIXAZO_CANCEL_SOFT);
  check(pixazo_cancel_get(cancel) == PIXAZO_CANCEL_SOFT, "cancel is not set");
  (void)pixazo_cancel_unref(cancel);
  check(pixazo_log_new(0, NULL, NULL, &log, NULL) == PIXAZO_OK, "log");
  check(pixazo_log_next(log, NULL, &line) == PIXAZO_E_AGAIN, "a new log has a line");
  (void)pixazo_log_unref(log);
  check(pixazo_blob_new(NULL, 3, &blob, &error) == PIXAZO_E_ARGUMENT, "a wrong argument was accepted");
  check(pixazo_error_status(error) == PIXAZO_E_ARGUMENT && *pixazo_error_message(error), "the error says nothing");
  pixazo_error_free(error);
  pixazo_free(NULL);
  return 0;
}
