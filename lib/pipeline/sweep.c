/* SPDX-License-Identifier: MIT */
/* What a killed process left in the spool and nobody needs any more. */
#include "pipeline/internal.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

static bool is_settled(const pixazo_generation *record)
{
  for (size_t i = 0; i < record->image_count; i++) {
    if (record->images[i].state != PIXAZO_IMAGE_RECORDED)
      return false;
  }
  return record->state == PIXAZO_GENERATION_DONE;
}

/* An answer whose generation is done was killed between T4 and its removal. */
static void sweep_answer(pixazo_pipeline *pipeline, const char *name)
{
  px_auto(px_answer) answer = PX_ANSWER_INIT;
  px_autoclose int descriptor = -1;
  px_autoerror error = NULL;
  pixazo_generation *record = NULL;
  if (px_file_open_at(pipeline->spool_fd, name, &descriptor, NULL, &error) != PIXAZO_OK ||
      px_answer_read(&answer, descriptor, &error) != PIXAZO_OK)
    return;
  const char *uuid = px_answer_get(&answer, "generation");
  if (!px_uuid_valid(uuid) || px_jobs_has(pipeline, uuid) ||
      pixazo_repository_find(pipeline->repository, uuid, &record, &error) != PIXAZO_OK)
    return;
  if (is_settled(record))
    (void)px_file_remove_at(pipeline->spool_fd, name, &error);
  pixazo_generation_free(record);
}

/* Temporary files of nobody: a day old, so that no live worker can still be writing them. */
static void sweep_temporary(pixazo_pipeline *pipeline, const char *name)
{
  struct stat facts;
  px_autoerror error = NULL;
  if (fstatat(pipeline->spool_fd, name, &facts, AT_SYMLINK_NOFOLLOW) == 0 &&
      px_wall_us(pipeline->clock) / 1000000 - facts.st_mtime > 86400)
    (void)px_file_remove_at(pipeline->spool_fd, name, &error);
}

void px_spool_sweep(pixazo_pipeline *pipeline)
{
  int copy = openat(pipeline->spool_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *directory = copy >= 0 ? fdopendir(copy) : NULL;
  if (!directory) {
    if (copy >= 0)
      (void)close(copy);
    return;
  }
  for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
    if (px_str_ends(entry->d_name, ".answer") || px_str_ends(entry->d_name, ".part"))
      sweep_answer(pipeline, entry->d_name);
    else if (px_str_ends(entry->d_name, ".ren") || px_str_ends(entry->d_name, ".poll"))
      sweep_temporary(pipeline, entry->d_name);
  }
  (void)closedir(directory);
}
