/* SPDX-License-Identifier: MIT */
/* Recipes from outside: refused with a message, or the same again after writing and reading. */
#include <pixazo/exporter.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <pixazo/memory.h>

#include "fuzz.h"

static void require(bool condition)
{
  if (!condition)
    abort();
}

static void read_twice(const char *text)
{
  pixazo_recipe *recipe = NULL, *again = NULL;
  pixazo_error *error = NULL;
  char *first = NULL, *second = NULL;
  if (pixazo_recipe_new_from_json(text, &recipe, &error) != PIXAZO_OK) {
    require(!recipe && error && *pixazo_error_message(error));
    pixazo_error_free(error);
    return;
  }
  require(pixazo_recipe_to_json(recipe, &first, NULL) == PIXAZO_OK);
  require(pixazo_recipe_new_from_json(first, &again, NULL) == PIXAZO_OK);
  require(pixazo_recipe_to_json(again, &second, NULL) == PIXAZO_OK && strcmp(first, second) == 0);
  pixazo_free(first);
  pixazo_free(second);
  pixazo_recipe_free(recipe);
  pixazo_recipe_free(again);
}

/* Key, line end, value. */
static void set_one(char *text)
{
  pixazo_recipe *recipe = NULL;
  char *value = strchr(text, '\n');
  require(pixazo_recipe_new(&recipe, NULL) == PIXAZO_OK);
  if (value) {
    *value++ = '\0';
    pixazo_status as_text = pixazo_recipe_set_string(recipe, text, value, NULL);
    pixazo_status as_number = pixazo_recipe_set_int(recipe, text, strtoll(value, NULL, 10), NULL);
    require(as_text != PIXAZO_OK || as_number != PIXAZO_OK); /* a key has one type */
  }
  pixazo_recipe_free(recipe);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char *text = malloc(size + 1);
  require(text != NULL);
  if (size)
    memcpy(text, data, size);
  text[size] = '\0';
  read_twice(text);
  set_one(text);
  free(text);
  return 0;
}
