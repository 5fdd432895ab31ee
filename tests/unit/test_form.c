/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "client/form.h"
#include "support/tmpdir.h"

static const char *const first[] = {"model", "prompt", NULL};

typedef struct made {
  char *path;
  px_input input;
} made;

static made make_file(void **state, const char *name, const char *type, const char *bytes)
{
  made self = {tmpdir_path(*state, name), {0}};
  FILE *file = fopen(self.path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, strlen(bytes), file), strlen(bytes));
  assert_int_equal(fclose(file), 0);
  self.input = (px_input){.path = self.path, .type = type, .bytes = strlen(bytes)};
  assert_true(px_sha256_hex(bytes, strlen(bytes), self.input.sha256));
  return self;
}

/* The body as it goes out. */
static char *read_all(const px_body *body)
{
  px_body_reader reader;
  pixazo_error *error = NULL;
  char *text = px_calloc(1, (size_t)body->size + 1);
  assert_non_null(text);
  assert_ok(px_body_open(&reader, body, &error), error);
  for (uint64_t at = 0; at < body->size;) {
    size_t given = 0;
    assert_true(px_body_read(&reader, at, text + at, (size_t)(body->size - at), &given));
    assert_true(given > 0);
    at += given;
  }
  px_body_close(&reader);
  return text;
}

static void expect(const px_form *form, const char *wanted)
{
  px_auto(px_body) body = PX_BODY_INIT;
  pixazo_error *error = NULL;
  assert_ok(px_form_build(form, &body, &error), error);
  px_autofree char *text = read_all(&body);
  static const char start[] = "multipart/form-data; boundary=";
  assert_memory_equal(body.content_type, start, strlen(start));
  const char *boundary = body.content_type + strlen(start);
  assert_int_equal(strlen(boundary), 39);
  /* the boundary by a short name */
  px_auto(px_buf) shown = PX_BUF_INIT(65536);
  for (const char *at = text; *at;) {
    bool here = strncmp(at, boundary, strlen(boundary)) == 0;
    (void)(here ? px_buf_add_char(&shown, 'B') : px_buf_add_char(&shown, *at));
    at += here ? strlen(boundary) : 1;
  }
  assert_string_equal(px_buf_text(&shown), wanted);
}

static void test_form__an_edit_looks_as_the_official_client_sends_it(void **state)
{
  made a = make_file(state, "a", "image/png", "PNG-BYTES");
  made b = make_file(state, "b", "image/webp", "WEBP");
  made m = make_file(state, "m", "image/png", "MASK");
  m.input.mask = true;
  const px_input inputs[] = {a.input, b.input, m.input};
  px_form form = {"{\"prompt\":\"a \\\"cat\\\"\\r\\n\\u00e4\",\"n\":2,\"model\":\"gpt-image-2\",\"stream\":true}", first, inputs, 3};
  expect(&form, "--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\ngpt-image-2\r\n"
                "--B\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\na \"cat\"\r\n\xC3\xA4\r\n"
                "--B\r\nContent-Disposition: form-data; name=\"image[]\"; filename=\"image-1.png\"\r\nContent-Type: "
                "image/png\r\n\r\nPNG-BYTES\r\n"
                "--B\r\nContent-Disposition: form-data; name=\"image[]\"; filename=\"image-2.webp\"\r\nContent-Type: "
                "image/webp\r\n\r\nWEBP\r\n"
                "--B\r\nContent-Disposition: form-data; name=\"mask\"; filename=\"mask.png\"\r\nContent-Type: "
                "image/png\r\n\r\nMASK\r\n"
                "--B\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n2\r\n"
                "--B\r\nContent-Disposition: form-data; name=\"stream\"\r\n\r\ntrue\r\n--B--\r\n");
  free(a.path);
  free(b.path);
  free(m.path);
}

static void test_form__one_picture_has_no_brackets_and_odd_names_stay_inside_their_quotes(void **state)
{
  made a = make_file(state, "a", "image/jpeg", "JPEG");
  px_form form = {"{\"a\\\"b\\r\\nc\":{\"x\":[1,null]}}", NULL, &a.input, 1};
  expect(&form, "--B\r\nContent-Disposition: form-data; name=\"image\"; filename=\"image-1.jpeg\"\r\nContent-Type: "
                "image/jpeg\r\n\r\nJPEG\r\n"
                "--B\r\nContent-Disposition: form-data; name=\"a%22b%0D%0Ac\"\r\n\r\n{\"x\":[1,null]}\r\n--B--\r\n");
  free(a.path);
}

static char *content_type(const char *fields, const px_input *input)
{
  px_auto(px_body) body = PX_BODY_INIT;
  px_form form = {fields, NULL, input, 1};
  assert_status(px_form_build(&form, &body, NULL), PIXAZO_OK);
  return px_steal(&body.content_type);
}

static void test_form__the_boundary_follows_from_all_that_is_sent(void **state)
{
  made a = make_file(state, "a", "image/png", "one");
  made b = make_file(state, "b", "image/png", "two");
  px_autofree char *once = content_type("{\"p\":1}", &a.input);
  px_autofree char *again = content_type("{\"p\":1}", &a.input);
  px_autofree char *field = content_type("{\"p\":2}", &a.input);
  px_autofree char *file = content_type("{\"p\":1}", &b.input);
  assert_string_equal(once, again);
  assert_string_not_equal(once, field);
  assert_string_not_equal(once, file);
  free(a.path);
  free(b.path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_form__an_edit_looks_as_the_official_client_sends_it),
      cmocka_unit_test(test_form__one_picture_has_no_brackets_and_odd_names_stay_inside_their_quotes),
      cmocka_unit_test(test_form__the_boundary_follows_from_all_that_is_sent),
  };
  return cmocka_run_group_tests(tests, tmpdir_setup, tmpdir_teardown);
}
