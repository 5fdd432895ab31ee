/* SPDX-License-Identifier: MIT */
/* pixazo-mcp: pictures for assistants, over the Model Context Protocol on stdin and stdout. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lines.h"
#include "mcp.h"

enum { EXIT_USAGE = 2, TICK_MS = 250, DRAIN_MS = 15000, READ_BYTES = 65536 };

static volatile sig_atomic_t stops; /* SIGTERM and SIGINT so far */
static int wake = -1;
static server self_of_main; /* outlives main: threads of calls may */

static void on_stop(int number)
{
  int kept = errno;
  (void)number;
  stops = stops + 1;
  atomic_store(&self_of_main.output.hurry, true);
  if (stops > 1 || write(wake, &(uint64_t){1}, sizeof(uint64_t)) < 0)
    _exit(128 + number); /* as killed: what is paid can be resumed */
  errno = kept;
}

static void raise_descriptor_limit(void)
{
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
  }
}

static bool prepare_process(void)
{
  struct sigaction stop = {.sa_handler = on_stop};
  struct sigaction ignore = {.sa_handler = SIG_IGN};
  wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  raise_descriptor_limit();
  return wake >= 0 && sigemptyset(&stop.sa_mask) == 0 && sigaction(SIGTERM, &stop, NULL) == 0 &&
         sigaction(SIGINT, &stop, NULL) == 0 && sigaction(SIGPIPE, &ignore, NULL) == 0;
}

static void take_lines(server *self, lines *input, const char *bytes, size_t count)
{
  char *line = NULL;
  while (count > 0 && stops == 0) {
    switch (lines_take(input, &bytes, &count, &line)) {
    case LINE_WHOLE:
      handle_line(self, line);
      break;
    case LINE_TOO_LONG:
      tell(self, PIXAZO_LOG_WARNING, "a line of more than %d bytes was not read", LINE_BYTES);
      break;
    case LINE_NO_MEMORY:
      tell(self, PIXAZO_LOG_ERROR, "a line was lost: out of memory");
      break;
    case LINE_NONE:
    default:
      break;
    }
  }
}

/* Waits a moment for input or news; false: the input has ended. */
static bool turn(server *self, lines *input, bool listen)
{
  char bytes[READ_BYTES];
  eventfd_t news;
  struct pollfd ready[2] = {{wake, POLLIN, 0}, {listen ? STDIN_FILENO : -1, POLLIN, 0}};
  if (poll(ready, 2, self->options.progress_ms < TICK_MS ? (int)self->options.progress_ms : TICK_MS) < 0 && errno != EINTR)
    return false;
  if (ready[0].revents)
    (void)eventfd_read(wake, &news);
  calls_pulse(self);
  if (!listen || !ready[1].revents)
    return true;
  ssize_t count = read(STDIN_FILENO, bytes, sizeof bytes);
  if (count > 0)
    take_lines(self, input, bytes, (size_t)count);
  return count > 0 || (count < 0 && (errno == EINTR || errno == EAGAIN));
}

/* Told to stop: nothing new is sent, and what is paid is brought home. */
static void stop_sending(server *self)
{
  pixazo_studio *studio = service_opened(self);
  tell(self, PIXAZO_LOG_WARNING, "stopping: finishing what is paid; a second signal ends at once, pix_resume goes on later");
  calls_drop_queued(self);
  intents_close(&self->intents);
  if (studio && pixazo_pipeline_cancel(pixazo_studio_pipeline(studio), NULL, PIXAZO_CANCEL_SOFT, NULL) != PIXAZO_OK)
    tell(self, PIXAZO_LOG_ERROR, "the pipeline could not be told to stop");
}

static void serve(server *self)
{
  lines input = {NULL, 0, 0, 0};
  char *rest = NULL;
  bool listening = true;
  int64_t until = INT64_MAX;
  while (until == INT64_MAX && (listening || calls_open(self) > 0)) {
    if (!turn(self, &input, listening) && listening) {
      listening = false;
      if (lines_rest(&input, &rest) == LINE_WHOLE)
        handle_line(self, rest);
    }
    if (stops > 0) {
      stop_sending(self);
      until = now_us() + (int64_t)DRAIN_MS * 1000;
    }
  }
  while (calls_open(self) > 0 && now_us() < until)
    (void)turn(self, &input, false);
  atomic_store(&self->output.hurry, true);
  lines_done(&input);
}

static bool server_open(server *self)
{
  self->revision = LAST_SESSION;
  atomic_init(&self->log_level, 0);
  if (self->options.log_file && !(self->log_file = fopen(self->options.log_file, "ae"))) {
    (void)fprintf(stderr, "pixazo-mcp: cannot append to %s: %s\n", self->options.log_file, strerror(errno));
    return false;
  }
  return output_init(&self->output, STDOUT_FILENO) && calls_init(&self->calls, wake) && service_init(&self->service) &&
         spending_init(&self->spending, &self->options) && intents_init(&self->intents);
}

static void server_close(server *self)
{
  if (calls_open(self) > 0) { /* a thread still works on a call: the process ends under it, as if killed */
    tell(self, PIXAZO_LOG_WARNING, "not everything came home in time: pix_resume goes on with it");
    _exit(EXIT_SUCCESS);
  }
  service_close(&self->service);
  intents_done(&self->intents);
  spending_done(&self->spending);
  calls_done(&self->calls);
  output_done(&self->output);
  if (self->log_file)
    (void)fclose(self->log_file);
}

int main(int argc, char **argv)
{
  server *self = &self_of_main;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
      options_help();
      return EXIT_SUCCESS;
    }
    if (strcmp(argv[i], "--version") == 0) {
      (void)printf("%s %s\n", SERVER_NAME, pixazo_version());
      return EXIT_SUCCESS;
    }
  }
  if (!options_parse(argc, argv, &self->options))
    return EXIT_USAGE;
  options_load_env_file(&self->options);
  if (!prepare_process() || !server_open(self)) {
    (void)fputs("pixazo-mcp: the process cannot be prepared\n", stderr);
    return EXIT_FAILURE;
  }
  serve(self);
  server_close(self);
  return EXIT_SUCCESS;
}
