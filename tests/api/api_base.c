/* SPDX-License-Identifier: MIT */
/* version.h, error.h, memory.h, log.h, cancel.h and blob.h. */
#include "check.h"

static int blocks;
static int given_back;

static void *count_allocate(size_t size, void *user_data)
{
  blocks += *(int *)user_data;
  return malloc(size);
}

static void *count_reallocate(void *memory, size_t size, void *user_data)
{
  blocks += memory ? 0 : *(int *)user_data;
  return realloc(memory, size);
}

static void count_release(void *memory, void *user_data)
{
  blocks -= *(int *)user_data;
  free(memory);
}

/* First of all: hooks are refused once the library has allocated. */
static void memory_hooks(void)
{
  static int one = 1;
  pixazo_memory_hooks hooks;
  pixazo_memory_hooks_init(&hooks, sizeof hooks);
  CHECK(hooks.struct_size == sizeof hooks && !hooks.allocate && !hooks.user_data);
  CHECK(pixazo_memory_set_hooks(NULL) == PIXAZO_E_ARGUMENT);
  hooks.allocate = count_allocate;
  hooks.reallocate = count_reallocate;
  hooks.user_data = &one;
  CHECK(pixazo_memory_set_hooks(&hooks) == PIXAZO_E_ARGUMENT);
  hooks.release = count_release;
  CHECK(pixazo_memory_set_hooks(&hooks) == PIXAZO_OK);
  char *text = NULL;
  NEEDS(pixazo_providers_to_json(&text, &error));
  CHECK(blocks > 0);
  pixazo_free(text);
  pixazo_free(NULL);
  CHECK(blocks == 0);
  CHECK(pixazo_memory_set_hooks(&hooks) == PIXAZO_E_STATE);
}

static void version(void)
{
  CHECK_TEXT(pixazo_version(), PIXAZO_VERSION_STRING);
  CHECK(pixazo_version_number() == PIXAZO_VERSION_MAJOR * 1000000 + PIXAZO_VERSION_MINOR * 1000 + PIXAZO_VERSION_PATCH);
  static const char *const features[] = {"png",     "jpeg",   "webp",        "sqlite",       "offline",
                                         "pixazo", "store-local", "store-memory", "store-custom"};
  for (size_t i = 0; i < sizeof features / sizeof *features; i++)
    CHECK(pixazo_supports(features[i]) == 1);
  CHECK(pixazo_supports("failpoints") == 0 && pixazo_supports("nothing of the kind") == 0 && pixazo_supports(NULL) == 0);
}

static void names(void)
{
  static const pixazo_status all[] = {0, -1, -2, -3, -4, -5, -11, -12, -13, -14, -15, -21, -22, -23,
                                      -31, -32, -33, -34, -35, -36, -41, -42, -43, -51, -52};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    CHECK(strncmp(pixazo_status_name(all[i]), i ? "PIXAZO_E_" : "PIXAZO_OK", 9) == 0);
    CHECK(strcmp(pixazo_status_name(all[i]), "PIXAZO_E_?") != 0);
    CHECK(*pixazo_status_text(all[i]));
    for (size_t k = 0; k < i; k++)
      CHECK(strcmp(pixazo_status_name(all[i]), pixazo_status_name(all[k])) != 0);
  }
  CHECK_TEXT(pixazo_status_name(PIXAZO_E_IO), "PIXAZO_E_IO");
  CHECK_TEXT(pixazo_status_name(-1000), "PIXAZO_E_?");
  CHECK_TEXT(pixazo_status_name(7), "PIXAZO_E_?");
  CHECK(pixazo_status_text(-1000) != NULL);
  CHECK_TEXT(pixazo_class_name(PIXAZO_CLASS_NOT_SENT), "not_sent");
  CHECK_TEXT(pixazo_class_name(PIXAZO_CLASS_ACCEPTED), "accepted");
  CHECK_TEXT(pixazo_class_name(99), "unknown");
  CHECK_TEXT(pixazo_generation_state_name(PIXAZO_GENERATION_PLANNED), "planned");
  CHECK_TEXT(pixazo_generation_state_name(PIXAZO_GENERATION_ABANDONED), "abandoned");
  CHECK_TEXT(pixazo_generation_state_name(0), "unknown");
  CHECK_TEXT(pixazo_image_state_name(PIXAZO_IMAGE_RECORDED), "recorded");
  CHECK_TEXT(pixazo_image_state_name(PIXAZO_IMAGE_LOST), "lost");
  CHECK_TEXT(pixazo_confidence_name(PIXAZO_CONFIDENCE_UPPER_BOUND), "upper_bound");
  CHECK_TEXT(pixazo_confidence_name(PIXAZO_CONFIDENCE_BILLED), "billed");
}

