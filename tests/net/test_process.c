/* SPDX-License-Identifier: MIT */
/* The process around us: its descriptors, its environment, its children. */
#include "support/testing.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"
#include "support/gateway.h"
#include "support/tmpdir.h"

#define PAID_PATH "/getImage/v1/getSDXLImage"
#define PAID_BODY "{\"prompt\":\"a red fox\"}"

static gateway server;

static int set_up(void **state)
{
  (void)state;
  gateway_start(&server, NULL);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  gateway_stop(&server);
  return 0;
}

static rlim_t limit_descriptors(rlim_t soft)
{
  struct rlimit limit;
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
  rlim_t before = limit.rlim_cur;
  limit.rlim_cur = soft;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
  return before;
}

static void test_process__few_descriptors_mean_waiting_not_failing(void **state)
{
  enum { CALLS = 200 };
  static probe calls[CALLS];
  (void)state;
  px_engine *engine = loopback_engine();
  gateway_script(&server, "[{\"method\":\"POST\",\"delay_ms\":20}]");
  gateway_reset(&server);
  rlim_t before = limit_descriptors(40);
  for (int i = 0; i < CALLS; i++) {
    probe_init(&calls[i], i % 2 ? PX_HTTP_PAID : PX_HTTP_POLL, server.base, i % 2 ? PAID_PATH : "/files/a.png");
    if (i % 2)
      probe_body(&calls[i], PAID_BODY);
    probe_submit(&calls[i], engine);
  }
  for (int i = 0; i < CALLS; i++)
    assert_true(probe_wait(&calls[i], 20000));
  (void)limit_descriptors(before);
  for (int i = 0; i < CALLS; i++) {
    assert_string_equal(calls[i].message, "");
    probe_done(&calls[i]);
  }
  assert_int_equal(gateway_count(&server, "posts"), CALLS / 2);
  px_engine_unref(engine);
}

