/* SPDX-License-Identifier: MIT */
/* A database of the Pixazo MCP tool: its one table becomes rows of ours and a view takes its name. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "repository/schema.h"

pixazo_status px_legacy_found(px_db_link *link, bool *found, pixazo_error **error)
{
  static const char *const columns[] = {"id", "timestamp", "prompt", "parameters_json", "image_url", "status"};
  px_auto(px_buf) sql = PX_BUF_INIT(1024);
  px_cleanup(px_db_rows_done) px_db_rows *rows = NULL;
  size_t same = 0, count = 0;
  bool row = false;
  int64_t tables = 0;
  PX_TRY(px_db_expand_on(link, "{has_table}", &sql, error));
  PX_TRY(px_db_number(link, px_buf_text(&sql), PX_BIND(px_db_text("generations")), &tables, error));
  px_buf_clear(&sql);
  PX_TRY(px_db_expand_on(link, "{columns}", &sql, error));
  PX_TRY(px_db_query(link, px_buf_text(&sql), PX_BIND(px_db_text("generations")), &rows, error));
  PX_TRY(px_db_step(rows, &row, error));
  for (; row; count++) {
    same += count < PX_ARRAY_SIZE(columns) && px_str_equal(px_db_get_text(rows, 0), columns[count]);
    PX_TRY(px_db_step(rows, &row, error));
  }
  *found = tables == 1 && count == PX_ARRAY_SIZE(columns) && same == count;
  return PIXAZO_OK;
}

/* "<file>.before-pixazo-20261120T101500" in the same directory. */
static pixazo_status copy_name(const char *path, px_buf *name, pixazo_error **error)
{
  px_date now;
  px_date_of(px_wall_us(px_clock_system()), &now);
  (void)px_buf_printf(name, "%s.before-pixazo-%04d%02d%02dT%02d%02d%02d", path, now.year, now.month, now.day, now.hour,
                      now.minute, now.second);
  if (name->over)
    return px_fail(error, PIXAZO_E_ARGUMENT, "the path of %s is too long", path);
  return name->failed ? px_fail_nomem(error) : PIXAZO_OK;
}

static pixazo_status write_copy(px_db_link *link, int directory, const char *path, pixazo_error **error)
{
  px_auto(px_buf) sql = PX_BUF_INIT(1024);
  px_autoclose int descriptor = -1;
  const char *name = strrchr(path, '/') + 1;
  PX_TRY(px_file_create_at(directory, name, 0600, &descriptor, error));
  PX_TRY(px_db_expand_on(link, "{copy}", &sql, error));
  PX_TRY(px_db_run(link, px_buf_text(&sql), PX_BIND(px_db_text(path)), NULL, error));
  PX_TRY(px_file_flush(descriptor, path, error));
  return px_directory_flush(directory, path, error);
}

static pixazo_status keep_copy(px_db_link *link, const char *path, pixazo_error **error)
{
  px_auto(px_buf) copy = PX_BUF_INIT(PX_PATH_MAX);
  px_autoclose int directory = -1;
  const char *slash = strrchr(path, '/');
  px_autofree char *parent = px_strndup(path, slash == path ? 1 : (size_t)(slash - path));
  if (!parent)
    return px_fail_nomem(error);
  PX_TRY(copy_name(path, &copy, error));
  PX_TRY(px_directory_open(parent, &directory, error));
  pixazo_status status = write_copy(link, directory, px_buf_text(&copy), error);
  if (status != PIXAZO_OK && status != PIXAZO_E_EXISTS)
    (void)px_file_remove_at(directory, strrchr(px_buf_text(&copy), '/') + 1, NULL);
  return status;
}

pixazo_status px_legacy_adopt(px_db_link *link, const char *path, bool convert, pixazo_error **error)
{
  bool found = false;
  PX_TRY(px_legacy_found(link, &found, error));
  if (!found)
    return px_fail(error, PIXAZO_E_EXISTS, "%s is a database of another program", path);
  if (!convert) {
    (void)px_fail(error, PIXAZO_E_EXISTS, "%s is a database of the Pixazo MCP tool", path);
    px_error_hint(error, "set convert_legacy to convert it; a copy is kept beside it");
    return PIXAZO_E_EXISTS;
  }
  return keep_copy(link, path, error);
}

pixazo_status px_legacy_set_aside(px_db_link *link, pixazo_error **error)
{
  return px_db_run(link, "ALTER TABLE generations RENAME TO generations_before", PX_BIND_NONE, NULL, error);
}

/* Through the view, so that rows of before and rows the tool writes from now on are the same. */
pixazo_status px_legacy_bring_in(px_db_link *link, pixazo_error **error)
{
  PX_TRY(px_db_run(link,
                   "INSERT INTO generations (id, timestamp, prompt, parameters_json, image_url, status) "
                   "SELECT id, timestamp, prompt, parameters_json, image_url, status FROM generations_before ORDER BY id",
                   PX_BIND_NONE, NULL, error));
  return px_db_run(link, "DROP TABLE generations_before", PX_BIND_NONE, NULL, error);
}
