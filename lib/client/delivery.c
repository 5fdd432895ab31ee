/* SPDX-License-Identifier: MIT */
#include "client/delivery.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/hooks.h"

void px_delivery_done(px_delivery *delivery)
{
  px_answer_writer_done(&delivery->writer);
  px_answer_done(&delivery->answer);
  if (delivery->descriptor >= 0)
    (void)close(delivery->descriptor);
  *delivery = (px_delivery)PX_DELIVERY_INIT;
}

pixazo_status px_delivery_open(px_delivery *delivery, const px_plan *plan, const char *attempt, const char *generation,
                               pixazo_error **error)
{
  const px_plan_facts *facts = px_plan_get(plan);
  px_delivery_done(delivery);
  (void)snprintf(delivery->attempt, sizeof delivery->attempt, "%s", attempt);
  PX_TRY(px_memory_file("pixazo-answer", &delivery->descriptor, error));
  PX_TRY(px_answer_writer_init_unhashed(&delivery->writer, delivery->descriptor, error));
  PX_TRY(px_answer_writer_set(&delivery->writer, "attempt", attempt, error));
  PX_TRY(px_answer_writer_set(&delivery->writer, "generation", generation, error));
  PX_TRY(px_answer_writer_set(&delivery->writer, "provider", facts->provider, error));
  return px_answer_writer_set(&delivery->writer, "model", facts->model, error);
}

pixazo_status px_delivery_read(px_delivery *delivery, const px_answer **answer, pixazo_error **error)
{
  px_answer_done(&delivery->answer);
  *answer = NULL;
  if (!delivery->writer.head_written)
    return PIXAZO_OK;
  PX_TRY(px_answer_read(&delivery->answer, delivery->descriptor, error));
  *answer = &delivery->answer;
  return PIXAZO_OK;
}

/* By the first bytes; what a server says about its bytes is only a fallback. */
static const char *type_of(const unsigned char *data, size_t size, const char *said)
{
  if (size >= 8 && memcmp(data, "\x89PNG\r\n\x1A\n", 8) == 0)
    return "image/png";
  if (size >= 3 && memcmp(data, "\xFF\xD8\xFF", 3) == 0)
    return "image/jpeg";
  if (size >= 12 && memcmp(data, "RIFF", 4) == 0 && memcmp(data + 8, "WEBP", 4) == 0)
    return "image/webp";
  return said && px_str_starts_nocase(said, "image/") ? said : "application/octet-stream";
}

static pixazo_status measure(px_image_record *image, const px_answer *answer, pixazo_error **error)
{
  const void *data = pixazo_blob_data(image->blob);
  size_t size = pixazo_blob_size(image->blob);
  image->bytes = (int64_t)size;
  image->state = PIXAZO_IMAGE_RECORDED;
  if (!px_sha256_hex(data, size, image->sha256))
    return px_fail(error, PIXAZO_E_INTERNAL, "cannot hash a picture");
  if (!px_record_set(&image->content_type, type_of(data, size, px_answer_get(answer, "content-type"))))
    return px_fail_nomem(error);
  return PIXAZO_OK;
}

static pixazo_status take_bytes(px_delivery *delivery, pixazo_client *client, const px_picture *picture, pixazo_blob **out,
                                pixazo_error **error)
{
  px_autoclose int descriptor = -1;
  PX_TRY(px_memory_file("pixazo-picture", &descriptor, error));
  PX_TRY(px_picture_write(picture, &delivery->answer, descriptor, client->options.max_download_bytes, error));
  return px_blob_of_descriptor(descriptor, out, error);
}

/* A picture that cannot be taken out of the answer is told, and does not hide the others. */
static pixazo_status take_picture(px_delivery *delivery, pixazo_client *client, const px_picture *picture,
                                  px_image_record *image, pixazo_error **error)
{
  px_autoerror problem = NULL;
  if (picture->kind == PX_PICTURE_URL) {
    image->state = PIXAZO_IMAGE_EXPECTED;
    return px_record_set(&image->remote_url, picture->url) ? PIXAZO_OK : px_fail_nomem(error);
  }
  pixazo_status status = take_bytes(delivery, client, picture, &image->blob, &problem);
  if (status == PIXAZO_E_NOMEM)
    return px_fail_nomem(error);
  if (status == PIXAZO_OK)
    return measure(image, &delivery->answer, error);
  image->state = PIXAZO_IMAGE_LOST;
  return px_record_set(&image->reason, pixazo_error_message(problem)) ? PIXAZO_OK : px_fail_nomem(error);
}

static pixazo_status add_picture(px_delivery *delivery, pixazo_client *client, const px_picture *picture,
                                 pixazo_generation *record, pixazo_error **error)
{
  px_image_record *image = px_generation_add_image(record);
  if (!image)
    return px_fail_nomem(error);
  px_uuid_new(client->clock, image->uuid);
  memcpy(image->generation, record->uuid, sizeof image->generation);
  memcpy(image->attempt, delivery->attempt, sizeof image->attempt);
  image->index = (int32_t)record->image_count - 1;
  image->seed = picture->seed;
  image->recorded_us = px_wall_us(client->clock);
  if (!px_record_set(&image->revised_prompt, picture->revised_prompt))
    return px_fail_nomem(error);
  return take_picture(delivery, client, picture, image, error);
}

pixazo_status px_delivery_collect(px_delivery *delivery, pixazo_client *client, const px_outcome *outcome,
                                  pixazo_generation *record, pixazo_error **error)
{
  size_t lost = 0;
  for (size_t i = 0; i < outcome->picture_count; i++) {
    PX_TRY(add_picture(delivery, client, &outcome->pictures[i], record, error));
    lost += record->images[i].state == PIXAZO_IMAGE_LOST;
  }
  if (lost == outcome->picture_count) {
    const char *reason = lost > 0 ? record->images[0].reason : "there is none";
    (void)px_fail(error, PIXAZO_E_PROVIDER, "no picture of the answer can be read — %s/%s — %s", record->provider,
                  record->model, reason);
    px_error_charge(error, PIXAZO_CLASS_LOST, outcome->charge);
    return PIXAZO_E_PROVIDER;
  }
  record->state = lost > 0 ? PIXAZO_GENERATION_PARTIAL : PIXAZO_GENERATION_DONE;
  record->updated_us = px_wall_us(client->clock);
  return PIXAZO_OK;
}