/* Takes every free descriptor; how many. */
static int take_all(int *taken, int max)
{
  int count = 0;
  while (count < max && (taken[count] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
    count++;
  assert_int_equal(errno, EMFILE);
  return count;
}

static void test_process__without_a_free_descriptor_a_call_waits_until_there_is_one(void **state)
{
  static const char *const names[] = {"127.0.0.1", "localhost"};
  int taken[256];
  (void)state;
  gateway_script(&server, "[]");
  for (size_t i = 0; i < 2; i++) {
    char base[64];
    probe call;
    px_engine *engine = loopback_engine();
    gateway_reset(&server);
    (void)snprintf(base, sizeof base, "http://%s:%u", names[i], (unsigned)server.port);
    probe_init(&call, PX_HTTP_PAID, base, PAID_PATH);
    probe_body(&call, PAID_BODY);
    rlim_t before = limit_descriptors(128);
    int count = take_all(taken, 256);
    probe_submit(&call, engine);
    assert_false(probe_wait(&call, 500));
    while (count > 0)
      (void)close(taken[--count]);
    assert_true(probe_wait(&call, 5000));
    (void)limit_descriptors(before);
    assert_string_equal(call.message, "");
    assert_int_equal(call.asked, 1);
    assert_int_equal(gateway_count(&server, "posts"), 1);
    probe_done(&call);
    px_engine_unref(engine);
  }
}

static void test_process__a_call_that_waits_for_descriptors_keeps_its_deadline(void **state)
{
  int taken[256];
  probe call;
  (void)state;
  px_engine *engine = loopback_engine();
  probe_init(&call, PX_HTTP_POLL, server.base, "/files/a.png");
  call.call.total_ms = 300;
  rlim_t before = limit_descriptors(128);
  int count = take_all(taken, 256);
  probe_submit(&call, engine);
  bool ended = probe_wait(&call, 3000);
  while (count > 0)
    (void)close(taken[--count]);
  (void)limit_descriptors(before);
  assert_true(ended);
  assert_status(call.outcome.status, PIXAZO_E_TIMEOUT);
  probe_done(&call);
  px_engine_unref(engine);
}

static void test_process__a_program_started_meanwhile_inherits_nothing(void **state)
{
  probe call;
  (void)state;
  char *before = descriptors_after_exec();
  px_engine *engine = loopback_engine();
  gateway_script(&server, "[{\"path\":\"/files/*\",\"cut_after\":100,\"cut\":\"stall\"}]");
  gateway_reset(&server);
  probe_init(&call, PX_HTTP_DOWNLOAD, server.base, "/files/a.png");
  probe_submit(&call, engine);
  assert_int_equal(gateway_wait(&server, "downloads", 1, 5000), 1);
  char *during = descriptors_after_exec();
  assert_string_equal(during, before);
  free(before);
  free(during);
  px_engine_unref(engine);
  assert_int_equal(call.ends, 1);
  probe_done(&call);
}

/* Looks at the socket of a call that waits for its answer. */
static int keepalive_of_connection_to(uint16_t port)
{
  for (int i = 3; i < 256; i++) {
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    int value = 0;
    if (getpeername(i, (struct sockaddr *)&peer, &size) != 0 || peer.sin_family != AF_INET || ntohs(peer.sin_port) != port)
      continue;
    size = sizeof value;
    return getsockopt(i, SOL_SOCKET, SO_KEEPALIVE, &value, &size) == 0 ? value : -1;
  }
  return -1;
}

static void test_process__tcp_keepalive_is_on_while_an_answer_takes_its_time(void **state)
{
  probe call;
  (void)state;
  px_engine *engine = loopback_engine();
  gateway_script(&server, "[{\"path\":\"/files/*\",\"drop\":true,\"cut\":\"stall\"}]");
  gateway_reset(&server);
  probe_init(&call, PX_HTTP_PAID, server.base, "/files/a.png");
  probe_submit(&call, engine);
  assert_int_equal(gateway_wait(&server, "downloads", 1, 5000), 1);
  assert_int_equal(keepalive_of_connection_to(server.port), 1);
  px_engine_unref(engine);
  probe_done(&call);
}

/* The value of one line of a thread's status file; "" when there is none. */
static void read_status(const char *task, const char *name, char *value, size_t size)
{
  char path[300], line[256];
  value[0] = '\0';
  (void)snprintf(path, sizeof path, "/proc/self/task/%s/status", task);
  FILE *file = fopen(path, "re");
  while (file && fgets(line, sizeof line, file))
    if (strncmp(line, name, strlen(name)) == 0)
      (void)snprintf(value, size, "%s", line + strlen(name) + strspn(line + strlen(name), ": \t"));
  if (file)
    (void)fclose(file);
}

/* TLS writes without MSG_NOSIGNAL: only the thread's mask keeps SIGPIPE from the program. */
static void test_process__the_io_thread_takes_no_signal(void **state)
{
  int seen = 0;
  (void)state;
  px_engine *engine = loopback_engine();
  DIR *tasks = opendir("/proc/self/task");
  assert_non_null(tasks);
  for (struct dirent *task; (task = readdir(tasks)) != NULL;) {
    char name[64], blocked[64];
    read_status(task->d_name, "Name", name, sizeof name);
    if (strcmp(name, "pixazo-net\n") != 0)
      continue;
    read_status(task->d_name, "SigBlk", blocked, sizeof blocked);
    assert_true(strtoull(blocked, NULL, 16) & (UINT64_C(1) << (SIGPIPE - 1)));
    assert_true(strtoull(blocked, NULL, 16) & (UINT64_C(1) << (SIGTERM - 1)));
    seen++;
  }
  (void)closedir(tasks);
  assert_int_equal(seen, 1);
  px_engine_unref(engine);
}

typedef struct crowd {
  px_http_call call;
  atomic_int *left;
  pixazo_status status;
} crowd;

static void one_done(void *user, const px_http_outcome *outcome)
{
  crowd *one = user;
  one->status = outcome->status;
  (void)atomic_fetch_sub(one->left, 1);
}

static int64_t cpu_us(void)
{
  struct rusage usage;
  (void)getrusage(RUSAGE_SELF, &usage);
  return ((int64_t)usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec +
         usage.ru_stime.tv_usec;
}

static void test_process__a_thousand_calls_wait_side_by_side_and_cost_little(void **state)
{
  enum { CALLS = 1000 };
  static crowd calls[CALLS];
  static const char *const headers[] = {"Ocp-Apim-Subscription-Key: test-key-not-real"};
  atomic_int left = CALLS;
  char url[128];
  (void)state;
  rlim_t before = limit_descriptors(2048);
  px_engine *engine = loopback_engine();
  gateway_script(&server, "[{\"method\":\"POST\",\"delay_ms\":4000}]");
  gateway_reset(&server);
  (void)snprintf(url, sizeof url, "%s" PAID_PATH, server.base);
  int64_t cpu = cpu_us();
  for (size_t i = 0; i < CALLS; i++) {
    calls[i].left = &left;
    calls[i].call = (px_http_call){.kind = PX_HTTP_PAID,
                                   .url = url,
                                   .headers = headers,
                                   .header_count = 1,
                                   .body = PAID_BODY,
                                   .body_size = strlen(PAID_BODY),
                                   .on_done = one_done,
                                   .user = &calls[i]};
    assert_status(px_engine_submit(engine, &calls[i].call, NULL), PIXAZO_OK);
  }
  for (int i = 0; i < 3000 && atomic_load(&left) > 0; i++)
    (void)usleep(10000);
  assert_int_equal(atomic_load(&left), 0);
  cpu = (cpu_us() - cpu) / CALLS;
  for (size_t i = 0; i < CALLS; i++)
    assert_status(calls[i].status, PIXAZO_OK);
  assert_int_equal(gateway_count(&server, "posts"), CALLS);
  assert_true(gateway_count(&server, "posts_open_peak") > CALLS / 2); /* a busy machine begins them slowly */
  if (cpu > 1500)
    fail_msg("%d us of CPU for each call", (int)cpu);
  px_engine_unref(engine);
  (void)limit_descriptors(before);
}

static int count_descriptors(void)
{
  int count = 0;
  for (int i = 0; i < 1024; i++)
    count += fcntl(i, F_GETFD) >= 0;
  return count;
}

static void test_process__nothing_stays_open_behind_an_engine(void **state)
{
  (void)state;
  int before = count_descriptors();
  for (int i = 0; i < 3; i++) {
    probe call;
    px_engine *engine = loopback_engine();
    gateway_script(&server, "[]");
    probe_init(&call, PX_HTTP_DOWNLOAD, server.base, "/files/a.png");
    probe_run(&call, engine);
    assert_status(call.outcome.status, PIXAZO_OK);
    probe_done(&call);
    px_engine_unref(engine);
  }
  assert_int_equal(count_descriptors(), before);
}

static void test_process__a_forked_child_is_told_so_and_the_parent_goes_on(void **state)
{
  probe call;
  (void)state;
  gateway_script(&server, "[]");
  px_engine *engine = loopback_engine();
  probe_init(&call, PX_HTTP_POLL, server.base, "/files/a.png");
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    int wrong = px_engine_submit(engine, &call.call, NULL) != PIXAZO_E_STATE;
    wrong |= px_engine_perform(engine, &call.call, NULL) != PIXAZO_E_STATE;
    px_engine_cancel(engine, &call.call);
    px_engine_unref(engine);
    _exit(wrong);
  }
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  probe_run(&call, engine);
  assert_status(call.outcome.status, PIXAZO_OK);
  probe_done(&call);
  px_engine_unref(engine);
}

static void write_netrc(const char *directory)
{
  char *path = tmpdir_path(directory, ".netrc");
  FILE *file = fopen(path, "we");
  assert_non_null(file);
  assert_true(fputs("machine 127.0.0.1 login crumb password crumb\n", file) >= 0);
  assert_int_equal(fclose(file), 0);
  free(path);
}

static void test_process__the_environment_is_not_asked(void **state)
{
  static const char *const names[] = {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
  gateway recorder;
  probe call;
  (void)state;
  char *directory = tmpdir_make();
  write_netrc(directory);
  gateway_start(&recorder, NULL);
  int64_t accepted = gateway_count(&recorder, "accepted");
  for (size_t i = 0; i < 6; i++)
    assert_int_equal(setenv(names[i], recorder.base, 1), 0);
  assert_int_equal(setenv("CURL_HOME", directory, 1), 0);
  assert_int_equal(setenv("HOME", directory, 1), 0);
  px_engine *engine = loopback_engine();
  gateway_script(&server, "[]");
  gateway_reset(&server);
  probe_init(&call, PX_HTTP_DOWNLOAD, server.base, "/files/a.png");
  probe_run(&call, engine);
  for (size_t i = 0; i < 6; i++)
    assert_int_equal(unsetenv(names[i]), 0);
  assert_status(call.outcome.status, PIXAZO_OK);
  assert_int_equal(gateway_count(&recorder, "accepted"), accepted + 1);
  char *seen = gateway_page(&server, "requests");
  assert_non_null(strstr(seen, "/files/a.png"));
  assert_null(strstr(seen, "Authorization"));
  free(seen);
  probe_done(&call);
  px_engine_unref(engine);
  gateway_stop(&recorder);
  tmpdir_remove(directory);
  tell_cases("variables and files of the environment", sizeof names / sizeof names[0] + 2);
}

static void test_process__a_configured_proxy_is_used(void **state)
{
  gateway recorder;
  probe call;
  px_engine *engine = NULL;
  (void)state;
  gateway_start(&recorder, NULL);
  gateway_reset(&server);
  px_engine_options options = {.allow_hosts = "pictures.test", .proxy = recorder.base};
  assert_status(px_engine_new(&options, &engine, NULL), PIXAZO_OK);
  probe_init(&call, PX_HTTP_POLL, "http://pictures.test", "/files/a.png");
  probe_run(&call, engine);
  char *seen = gateway_page(&recorder, "requests");
  assert_non_null(strstr(seen, "pictures.test"));
  free(seen);
  probe_done(&call);
  /* behind a proxy, names are the proxy's; a literal private address is refused all the same */
  probe_init(&call, PX_HTTP_POLL, "https://10.0.0.1", "/");
  assert_status(px_engine_submit(engine, &call.call, NULL), PIXAZO_E_NETWORK);
  probe_done(&call);
  px_engine_unref(engine);
  gateway_stop(&recorder);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_process__few_descriptors_mean_waiting_not_failing),
      cmocka_unit_test(test_process__without_a_free_descriptor_a_call_waits_until_there_is_one),
      cmocka_unit_test(test_process__a_call_that_waits_for_descriptors_keeps_its_deadline),
      cmocka_unit_test(test_process__a_program_started_meanwhile_inherits_nothing),
      cmocka_unit_test(test_process__tcp_keepalive_is_on_while_an_answer_takes_its_time),
      cmocka_unit_test(test_process__the_io_thread_takes_no_signal),
      cmocka_unit_test(test_process__a_thousand_calls_wait_side_by_side_and_cost_little),
      cmocka_unit_test(test_process__nothing_stays_open_behind_an_engine),
      cmocka_unit_test(test_process__a_forked_child_is_told_so_and_the_parent_goes_on),
      cmocka_unit_test(test_process__the_environment_is_not_asked),
      cmocka_unit_test(test_process__a_configured_proxy_is_used),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
