/* SPDX-License-Identifier: MIT */
/* One picture from one prompt: the whole program that README.md shows.
 *   cc 01_generate.c $(pkg-config --cflags --libs pixazo) */
#include <pixazo/pixazo.h>
#include <stdio.h>

int main(void)
{
  pixazo_studio *studio = NULL;
  pixazo_generation *fox = NULL;
  pixazo_error *error = NULL;
  if (pixazo_studio_open("art", NULL, &studio, &error) == PIXAZO_OK &&
      pixazo_studio_generate_prompt(studio, "a red fox", &fox, &error) == PIXAZO_OK)
    puts(pixazo_generation_image_path(fox, 0));
  else
    fprintf(stderr, "%s\n", pixazo_error_message(error));
  pixazo_generation_free(fox);
  pixazo_studio_close(studio);
}
