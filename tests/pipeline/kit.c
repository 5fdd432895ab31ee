/* SPDX-License-Identifier: MIT */
#include "kit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/internal.h"
#include "support/testing.h"
#include "support/tmpdir.h"

void kit_prepare(kit *k)
{
  memset(k, 0, sizeof *k);
  k->directory = tmpdir_make();
  pixazo_client_options_init(&k->client_options, sizeof k->client_options);
  pixazo_pipeline_options_init(&k->pipeline_options, sizeof k->pipeline_options);
  k->client_options.provider = "offline";
}

void kit_ask(kit *k, const char *provider, const char *base_url)
{
  k->client_options.provider = provider;
  k->client_options.base_url = base_url;
  k->client_options.api_key = "pxz-CANARY-7f3a9d52c1e84b60";
  k->client_options.allow_hosts = "127.0.0.1";
}

static void open_store(kit *k)
{
  pixazo_error *error = NULL;
  pixazo_store_local_options options;
  pixazo_store_local_options_init(&options, sizeof options);
  options.directory = k->directory;
  assert_ok(pixazo_store_new_local(&options, &k->store, &error), error);
}

static void open_repository(kit *k)
{
  pixazo_error *error = NULL;
  pixazo_repository_options options;
  char *path = tmpdir_path(k->directory, "pixazo.db");
  pixazo_repository_options_init(&options, sizeof options);
  options.path = path;
  options.media_root = k->directory;
  assert_ok(pixazo_repository_new(&options, &k->repository, &error), error);
  free(path);
}

void kit_open(kit *k)
{
  pixazo_error *error = NULL;
  char *spool = tmpdir_path(k->directory, "spool");
  if (!k->client)
    assert_ok(pixazo_client_new(&k->client_options, &k->client, &error), error);
  if (!k->store)
    open_store(k);
  if (!k->repository)
    open_repository(k);
  k->pipeline_options.client = k->client;
  k->pipeline_options.store = k->store;
  k->pipeline_options.repository = k->repository;
  k->pipeline_options.spool = spool;
  const px_clock *clock = k->clock ? k->clock : px_clock_system();
  assert_ok(px_pipeline_new(&k->pipeline_options, clock, k->stepped, &k->pipeline, &error), error);
  free(spool);
}

void kit_close(kit *k)
{
  pixazo_pipeline_free(k->pipeline);
  k->pipeline = NULL;
  k->repository = pixazo_repository_unref(k->repository);
  k->store = pixazo_store_unref(k->store);
  k->client = pixazo_client_unref(k->client);
}

void kit_remove(kit *k)
{
  kit_close(k);
  tmpdir_remove(k->directory);
}

char *kit_add(kit *k, const char *json)
{
  pixazo_error *error = NULL;
  pixazo_request *request = NULL;
  char *id = NULL;
  assert_ok(pixazo_request_new_from_json(json, &request, &error), error);
  assert_ok(pixazo_pipeline_add(k->pipeline, request, NULL, &id, &error), error);
  pixazo_request_free(request);
  assert_non_null(id);
  return id;
}

pixazo_generation *kit_wait(kit *k, const char *id)
{
  pixazo_error *error = NULL;
  pixazo_generation *record = NULL;
  assert_ok(pixazo_pipeline_wait(k->pipeline, id, 30000, NULL, &record, &error), error);
  return record;
}

static int count_files(const char *path)
{
  int count = 0;
  DIR *directory = opendir(path);
  if (!directory)
    return 0;
  for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
      continue;
    char *below = tmpdir_path(path, entry->d_name);
    count += entry->d_type == DT_DIR ? count_files(below) : 1;
    free(below);
  }
  (void)closedir(directory);
  return count;
}

int kit_files(const kit *k, const char *below)
{
  char *path = tmpdir_path(k->directory, below);
  int count = count_files(path);
  free(path);
  return count;
}
