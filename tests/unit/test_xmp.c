/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/mem.h"
#include "image/xmp.h"

static void test_xmp__says_the_source_type_and_escapes_what_people_write(void **state)
{
  (void)state;
  px_auto(px_buf) packet = PX_BUF_INIT(65536);
  px_xmp_facts facts = {.source_type = "trainedAlgorithmicMedia",
                        .system = "pixazo/sdxl",
                        .prompt = "<script> & \x01\"q\"",
                        .twin = "{}",
                        .tool = "libpixazo 1",
                        .created = "2026-03-01T12:00:00Z"};
  px_xmp_build(&facts, &packet);
  const char *text = px_buf_text(&packet);
  assert_non_null(strstr(text, ">http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia<"));
  assert_non_null(strstr(text, "&lt;script&gt; &amp; \"q\"<"));
  assert_null(strstr(text, "<script"));
  assert_non_null(strstr(text, "<xmp:CreatorTool>libpixazo 1<"));
  assert_non_null(strstr(text, "<xmp:CreateDate>2026-03-01T12:00:00Z<"));
  assert_null(strchr(text, 1));
  assert_null(strstr(text, "pixazo:Parameters"));
  assert_non_null(strstr(text, "<?xpacket end="));
}

static void test_xmp__carries_an_alternative_text(void **state)
{
  (void)state;
  px_auto(px_buf) packet = PX_BUF_INIT(65536);
  px_auto(px_buf) without = PX_BUF_INIT(65536);
  px_xmp_facts facts = {.source_type = "algorithmicMedia", .alt_text = "an owl & a fox"};
  px_xmp_build(&facts, &packet);
  assert_non_null(strstr(px_buf_text(&packet), "<rdf:li xml:lang=\"x-default\">an owl &amp; a fox</rdf:li></rdf:Alt>"
                                               "</Iptc4xmpCore:AltTextAccessibility>"));
  facts.alt_text = NULL;
  px_xmp_build(&facts, &without);
  assert_null(strstr(px_buf_text(&without), "Iptc4xmpCore"));
}

static void test_xmp__merging_keeps_what_was_there(void **state)
{
  (void)state;
  static const char before[] = "<x:xmpmeta><rdf:RDF><rdf:Description dc:title=\"mine\"/></rdf:RDF></x:xmpmeta>";
  px_auto(px_buf) packet = PX_BUF_INIT(65536);
  px_xmp_facts facts = {.source_type = "algorithmicMedia"};
  assert_true(px_xmp_merge(before, sizeof before - 1, &facts, &packet));
  const char *text = px_buf_text(&packet);
  const char *mine = strstr(text, "dc:title=\"mine\"");
  const char *added = strstr(text, "digitalsourcetype/algorithmicMedia");
  assert_true(mine && added && mine < added && added < strstr(text, "</rdf:RDF>"));
}

static void test_xmp__merging_gives_up_without_a_place(void **state)
{
  (void)state;
  px_auto(px_buf) packet = PX_BUF_INIT(65536);
  px_xmp_facts facts = {.source_type = "algorithmicMedia"};
  assert_false(px_xmp_merge("<x:xmpmeta/>", 12, &facts, &packet));
  assert_int_equal(packet.size, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_xmp__says_the_source_type_and_escapes_what_people_write),
      cmocka_unit_test(test_xmp__carries_an_alternative_text),
      cmocka_unit_test(test_xmp__merging_keeps_what_was_there),
      cmocka_unit_test(test_xmp__merging_gives_up_without_a_place),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
