/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "export/found.h"
#include "image/exif.h"
#include "support/pictures.h"

static void check(const px_metadata *metadata, const px_image_info *info, const char *parameters, const char *wanted)
{
  px_autofree char *json = NULL;
  assert_status(px_found_to_json(metadata, info, parameters, &json, NULL), PIXAZO_OK);
  assert_string_equal(json, wanted);
}

static void test_found__nothing_is_nothing(void **state)
{
  (void)state;
  px_metadata none = PX_METADATA_INIT;
  px_image_info info = {.has_c2pa = true};
  check(&none, &info, "", "{\"c2pa\":true}");
}

static void test_found__names_what_every_block_says(void **state)
{
  (void)state;
  static const char xmp[] = "<a>http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia</a>";
  px_auto(px_metadata) metadata = PX_METADATA_INIT;
  px_auto(px_buf) exif = PX_BUF_INIT(1000);
  px_image_info info = {.orientation = 6};
  px_exif_build("a f\xc3\xb6x", &exif);
  assert_status(px_block_set(&metadata.exif, exif.data, exif.size, NULL), PIXAZO_OK);
  assert_status(px_block_set(&metadata.icc, "short", 5, NULL), PIXAZO_OK);
  assert_status(px_block_set(&metadata.xmp, xmp, sizeof xmp - 1, NULL), PIXAZO_OK);
  assert_status(px_metadata_add_text(&metadata, "Comment", "x", NULL), PIXAZO_OK);
  char wanted[500];
  (void)snprintf(wanted, sizeof wanted,
                 "{\"icc\":{\"bytes\":5},\"exif\":{\"bytes\":%zu,\"orientation\":6,\"user_comment\":\"a f\xc3\xb6x\"},"
                 "\"xmp\":{\"bytes\":%zu,\"digital_source_type\":\"trainedAlgorithmicMedia\"},\"texts\":[\"Comment\"],"
                 "\"parameters\":{\"prompt\":\"p\"},\"c2pa\":false}",
                 exif.size, sizeof xmp - 1);
  check(&metadata, &info, "p", wanted);
}

/* A packet that ends inside the address, and bytes that are no text. */
static void test_found__is_not_led_astray(void **state)
{
  (void)state;
  static const char cut[] = "cv.iptc.org/newscodes/digitalsourcetype/";
  px_auto(px_metadata) metadata = PX_METADATA_INIT;
  px_image_info info = {.orientation = 1};
  assert_status(px_block_set(&metadata.xmp, cut, sizeof cut - 1, NULL), PIXAZO_OK);
  assert_status(px_block_set(&metadata.exif, "\xff\xfe", 2, NULL), PIXAZO_OK);
  check(&metadata, &info, "",
        "{\"exif\":{\"bytes\":2,\"orientation\":1},\"xmp\":{\"bytes\":40,\"digital_source_type\":\"\"},\"c2pa\":false}");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_found__nothing_is_nothing),
      cmocka_unit_test(test_found__names_what_every_block_says),
      cmocka_unit_test(test_found__is_not_led_astray),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
