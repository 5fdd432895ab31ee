/* SPDX-License-Identifier: MIT */
/* What travels beside the pixels: an EXIF block, an XMP packet and whole files of every format from the same bytes.
 * Whatever is found can be written into each format and is found there again. */
#include "decode.h"

#include "base/buf.h"
#include "base/str.h"
#include "image/exif.h"
#include "image/xmp.h"

enum { TEXT_MAX = 1 << 22 };

static void read_exif(const uint8_t *data, size_t size)
{
  px_auto(px_buf) comment = PX_BUF_INIT(TEXT_MAX);
  unsigned char *copy = malloc(size ? size : 1);
  fuzz_require(copy != NULL);
  if (size)
    memcpy(copy, data, size);
  uint32_t orientation = px_exif_orientation(copy, size);
  fuzz_require(orientation >= 1 && orientation <= 8);
  px_exif_user_comment(copy, size, &comment);
  fuzz_require(px_utf8_valid(px_buf_text(&comment), strlen(px_buf_text(&comment))));
  px_exif_reset_orientation(copy, size);
  fuzz_require(px_exif_orientation(copy, size) == 1);
  free(copy);
}

/* A comment that is built is read back. */
static void build_exif(const uint8_t *data, size_t size)
{
  px_auto(px_buf) block = PX_BUF_INIT(TEXT_MAX);
  px_auto(px_buf) comment = PX_BUF_INIT(TEXT_MAX);
  char *text = malloc(size + 1);
  fuzz_require(text != NULL);
  if (size)
    memcpy(text, data, size);
  text[size] = '\0';
  if (*text && px_utf8_valid(text, strlen(text))) {
    px_exif_build(text, &block);
    px_exif_user_comment((const unsigned char *)block.data, block.size, &comment);
    fuzz_require(!block.failed && strlen(px_buf_text(&comment)) > 0);
  }
  free(text);
}

static void merge_xmp(const uint8_t *data, size_t size)
{
  px_auto(px_buf) packet = PX_BUF_INIT(TEXT_MAX);
  px_xmp_facts facts = {.source_type = "trainedAlgorithmicMedia", .prompt = "a < b & c"};
  if (px_xmp_merge((const char *)data, size, &facts, &packet))
    fuzz_require(packet.size > size && memmem(packet.data, packet.size, "a &lt; b &amp; c", 16) != NULL);
  else
    fuzz_require(packet.size == 0);
}

static bool same(const px_block *a, const px_block *b)
{
  return a->size == b->size && (a->size == 0 || memcmp(a->data, b->data, a->size) == 0);
}

/* A packet of PNG ends at a zero byte; profiles are judged by libpng; JPEG leaves out what is too long for a segment. */
static void write_again(const px_metadata *found, px_format format)
{
  px_auto(px_pixmap) dot = PX_PIXMAP_INIT;
  px_auto(px_metadata) again = PX_METADATA_INIT;
  px_image_limits limits = fuzz_limits();
  pixazo_blob *blob = NULL;
  fuzz_require(px_pixmap_make(&dot, 1, 1, 3, NULL) == PIXAZO_OK);
  memset(dot.data, 7, 3);
  px_encode_job job = {.pixmap = &dot, .metadata = found, .format = format, .quality = 50, .level = 1};
  if (px_codec_encode(&job, &blob, NULL) != PIXAZO_OK)
    return;
  px_bytes file = {pixazo_blob_data(blob), pixazo_blob_size(blob)};
  fuzz_require(px_codec_metadata(file, &limits, &again, NULL) == PIXAZO_OK);
  if (format == PX_FORMAT_WEBP)
    fuzz_require(same(&found->xmp, &again.xmp) && same(&found->icc, &again.icc));
  (void)pixazo_blob_unref(blob);
}

static void read_file(px_bytes file)
{
  px_image_limits limits = fuzz_limits();
  px_image_info info;
  px_auto(px_metadata) metadata = PX_METADATA_INIT;
  if (px_codec_probe(file, &limits, &info, NULL) != PIXAZO_OK)
    return;
  fuzz_require(info.orientation >= 1 && info.orientation <= 8);
  if (px_codec_metadata(file, &limits, &metadata, NULL) != PIXAZO_OK)
    return;
  read_exif(metadata.exif.data, metadata.exif.size);
  if (metadata.xmp.size > 0)
    merge_xmp(metadata.xmp.data, metadata.xmp.size);
  for (size_t i = 0; i < metadata.text_count; i++)
    fuzz_require(px_utf8_valid(metadata.texts[i].value, strlen(metadata.texts[i].value)));
  for (px_format format = PX_FORMAT_PNG; format <= PX_FORMAT_WEBP; format++)
    write_again(&metadata, format);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  read_exif(data, size);
  build_exif(data, size);
  if (size > 0)
    merge_xmp(data, size);
  read_file((px_bytes){data, size});
  return 0;
}
