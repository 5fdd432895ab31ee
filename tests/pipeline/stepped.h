/* SPDX-License-Identifier: MIT */
/* The kit without threads and with a clock that moves only when told: each step is the test's own. */
#ifndef PX_PIPELINE_STEPPED_H
#define PX_PIPELINE_STEPPED_H

#include "kit.h"
#include "pipeline/internal.h"
#include "support/fake_clock.h"

typedef struct stepped {
  kit kit;
  fake_clock clock;
} stepped;

/* cmocka set-up and tear-down: *state is a stepped whose kit is prepared and not open. */
int stepped_setup(void **state);
int stepped_teardown(void **state);

/* A job of the open pipeline with a plan of its own; nobody knows it yet. */
px_job *stepped_job(stepped *s);

typedef bool (*stepped_when)(const px_job *job);
/* Steps an open pipeline until the job looks so. */
void stepped_until(stepped *s, const char *id, stepped_when when);
/* Opens the kit in a process of its own, adds the request, and kills that process once its job looks so. */
void stepped_die(stepped *s, const char *json, stepped_when when);

bool stepped_is_sent(const px_job *job);     /* after T2, before the call */
bool stepped_is_answered(const px_job *job); /* after T3, before its pictures */
bool stepped_is_placed(const px_job *job);   /* its picture is in the store and not recorded */

/* The only generation of the repository; owned. */
pixazo_generation *stepped_record(stepped *s);
/* Resumes and wants `wanted` in the report. */
void stepped_resume(stepped *s, uint32_t flags, const char *wanted);
/* Removes what lies in the spool with that ending; how many there were. */
int stepped_unspool(const stepped *s, const char *ending);

#endif
