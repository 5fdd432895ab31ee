/* SPDX-License-Identifier: MIT */
/* libvips as a peer of the comparison. */
#include "driver.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vips/vips.h>

static void check(int result)
{
  if (result == 0)
    return;
  fprintf(stderr, "%s\n", vips_error_buffer());
  exit(2);
}

static VipsImage *flat(VipsImage *picture)
{
  VipsImage *out = NULL;
  if (!vips_image_hasalpha(picture))
    return picture;
  VipsArrayDouble *white = vips_array_double_newv(3, 255.0, 255.0, 255.0);
  check(vips_flatten(picture, &out, "background", white, NULL));
  vips_area_unref(VIPS_AREA(white));
  g_object_unref(picture);
  return out;
}

static struct peer_file jpeg(VipsImage *picture, int quality, const char *name)
{
  struct peer_file file = {.name = name};
  check(vips_jpegsave_buffer(picture, &file.owner, &file.size, "Q", quality, NULL));
  file.data = file.owner;
  return file;
}

static struct peer_file webp(VipsImage *picture)
{
  struct peer_file file = {.name = "out.webp"};
  check(vips_webpsave_buffer(picture, &file.owner, &file.size, "Q", 80, NULL));
  file.data = file.owner;
  return file;
}

static struct peer_file png(VipsImage *picture, int level)
{
  struct peer_file file = {.name = "out.png"};
  check(vips_pngsave_buffer(picture, &file.owner, &file.size, "compression", level, "filter", VIPS_FOREIGN_PNG_FILTER_ALL,
                            NULL));
  file.data = file.owner;
  return file;
}

static VipsImage *read_picture(const void *data, size_t size, int whole)
{
  VipsImage *picture = vips_image_new_from_buffer(data, size, "", "access",
                                                  whole ? VIPS_ACCESS_RANDOM : VIPS_ACCESS_SEQUENTIAL, NULL);
  check(picture == NULL);
  return picture;
}

static VipsImage *thumbnail(const struct peer_input *input, int side, VipsInteresting crop)
{
  VipsImage *out = NULL;
  check(vips_thumbnail_buffer((void *)(uintptr_t)input->data, input->size, &out, side, "height", side, "crop", crop, NULL));
  return flat(out);
}

int peer_open(const struct peer_input *input)
{
  static const char *const known[] = {"W1", "W2", "W3", "W3b", "W4", "W5", "W6", "W6b", "W7", "W8"};
  check(VIPS_INIT("vips"));
  vips_concurrency_set((int)input->threads);
  vips_cache_set_max(0);
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    if (strcmp(known[i], input->workload) == 0)
      return 1;
  }
  return 0;
}

static size_t make_set(const struct peer_input *input, int level, struct peer_file *files)
{
  VipsImage *lazy = flat(read_picture(input->data, input->size, 1)), *small = NULL;
  VipsImage *picture = vips_image_copy_memory(lazy);
  g_object_unref(lazy);
  check(picture == NULL);
  files[0] = png(picture, level);
  files[1] = jpeg(picture, 85, "out.jpg");
  files[2] = webp(picture);
  check(vips_thumbnail_image(picture, &small, 256, "height", 256, NULL));
  files[3] = jpeg(small, 70, "thumb.jpg");
  g_object_unref(small);
  g_object_unref(picture);
  return 4;
}

static VipsImage *layered(const struct peer_input *input)
{
  VipsImage *out = NULL;
  VipsImage *below = read_picture(input->below, input->below_size, 1);
  VipsImage *layer = read_picture(input->data, input->size, 1);
  check(vips_composite2(below, layer, &out, VIPS_BLEND_MODE_OVER, NULL));
  g_object_unref(below);
  g_object_unref(layer);
  return flat(out);
}

size_t peer_work(const struct peer_input *input, struct peer_file files[PEER_FILES_MAX])
{
  const char *work = input->workload;
  VipsImage *picture;
  if (strncmp(work, "W6", 2) == 0)
    return make_set(input, work[2] ? 6 : 9, files);
  if (strcmp(work, "W4") == 0)
    picture = thumbnail(input, 256, VIPS_INTERESTING_NONE);
  else if (strcmp(work, "W7") == 0)
    picture = thumbnail(input, 300, VIPS_INTERESTING_NONE);
  else if (strcmp(work, "W5") == 0)
    picture = thumbnail(input, 300, VIPS_INTERESTING_ATTENTION);
  else if (strcmp(work, "W8") == 0)
    picture = layered(input);
  else
    picture = flat(read_picture(input->data, input->size, 0));
  if (strncmp(work, "W3", 2) == 0)
    files[0] = png(picture, work[2] ? 6 : 9);
  else if (strcmp(work, "W2") == 0)
    files[0] = webp(picture);
  else if (strcmp(work, "W1") == 0 || strcmp(work, "W8") == 0)
    files[0] = jpeg(picture, 85, "out.jpg");
  else
    files[0] = jpeg(picture, 70, "thumb.jpg");
  g_object_unref(picture);
  return 1;
}

void peer_release(struct peer_file *file)
{
  g_free(file->owner);
}
