/* SPDX-License-Identifier: MIT */
/* Sizes made by the exporter beside the textbook in double precision; edges of transparency with known pixels. */
#include "kit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pixazo/exporter.h>

static size_t cases;

/* Rounding to 8 bits leaves 58.9 dB of a rough picture, and less of a regular one: then it may cost little beside that. */
static const double DECIBELS = 58, SLACK = 0.3;

/* ---- the textbook: separable Lanczos of three lobes, alpha premultiplied, edges weighed anew ---- */

static double lanczos(double x)
{
  const double pi = 3.14159265358979323846;
  if (x == 0)
    return 1;
  return fabs(x) >= 3 ? 0 : 3 * sin(pi * x) * sin(pi * x / 3) / (pi * pi * x * x);
}

/* Resamples `lines` lines of `in` places to `out` places; `step` samples from place to place, `line` from line to line. */
static void pass(const double *from, double *to, uint32_t in, uint32_t out, uint32_t lines, const size_t steps[4])
{
  double ratio = (double)in / out, stretch = ratio > 1 ? ratio : 1;
  for (uint32_t o = 0; o < out; o++) {
    double centre = (o + 0.5) * ratio;
    long first = (long)floor(centre - 3 * stretch) - 1, last = (long)ceil(centre + 3 * stretch) + 1;
    for (uint32_t l = 0; l < lines; l++) {
      double sum = 0, total = 0;
      for (long i = first < 0 ? 0 : first; i <= last && i < (long)in; i++) {
        double weight = lanczos(((double)i + 0.5 - centre) / stretch);
        sum += weight * from[(size_t)i * steps[0] + l * steps[1]];
        total += weight;
      }
      to[o * steps[2] + l * steps[3]] = sum / total;
    }
  }
}

static unsigned char to8(double value)
{
  return (unsigned char)(value <= 0 ? 0 : value >= 255 ? 255 : value + 0.5);
}

static double *spread(const px_pixmap *source)
{
  size_t pixels = (size_t)source->width * source->height, channels = source->channels;
  double *samples = malloc(pixels * channels * sizeof *samples);
  assert_non_null(samples);
  for (size_t i = 0; i < pixels * channels; i++) {
    double alpha = channels == 4 && i % 4 < 3 ? source->data[i | 3] / 255.0 : 1;
    samples[i] = source->data[i] * alpha;
  }
  return samples;
}

/* Colours stay premultiplied: what nobody sees does not count. */
static double *textbook(const px_pixmap *source, uint32_t width, uint32_t height)
{
  size_t channels = source->channels, row = source->width * channels;
  double *samples = spread(source), *tall = malloc(row * height * sizeof *tall);
  double *out = malloc(width * channels * height * sizeof *out);
  assert_true(tall && out);
  pass(samples, tall, source->height, height, (uint32_t)row, (size_t[]){row, 1, row, 1});
  for (size_t c = 0; c < channels; c++)
    pass(tall + c, out + c, source->width, width, height, (size_t[]){channels, row, channels, width * channels});
  free(samples);
  free(tall);
  return out;
}

static double between(double value, double high)
{
  return fmax(0, fmin(high, value));
}

/* The colour is what was summed over the alpha that was summed; how much of it is seen says the alpha within its bounds. */
static double exact(const double *wanted, size_t i)
{
  double alpha = wanted[i | 3];
  return alpha <= 0 ? 0 : between(255 * wanted[i] / alpha, 255) * between(alpha, 255) / 255;
}

static double decibels(const double *wanted, const unsigned char *got, size_t count, size_t channels)
{
  double sum = 0;
  for (size_t i = 0; i < count; i++) {
    bool color = channels == 4 && i % 4 < 3;
    double off = got[i] * (color ? got[i | 3] / 255.0 : 1) - (color ? exact(wanted, i) : between(wanted[i], 255));
    sum += off * off;
  }
  return sum == 0 ? 99 : 10 * log10(255.0 * 255.0 * (double)count / sum);
}

/* The bytes that lie nearest: no encoder of 8 bits comes nearer. */
static unsigned char *nearest(const double *wanted, size_t count, size_t channels)
{
  unsigned char *bytes = malloc(count);
  assert_non_null(bytes);
  for (size_t i = 0; i < count; i++) {
    bool color = channels == 4 && i % 4 < 3;
    bytes[i] = to8(color ? wanted[i | 3] <= 0 ? 0 : 255 * wanted[i] / wanted[i | 3] : wanted[i]);
  }
  return bytes;
}

/* ---- the exporter ---- */

static unsigned char *resize(const px_pixmap *source, uint32_t width, uint32_t height, unsigned channels, const char *more)
{
  char json[200];
  uint32_t size[2];
  pixazo_exporter *exporter = NULL;
  pixazo_recipe *recipe = NULL;
  pixazo_rendition *made = NULL;
  pixazo_blob *blob = NULL;
  px_autoerror error = NULL;
  px_encode_job job = PX_ENCODE_JOB_FAST_PNG(source);
  (void)snprintf(json, sizeof json, "{\"format\":\"png\",\"level\":1,\"fit\":\"fill\",\"width\":%u,\"height\":%u%s}", width,
                 height, more);
  assert_ok(px_codec_encode(&job, &blob, &error), error);
  assert_ok(pixazo_exporter_new(NULL, &exporter, &error), error);
  assert_ok(pixazo_recipe_new_from_json(json, &recipe, &error), error);
  assert_ok(pixazo_exporter_export(exporter, blob, recipe, &made, &error), error);
  unsigned char *pixels = kit_reference_png(kit_view(pixazo_rendition_blob(made)), channels, size);
  assert_int_equal(size[0], width);
  assert_int_equal(size[1], height);
  pixazo_rendition_free(made);
  pixazo_recipe_free(recipe);
  (void)pixazo_exporter_unref(exporter);
  (void)pixazo_blob_unref(blob);
  return pixels;
}

