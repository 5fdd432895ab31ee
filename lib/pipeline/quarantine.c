/* SPDX-License-Identifier: MIT */
/* Bytes that were paid for and are not to be shown, where nothing shows them: spool/quarantine/<image>. */
#include "pipeline/internal.h"

#include <stdio.h>

#include "base/error.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "base/mem.h"

static const char FOLDER[] = "quarantine";

static pixazo_status flush_picture(px_item *item, const char *name, pixazo_error **error)
{
  px_autoclose int descriptor = -1;
  PX_TRY(px_file_open_at(item->job->pipeline->spool_fd, name, &descriptor, NULL, error));
  return px_file_flush(descriptor, name, error);
}

pixazo_status px_quarantine_move(px_item *item, pixazo_error **error)
{
  int spool = item->job->pipeline->spool_fd;
  char name[PX_UUID_TEXT + 8];
  px_autoclose int directory = -1;
  (void)snprintf(name, sizeof name, "%s.pic", item->image.uuid);
  PX_TRY(flush_picture(item, name, error));
  PX_TRY(px_directory_open_below(spool, FOLDER, 0700, &directory, error));
  PX_FAILPOINT("quarantine.before");
  PX_TRY(px_file_rename_at(spool, name, directory, item->image.uuid, error));
  PX_FAILPOINT("quarantine.after");
  return px_directory_flush(directory, FOLDER, error);
}

pixazo_status px_quarantine_fetch(px_item *item, pixazo_error **error)
{
  int spool = item->job->pipeline->spool_fd;
  char name[PX_UUID_TEXT + 8];
  px_autoclose int directory = -1;
  px_autoclose int picture = -1;
  (void)snprintf(name, sizeof name, "%s.pic", item->image.uuid);
  PX_TRY(px_directory_open_below(spool, FOLDER, 0, &directory, error));
  PX_TRY(px_file_open_at(directory, item->image.uuid, &picture, NULL, error)); /* absent is told apart from trouble */
  return px_file_rename_at(directory, item->image.uuid, spool, name, error);
}
