/* SPDX-License-Identifier: MIT */
/* A store of one's own: pictures go wherever these functions put them. This one keeps a list in memory and
 * prints each key; the handles are put together by hand, as pixazo_studio_open does it inside. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pixazo/pixazo.h>

struct object {
  struct object *next;
  char *key;
  unsigned char *data;
  size_t size;
};

struct shelf {
  struct object *first;
};

static struct object *find(const struct shelf *shelf, const char *key)
{
  struct object *at = shelf->first;
  while (at && strcmp(at->key, key) != 0)
    at = at->next;
  return at;
}

static void drop(struct object *object)
{
  free(object->key);
  free(object->data);
  free(object);
}

static pixazo_status read_all(const pixazo_store_put_job *job, unsigned char *data, pixazo_error **error)
{
  size_t done = 0;
  while (done < job->size) {
    size_t got = 0;
    pixazo_status status = job->read(job->source, data + done, job->size - done, &got, error);
    if (status != PIXAZO_OK)
      return status;
    if (got == 0)
      return pixazo_error_set(error, PIXAZO_E_CORRUPT, "the source ended early");
    done += got;
  }
  return PIXAZO_OK;
}

/* Only the put is required; what it accepts must be safe when it returns. */
static pixazo_status shelf_put(void *self, const pixazo_store_put_job *job, pixazo_error **error)
{
  struct shelf *shelf = self;
  unsigned char *data = malloc(job->size ? job->size : 1);
  char *key = malloc(strlen(job->key) + 1);
  struct object *object = calloc(1, sizeof *object);
  pixazo_status status = data && key && object ? read_all(job, data, error)
                                               : pixazo_error_set(error, PIXAZO_E_NOMEM, "no memory for the shelf");
  struct object *old = find(shelf, job->key);
  if (status == PIXAZO_OK && old && (old->size != job->size || memcmp(old->data, data, old->size) != 0))
    status = pixazo_error_set(error, PIXAZO_E_EXISTS, "another picture has this key");
  if (status != PIXAZO_OK || old) {
    free(data);
    free(key);
    free(object);
    return status;
  }
  memcpy(key, job->key, strlen(job->key) + 1);
  *object = (struct object){shelf->first, key, data, job->size};
  shelf->first = object;
  printf("put %s, %zu bytes\n", job->key, object->size);
  return PIXAZO_OK;
}

static pixazo_status shelf_get(void *self, const char *key, uint64_t offset, uint64_t length, pixazo_store_write_fn write,
                               void *sink, pixazo_error **error)
{
  const struct object *object = find(self, key);
  if (!object)
    return pixazo_error_set(error, PIXAZO_E_NOT_FOUND, "no such key");
  if (offset >= object->size)
    return PIXAZO_OK;
  uint64_t rest = object->size - offset;
  return write(sink, object->data + offset, (size_t)(length < rest ? length : rest), error);
}

static pixazo_status shelf_stat(void *self, const char *key, pixazo_store_info *info, pixazo_error **error)
{
  const struct object *object = find(self, key);
  if (!object)
    return pixazo_error_set(error, PIXAZO_E_NOT_FOUND, "no such key");
  info->size = object->size;
  return PIXAZO_OK;
}

static void shelf_destroy(void *self)
{
  struct shelf *shelf = self;
  while (shelf->first) {
    struct object *object = shelf->first;
    shelf->first = object->next;
    drop(object);
  }
}

struct handles {
  pixazo_client *client;
  pixazo_store *store;
  pixazo_repository *repository;
  pixazo_pipeline *pipeline;
};

static pixazo_status open_client_and_repository(struct handles *all, const char *directory, pixazo_error **error)
{
  char database[4096];
  (void)snprintf(database, sizeof database, "%s/pixazo.db", directory);
  pixazo_client_options client = PIXAZO_CLIENT_OPTIONS_INIT;
  pixazo_repository_options repository = PIXAZO_REPOSITORY_OPTIONS_INIT;
  client.provider = "offline"; /* test pictures; a real provider wants a key here */
  repository.path = database;
  pixazo_status status = pixazo_client_new(&client, &all->client, error);
  return status == PIXAZO_OK ? pixazo_repository_new(&repository, &all->repository, error) : status;
}

static pixazo_status open_all(struct handles *all, struct shelf *shelf, const char *directory, pixazo_error **error)
{
  char spool[4096];
  (void)snprintf(spool, sizeof spool, "%s/spool", directory);
  pixazo_store_ops ops;
  pixazo_store_ops_init(&ops, sizeof ops);
  ops.put = shelf_put;
  ops.get = shelf_get;
  ops.stat = shelf_stat;
  ops.destroy = shelf_destroy;
  /* Without PIXAZO_OPS_ANY_THREAD the functions run only on this thread, inside wait, next_event and run. */
  pixazo_status status = pixazo_store_new_custom(&ops, shelf, 0, &all->store, error);
  if (status == PIXAZO_OK)
    status = open_client_and_repository(all, directory, error);
  if (status != PIXAZO_OK)
    return status;
  pixazo_pipeline_options options = PIXAZO_PIPELINE_OPTIONS_INIT;
  options.client = all->client;
  options.store = all->store;
  options.repository = all->repository;
  options.spool = spool;
  return pixazo_pipeline_new(&options, &all->pipeline, error);
}

static void close_all(struct handles *all)
{
  pixazo_pipeline_free(all->pipeline);
  pixazo_repository_unref(all->repository);
  pixazo_client_unref(all->client);
  pixazo_store_unref(all->store);
}

static pixazo_status generate(pixazo_pipeline *pipeline, pixazo_error **error)
{
  pixazo_request *request = NULL;
  pixazo_generation *record = NULL;
  char *id = NULL;
  pixazo_status status = pixazo_request_new("a paper boat", &request, error);
  if (status == PIXAZO_OK)
    status = pixazo_pipeline_add(pipeline, request, NULL, &id, error);
  if (status == PIXAZO_OK)
    status = pixazo_pipeline_wait(pipeline, id, UINT32_MAX, NULL, &record, error);
  if (status == PIXAZO_OK)
    printf("%s: %s\n", pixazo_generation_state_name(pixazo_generation_state(record)),
           pixazo_generation_image_key(record, 0));
  pixazo_generation_free(record);
  pixazo_free(id);
  pixazo_request_free(request);
  return status;
}

int main(int argc, char **argv)
{
  struct shelf shelf = {NULL};
  struct handles all = {NULL, NULL, NULL, NULL};
  pixazo_error *error = NULL;
  pixazo_status status = open_all(&all, &shelf, argc > 1 ? argv[1] : "art", &error);
  if (status == PIXAZO_OK)
    status = generate(all.pipeline, &error);
  if (status != PIXAZO_OK)
    fprintf(stderr, "%s\n", pixazo_error_message(error));
  pixazo_error_free(error);
  close_all(&all);
  return status == PIXAZO_OK ? 0 : 1;
}
