/* SPDX-License-Identifier: MIT */
#include "studio/doctor.h"

#include <pixazo/studio.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "studio/config.h"

enum { REPORT_MAX = 256 * 1024 };

void px_doctor_report(const px_doctor *doctor, const char *name, const char *status, const char *value, const char *hint)
{
  px_json_put_begin_object(doctor->writer, NULL);
  px_json_put_string(doctor->writer, "name", name);
  px_json_put_string(doctor->writer, "status", status);
  px_json_put_string(doctor->writer, "value", value);
  px_json_put_string(doctor->writer, "hint", hint);
  px_json_put_end_object(doctor->writer);
}

/* The settings a studio would load; where they are at fault, that is reported and the defaults take their place. */
static pixazo_status load_settings(const px_doctor *doctor, pixazo_config **out, pixazo_error **error)
{
  px_autoerror fault = NULL;
  pixazo_status status = px_config_load_studio(doctor->directory, out, &fault);
  if (status == PIXAZO_OK)
    return PIXAZO_OK;
  if (status == PIXAZO_E_NOMEM)
    return px_fail_nomem(error);
  px_doctor_report(doctor, "settings", "problem", pixazo_error_message(fault), "nothing opens until this is corrected");
  return pixazo_config_new(out, error);
}

static pixazo_status examine(px_doctor *doctor, pixazo_error **error)
{
  px_cleanup(px_config_scoped) pixazo_config *loaded = NULL;
  if (!doctor->config) {
    PX_TRY(load_settings(doctor, &loaded, error));
    doctor->config = loaded;
  }
  for (const px_doctor_check *check = px_doctor_checks; *check; check++)
    (*check)(doctor);
  return PIXAZO_OK;
}

pixazo_status pixazo_studio_doctor(const char *directory, const pixazo_config *config, char **out, pixazo_error **error)
{
  PX_REQUIRE(!px_str_empty(directory) && out, error, "directory is NULL or empty, or out is NULL");
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(REPORT_MAX);
  px_doctor doctor = {directory, config, &writer};
  px_json_put_begin_object(&writer, NULL);
  px_json_put_int64(&writer, "schema", 1);
  px_json_put_string(&writer, "directory", directory);
  px_json_put_begin_array(&writer, "checks");
  PX_TRY(examine(&doctor, error));
  px_json_put_end_array(&writer);
  px_json_put_end_object(&writer);
  return px_json_writer_finish(&writer, out, error);
}
