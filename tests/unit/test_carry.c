/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "export/carry.h"
#include "export/recipe.h"
#include "image/exif.h"
#include "support/pictures.h"

typedef struct setting {
  px_metadata source;
  px_provenance provenance;
} setting;

static void make_profile(px_block *icc, const char *space)
{
  unsigned char profile[140] = {0, 0, 0, 140};
  memcpy(profile + 16, space, 4);
  memcpy(profile + 36, "acsp", 4);
  assert_status(px_block_set(icc, profile, sizeof profile, NULL), PIXAZO_OK);
}

static int make(void **state)
{
  setting *made = calloc(1, sizeof *made);
  file_bytes exif = {NULL, 0};
  static const char xmp[] = "<x:xmpmeta><rdf:RDF>theirs</rdf:RDF></x:xmpmeta>";
  assert_non_null(made);
  exif_make(&exif, true, 6);
  assert_status(px_block_set(&made->source.exif, exif.data, exif.size, NULL), PIXAZO_OK);
  assert_status(px_block_set(&made->source.xmp, xmp, sizeof xmp - 1, NULL), PIXAZO_OK);
  assert_status(px_metadata_add_text(&made->source, "parameters", "old", NULL), PIXAZO_OK);
  assert_status(px_metadata_add_text(&made->source, "Comment", "theirs", NULL), PIXAZO_OK);
  make_profile(&made->source.icc, "RGB ");
  assert_status(px_provenance_read("{\"prompt\":\"a fox\",\"seed\":7}", &made->provenance, NULL), PIXAZO_OK);
  file_bytes_done(&exif);
  *state = made;
  return 0;
}

static int drop(void **state)
{
  setting *made = *state;
  px_metadata_done(&made->source);
  px_provenance_done(&made->provenance);
  free(made);
  return 0;
}

static uint32_t carry(const setting *from, int32_t policy, px_format format, px_metadata *out)
{
  px_carry job = {&from->source, &from->provenance, policy, format, false};
  uint32_t notes = 0;
  px_autoerror error = NULL;
  assert_ok(px_carry_metadata(&job, out, &notes, &error), error);
  return notes;
}

static bool holds(const px_block *block, const char *text)
{
  return block->size > 0 && memmem(block->data, block->size, text, strlen(text)) != NULL;
}

static void test_carry__none_takes_nothing_and_says_so(void **state)
{
  px_auto(px_metadata) out = PX_METADATA_INIT;
  uint32_t notes = carry(*state, PX_METADATA_NONE, PX_FORMAT_PNG, &out);
  assert_int_equal(out.exif.size + out.xmp.size + out.icc.size + out.text_count, 0);
  assert_int_equal(notes,
                   PX_NOTE_PROFILE_DROPPED | PX_NOTE_EXIF_DROPPED | PX_NOTE_XMP_DROPPED | PX_NOTE_TEXT_DROPPED);
}

static void test_carry__provenance_says_the_same_in_every_format(void **state)
{
  for (px_format format = PX_FORMAT_PNG; format <= PX_FORMAT_WEBP; format++) {
    px_auto(px_metadata) out = PX_METADATA_INIT;
    px_auto(px_buf) comment = PX_BUF_INIT(65536);
    uint32_t notes = carry(*state, PX_METADATA_PROVENANCE, format, &out);
    assert_int_equal(notes, PX_NOTE_EXIF_DROPPED | PX_NOTE_XMP_DROPPED | PX_NOTE_TEXT_DROPPED);
    assert_true(holds(&out.xmp, "digitalsourcetype/trainedAlgorithmicMedia"));
    assert_true(holds(&out.xmp, "a fox\nSeed: 7"));
    assert_true(holds(&out.xmp, "{\"prompt\":\"a fox\",\"seed\":7}"));
    assert_false(holds(&out.xmp, "theirs"));
    assert_int_equal(out.icc.size, 140);
    if (format == PX_FORMAT_PNG) {
      assert_string_equal(px_metadata_text(&out, "parameters"), "a fox\nSeed: 7");
      assert_string_equal(px_metadata_text(&out, "pixazo"), "{\"prompt\":\"a fox\",\"seed\":7}");
      assert_int_equal(out.exif.size, 0);
    } else {
      px_exif_user_comment(out.exif.data, out.exif.size, &comment);
      assert_string_equal(px_buf_text(&comment), "a fox\nSeed: 7");
    }
  }
}

