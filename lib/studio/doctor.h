/* SPDX-License-Identifier: MIT */
/* What each check of the doctor sees, and how it reports. */
#ifndef PX_STUDIO_DOCTOR_H
#define PX_STUDIO_DOCTOR_H

#include <pixazo/config.h>

#include "json/writer.h"

typedef struct px_doctor {
  const char *directory;
  const pixazo_config *config;
  px_json_writer *writer;
} px_doctor;

/* One line of the report: status "ok", "note" or "problem"; hint may be "". */
void px_doctor_report(const px_doctor *doctor, const char *name, const char *status, const char *value, const char *hint);

typedef void (*px_doctor_check)(const px_doctor *doctor);
extern const px_doctor_check px_doctor_checks[]; /* NULL behind the last */

#endif
