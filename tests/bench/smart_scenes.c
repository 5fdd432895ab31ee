/* SPDX-License-Identifier: MIT */
/* smart_scenes DIRECTORY: writes the scenes of tests/support/scenes.h as PNG files, and one JSON line for each crop:
 * the file, the object's place, the size of the crop and where gravity "smart" puts it. For smart_crop.py. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "image/codec.h"
#include "image/salience.h"
#include "support/scenes.h"

static const uint32_t crops[][2] = {{320, 320}, {160, 320}, {480, 160}};

static void check(pixazo_status status, const char *what)
{
  if (status == PIXAZO_OK)
    return;
  (void)fprintf(stderr, "%s: %s\n", what, pixazo_status_name(status));
  exit(2);
}

static void write_scene(uint32_t number, const char *directory)
{
  scene s;
  char path[4096];
  pixazo_blob *file = NULL;
  scene_make(number, &s);
  (void)snprintf(path, sizeof path, "%s/%03u.png", directory, number);
  px_encode_job job = PX_ENCODE_JOB_FAST_PNG(&s.pixmap);
  check(px_codec_encode(&job, &file, NULL), "encoding");
  check(pixazo_blob_save(file, path, NULL), path);
  for (size_t i = 0; i < PX_ARRAY_SIZE(crops); i++) {
    px_resize_job aim = {
        .full_width = SCENE_WIDTH, .full_height = SCENE_HEIGHT, .width = crops[i][0], .height = crops[i][1]};
    aim.x = (aim.full_width - aim.width) / 2;
    aim.y = (aim.full_height - aim.height) / 2;
    check(px_salience_aim(&s.pixmap, &aim, NULL), "aiming");
    (void)printf("{\"file\":\"%03u.png\",\"ground\":\"%s\",\"object\":\"%s\",\"place\":[%u,%u,%u,%u],\"crop\":[%u,%u],"
                 "\"ours\":[%u,%u]}\n",
                 number, s.ground, s.object, s.x, s.y, s.width, s.height, aim.width, aim.height, aim.x, aim.y);
  }
  (void)pixazo_blob_unref(file);
  px_pixmap_done(&s.pixmap);
}

int main(int argc, char **argv)
{
  if (argc != 2) {
    (void)fprintf(stderr, "usage: smart_scenes DIRECTORY\n");
    return 2;
  }
  for (uint32_t number = 0; number < SCENES; number++)
    write_scene(number, argv[1]);
  return 0;
}