static void test_carry__a_list_keeps_what_it_names(void **state)
{
  for (int32_t bit = 1; bit < PX_METADATA_FULL; bit *= 2) {
    px_auto(px_metadata) out = PX_METADATA_INIT;
    (void)carry(*state, bit, PX_FORMAT_PNG, &out);
    assert_int_equal(out.exif.size > 0, bit == PX_METADATA_EXIF);
    assert_int_equal(out.icc.size > 0, bit == PX_METADATA_ICC);
    assert_int_equal(holds(&out.xmp, "theirs"), bit == PX_METADATA_XMP);
    assert_int_equal(holds(&out.xmp, "trainedAlgorithmicMedia"), bit == PX_METADATA_FACTS);
    assert_int_equal(px_metadata_text(&out, "Comment") != NULL, bit == PX_METADATA_TEXT);
    assert_int_equal(px_metadata_text(&out, "pixazo") != NULL, bit == PX_METADATA_FACTS);
  }
}

static void test_carry__without_provenance_nothing_is_added(void **state)
{
  setting *from = *state;
  px_provenance_done(&from->provenance);
  for (px_format format = PX_FORMAT_PNG; format <= PX_FORMAT_WEBP; format++) {
    px_auto(px_metadata) out = PX_METADATA_INIT;
    (void)carry(from, PX_METADATA_PROVENANCE, format, &out);
    assert_int_equal(out.exif.size + out.xmp.size + out.text_count, 0);
  }
}

static void test_carry__full_keeps_all_and_turns_the_orientation_back(void **state)
{
  px_auto(px_metadata) out = PX_METADATA_INIT;
  uint32_t notes = carry(*state, PX_METADATA_FULL, PX_FORMAT_PNG, &out);
  assert_int_equal(px_exif_orientation(out.exif.data, out.exif.size), 1);
  assert_true(holds(&out.xmp, "theirs") && holds(&out.xmp, "trainedAlgorithmicMedia"));
  assert_string_equal(px_metadata_text(&out, "Comment"), "theirs");
  assert_string_equal(px_metadata_text(&out, "parameters"), "a fox\nSeed: 7");
  assert_int_equal(notes, PX_NOTE_TEXT_DROPPED); /* the old parameters */
}

static void test_carry__a_profile_of_another_colour_space_is_dropped(void **state)
{
  setting *from = *state;
  static const char *const spaces[] = {"CMYK", "GRAY"};
  for (size_t i = 0; i < PX_ARRAY_SIZE(spaces); i++) {
    px_auto(px_metadata) out = PX_METADATA_INIT;
    make_profile(&from->source.icc, spaces[i]);
    assert_true(carry(from, PX_METADATA_FULL, PX_FORMAT_JPEG, &out) & PX_NOTE_PROFILE_DROPPED);
    assert_int_equal(out.icc.size, 0);
  }
}

static void test_carry__what_does_not_fit_into_jpeg_is_shortened_to_the_source_type(void **state)
{
  setting *from = *state;
  char json[24001];
  memset(json, 'p', sizeof json);
  memcpy(json, "{\"prompt\":\"", 11);
  memcpy(json + sizeof json - 3, "\"}", 3);
  px_provenance_done(&from->provenance);
  assert_status(px_provenance_read(json, &from->provenance, NULL), PIXAZO_OK);
  px_auto(px_metadata) jpeg = PX_METADATA_INIT;
  assert_true(carry(from, PX_METADATA_PROVENANCE, PX_FORMAT_JPEG, &jpeg) & PX_NOTE_PROVENANCE_SHORTENED);
  assert_true(jpeg.xmp.size < 65000 && holds(&jpeg.xmp, "trainedAlgorithmicMedia"));
  px_auto(px_metadata) webp = PX_METADATA_INIT;
  assert_false(carry(from, PX_METADATA_PROVENANCE, PX_FORMAT_WEBP, &webp) & PX_NOTE_PROVENANCE_SHORTENED);
  assert_true(webp.xmp.size > 65000);
}

static void test_notes__every_bit_has_a_word(void **state)
{
  (void)state;
  assert_string_equal(px_note_word(0), "oriented");
  assert_string_equal(px_note_word(5), "c2pa_dropped");
  assert_string_equal(px_note_word(10), "provenance_shortened");
  assert_string_equal(px_note_word(11), "composited");
  assert_string_equal(px_note_word(12), "base_not_loaded");
  assert_null(px_note_word(13));
}

#define WITH_SOURCE(test) cmocka_unit_test_setup_teardown(test, make, drop)

int main(void)
{
  const struct CMUnitTest tests[] = {
      WITH_SOURCE(test_carry__none_takes_nothing_and_says_so),
      WITH_SOURCE(test_carry__provenance_says_the_same_in_every_format),
      WITH_SOURCE(test_carry__a_list_keeps_what_it_names),
      WITH_SOURCE(test_carry__without_provenance_nothing_is_added),
      WITH_SOURCE(test_carry__full_keeps_all_and_turns_the_orientation_back),
      WITH_SOURCE(test_carry__a_profile_of_another_colour_space_is_dropped),
      WITH_SOURCE(test_carry__what_does_not_fit_into_jpeg_is_shortened_to_the_source_type),
      cmocka_unit_test(test_notes__every_bit_has_a_word),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