static void errors(void)
{
  pixazo_error *error = NULL;
  CHECK(pixazo_error_set(&error, PIXAZO_E_IO, "the shelf fell") == PIXAZO_E_IO);
  CHECK(pixazo_error_set(&error, PIXAZO_E_BUSY, "another story") == PIXAZO_E_BUSY);
  CHECK(pixazo_error_status(error) == PIXAZO_E_IO);
  CHECK_HOLDS(pixazo_error_message(error), "the shelf fell");
  CHECK(pixazo_error_hint(error) && *pixazo_error_hint(error));
  CHECK_TEXT(pixazo_error_provider_code(error), "");
  CHECK_TEXT(pixazo_error_request_id(error), "");
  CHECK_TEXT(pixazo_error_generation(error), "");
  CHECK(pixazo_error_class(error) == PIXAZO_CLASS_NONE && pixazo_error_charge(error) == PIXAZO_CHARGE_NONE);
  CHECK(pixazo_error_http_status(error) == 0 && pixazo_error_retry_after_ms(error) == 0);
  /* A call of the library keeps an error that is there, too. */
  pixazo_error *before = error;
  CHECK(pixazo_cancel_new(NULL, &error) == PIXAZO_E_ARGUMENT);
  CHECK(error == before && pixazo_error_status(error) == PIXAZO_E_IO);
  pixazo_error_free(error);
  pixazo_error_free(NULL);
  CHECK(pixazo_error_set(NULL, PIXAZO_E_IO, "nobody listens") == PIXAZO_E_IO);
  error = NULL;
  CHECK(pixazo_error_set(&error, 5, NULL) == PIXAZO_E_INTERNAL && pixazo_error_status(error) == PIXAZO_E_INTERNAL);
  pixazo_error_free(error);
  error = NULL;
  CHECK(pixazo_error_set(&error, PIXAZO_E_BUSY, "later") == PIXAZO_E_BUSY && pixazo_error_is_retryable(error) == 1);
  pixazo_error_free(error);
  error = NULL;
  CHECK(pixazo_error_set(&error, PIXAZO_E_AMBIGUOUS, "who knows") == PIXAZO_E_AMBIGUOUS);
  CHECK(pixazo_error_is_retryable(error) == 0);
  pixazo_error_free(error);
}

static void cut_message(void)
{
  char long_text[3000];
  pixazo_error *error = NULL;
  memset(long_text, 'x', sizeof long_text - 1);
  long_text[sizeof long_text - 1] = '\0';
  (void)pixazo_error_set(&error, PIXAZO_E_IO, long_text);
  CHECK(strlen(pixazo_error_message(error)) == 1023);
  pixazo_error_free(error);
}

static void cancels(void)
{
  pixazo_cancel *cancel = NULL;
  NEEDS(pixazo_cancel_new(&cancel, &error));
  CHECK(pixazo_cancel_get(cancel) == 0 && pixazo_cancel_get(NULL) == 0);
  CHECK(pixazo_cancel_ref(cancel) == cancel && pixazo_cancel_ref(NULL) == NULL);
  pixazo_cancel_set(cancel, 77);
  CHECK(pixazo_cancel_get(cancel) == PIXAZO_CANCEL_SOFT);
  pixazo_cancel_set(cancel, PIXAZO_CANCEL_NOW);
  pixazo_cancel_set(cancel, PIXAZO_CANCEL_SOFT);
  pixazo_cancel_set(NULL, PIXAZO_CANCEL_NOW);
  CHECK(pixazo_cancel_unref(cancel) == NULL);
  CHECK(pixazo_cancel_get(cancel) == PIXAZO_CANCEL_NOW);
  CHECK(pixazo_cancel_unref(cancel) == NULL && pixazo_cancel_unref(NULL) == NULL);
}

static void on_release(void *data, size_t size, void *user_data)
{
  CHECK(size == 5 && memcmp(data, "bytes", 5) == 0 && user_data == &given_back);
  given_back++;
}

