/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "image/orient.h"
#include "image/salience.h"
#include "support/scenes.h"

enum { CASES = 48, STEP = 5, CELL = 8 }; /* every ground four times; a cell of the map is 7.5 pixels */

static px_resize_job window_of(const px_pixmap *picture, uint32_t width, uint32_t height)
{
  px_resize_job job = {.full_width = picture->width, .full_height = picture->height, .width = width, .height = height};
  job.x = (picture->width - width) / 2;
  job.y = (picture->height - height) / 2;
  assert_status(px_salience_aim(picture, &job, NULL), PIXAZO_OK);
  assert_int_equal(job.width, width);
  assert_int_equal(job.height, height);
  assert_true(job.x <= picture->width - width && job.y <= picture->height - height);
  return job;
}

static bool holds(const px_resize_job *job, const scene *s)
{
  return job->x <= s->x && job->y <= s->y && s->x + s->width <= job->x + job->width &&
         s->y + s->height <= job->y + job->height;
}

/* A third of the picture wide, and half as high: a crop in the middle keeps one object in eight, or so. */
static void test_salience__crops_keep_the_object(void **state)
{
  (void)state;
  unsigned kept = 0, middle = 0;
  for (uint32_t i = 0; i < CASES; i++) {
    scene s;
    scene_make(i * STEP, &s);
    px_resize_job narrow = window_of(&s.pixmap, 160, 320), low = window_of(&s.pixmap, 480, 160);
    px_resize_job centre = {.x = 160, .y = 0, .width = 160, .height = 320};
    kept += (unsigned)holds(&narrow, &s) + holds(&low, &s);
    middle += holds(&centre, &s);
    px_pixmap_done(&s.pixmap);
  }
  assert_in_range(kept, CASES * 2 * 93 / 100, CASES * 2);
  assert_in_range(middle, 0, CASES / 3);
}

static int32_t apart(uint32_t a, uint32_t b)
{
  return abs((int32_t)a - (int32_t)b);
}

/* Where the left edge and the top of a window of `place` in a picture come to lie when the picture is turned. */
static void turn(const px_resize_job *job, const px_pixmap *picture, uint32_t orientation, uint32_t at[2])
{
  uint32_t right = picture->width - job->x - job->width, bottom = picture->height - job->y - job->height;
  uint32_t x = orientation == 2 || orientation == 3 ? right : job->x,
           y = orientation == 3 || orientation == 4 ? bottom : job->y;
  at[0] = x;
  at[1] = y;
  if (px_orient_swaps(orientation)) {
    at[0] = orientation == 6 || orientation == 7 ? bottom : job->y;
    at[1] = orientation == 7 || orientation == 8 ? right : job->x;
  }
}

static void test_salience__the_window_follows_a_turned_picture(void **state)
{
  (void)state;
  for (uint32_t i = 0; i < CASES; i += 2) {
    scene s;
    px_auto(px_pixmap) turned = PX_PIXMAP_INIT;
    uint32_t orientation = 2 + i / 2 % 7, wanted[2];
    scene_make(i * STEP + i / 12, &s);
    px_resize_job plain = window_of(&s.pixmap, 160, 320);
    assert_status(px_orient(&s.pixmap, orientation, &turned, NULL), PIXAZO_OK);
    bool swaps = px_orient_swaps(orientation);
    px_resize_job moved = window_of(&turned, swaps ? 320 : 160, swaps ? 160 : 320);
    turn(&plain, &s.pixmap, orientation, wanted);
    if (apart(moved.x, wanted[0]) > CELL || apart(moved.y, wanted[1]) > CELL)
      fail_msg("%s on %s, orientation %u: %u,%u, not %u,%u", s.object, s.ground, orientation, moved.x, moved.y, wanted[0],
               wanted[1]);
    px_pixmap_done(&s.pixmap);
  }
}

static void test_salience__nothing_to_see_keeps_the_middle(void **state)
{
  (void)state;
  static const uint32_t sides[][4] = {
      {300, 200, 200, 200}, {200, 300, 200, 200}, {1, 9, 1, 3}, {2000, 2, 1000, 1}, {5, 5, 5, 5}};
  for (size_t i = 0; i < PX_ARRAY_SIZE(sides) * 2; i++) {
    const uint32_t *side = sides[i / 2];
    px_auto(px_pixmap) flat = PX_PIXMAP_INIT;
    assert_status(px_pixmap_make(&flat, side[0], side[1], 3 + i % 2, NULL), PIXAZO_OK);
    memset(flat.data, 90, flat.stride * flat.height);
    px_resize_job job = window_of(&flat, side[2], side[3]);
    assert_true(apart(job.x, (side[0] - side[2]) / 2) <= (int32_t)(side[0] / 64 + 1));
    assert_true(apart(job.y, (side[1] - side[3]) / 2) <= (int32_t)(side[1] / 64 + 1));
  }
}

/* The window is one of the scaled picture. */
static void test_salience__scales_the_place(void **state)
{
  (void)state;
  scene s;
  scene_make(0, &s);
  px_resize_job half = {.full_width = 240, .full_height = 160, .width = 80, .height = 160};
  assert_status(px_salience_aim(&s.pixmap, &half, NULL), PIXAZO_OK);
  px_resize_job whole = window_of(&s.pixmap, 160, 320);
  assert_true(apart(2 * half.x, whole.x) <= 2);
  px_pixmap_done(&s.pixmap);
}

/* What cannot be seen is not looked at: a coloured square under alpha 0, and a dark one that is seen. */
static void test_salience__invisible_things_do_not_count(void **state)
{
  (void)state;
  px_auto(px_pixmap) picture = PX_PIXMAP_INIT;
  assert_status(px_pixmap_make(&picture, 300, 100, 4, NULL), PIXAZO_OK);
  for (uint32_t i = 0; i < 300 * 100; i++) {
    uint32_t x = i % 300, y = i / 300;
    bool low = y > 40 && y < 80;
    const char *pixel = low && x < 40 ? "\xff\0\0\0" : low && x > 250 ? "\x20\x20\x20\xff" : "\x80\x80\x80\xff";
    memcpy(picture.data + (size_t)4 * i, pixel, 4);
  }
  px_resize_job job = window_of(&picture, 100, 100);
  assert_in_range(job.x, 150, 200);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_salience__crops_keep_the_object),
      cmocka_unit_test(test_salience__the_window_follows_a_turned_picture),
      cmocka_unit_test(test_salience__nothing_to_see_keeps_the_middle),
      cmocka_unit_test(test_salience__scales_the_place),
      cmocka_unit_test(test_salience__invisible_things_do_not_count),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
