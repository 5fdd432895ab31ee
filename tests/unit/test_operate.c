/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "image/operate.h"

typedef struct fit_case {
  uint32_t size[2], box[2];
  px_fit fit;
  bool enlarge;
  uint32_t result[2], full[2]; /* full 0: no resize */
  bool padded;
} fit_case;

static const fit_case cases[] = {
    {{400, 300}, {0, 0}, PX_FIT_INSIDE, true, {400, 300}, {0, 0}, false},
    {{400, 300}, {200, 200}, PX_FIT_INSIDE, true, {200, 150}, {200, 150}, false},
    {{300, 400}, {200, 200}, PX_FIT_INSIDE, true, {150, 200}, {150, 200}, false},
    {{400, 300}, {200, 0}, PX_FIT_INSIDE, true, {200, 150}, {200, 150}, false},
    {{400, 300}, {0, 600}, PX_FIT_INSIDE, true, {800, 600}, {800, 600}, false},
    {{400, 300}, {800, 800}, PX_FIT_INSIDE, false, {400, 300}, {0, 0}, false},
    {{10000, 1}, {256, 256}, PX_FIT_INSIDE, true, {256, 1}, {256, 1}, false},
    {{1024, 1024}, {256, 256}, PX_FIT_INSIDE, false, {256, 256}, {256, 256}, false},
    {{400, 300}, {200, 200}, PX_FIT_COVER, true, {200, 200}, {267, 200}, false},
    {{300, 400}, {200, 200}, PX_FIT_COVER, true, {200, 200}, {200, 267}, false},
    {{100, 100}, {300, 200}, PX_FIT_COVER, true, {300, 200}, {300, 300}, false},
    {{100, 100}, {300, 50}, PX_FIT_COVER, false, {100, 50}, {100, 100}, false},
    {{400, 300}, {200, 200}, PX_FIT_CONTAIN, true, {200, 200}, {200, 150}, true},
    {{400, 300}, {800, 800}, PX_FIT_CONTAIN, false, {800, 800}, {0, 0}, true},
    {{400, 300}, {50, 600}, PX_FIT_FILL, true, {50, 600}, {50, 600}, false},
    {{400, 300}, {50, 600}, PX_FIT_FILL, false, {50, 300}, {50, 300}, false},
    {{400, 300}, {200, 150}, PX_FIT_EXACT, true, {200, 150}, {200, 150}, false},
    {{400, 300}, {267, 200}, PX_FIT_EXACT, true, {267, 200}, {267, 200}, false},
    {{400, 300}, {800, 600}, PX_FIT_EXACT, true, {800, 600}, {800, 600}, false},
    {{400, 300}, {400, 300}, PX_FIT_EXACT, false, {400, 300}, {0, 0}, false},
    {{400, 300}, {0, 150}, PX_FIT_EXACT, true, {200, 150}, {200, 150}, false},
};

static void test_frame__plans_every_fit(void **state)
{
  (void)state;
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++) {
    const fit_case *c = &cases[i];
    px_frame frame = {.width = c->box[0], .height = c->box[1], .fit = c->fit, .enlarge = c->enlarge};
    px_operations resize = {.count = 0}, pad = {.count = 0};
    uint32_t result[2];
    assert_status(px_frame_plan(&frame, c->size, &resize, &pad, result, NULL), PIXAZO_OK);
    if (result[0] != c->result[0] || result[1] != c->result[1])
      fail_msg("case %zu: %ux%u", i, result[0], result[1]);
    assert_int_equal(resize.count, c->full[0] != 0);
    assert_int_equal(pad.count, c->padded);
    if (resize.count) {
      assert_int_equal(resize.list[0].resize.full_width, c->full[0]);
      assert_int_equal(resize.list[0].resize.full_height, c->full[1]);
    }
  }
}

static void test_frame__exact_refuses_another_shape(void **state)
{
  (void)state;
  static const uint32_t boxes[][3] = {{200, 200, 1}, {200, 151, 1}, {202, 150, 1}, {800, 600, 0}};
  for (size_t i = 0; i < PX_ARRAY_SIZE(boxes); i++) {
    px_frame frame = {.width = boxes[i][0], .height = boxes[i][1], .fit = PX_FIT_EXACT, .enlarge = boxes[i][2] == 1};
    px_operations resize = {.count = 0}, pad = {.count = 0};
    uint32_t result[2];
    px_autoerror error = NULL;
    assert_status(px_frame_plan(&frame, (const uint32_t[]){400, 300}, &resize, &pad, result, &error), PIXAZO_E_ARGUMENT);
    assert_non_null(strstr(pixazo_error_message(error), "400x300"));
    assert_int_equal(resize.count, 0);
  }
}