static void blobs(void)
{
  char bytes[] = "bytes";
  pixazo_blob *blob = NULL;
  pixazo_blob *none = UNTOUCHED;
  NEEDS(pixazo_blob_new_nocopy(bytes, 5, on_release, &given_back, &blob, &error));
  CHECK(pixazo_blob_data(blob) == bytes && pixazo_blob_size(blob) == 5);
  CHECK(pixazo_blob_ref(blob) == blob && pixazo_blob_ref(NULL) == NULL);
  CHECK(pixazo_blob_unref(blob) == NULL && given_back == 0);
  WORKS(pixazo_blob_save(blob, api_path("saved"), &error));
  FAILS(PIXAZO_E_NOT_FOUND, pixazo_blob_save(blob, api_path("none/saved"), &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_blob_save(blob, api_path("saved/"), &error));
  CHECK(pixazo_blob_unref(blob) == NULL && given_back == 1);
  NEEDS(pixazo_blob_new_from_file(api_path("saved"), 0, &blob, &error));
  CHECK(pixazo_blob_size(blob) == 5 && memcmp(pixazo_blob_data(blob), "bytes", 5) == 0);
  (void)pixazo_blob_unref(blob);
  FAILS(PIXAZO_E_LIMIT, pixazo_blob_new_from_file(api_path("saved"), 4, &none, &error));
  FAILS(PIXAZO_E_NOT_FOUND, pixazo_blob_new_from_file(api_path("absent"), 0, &none, &error));
  FAILS(PIXAZO_E_IO, pixazo_blob_new_from_file(api_directory, 0, &none, &error));
  FAILS(PIXAZO_E_ARGUMENT, pixazo_blob_new_nocopy(NULL, 3, on_release, &given_back, &none, &error));
  CHECK(none == UNTOUCHED && given_back == 1);
  NEEDS(pixazo_blob_new(NULL, 0, &blob, &error));
  CHECK(pixazo_blob_data(blob) == NULL && pixazo_blob_size(blob) == 0);
  (void)pixazo_blob_unref(blob);
}

static void on_line(int32_t level, const char *line, size_t length, void *user_data)
{
  CHECK(level >= PIXAZO_LOG_ERROR && level <= PIXAZO_LOG_TRACE && strlen(line) == length);
  ++*(int *)user_data;
}

static void logs(void)
{
  pixazo_log *log = UNTOUCHED;
  char *line = UNTOUCHED;
  FAILS(PIXAZO_E_ARGUMENT, pixazo_log_new(99, NULL, NULL, &log, &error));
  CHECK(log == UNTOUCHED);
  NEEDS(pixazo_log_new(PIXAZO_LOG_TRACE, NULL, NULL, &log, &error));
  CHECK(pixazo_log_ref(log) == log && pixazo_log_ref(NULL) == NULL && pixazo_log_unref(log) == NULL);
  CHECK(pixazo_log_next(log, NULL, &line) == PIXAZO_E_AGAIN && line == UNTOUCHED);
  CHECK(pixazo_log_next(log, NULL, NULL) == PIXAZO_E_ARGUMENT && pixazo_log_next(NULL, NULL, &line) == PIXAZO_E_ARGUMENT);
  (void)pixazo_log_unref(log);
  CHECK(pixazo_log_unref(NULL) == NULL);
}

/* A hook and a list get the same lines of a call. */
static void log_of_a_call(pixazo_log_fn hook, int *lines)
{
  pixazo_log *log = NULL;
  pixazo_client *client = NULL;
  pixazo_generation *record = NULL;
  pixazo_request *request = api_request("{\"prompt\":\"fog\",\"width\":64,\"height\":64,\"steps\":1}");
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  NEEDS(pixazo_log_new(PIXAZO_LOG_TRACE, hook, lines, &log, &error));
  options.provider = "offline";
  options.log = log;
  NEEDS(pixazo_client_new(&options, &client, &error));
  WORKS(pixazo_client_generate(client, request, NULL, &record, &error));
  int32_t level = 0;
  char *line = NULL;
  while (!hook && pixazo_log_next(log, &level, &line) == PIXAZO_OK) {
    on_line(level, line, strlen(line), lines);
    pixazo_free(line);
  }
  CHECK(*lines > 0);
  pixazo_generation_free(record);
  pixazo_request_free(request);
  (void)pixazo_client_unref(client);
  (void)pixazo_log_unref(log);
}

int main(void)
{
  int hooked = 0;
  int listed = 0;
  memory_hooks();
  api_begin();
  version();
  names();
  errors();
  cut_message();
  cancels();
  blobs();
  logs();
  log_of_a_call(on_line, &hooked);
  log_of_a_call(NULL, &listed);
  CHECK(hooked == listed);
  CHECK(blocks == 0); /* whatever was made here was given back through the hooks */
  return api_end();
}
