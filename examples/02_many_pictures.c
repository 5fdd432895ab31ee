/* SPDX-License-Identifier: MIT */
/* Many pictures at once: add requests, then take events until all of them have ended.
 * Each call is journalled before it is sent, so this program may be killed at any moment. */
#include <stdio.h>

#include <pixazo/pixazo.h>

static const char *const prompts[] = {"a harbour at dawn", "a harbour at noon", "a harbour at dusk", "a harbour at night"};

enum { PROMPTS = sizeof prompts / sizeof *prompts };

static pixazo_status add(pixazo_studio *studio, const char *prompt, pixazo_error **error)
{
  pixazo_request *request = NULL;
  pixazo_status status = pixazo_request_new(prompt, &request, error);
  if (status == PIXAZO_OK)
    status = pixazo_request_set_int(request, "width", 512, error);
  if (status == PIXAZO_OK)
    status = pixazo_request_set_int(request, "height", 512, error);
  if (status == PIXAZO_OK) /* what the request leaves open comes from the settings */
    status = pixazo_config_apply(pixazo_studio_config(studio), request, error);
  if (status == PIXAZO_OK) /* returns at once; the request may be freed */
    status = pixazo_pipeline_add(pixazo_studio_pipeline(studio), request, NULL, NULL, error);
  pixazo_request_free(request);
  return status;
}

/* Runs on this thread, inside pixazo_pipeline_run. */
static int32_t on_event(const pixazo_event *event, void *user_data)
{
  int *ended = user_data;
  if (pixazo_event_kind(event) == PIXAZO_EVENT_ENDED) {
    ++*ended;
    printf("%s %s\n", pixazo_event_generation(event), pixazo_generation_state_name(pixazo_event_state(event)));
  }
  return 0; /* go on */
}

int main(int argc, char **argv)
{
  pixazo_studio *studio = NULL;
  pixazo_error *error = NULL;
  int ended = 0;
  pixazo_status status = pixazo_studio_open(argc > 1 ? argv[1] : "art", NULL, &studio, &error);
  for (int i = 0; status == PIXAZO_OK && i < PROMPTS; i++)
    status = add(studio, prompts[i], &error);
  if (status == PIXAZO_OK)
    status = pixazo_pipeline_run(pixazo_studio_pipeline(studio), NULL, on_event, &ended, &error);
  if (status != PIXAZO_OK)
    fprintf(stderr, "%s\n", pixazo_error_message(error));
  pixazo_error_free(error);
  pixazo_studio_close(studio);
  return status == PIXAZO_OK && ended == PROMPTS ? 0 : 1;
}
