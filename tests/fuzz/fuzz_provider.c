/* SPDX-License-Identifier: MIT */
/* Definitions of providers, and answers read by them. The first line of the input is the answer, the rest the definition: what is
 * accepted plans a request, builds its body, reads the answer and prints itself. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <pixazo/memory.h>

#include "base/answer.h"
#include "base/mem.h"
#include "client/definition.h"
#include "fuzz.h"

static void require(bool condition)
{
  if (!condition)
    abort();
}

static void build_body(const px_provider *provider, const px_model *model)
{
  static const char effective[] = "{\"prompt\":\"a {{seed}} fox\",\"width\":512,\"height\":768,\"seed\":5,\"steps\":3,\"count\":1,"
                                  "\"guidance\":7.5,\"model\":\"m\",\"provider_options\":{\"a\":1}}";
  static const px_input input = {.type = "image/png", .bytes = 10};
  px_json *values = NULL;
  require(px_json_parse(effective, strlen(effective), NULL, &values, NULL) == PIXAZO_OK);
  px_auto(px_body) body = PX_BODY_INIT;
  px_auto(px_buf) path = PX_BUF_INIT(8192);
  px_build job = {.provider = provider, .model = model, .name = "m", .effective = values, .inputs = &input,
                  .input_count = model->inputs_max > 0, .body = &body, .path = &path};
  if (provider->ops.build(&job, NULL) == PIXAZO_OK)
    require(body.count > 0 && body.pieces[0].text && body.pieces[0].text[0] == '{');
  px_json_free(values);
}

static void read_answer(const px_provider *provider, const char *text, size_t size)
{
  int descriptor = memfd_create("answer", MFD_CLOEXEC);
  px_answer_writer writer;
  px_answer answer = PX_ANSWER_INIT;
  px_reading reading = {0};
  require(descriptor >= 0);
  require(px_answer_writer_init(&writer, descriptor, NULL) == PIXAZO_OK);
  require(px_answer_writer_set(&writer, "status", "200", NULL) == PIXAZO_OK);
  require(px_answer_writer_body(&writer, text, size, NULL) == PIXAZO_OK);
  require(px_answer_writer_finish(&writer, NULL) == PIXAZO_OK);
  px_answer_writer_done(&writer);
  require(px_answer_read(&answer, descriptor, NULL) == PIXAZO_OK);
  require(provider->ops.read(provider, &answer, &reading, NULL) == PIXAZO_OK);
  for (size_t i = 0; i < reading.picture_count; i++)
    require(reading.pictures[i].kind != PX_PICTURE_URL || reading.pictures[i].url);
  px_reading_done(&reading);
  px_answer_done(&answer);
  close(descriptor);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  pixazo_provider *made = NULL;
  pixazo_error *error = NULL;
  char *listing = NULL;
  const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
  size_t first = end ? (size_t)(end - data) : 0;
  char *text = px_strndup((const char *)data + (end ? first + 1 : 0), size - (end ? first + 1 : 0));
  require(text != NULL);
  if (pixazo_provider_new(text, &made, &error) != PIXAZO_OK) {
    require(error && *pixazo_error_message(error));
  } else {
    for (size_t i = 0; i < made->row.model_count; i++)
      build_body(&made->row, &made->row.models[i]);
    read_answer(&made->row, (const char *)data, first);
    require(pixazo_provider_to_json(made, &listing, NULL) == PIXAZO_OK && listing[0] == '{');
  }
  pixazo_free(listing);
  pixazo_error_free(error);
  (void)pixazo_provider_unref(made);
  px_free(text);
  return 0;
}
