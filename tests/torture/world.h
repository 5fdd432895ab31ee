/* SPDX-License-Identifier: MIT */
/* All handles over one directory, made by calls that may fail; and the books that must balance afterwards. */
#ifndef PX_TORTURE_WORLD_H
#define PX_TORTURE_WORLD_H

#include <stdbool.h>

#include <pixazo/pixazo.h>

#include "support/fake_clock.h"

typedef struct world {
  fake_clock clock; /* of world_open */
  /* set before world_open */
  const char *directory;
  bool stepped;        /* no threads in the pipeline, and a clock that moves by itself */
  bool renditions;     /* one JPEG of every picture */
  bool reviewed;       /* the program is asked about every prompt and every picture; it names what it sees */
  const char *gateway; /* NULL: the offline provider */
  unsigned opened;     /* how often: the seed of its clock */
  uint32_t patience_ms; /* how long to wait for a generation */
  pixazo_cancel *impatience; /* set after that time by the clock of a stepped world; may be NULL */
  /* of world_open */
  pixazo_client *client;
  pixazo_store *store;
  pixazo_repository *repository;
  pixazo_recipe *recipe;
  pixazo_pipeline *pipeline;
} world;

pixazo_status world_open(world *w, pixazo_error **error);
/* Closes what world_open opened, also when it failed half way. */
void world_close(world *w);

/* Adds a small picture. id: "" when it was not added. */
pixazo_status world_add(world *w, const char *idempotency_key, char id[40], pixazo_error **error);
/* The same, and waits for it. */
pixazo_status world_generate(world *w, const char *idempotency_key, char id[40], pixazo_error **error);

/* The first column of the first row as a number; -1 when there is none. The world must be closed. */
int64_t world_ask(const world *w, const char *sql);
/* Files below a folder of the directory whose names end so; "" for all. */
size_t world_count_files(const world *w, const char *folder, const char *ending);

/* Resumes what is left until nothing is, sending what was planned, and fails the test unless everything that was
 * paid is recorded, each attempt has one row in the ledger and the spool holds nothing more. */
void world_settle(world *w);

/* Makes `to` a copy of `from`, whatever it held before. */
void world_copy(const char *from, const char *to);

#endif
