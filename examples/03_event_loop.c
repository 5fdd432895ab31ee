/* SPDX-License-Identifier: MIT */
/* Inside an event loop: the pipeline's descriptor is readable while an event waits. No callback, no extra thread. */
#include <poll.h>
#include <stdio.h>

#include <pixazo/pixazo.h>

/* Takes every event that waits; gives the number of generations that ended. */
static int take_events(pixazo_pipeline *pipeline)
{
  int ended = 0;
  pixazo_event *event = NULL;
  while (pixazo_pipeline_next_event(pipeline, 0, &event, NULL) == PIXAZO_OK) {
    if (pixazo_event_kind(event) == PIXAZO_EVENT_IMAGE)
      printf("picture %s\n", pixazo_event_image(event));
    ended += pixazo_event_kind(event) == PIXAZO_EVENT_ENDED;
    pixazo_event_free(event);
  }
  return ended;
}

static void loop(pixazo_pipeline *pipeline)
{
  /* A real program has its sockets here too. The descriptor is polled, never read and never closed. */
  struct pollfd wait = {.fd = pixazo_pipeline_fd(pipeline), .events = POLLIN};
  for (int ended = 0; ended == 0;) {
    if (poll(&wait, 1, 1000) > 0)
      ended += take_events(pipeline);
  }
}

int main(int argc, char **argv)
{
  pixazo_studio *studio = NULL;
  pixazo_request *request = NULL;
  pixazo_error *error = NULL;
  pixazo_status status = pixazo_studio_open(argc > 1 ? argv[1] : "art", NULL, &studio, &error);
  if (status == PIXAZO_OK) /* JSON works wherever a builder does */
    status = pixazo_request_new_from_json(
        "{\"prompt\": \"a lighthouse\", \"width\": 512, \"height\": 512, \"album\": \"sea\"}", &request, &error);
  if (status == PIXAZO_OK)
    status = pixazo_pipeline_add(pixazo_studio_pipeline(studio), request, NULL, NULL, &error);
  if (status == PIXAZO_OK)
    loop(pixazo_studio_pipeline(studio));
  else
    fprintf(stderr, "%s\n", pixazo_error_message(error));
  pixazo_error_free(error);
  pixazo_request_free(request);
  pixazo_studio_close(studio);
  return status == PIXAZO_OK ? 0 : 1;
}
