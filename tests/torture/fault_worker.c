/* SPDX-License-Identifier: MIT */
/* One process of the system call sweep, all on one thread so that call N is the same one each time:
 *   fault_worker generate DIRECTORY KEY    makes one picture
 *   fault_worker resume DIRECTORY          finishes what is paid
 * Prints the name of the status. */
#include <stdio.h>
#include <string.h>

#include "world.h"

int main(int count, char **arguments)
{
  pixazo_error *error = NULL;
  char id[40];
  if (count < 3 || (strcmp(arguments[1], "generate") == 0 && count < 4)) {
    fputs("usage: fault_worker generate DIRECTORY KEY | resume DIRECTORY\n", stderr);
    return 2;
  }
  world w = {.directory = arguments[2], .stepped = true, .renditions = true, .patience_ms = 60000};
  w.opened = strcmp(arguments[1], "resume") == 0 ? 2 : strcmp(arguments[3], "before") == 0 ? 0 : 1; /* ids of its own */
  pixazo_status status = world_open(&w, &error);
  if (status == PIXAZO_OK && strcmp(arguments[1], "resume") == 0)
    status = pixazo_pipeline_resume(w.pipeline, PIXAZO_RESUME_CONTINUE, NULL, NULL, &error);
  else if (status == PIXAZO_OK)
    status = world_generate(&w, arguments[3], id, &error);
  world_close(&w);
  printf("%s %s\n", pixazo_status_name(status), pixazo_error_message(error));
  pixazo_error_free(error);
  return status == PIXAZO_OK ? 0 : 1;
}