static double check_size(unsigned nature, uint32_t channels, const uint32_t sizes[4])
{
  px_auto(px_pixmap) source = PX_PIXMAP_INIT;
  kit_picture(&source, nature, sizes[0], sizes[1], channels);
  double *wanted = textbook(&source, sizes[2], sizes[3]);
  unsigned char *got = resize(&source, sizes[2], sizes[3], channels, "");
  size_t count = (size_t)sizes[2] * sizes[3] * channels;
  unsigned char *best = nearest(wanted, count, channels);
  double near = decibels(wanted, got, count, channels), limit = decibels(wanted, best, count, channels) - SLACK;
  free(best);
  if (near < fmin(DECIBELS, limit))
    fail_msg("nature %u of %u channels, %ux%u to %ux%u: %.2f dB", nature, channels, sizes[0], sizes[1], sizes[2], sizes[3],
             near);
  free(wanted);
  free(got);
  cases++;
  return near;
}

static void test_resizing__is_as_near_to_the_textbook_as_eight_bits_allow(void **state)
{
  (void)state;
  static const uint32_t sizes[][4] = {{160, 120, 40, 31}, {151, 117, 80, 60},   {80, 60, 79, 59},  {97, 203, 48, 101},
                                      {90, 70, 135, 105}, {40, 30, 124, 93},    {200, 20, 20, 60}, {31, 17, 33, 9},
                                      {320, 240, 32, 24}, {128, 128, 127, 129}, {7, 5, 100, 80},   {900, 9, 11, 9}};
  double worst = 99;
  for (size_t s = 0; s < PX_ARRAY_SIZE(sizes); s++) {
    for (unsigned nature = 0; nature < KIT_NATURES; nature++) {
      for (uint32_t channels = 3; channels <= 4; channels++)
        worst = fmin(worst, check_size(nature, channels, sizes[s]));
    }
  }
  (void)printf("pictures: %.2f dB from the exact filter at worst\n", worst);
}

/* ---- edges ---- */

/* A disc of one colour; around it everything is invisible and of a colour that would show. */
static void paint_disc(px_pixmap *picture, uint32_t side, const unsigned char inside[3], unsigned char outside)
{
  assert_status(px_pixmap_make(picture, side, side, 4, NULL), PIXAZO_OK);
  double middle = side / 2.0, radius = side * 0.4;
  for (uint32_t y = 0; y < side; y++) {
    for (uint32_t x = 0; x < side; x++) {
      unsigned char *pixel = px_pixmap_row(picture, y) + 4 * (size_t)x;
      double edge = radius - hypot(x + 0.5 - middle, y + 0.5 - middle) + 0.5;
      pixel[3] = to8(255 * edge);
      for (int c = 0; c < 3; c++)
        pixel[c] = pixel[3] ? inside[c] : outside;
    }
  }
}

static const uint32_t SIDES[] = {20, 37, 64, 99, 100, 150, 333};
static const unsigned char INSIDE[3] = {250, 40, 10};

/* Colours of soft pixels are known to 8 bits times their alpha. */
static void test_resizing__no_fringe_around_what_is_visible(void **state)
{
  (void)state;
  for (size_t s = 0; s < PX_ARRAY_SIZE(SIDES) * 3; s++) {
    px_auto(px_pixmap) disc = PX_PIXMAP_INIT;
    uint32_t side = SIDES[s / 3];
    paint_disc(&disc, 100, INSIDE, (unsigned char)(s % 3 * 127));
    unsigned char *got = resize(&disc, side, side, 4, "");
    size_t soft = 0;
    for (size_t i = 0; i < (size_t)side * side * 4; i += 4) {
      soft += got[i + 3] > 0 && got[i + 3] < 255;
      for (unsigned c = 0; c < 3 && got[i + 3] > 0; c++) {
        double off = fabs((double)got[i + c] - INSIDE[c]) * got[i + 3] / 255;
        if (off > 1.01)
          fail_msg("side %u: colour %u is %u at alpha %u", side, c, got[i + c], got[i + 3]);
      }
    }
    assert_true(soft > side);
    free(got);
    cases++;
  }
}

/* On white each pixel lies between the colour and white, by the same share in every channel. */
static void test_resizing__a_flattened_edge_is_a_mix_of_two_colours(void **state)
{
  (void)state;
  for (size_t s = 0; s < PX_ARRAY_SIZE(SIDES); s++) {
    px_auto(px_pixmap) disc = PX_PIXMAP_INIT;
    uint32_t side = SIDES[s];
    paint_disc(&disc, 100, INSIDE, 0);
    unsigned char *got = resize(&disc, side, side, 3, ",\"alpha\":\"flatten\",\"background\":\"#ffffff\"");
    for (size_t i = 0; i < (size_t)side * side * 3; i += 3) {
      double share = (255.0 - got[i + 1]) / (255 - INSIDE[1]);
      for (unsigned c = 0; c < 3; c++) {
        if (fabs(255 - share * (255 - INSIDE[c]) - got[i + c]) > 2.01)
          fail_msg("side %u: %u %u %u is no mix of white and the colour", side, got[i], got[i + 1], got[i + 2]);
      }
    }
    free(got);
    cases++;
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_resizing__is_as_near_to_the_textbook_as_eight_bits_allow),
      cmocka_unit_test(test_resizing__no_fringe_around_what_is_visible),
      cmocka_unit_test(test_resizing__a_flattened_edge_is_a_mix_of_two_colours),
  };
  int failed = cmocka_run_group_tests(tests, kit_begin, kit_end);
  (void)printf("pictures: %zu cases of resizing\n", cases);
  return failed;
}
