/* SPDX-License-Identifier: MIT */
/* What a provider answers: an answer file cut or changed anywhere, and bodies of every kind. */
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/answer.h"
#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "client/reading.h"
#include "client/steps.h"
#include "fuzz.h"

enum { PICTURE_MAX = 1 << 20 };

static void require(bool condition)
{
  if (!condition)
    abort();
}

static void take_picture(const px_picture *picture, const px_answer *answer)
{
  if (picture->kind == PX_PICTURE_URL) {
    require(picture->url != NULL);
    return;
  }
  px_autoclose int target = memfd_create("picture", MFD_CLOEXEC);
  (void)px_picture_write(picture, answer, target, PICTURE_MAX, NULL);
  require(lseek(target, 0, SEEK_END) <= PICTURE_MAX);
}

static void read_file(int descriptor)
{
  px_auto(px_answer) answer = PX_ANSWER_INIT;
  if (px_answer_read(&answer, descriptor, NULL) != PIXAZO_OK)
    return;
  px_auto(px_reading) reading = {0};
  require(px_reading_read(&answer, &reading, NULL) == PIXAZO_OK);
  require(reading.picture_count <= PX_PICTURES_MAX);
  for (size_t i = 0; i < reading.picture_count && i < 4; i++)
    take_picture(&reading.pictures[i], &answer);
}

static void read_body(const uint8_t *data, size_t size)
{
  static const char *const kinds[] = {"application/json", "text/html", "image/png", "application/octet-stream"};
  static const char *const statuses[] = {"200", "202", "400", "503"};
  px_autoclose int descriptor = memfd_create("answer", MFD_CLOEXEC);
  px_auto(px_answer_writer) writer = {0};
  unsigned choice = size ? data[0] : 0;
  require(px_answer_writer_init(&writer, descriptor, NULL) == PIXAZO_OK);
  const char *kind = choice & 0x80 ? "text/event-stream" : kinds[choice & 3];
  require(px_answer_writer_set(&writer, "content-type", kind, NULL) == PIXAZO_OK);
  require(px_answer_writer_set(&writer, "status", statuses[choice >> 2 & 3], NULL) == PIXAZO_OK);
  if (size > 1)
    require(px_answer_writer_body(&writer, data + 1, size - 1, NULL) == PIXAZO_OK);
  require(px_answer_writer_finish(&writer, NULL) == PIXAZO_OK);
  read_file(descriptor);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  px_autoclose int descriptor = memfd_create("file", MFD_CLOEXEC);
  require(px_write_all(descriptor, data, size, "a file of this run", NULL) == PIXAZO_OK);
  read_file(descriptor);
  read_body(data, size);
  return 0;
}
