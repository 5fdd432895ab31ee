/* SPDX-License-Identifier: MIT */
/* Pictures that go along with a call, as the other side sees them. */
#include "kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "support/pictures.h"
#include "support/tmpdir.h"

typedef struct fixture {
  kit *kit;
  char *directory;
  char sha256[3][PX_SHA256_HEX]; /* of one.png, two.png, mask.png */
} fixture;

static unsigned sample(uint32_t x, uint32_t y, unsigned channel)
{
  return (x * 7 + y * 13 + channel * 31) & 0xFF;
}

static void write_picture(fixture *self, size_t index, const char *name, uint32_t side)
{
  file_bytes file = {NULL, 0};
  png_plan plan = {.width = side, .height = 48, .depth = 8, .color = 6, .sample = sample, .level = 1};
  png_make(&file, &plan);
  char *path = tmpdir_path(self->directory, name);
  FILE *out = fopen(path, "wb");
  assert_non_null(out);
  assert_int_equal(fwrite(file.data, 1, file.size, out), file.size);
  assert_int_equal(fclose(out), 0);
  assert_true(px_sha256_hex(file.data, file.size, self->sha256[index]));
  free(path);
  file_bytes_done(&file);
}

static int start(void **state)
{
  static fixture self;
  void *given = NULL;
  (void)kit_start(&given);
  self.kit = given;
  self.directory = tmpdir_make();
  write_picture(&self, 0, "one.png", 64);
  write_picture(&self, 1, "two.png", 32);
  write_picture(&self, 2, "mask.png", 64);
  *state = &self;
  return 0;
}

static int stop(void **state)
{
  fixture *self = *state;
  void *given = self->kit;
  tmpdir_remove(self->directory);
  return kit_stop(&given);
}

static void use(const fixture *self, const char *provider, const char *root)
{
  char base[128];
  pixazo_client_options options = kit_options(self->kit);
  (void)snprintf(base, sizeof base, "%s%s", self->kit->gateway.base, root);
  options.provider = provider;
  options.base_url = base;
  kit_use(self->kit, &options);
}

static pixazo_status edit(const fixture *self, const char *images, const char *mask)
{
  char json[2048];
  (void)snprintf(json, sizeof json, "{\"prompt\":\"a \\\"cat\\\"\",\"images\":[\"%s/%s\"", self->directory, images);
  size_t used = strlen(json);
  if (mask)
    (void)snprintf(json + used, sizeof json - used, ",\"%s/two.png\"],\"mask\":\"%s/%s\"}", self->directory, self->directory, mask);
  else
    (void)snprintf(json + used, sizeof json - used, "]}");
  return kit_generate(self->kit, json, NULL);
}

static void expect_part(const char *page, const char *name, const char *filename, const char *sha256)
{
  char wanted[256];
  (void)snprintf(wanted, sizeof wanted, "\"name\":\"%s\",\"filename\":\"%s\",\"type\":\"image/png\"", name, filename);
  if (!strstr(page, wanted) || !strstr(page, sha256))
    fail_msg("no part %s in %s", wanted, page);
}

static void test_edits__pictures_and_mask_arrive_as_parts_of_a_form(void **state)
{
  const fixture *self = *state;
  static const char *const servers[][2] = {{"openai", "/v1"}, {"sdcpp", "/as/stable-diffusion.cpp/v1"}};
  for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
    use(self, servers[i][0], servers[i][1]);
    kit_script(self->kit, "[]");
    kit_expect(self->kit, edit(self, "one.png", "mask.png"), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1);
    assert_int_equal(pixazo_generation_image_count(self->kit->record), 1);
    char *page = gateway_page(&self->kit->gateway, "requests");
    expect_part(page, "image[]", "image-1.png", self->sha256[0]);
    expect_part(page, "image[]", "image-2.png", self->sha256[1]);
    expect_part(page, "mask", "mask.png", self->sha256[2]);
    assert_non_null(strstr(page, "/images/edits"));
    assert_null(strstr(page, self->directory)); /* the names of files stay here */
    free(page);
  }
}

static void test_edits__one_picture_alone_is_an_edit_too(void **state)
{
  const fixture *self = *state;
  use(self, "openai", "/v1");
  kit_script(self->kit, "[]");
  kit_expect(self->kit, edit(self, "one.png", NULL), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1);
  char *page = gateway_page(&self->kit->gateway, "requests");
  expect_part(page, "image", "image-1.png", self->sha256[0]);
  free(page);
  assert_int_equal(pixazo_generation_confidence(self->kit->record), PIXAZO_CONFIDENCE_METERED);
}

static void test_edits__the_same_request_is_the_same_bytes(void **state)
{
  const fixture *self = *state;
  use(self, "openai", "/v1");
  kit_script(self->kit, "[]");
  kit_expect(self->kit, edit(self, "one.png", "mask.png"), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 1);
  kit_expect(self->kit, edit(self, "one.png", "mask.png"), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 2);
  assert_int_equal(gateway_count(&self->kit->gateway, "posts_repeated"), 1);
}

static void test_edits__a_refused_form_is_sent_again_whole(void **state)
{
  const fixture *self = *state;
  use(self, "openai", "/v1");
  kit_script(self->kit, "[{\"method\":\"POST\",\"answer\":\"slow-down\",\"times\":2}]");
  kit_expect(self->kit, edit(self, "one.png", "mask.png"), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 3);
  assert_int_equal(gateway_count(&self->kit->gateway, "posts_repeated"), 2);
}

static void test_edits__a_mask_of_another_size_is_refused_by_the_service(void **state)
{
  const fixture *self = *state;
  use(self, "openai", "/v1");
  kit_script(self->kit, "[]");
  kit_expect(self->kit, edit(self, "two.png", "mask.png"), PIXAZO_E_PROVIDER, PIXAZO_CLASS_REFUSED, 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_edits__pictures_and_mask_arrive_as_parts_of_a_form),
      cmocka_unit_test(test_edits__one_picture_alone_is_an_edit_too),
      cmocka_unit_test(test_edits__the_same_request_is_the_same_bytes),
      cmocka_unit_test(test_edits__a_refused_form_is_sent_again_whole),
      cmocka_unit_test(test_edits__a_mask_of_another_size_is_refused_by_the_service),
  };
  return cmocka_run_group_tests(tests, start, stop);
}
