/* SPDX-License-Identifier: MIT */
#include "client/inputs.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

void px_inputs_done(px_inputs *inputs)
{
  for (size_t i = 0; i < inputs->count; i++)
    px_input_done(&inputs->items[i]);
  px_free(inputs->items);
  *inputs = (px_inputs){NULL, 0};
}

pixazo_status px_inputs_copy(const px_inputs *from, px_inputs *to, pixazo_error **error)
{
  if (from->count == 0)
    return PIXAZO_OK;
  to->items = px_calloc(from->count, sizeof *to->items);
  if (!to->items)
    return px_fail_nomem(error);
  for (to->count = 0; to->count < from->count; to->count++) {
    to->items[to->count] = from->items[to->count];
    to->items[to->count].path = px_strdup(from->items[to->count].path);
    if (!to->items[to->count].path)
      return px_fail_nomem(error);
  }
  return PIXAZO_OK;
}

static pixazo_status add_input(px_inputs *inputs, const px_model *model, const char *path, bool mask, pixazo_error **error)
{
  px_input input = {.mask = mask};
  px_input *grown = px_realloc_array(inputs->items, inputs->count + 1, sizeof *grown);
  if (!grown)
    return px_fail_nomem(error);
  inputs->items = grown;
  uint64_t most = mask && model->mask_bytes > 0 ? model->mask_bytes : model->input_bytes;
  PX_TRY(px_input_measure(&input, path, most, error));
  grown[inputs->count++] = input;
  if (mask && model->mask_type && !px_str_equal(input.type, model->mask_type))
    return px_fail(error, PIXAZO_E_ARGUMENT, "%s is %s; the mask must be %s", path, input.type, model->mask_type);
  return PIXAZO_OK;
}

/* A picture that cannot be sent must not be left out silently: the call would be paid for something else. */
pixazo_status px_inputs_take(px_inputs *inputs, const pixazo_request *request, const px_target *target, pixazo_error **error)
{
  const char *list = px_request_text(request, PX_FIELD_IMAGES);
  const char *mask = px_request_text(request, PX_FIELD_MASK);
  px_cleanup(px_json_done) px_json *root = NULL;
  if (list)
    PX_TRY(px_json_parse(list, strlen(list), NULL, &root, error));
  size_t count = px_json_size(root);
  if (count > (size_t)target->model->inputs_max)
    return px_fail(error, PIXAZO_E_ARGUMENT, "%s/%s takes %d picture%s with a request, not %zu", target->provider->name,
                   target->name, target->model->inputs_max, target->model->inputs_max == 1 ? "" : "s", count);
  if (mask && (!target->model->mask || count == 0))
    return px_fail(error, PIXAZO_E_ARGUMENT, count == 0 ? "request: a mask needs a picture in images"
                                                        : "request: this model takes no mask");
  for (const px_json *item = px_json_first(root); item; item = px_json_next(item))
    PX_TRY(add_input(inputs, target->model, px_json_text(item), false, error));
  return mask ? add_input(inputs, target->model, mask, true, error) : PIXAZO_OK;
}

static void put_input(px_json_writer *writer, const char *key, const px_input *input)
{
  px_json_put_begin_object(writer, key);
  px_json_put_string(writer, "path", input->path);
  px_json_put_string(writer, "type", input->type);
  px_json_put_int64(writer, "bytes", (int64_t)input->bytes);
  px_json_put_string(writer, "sha256", input->sha256);
  px_json_put_end_object(writer);
}

/* Pictures stand in the record by what they are, so that the same call can be made again, or not at all. */
void px_inputs_put(px_json_writer *writer, const px_inputs *inputs)
{
  size_t pictures = inputs->count - (inputs->count > 0 && inputs->items[inputs->count - 1].mask);
  if (pictures > 0) {
    px_json_put_begin_array(writer, "images");
    for (size_t i = 0; i < pictures; i++)
      put_input(writer, NULL, &inputs->items[i]);
    px_json_put_end_array(writer);
  }
  if (pictures < inputs->count)
    put_input(writer, "mask", &inputs->items[pictures]);
}

static pixazo_status read_input(px_inputs *inputs, const px_json *node, bool mask, pixazo_error **error)
{
  const char *path = NULL;
  const char *type = NULL;
  const char *sha256 = NULL;
  int64_t bytes = 0;
  PX_TRY(px_json_get_string(node, "path", &path, error));
  PX_TRY(px_json_get_string(node, "type", &type, error));
  PX_TRY(px_json_get_string(node, "sha256", &sha256, error));
  PX_TRY(px_json_get_int64(node, "bytes", &bytes, error));
  px_input *grown = px_realloc_array(inputs->items, inputs->count + 1, sizeof *grown);
  if (!grown)
    return px_fail_nomem(error);
  inputs->items = grown;
  px_input *added = &grown[inputs->count];
  *added = (px_input){.path = px_strdup(path), .type = px_input_type(type), .bytes = (uint64_t)bytes, .mask = mask};
  (void)snprintf(added->sha256, sizeof added->sha256, "%s", sha256);
  if (!added->path)
    return px_fail_nomem(error);
  inputs->count++;
  return added->type ? PIXAZO_OK : px_fail(error, PIXAZO_E_CORRUPT, "effective parameters: type of an input");
}

/* The pictures of a planned call, as the record names them: their bytes are looked at when it is sent. */
pixazo_status px_inputs_read(px_inputs *inputs, const px_json *effective, pixazo_error **error)
{
  const px_json *images = px_json_member(effective, "images");
  const px_json *mask = px_json_member(effective, "mask");
  for (const px_json *item = px_json_first(images); item; item = px_json_next(item))
    PX_TRY(read_input(inputs, item, false, error));
  return mask ? read_input(inputs, mask, true, error) : PIXAZO_OK;
}