typedef struct place_case {
  px_gravity gravity;
  uint32_t focus[2];
  uint32_t wide[2], tall[2]; /* where the window begins: 400x300 and 300x400 covering 200x200 */
  uint32_t pad[2];           /* where 400x300 goes in a box of 500x500: 500x375 */
} place_case;

static const place_case places[] = {
    {PX_GRAVITY_CENTRE, {0, 0}, {33, 0}, {0, 33}, {0, 62}},
    {PX_GRAVITY_NORTH, {0, 0}, {33, 0}, {0, 0}, {0, 0}},
    {PX_GRAVITY_NORTHEAST, {0, 0}, {67, 0}, {0, 0}, {0, 0}},
    {PX_GRAVITY_EAST, {0, 0}, {67, 0}, {0, 33}, {0, 62}},
    {PX_GRAVITY_SOUTHEAST, {0, 0}, {67, 0}, {0, 67}, {0, 125}},
    {PX_GRAVITY_SOUTH, {0, 0}, {33, 0}, {0, 67}, {0, 125}},
    {PX_GRAVITY_SOUTHWEST, {0, 0}, {0, 0}, {0, 67}, {0, 125}},
    {PX_GRAVITY_WEST, {0, 0}, {0, 0}, {0, 33}, {0, 62}},
    {PX_GRAVITY_NORTHWEST, {0, 0}, {0, 0}, {0, 0}, {0, 0}},
    {PX_GRAVITY_SMART, {0, 0}, {33, 0}, {0, 33}, {0, 62}},
    {PX_GRAVITY_FOCUS, {0, 0}, {0, 0}, {0, 0}, {0, 62}},
    {PX_GRAVITY_FOCUS, {1000, 1000}, {67, 0}, {0, 67}, {0, 62}},
    {PX_GRAVITY_FOCUS, {500, 500}, {34, 0}, {0, 34}, {0, 62}},
    {PX_GRAVITY_FOCUS, {450, 400}, {20, 0}, {0, 7}, {0, 62}}, /* 45 % of 267 is 120 */
};

static void check_place(const place_case *c, const uint32_t size[2], const uint32_t wanted[2])
{
  px_frame frame = {.width = 200, .height = 200, .fit = PX_FIT_COVER, .enlarge = true, .gravity = c->gravity};
  px_operations resize = {.count = 0}, pad = {.count = 0};
  uint32_t result[2];
  memcpy(frame.focus, c->focus, sizeof frame.focus);
  assert_status(px_frame_plan(&frame, size, &resize, &pad, result, NULL), PIXAZO_OK);
  assert_int_equal(resize.list[0].resize.x, wanted[0]);
  assert_int_equal(resize.list[0].resize.y, wanted[1]);
  assert_int_equal(resize.list[0].resize.width, 200);
  frame.width = frame.height = 500;
  frame.fit = PX_FIT_CONTAIN;
  assert_status(px_frame_plan(&frame, (const uint32_t[]){400, 300}, &resize, &pad, result, NULL), PIXAZO_OK);
  assert_int_equal(pad.list[0].pad.x, c->pad[0]);
  assert_int_equal(pad.list[0].pad.y, c->pad[1]);
}

static void test_frame__gravity_says_what_is_kept(void **state)
{
  (void)state;
  for (size_t i = 0; i < PX_ARRAY_SIZE(places); i++) {
    check_place(&places[i], (const uint32_t[]){400, 300}, places[i].wide);
    check_place(&places[i], (const uint32_t[]){300, 400}, places[i].tall);
  }
}

static void run_one(const px_operation *operation, const px_pixmap *source, px_pixmap *out)
{
  px_operations list = {.count = 0};
  px_operations_add(&list, operation);
  assert_status(px_operations_run(&list, source, NULL, out, NULL), PIXAZO_OK);
}

