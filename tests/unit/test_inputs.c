/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "client/inputs.h"
#include "support/tmpdir.h"

static const px_model model = {.name = "m", .inputs_max = 2, .input_bytes = 1000, .mask = true};
static const px_model plain = {.name = "p"};
static const px_provider provider = {.name = "test"};

static char *write_picture(const char *directory, const char *name)
{
  char *path = tmpdir_path(directory, name);
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite("\x89PNG\r\n\x1A\n....", 1, 12, file), 12);
  assert_int_equal(fclose(file), 0);
  return path;
}

static pixazo_status take(px_inputs *inputs, const px_model *row, const char *json, const char *words)
{
  px_target target = {.provider = &provider, .model = row, .name = row->name};
  pixazo_request *request = NULL;
  px_autoerror error = NULL;
  assert_status(pixazo_request_new_from_json(json, &request, NULL), PIXAZO_OK);
  pixazo_status status = px_inputs_take(inputs, request, &target, &error);
  if (words && !strstr(pixazo_error_message(error), words))
    fail_msg("\"%s\" is not in: %s", words, pixazo_error_message(error));
  pixazo_request_free(request);
  return status;
}

static void test_inputs__pictures_are_found_again_from_what_was_written(void **state)
{
  char *one = write_picture(*state, "one.png");
  char *two = write_picture(*state, "two.png");
  char json[2048];
  (void)snprintf(json, sizeof json, "{\"prompt\":\"p\",\"images\":[\"%s\"],\"mask\":\"%s\"}", one, two);
  px_auto(px_inputs) inputs = {NULL, 0};
  assert_status(take(&inputs, &model, json, NULL), PIXAZO_OK);
  assert_int_equal(inputs.count, 2);
  assert_false(inputs.items[0].mask);
  assert_true(inputs.items[1].mask);
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(4096);
  px_autofree char *text = NULL;
  px_cleanup(px_json_done) px_json *root = NULL;
  px_json_put_begin_object(&writer, NULL);
  px_inputs_put(&writer, &inputs);
  px_json_put_end_object(&writer);
  assert_status(px_json_writer_finish(&writer, &text, NULL), PIXAZO_OK);
  assert_status(px_json_parse(text, strlen(text), NULL, &root, NULL), PIXAZO_OK);
  px_auto(px_inputs) again = {NULL, 0};
  px_auto(px_inputs) copy = {NULL, 0};
  assert_status(px_inputs_read(&again, root, NULL), PIXAZO_OK);
  assert_status(px_inputs_copy(&again, &copy, NULL), PIXAZO_OK);
  assert_int_equal(copy.count, 2);
  for (size_t i = 0; i < 2; i++) {
    assert_string_equal(copy.items[i].path, inputs.items[i].path);
    assert_string_equal(copy.items[i].sha256, inputs.items[i].sha256);
    assert_int_equal(copy.items[i].bytes, inputs.items[i].bytes);
    assert_ptr_equal(copy.items[i].type, inputs.items[i].type);
    assert_int_equal(copy.items[i].mask, inputs.items[i].mask);
  }
  free(one);
  free(two);
}

static void test_inputs__what_a_model_does_not_take_is_an_error_before_anything_is_paid(void **state)
{
  char *one = write_picture(*state, "again.png");
  char json[4096];
  px_auto(px_inputs) inputs = {NULL, 0};
  (void)snprintf(json, sizeof json, "{\"prompt\":\"p\",\"images\":[\"%s\"]}", one);
  assert_status(take(&inputs, &plain, json, "test/p takes 0 pictures with a request, not 1"), PIXAZO_E_ARGUMENT);
  (void)snprintf(json, sizeof json, "{\"prompt\":\"p\",\"images\":[\"%s\",\"%s\",\"%s\"]}", one, one, one);
  assert_status(take(&inputs, &model, json, "takes 2 pictures"), PIXAZO_E_ARGUMENT);
  (void)snprintf(json, sizeof json, "{\"prompt\":\"p\",\"mask\":\"%s\"}", one);
  assert_status(take(&inputs, &model, json, "a mask needs a picture"), PIXAZO_E_ARGUMENT);
  assert_status(take(&inputs, &model, "{\"prompt\":\"p\",\"images\":[\"/nowhere.png\"]}", "/nowhere.png"),
                PIXAZO_E_NOT_FOUND);
  assert_int_equal(inputs.count, 0);
  free(one);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_inputs__pictures_are_found_again_from_what_was_written),
      cmocka_unit_test(test_inputs__what_a_model_does_not_take_is_an_error_before_anything_is_paid),
  };
  return cmocka_run_group_tests(tests, tmpdir_setup, tmpdir_teardown);
}
