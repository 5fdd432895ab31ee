/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "image/icc.h"

enum { TAG_AT = 144 };

/* A header, one tag, and what it points at. */
static size_t make(unsigned char *out, const void *tag, size_t size)
{
  memset(out, 0, TAG_AT);
  out[131] = 1;
  memcpy(out + 132, "desc", 4);
  out[139] = TAG_AT;
  out[143] = (unsigned char)size;
  memcpy(out + TAG_AT, tag, size);
  return TAG_AT + size;
}

static void check(const unsigned char *profile, size_t size, const char *wanted)
{
  px_auto(px_buf) text = PX_BUF_INIT(1000);
  px_icc_description(profile, size, &text);
  assert_string_equal(px_buf_text(&text), wanted);
}

static void test_icc__reads_both_kinds_of_description(void **state)
{
  (void)state;
  unsigned char profile[256];
  check(profile, make(profile, "desc\0\0\0\0\0\0\0\5sRGB\0", 17), "sRGB");
  check(profile, make(profile, "mluc\0\0\0\0\0\0\0\1\0\0\0\x0c" "deDE\0\0\0\6\0\0\0\x1c\0F\0\xfc\0r", 34), "F\xc3\xbcr");
}

static void test_icc__only_a_whole_profile_for_rgb_is_one(void **state)
{
  (void)state;
  unsigned char profile[128] = {0, 0, 0, 128};
  memcpy(profile + 16, "RGB ", 4);
  memcpy(profile + 36, "acsp", 4);
  assert_true(px_icc_is_rgb(profile, sizeof profile));
  assert_false(px_icc_is_rgb(profile, sizeof profile - 1));
  assert_false(px_icc_is_rgb(NULL, 0));
  profile[3]--;
  assert_false(px_icc_is_rgb(profile, sizeof profile));
  profile[3]++;
  memcpy(profile + 16, "GRAY", 4);
  assert_false(px_icc_is_rgb(profile, sizeof profile));
}

/* Each size is memory of its own, so that one byte too far is seen. */
static void test_icc__never_reads_past_the_end(void **state)
{
  (void)state;
  unsigned char profile[256];
  size_t size = make(profile, "mluc\0\0\0\0\0\0\0\1\0\0\0\x0c" "deDE\0\0\1\0\0\0\0\x1c\0A\0B\0C", 34);
  for (size_t cut = 0; cut <= size; cut++) {
    px_auto(px_buf) text = PX_BUF_INIT(1000);
    unsigned char *part = malloc(cut ? cut : 1);
    assert_non_null(part);
    memcpy(part, profile, cut);
    px_icc_description(part, cut, &text);
    assert_string_equal(px_buf_text(&text), cut == size ? "ABC" : "");
    free(part);
  }
  profile[128] = 255; /* more tags than there can be */
  profile[139] = 255;
  check(profile, size, "");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_icc__reads_both_kinds_of_description),
      cmocka_unit_test(test_icc__only_a_whole_profile_for_rgb_is_one),
      cmocka_unit_test(test_icc__never_reads_past_the_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
