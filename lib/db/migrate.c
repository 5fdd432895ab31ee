/* SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "base/mem.h"
#include "db/db.h"
#include "db/driver.h"

static pixazo_status identify(px_db_link *link, px_db_identity *identity, pixazo_error **error)
{
  return px_db_link_driver(link)->identify(px_db_link_connection(link), identity, error);
}

static pixazo_status judge(px_db *db, const px_db_schema *schema, px_db_link *link, const px_db_identity *found,
                           pixazo_error **error)
{
  if (found->application_id == schema->application_id) {
    if (found->version < 0 || (size_t)found->version > schema->count)
      return px_fail(error, PIXAZO_E_UNSUPPORTED, "%s has schema %d, this library knows up to %zu; update libpixazo",
                     px_db_name(db), found->version, schema->count);
    return PIXAZO_OK;
  }
  if (found->application_id == 0 && found->version == 0 && found->empty)
    return PIXAZO_OK;
  if (found->application_id == 0 && schema->adopt)
    return schema->adopt(schema->self, link, error);
  return px_fail(error, PIXAZO_E_EXISTS, "%s is a database of another program", px_db_name(db));
}

static pixazo_status run_steps(const px_db_schema *schema, px_db_link *link, int32_t version, pixazo_error **error)
{
  for (size_t i = (size_t)version; i < schema->count; i++)
    PX_TRY(schema->steps[i](schema->self, link, error));
  px_db_identity reached = {schema->application_id, (int32_t)schema->count, false};
  return px_db_link_driver(link)->claim(px_db_link_connection(link), &reached, error);
}

/* Another process may have done it while this one waited for the lock. */
static pixazo_status upgrade(px_db *db, const px_db_schema *schema, px_db_link *link, pixazo_error **error)
{
  px_db_identity now;
  PX_TRY(px_db_start_write(link, error));
  PX_TRY(identify(link, &now, error));
  if (now.application_id != schema->application_id)
    return run_steps(schema, link, 0, error);
  if ((size_t)now.version > schema->count)
    return px_fail(error, PIXAZO_E_UNSUPPORTED, "%s was brought to schema %d by a newer library", px_db_name(db),
                   now.version);
  return (size_t)now.version < schema->count ? run_steps(schema, link, now.version, error) : PIXAZO_OK;
}

pixazo_status px_db_migrate(px_db *db, const px_db_schema *schema, pixazo_error **error)
{
  px_cleanup(px_db_end) px_db_link *link = NULL;
  px_db_identity found;
  PX_TRY(px_db_lock_writer(db, &link, error));
  PX_TRY(identify(link, &found, error));
  PX_TRY(judge(db, schema, link, &found, error));
  PX_TRY(px_db_link_driver(link)->settle(px_db_link_connection(link), error));
  if (found.application_id == schema->application_id && (size_t)found.version == schema->count)
    return PIXAZO_OK;
  PX_TRY(upgrade(db, schema, link, error));
  return px_db_commit(&link, error);
}
