/* SPDX-License-Identifier: MIT */
/* The pictures of an edit's form. */
#include <string.h>

#include "gateway/openai.h"

enum { IMAGES_MAX = 16, IMAGE_BYTES_MAX = 50 * 1024 * 1024, MASK_BYTES_MAX = 4 * 1024 * 1024 };

static bool refuse(const openai_wish *wish, reply *out, const char *code, const part *at, const char *message)
{
  openai_refuse(wish->speech, out, &(openai_problem){400, "invalid_request_error", code, at ? at->name : "image"}, "%s",
                message);
  return false;
}

static bool is_image(const part *entry)
{
  return same_text(entry->name, "image") || same_text(entry->name, "image[]");
}

static bool check_image(const openai_wish *wish, const part *entry, reply *out, sniffed *seen)
{
  if (!entry->has_filename || entry->type[0] == '\0')
    return refuse(wish, out, "invalid_value", entry, "Expected a file with a name and a type.");
  if (!sniff_picture(entry->data, entry->size, seen))
    return refuse(wish, out, "invalid_image_file", entry, "Invalid image file or mode for image.");
  if (!same_text(entry->type, seen->type))
    return refuse(wish, out, "unsupported_file_mimetype", entry, "The type does not fit the file.");
  if (entry->size >= IMAGE_BYTES_MAX)
    return refuse(wish, out, "image_too_large", entry, "Image is too large.");
  return true;
}

static bool check_mask(const openai_wish *wish, const part *mask, const sniffed *first, reply *out)
{
  sniffed seen;
  if (!mask)
    return true;
  if (!check_image(wish, mask, out, &seen))
    return false;
  if (!same_text(seen.type, "image/png") || mask->size >= MASK_BYTES_MAX)
    return refuse(wish, out, "invalid_image_format", mask, "The mask must be a PNG file of less than 4 MB.");
  if (!seen.has_alpha)
    return refuse(wish, out, "invalid_image_format", mask, "The mask has no alpha channel.");
  if (first->width > 0 && (first->width != seen.width || first->height != seen.height))
    return refuse(wish, out, "invalid_image_size", mask, "The mask has not the size of the image.");
  return true;
}

bool openai_check_form(openai_wish *wish, reply *out)
{
  const part *mask = NULL;
  const part *first_part = NULL;
  sniffed first = {0};
  for (size_t i = 0; i < wish->form->count; i++) {
    const part *entry = &wish->form->parts[i];
    sniffed seen;
    if (same_text(entry->name, "mask"))
      mask = entry;
    if (!is_image(entry))
      continue;
    if (first_part && (same_text(entry->name, "image") || !same_text(first_part->name, entry->name)))
      return refuse(wish, out, "duplicate_parameter", entry, "Duplicate parameter: 'image'. Use 'image[]' for several.");
    if (!check_image(wish, entry, out, &seen))
      return false;
    if (!first_part) {
      first_part = entry;
      first = seen;
    }
    wish->input_images++;
  }
  if (!first_part)
    return refuse(wish, out, "missing_required_parameter", NULL, "Missing required parameter: 'image'.");
  if (wish->input_images > IMAGES_MAX)
    return refuse(wish, out, "invalid_value", NULL, "Too many images.");
  return check_mask(wish, mask, &first, out);
}
