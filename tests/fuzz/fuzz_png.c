/* SPDX-License-Identifier: MIT */
/* PNG as it comes, and once more with every checksum made right: a fuzzer never guesses them. Beside it libpng, to
 * which every warning is an error: the same verdict and the same pixels, whatever code of ours decodes. One difference
 * is known, see png_odd.h. */
#include <png.h>
#include <setjmp.h>

#include "decode.h"
#include "png_odd.h"
#include "png_parts.h"

/* ---- the reference ---- */

typedef struct reference {
  png_structp png;
  png_infop info;
  px_bytes file;
  size_t at;
  unsigned char *pixels;
  size_t row;
} reference;

static void on_fault(png_structp png, png_const_charp text)
{
  (void)text;
  png_longjmp(png, 1);
}

static void on_read(png_structp png, png_bytep data, size_t size)
{
  reference *self = png_get_io_ptr(png);
  if (size > self->file.size - self->at)
    png_error(png, "cut");
  memcpy(data, self->file.data + self->at, size);
  self->at += size;
}

static bool read_reference(reference *self, unsigned channels, uint32_t height)
{
  if (setjmp(png_jmpbuf(self->png)))
    return false;
  png_set_keep_unknown_chunks(self->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_read_info(self->png, self->info);
  png_set_expand(self->png);
  png_set_scale_16(self->png);
  png_set_gray_to_rgb(self->png);
  if (channels == 4)
    png_set_add_alpha(self->png, 0xff, PNG_FILLER_AFTER);
  int passes = png_set_interlace_handling(self->png);
  png_read_update_info(self->png, self->info);
  if (png_get_rowbytes(self->png, self->info) != self->row)
    return false;
  for (int pass = 0; pass < passes; pass++) {
    for (uint32_t y = 0; y < height; y++)
      png_read_row(self->png, self->pixels + y * self->row, NULL);
  }
  png_read_end(self->png, NULL);
  return true;
}

static void compare(px_bytes file)
{
  px_auto(px_pixmap) pixmap = PX_PIXMAP_INIT;
  px_image_info info;
  px_image_limits limits = fuzz_limits();
  pixazo_status status = fuzz_decode(PX_FORMAT_PNG, file, &pixmap);
  if (px_codec_probe(file, &limits, &info, NULL) != PIXAZO_OK)
    return;
  reference self = {.file = file, .row = (size_t)info.width * info.channels};
  self.pixels = calloc(self.row, info.height);
  self.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, on_fault, on_fault);
  fuzz_require(self.png && self.pixels);
  self.info = png_create_info_struct(self.png);
  png_set_read_fn(self.png, &self, on_read);
  bool good = read_reference(&self, info.channels, info.height);
  fuzz_require(status == PIXAZO_OK || !good);
  if (status == PIXAZO_OK && !good)
    png_check_odd(file, &limits, &pixmap);
  if (good)
    fuzz_require(memcmp(self.pixels, pixmap.data, self.row * info.height) == 0);
  png_destroy_read_struct(&self.png, &self.info, NULL);
  free(self.pixels);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  compare((px_bytes){data, size});
  uint8_t *mended = malloc(size ? size : 1);
  fuzz_require(mended != NULL);
  if (size)
    memcpy(mended, data, size);
  png_mend(mended, size);
  compare((px_bytes){mended, size});
  free(mended);
  return 0;
}