static void test_flatten__blends_with_exact_rounding(void **state)
{
  (void)state;
  px_auto(px_pixmap) source = PX_PIXMAP_INIT;
  px_auto(px_pixmap) out = PX_PIXMAP_INIT;
  assert_status(px_pixmap_make(&source, 256, 256, 4, NULL), PIXAZO_OK);
  for (unsigned alpha = 0; alpha < 256; alpha++) {
    for (unsigned color = 0; color < 256; color++)
      memcpy(px_pixmap_row(&source, alpha) + 4 * color,
             (const unsigned char[]){(unsigned char)color, 0, 255, (unsigned char)alpha}, 4);
  }
  px_operation flatten = {.kind = PX_OPERATION_FLATTEN, {.background = {255, 100, 0}}};
  run_one(&flatten, &source, &out);
  assert_int_equal(out.channels, 3);
  for (unsigned alpha = 0; alpha < 256; alpha++) {
    for (unsigned color = 0; color < 256; color++) {
      const unsigned char *pixel = px_pixmap_row(&out, alpha) + 3 * color;
      assert_int_equal(pixel[0], (2 * (color * alpha + 255 * (255 - alpha)) + 255) / 510);
      assert_int_equal(pixel[1], (2 * 100 * (255 - alpha) + 255) / 510);
      assert_int_equal(pixel[2], alpha);
    }
  }
}

static void test_pad__puts_the_picture_on_the_colour(void **state)
{
  (void)state;
  px_auto(px_pixmap) source = PX_PIXMAP_INIT;
  px_auto(px_pixmap) out = PX_PIXMAP_INIT;
  assert_status(px_pixmap_make(&source, 1, 1, 4, NULL), PIXAZO_OK);
  memcpy(source.data, "\1\2\3\4", 4);
  px_operation pad = {.kind = PX_OPERATION_PAD, {.pad = {3, 2, 1, 1, {9, 8, 7}}}};
  run_one(&pad, &source, &out);
  assert_memory_equal(out.data, "\x9\x8\x7\xff\x9\x8\x7\xff\x9\x8\x7\xff\x9\x8\x7\xff\1\2\3\4\x9\x8\x7\xff", 24);
}

static void test_drop_alpha__keeps_the_colours(void **state)
{
  (void)state;
  px_auto(px_pixmap) source = PX_PIXMAP_INIT;
  px_auto(px_pixmap) out = PX_PIXMAP_INIT;
  assert_status(px_pixmap_make(&source, 2, 1, 4, NULL), PIXAZO_OK);
  memcpy(source.data, "abcAxyzA", 8);
  px_operation drop = {.kind = PX_OPERATION_DROP_ALPHA};
  run_one(&drop, &source, &out);
  assert_memory_equal(out.data, "abcxyz", 6);
}

static void test_operations__an_empty_list_makes_no_copy(void **state)
{
  (void)state;
  px_auto(px_pixmap) source = PX_PIXMAP_INIT;
  px_auto(px_pixmap) out = PX_PIXMAP_INIT;
  px_operations list = {.count = 0};
  assert_status(px_pixmap_make(&source, 2, 2, 3, NULL), PIXAZO_OK);
  assert_status(px_operations_run(&list, &source, NULL, &out, NULL), PIXAZO_OK);
  assert_null(out.data);
}

static void test_opaque__one_pixel_decides(void **state)
{
  (void)state;
  px_auto(px_pixmap) source = PX_PIXMAP_INIT;
  assert_status(px_pixmap_make(&source, 19, 3, 4, NULL), PIXAZO_OK);
  for (size_t i = 0; i < source.stride * source.height; i++)
    source.data[i] = i % 4 == 3 ? 255 : 0;
  assert_true(px_pixmap_is_opaque(&source));
  for (size_t i = 3; i < source.stride * source.height; i += 4) {
    source.data[i] = 254;
    assert_false(px_pixmap_is_opaque(&source));
    source.data[i] = 255;
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_frame__plans_every_fit),
      cmocka_unit_test(test_frame__exact_refuses_another_shape),
      cmocka_unit_test(test_frame__gravity_says_what_is_kept),
      cmocka_unit_test(test_flatten__blends_with_exact_rounding),
      cmocka_unit_test(test_pad__puts_the_picture_on_the_colour),
      cmocka_unit_test(test_drop_alpha__keeps_the_colours),
      cmocka_unit_test(test_operations__an_empty_list_makes_no_copy),
      cmocka_unit_test(test_opaque__one_pixel_decides),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
