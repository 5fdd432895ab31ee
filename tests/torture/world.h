/* SPDX-License-Identifier: MIT */
/* All handles over one directory, made by calls that may fail; and the books that must balance afterwards. */
#ifndef PX_TORTURE_WORLD_H
#define PX_TORTURE_WORLD_H

#include <stdbool.h>

#include <pixazo/pixazo.h>

#include "support/fake_clock.h"

typedef struct world {
  /* set before world_open */
  const char *directory;
  bool stepped;        /* no threads in the pipeline, and a clock that moves by itself */
  bool renditions;     /* one JPEG of every picture */
  const char *gateway; /* NULL: the offline provider */
  /* of world_open */
  fake_clock clock;
  pixazo_client *client;
  pixazo_store *store;
  pixazo_repository *repository;
  pixazo_recipe *recipe;
  pixazo_pipeline *pipeline;
} world;

pixazo_status world_open(world *w, pixazo_error **error);
/* Closes what world_open opened, also when it failed half way. */
void world_close(world *w);

/* Adds a small picture and waits for it. *id: "" when it was not added. */
pixazo_status world_generate(world *w, const char *idempotency_key, char id[40], pixazo_error **error);

/* The first column of the first row as a number; -1 when there is none. The world must be closed. */
int64_t world_ask(const world *w, const char *sql);
/* Files below a folder of the directory whose names end so; "" for all. */
size_t world_count_files(const world *w, const char *folder, const char *ending);

/* Resumes what is left until nothing is, sending what was planned, and fails the test unless everything that was
 * paid is recorded, each attempt has one row in the ledger and the spool holds nothing more. */
void world_settle(world *w, const char *what);

/* Makes `to` a copy of `from`, whatever it held before. */
void world_copy(const char *from, const char *to);

#endif
