/* SPDX-License-Identifier: MIT */
/* Verified pictures and their renditions on the way into the store. */
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/stepped.h"
#include "support/testing.h"
#include "support/tmpdir.h"

static const char square[] = "{\"prompt\":\"square\",\"width\":64,\"height\":64,\"seed\":1}";

static void with_recipes(stepped *s, pixazo_recipe **recipes, size_t count)
{
  pixazo_error *error = NULL;
  for (size_t i = 0; i < count; i++)
    assert_ok(pixazo_recipe_new(&recipes[i], &error), error);
  s->kit.pipeline_options.recipes = (const pixazo_recipe *const *)recipes;
  s->kit.pipeline_options.recipe_count = count;
}

static void free_recipes(pixazo_recipe **recipes, size_t count)
{
  for (size_t i = 0; i < count; i++)
    pixazo_recipe_free(recipes[i]);
}

static void test_renditions__of_one_name_are_numbered(void **state)
{
  stepped *s = *state;
  pixazo_recipe *recipes[3];
  with_recipes(s, recipes, 3); /* none has a name: the type of file stands for it */
  kit_open(&s->kit);
  free_recipes(recipes, 3);
  pixazo_free(kit_add(&s->kit, square));
  px_pipeline_pump(s->kit.pipeline);
  pixazo_generation *record = stepped_record(s);
  assert_int_equal(pixazo_generation_rendition_count(record, 0), 3);
  const char *first = pixazo_generation_rendition_name(record, 0, 0);
  char wanted[96];
  for (size_t i = 1; i < 3; i++) {
    (void)snprintf(wanted, sizeof wanted, "%s-%zu", first, i + 1);
    assert_string_equal(pixazo_generation_rendition_name(record, 0, i), wanted);
    assert_int_equal(access(pixazo_generation_rendition_path(record, 0, i), R_OK), 0);
  }
  pixazo_generation_free(record);
  assert_int_equal(kit_files(&s->kit, "renditions"), 3);
}

static char *found;

static int note_file(const char *path, const struct stat *facts, int kind, struct FTW *where)
{
  (void)facts;
  (void)where;
  if (kind != FTW_F)
    return 0;
  found = strdup(path);
  return 1;
}

/* Puts other bytes where the rendition is; its path, for free(). */
static char *spoil_rendition(stepped *s)
{
  char *folder = tmpdir_path(s->kit.directory, "renditions");
  found = NULL;
  assert_int_equal(nftw(folder, note_file, 8, FTW_PHYS), 1);
  free(folder);
  assert_non_null(found);
  assert_int_equal(unlink(found), 0);
  int descriptor = open(found, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  assert_true(descriptor >= 0);
  assert_int_equal(write(descriptor, "junk", 4), 4);
  (void)close(descriptor);
  return found;
}

static void test_renditions__the_one_of_an_earlier_run_is_replaced(void **state)
{
  stepped *s = *state;
  pixazo_recipe *recipe;
  struct stat facts;
  with_recipes(s, &recipe, 1);
  stepped_die(s, square, stepped_is_placed);
  assert_int_equal(kit_files(&s->kit, "renditions"), 1);
  char *path = spoil_rendition(s);
  kit_open(&s->kit);
  free_recipes(&recipe, 1);
  stepped_resume(s, PIXAZO_RESUME_PAID, "\"done\":1");
  pixazo_generation *record = stepped_record(s);
  assert_int_equal(pixazo_generation_rendition_count(record, 0), 1);
  assert_int_equal(stat(pixazo_generation_rendition_path(record, 0, 0), &facts), 0);
  assert_int_equal(facts.st_size, pixazo_generation_rendition_bytes(record, 0, 0));
  assert_true(facts.st_size > 4);
  assert_string_equal(path, pixazo_generation_rendition_path(record, 0, 0));
  pixazo_generation_free(record);
  free(path);
  assert_int_equal(kit_files(&s->kit, "renditions"), 1);
}

static void test_keep__a_picture_that_is_stored_already_is_adopted(void **state)
{
  stepped *s = *state;
  stepped_die(s, square, stepped_is_placed);
  assert_int_equal(kit_files(&s->kit, "originals"), 1);
  assert_int_equal(stepped_unspool(s, ".pic"), 0); /* it was moved, not copied */
  kit_open(&s->kit);
  stepped_resume(s, PIXAZO_RESUME_PAID, "\"done\":1");
  pixazo_generation *record = stepped_record(s);
  assert_int_equal(pixazo_generation_image_state(record, 0), PIXAZO_IMAGE_RECORDED);
  assert_int_equal(access(pixazo_generation_image_path(record, 0), R_OK), 0);
  assert_int_equal(pixazo_generation_rendition_count(record, 0), 0);
  pixazo_generation_free(record);
  assert_int_equal(kit_files(&s->kit, "originals"), 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_renditions__of_one_name_are_numbered, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_renditions__the_one_of_an_earlier_run_is_replaced, stepped_setup,
                                      stepped_teardown),
      cmocka_unit_test_setup_teardown(test_keep__a_picture_that_is_stored_already_is_adopted, stepped_setup,
                                      stepped_teardown),
  };
  return cmocka_run_group_tests_name("keep", tests, NULL, NULL);
}
