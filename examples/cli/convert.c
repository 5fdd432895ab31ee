/* SPDX-License-Identifier: MIT */
/* pixazo export and thumb: many files to many renditions, on every processor; no key, no network. */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "convert.h"
#include "folder.h"

enum { RECIPES_MAX = 16, JOBS_MAX = 256 };

typedef struct conversion {
  const cli_options *options;
  pixazo_exporter *exporter;
  pixazo_cancel *cancel;
  pixazo_recipe *recipes[RECIPES_MAX];
  size_t recipe_count;
  source_files files;
  bool into_folder; /* -o names one, else a file or stdout */
  bool bar;
  atomic_size_t next;
  struct {
    pthread_mutex_t lock; /* also of stdout and stderr */
    size_t done;
    size_t failed;
    int code; /* of the first failure */
  } synced;
} conversion;

/* ---- recipes ---- */

/* "key=value" of --with; numbers are numbers. */
static pixazo_status set_pair(pixazo_recipe *recipe, const char *pair, pixazo_error **error)
{
  char key[64];
  const char *value = strchr(pair, '=') + 1;
  char *end = NULL;
  long long number = strtoll(value, &end, 10);
  (void)snprintf(key, sizeof key, "%.*s", (int)(value - 1 - pair), pair);
  if (end != value && *end == '\0')
    return pixazo_recipe_set_int(recipe, key, number, error);
  return pixazo_recipe_set_string(recipe, key, value, error);
}

static pixazo_status set_options(pixazo_recipe *recipe, const cli_options *options, const char *format, pixazo_error **error)
{
  const struct {
    const char *key;
    const char *value;
  } words[] = {{"format", format}, {"fit", options->fit}, {"gravity", options->gravity}};
  const struct {
    const char *key;
    int64_t value;
  } numbers[] = {
      {"width", options->width}, {"height", options->height}, {"quality", options->quality}, {"level", options->level}};
  pixazo_status status = PIXAZO_OK;
  for (size_t i = 0; status == PIXAZO_OK && i < sizeof words / sizeof *words; i++) {
    if (words[i].value)
      status = pixazo_recipe_set_string(recipe, words[i].key, words[i].value, error);
  }
  for (size_t i = 0; status == PIXAZO_OK && i < sizeof numbers / sizeof *numbers; i++) {
    if (numbers[i].value >= 0)
      status = pixazo_recipe_set_int(recipe, numbers[i].key, numbers[i].value, error);
  }
  for (size_t i = 0; status == PIXAZO_OK && i < options->pair_count; i++)
    status = set_pair(recipe, options->pairs[i], error);
  return status;
}

/* A recipe by name, or one that is nothing but a format. */
static pixazo_status new_recipe(const char *name, pixazo_recipe **out, pixazo_error **error)
{
  if (!name)
    return pixazo_recipe_new(out, error);
  if (strcmp(name, "png") != 0 && strcmp(name, "jpeg") != 0 && strcmp(name, "webp") != 0)
    return pixazo_recipe_new_named(name, out, error);
  pixazo_status status = pixazo_recipe_new(out, error);
  return status == PIXAZO_OK ? pixazo_recipe_set_string(*out, "format", name, error) : status;
}

static const char *format_wanted(const cli_options *options)
{
  if (options->format || !options->output)
    return options->format;
  return format_of_name(options->output);
}

int make_recipe(const cli_options *options, const char *name, bool into_folder, pixazo_recipe **out)
{
  pixazo_error *error = NULL;
  pixazo_recipe *recipe = NULL;
  pixazo_status status = new_recipe(name, &recipe, &error);
  if (status == PIXAZO_OK)
    status = set_options(recipe, options, into_folder ? options->format : format_wanted(options), &error);
  if (status == PIXAZO_OK) {
    *out = recipe;
    return EXIT_ALL_GOOD;
  }
  pixazo_recipe_free(recipe);
  (void)fail_with(status, error);
  return EXIT_USAGE;
}

static int add_recipe(conversion *self, const char *name)
{
  if (self->recipe_count == RECIPES_MAX) {
    complain("at most %d recipes at once", RECIPES_MAX);
    return EXIT_USAGE;
  }
  int code = make_recipe(self->options, name, self->into_folder, &self->recipes[self->recipe_count]);
  self->recipe_count += code == EXIT_ALL_GOOD;
  return code;
}

static int add_recipes(conversion *self, const char *list)
{
  if (!list)
    return add_recipe(self, NULL);
  int code = EXIT_ALL_GOOD;
  char *names = strdup(list), *rest = NULL;
  char *name = names ? strtok_r(names, ",", &rest) : NULL;
  for (; name && code == EXIT_ALL_GOOD; name = strtok_r(NULL, ",", &rest))
    code = add_recipe(self, name);
  free(names);
  if (code == EXIT_ALL_GOOD && self->recipe_count > 1 && !self->into_folder) {
    complain("several recipes make several files: -o must name a folder");
    code = EXIT_USAGE;
  }
  return code;
}

/* ---- one file ---- */

typedef struct made_files {
  pixazo_blob *source;
  pixazo_rendition *renditions[RECIPES_MAX];
  char *paths[RECIPES_MAX];
} made_files;

static void made_done(made_files *made)
{
  pixazo_blob_unref(made->source);
  for (size_t i = 0; i < RECIPES_MAX; i++) {
    pixazo_rendition_free(made->renditions[i]);
    free(made->paths[i]);
  }
}

static pixazo_status save(const conversion *self, const source_file *file, made_files *made, size_t index,
                          pixazo_error **error)
{
  const pixazo_rendition *rendition = made->renditions[index];
  const char *output = self->options->output;
  if (self->into_folder)
    made->paths[index] =
        target_path(output, file->relative, pixazo_rendition_name(rendition), pixazo_rendition_extension(rendition));
  else
    made->paths[index] = strdup(output);
  if (!made->paths[index])
    return pixazo_error_set(error, PIXAZO_E_NOMEM, "out of memory");
  if (is_same_file(made->paths[index], file->path))
    return pixazo_error_set(error, PIXAZO_E_ARGUMENT, "it would replace its source; choose another folder or name");
  if (self->into_folder && !make_folders(made->paths[index]))
    return pixazo_error_set(error, PIXAZO_E_IO, "the folder cannot be made");
  return pixazo_blob_save(pixazo_rendition_blob(rendition), made->paths[index], error);
}

static pixazo_status convert_file(const conversion *self, const source_file *file, made_files *made, pixazo_error **error)
{
  pixazo_export_job job;
  pixazo_export_job_init(&job, sizeof job);
  pixazo_status status = read_source(self->options, file->path, &made->source, error);
  if (status != PIXAZO_OK)
    return status;
  job.source = made->source;
  job.recipes = (const pixazo_recipe *const *)self->recipes;
  job.recipe_count = self->recipe_count;
  job.cancel = self->cancel;
  status = pixazo_exporter_export_all(self->exporter, &job, made->renditions, error);
  bool to_stdout = strcmp(self->options->output, "-") == 0;
  for (size_t i = 0; status == PIXAZO_OK && !to_stdout && i < self->recipe_count; i++)
    status = save(self, file, made, i, error);
  return status;
}

/* ---- telling ---- */

/* Under the lock, like all below. */
static void clear_bar(const conversion *self)
{
  if (self->bar)
    (void)fputs("\r\033[K", stderr);
}

static void draw_progress(const conversion *self)
{
  size_t done = self->synced.done, failed = self->synced.failed;
  if (self->options->progress_json)
    (void)fprintf(stderr, "{\"event\":\"progress\",\"done\":%zu,\"failed\":%zu,\"total\":%zu}\n", done, failed,
                  self->files.count);
  else if (self->bar && done + failed < self->files.count)
    (void)fprintf(stderr, "%zu of %zu, %zu failed", done + failed, self->files.count, failed);
}

static void print_json_line(const source_file *file, const char *output, const char *rendition)
{
  (void)fputs("{\"input\":", stdout);
  print_json_string(stdout, file->path);
  (void)fputs(",\"output\":", stdout);
  print_json_string(stdout, output);
  (void)printf(",\"rendition\":%s}\n", rendition);
}

void say_rendition(const cli_options *options, const pixazo_rendition *rendition)
{
  say(options, "%ux%u  %" PRIu64 " bytes  %" PRId64 " ms  %s  %s\n", (unsigned)pixazo_rendition_width(rendition),
      (unsigned)pixazo_rendition_height(rendition), pixazo_rendition_bytes(rendition),
      pixazo_rendition_duration_us(rendition) / 1000, pixazo_rendition_way(rendition), pixazo_rendition_notes(rendition));
}

static int print_one(const conversion *self, const source_file *file, const char *path, const pixazo_rendition *rendition)
{
  pixazo_error *error = NULL;
  char *json = NULL;
  pixazo_status status = pixazo_rendition_to_json(rendition, &json, &error);
  if (status != PIXAZO_OK)
    return fail_with(status, error);
  if (self->options->jsonl)
    print_json_line(file, path, json);
  else
    (void)printf("%s\n", self->options->json ? json : path);
  if (self->files.count == 1)
    say_rendition(self->options, rendition);
  pixazo_free(json);
  return EXIT_ALL_GOOD;
}

static int print_made(const conversion *self, const source_file *file, const made_files *made)
{
  if (strcmp(self->options->output, "-") == 0)
    return write_bytes(pixazo_rendition_blob(made->renditions[0])) ? EXIT_ALL_GOOD : EXIT_STORAGE;
  int code = EXIT_ALL_GOOD;
  for (size_t i = 0; i < self->recipe_count && code == EXIT_ALL_GOOD; i++)
    code = print_one(self, file, made->paths[i], made->renditions[i]);
  return code;
}

static int print_failure(const conversion *self, const source_file *file, pixazo_status status, const pixazo_error *error)
{
  if (self->options->jsonl) {
    (void)fputs("{\"input\":", stdout);
    print_json_string(stdout, file->path);
    (void)fputs(",\"error\":", stdout);
    print_json_string(stdout, error ? pixazo_error_message(error) : pixazo_status_text(status));
    (void)fputs("}\n", stdout);
  }
  (void)fprintf(stderr, "%s: ", file->path);
  return report_error("", status, error);
}

/* ---- all files ---- */

static void convert(conversion *self, const source_file *file)
{
  pixazo_error *error = NULL;
  made_files made = {NULL, {NULL}, {NULL}};
  pixazo_status status = convert_file(self, file, &made, &error);
  (void)pthread_mutex_lock(&self->synced.lock);
  clear_bar(self);
  int code = status == PIXAZO_OK ? print_made(self, file, &made) : print_failure(self, file, status, error);
  self->synced.done += code == EXIT_ALL_GOOD;
  self->synced.failed += code != EXIT_ALL_GOOD;
  if (self->synced.code == EXIT_ALL_GOOD)
    self->synced.code = code;
  draw_progress(self);
  (void)pthread_mutex_unlock(&self->synced.lock);
  pixazo_error_free(error);
  made_done(&made);
}

static void *work(void *argument)
{
  conversion *self = argument;
  while (pixazo_cancel_get(self->cancel) == 0) {
    size_t index = atomic_fetch_add(&self->next, 1);
    if (index >= self->files.count)
      break;
    convert(self, &self->files.items[index]);
  }
  return NULL;
}

/* One thread for each file in the works; where one cannot be had, fewer do it. */
static void convert_all(conversion *self)
{
  pthread_t threads[JOBS_MAX];
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  size_t wanted = self->options->jobs > 0 ? (size_t)self->options->jobs : processors > 1 ? (size_t)processors : 1;
  size_t started = 0;
  if (wanted > self->files.count)
    wanted = self->files.count;
  while (started + 1 < wanted && started < JOBS_MAX && pthread_create(&threads[started], NULL, work, self) == 0)
    started++;
  (void)work(self);
  for (size_t i = 0; i < started; i++)
    (void)pthread_join(threads[i], NULL);
}

/* What goes where. */
static int find_files(conversion *self)
{
  const cli_options *options = self->options;
  const char *output = options->output;
  size_t length = strlen(output);
  for (int i = 0; i < options->argument_count; i++) {
    if (!source_files_add(&self->files, options->arguments[i]))
      return EXIT_STORAGE;
  }
  bool many = options->argument_count > 1 || is_folder(options->arguments[0]);
  self->into_folder = many || is_folder(output) || (length > 0 && output[length - 1] == '/');
  if (many && (strcmp(output, "-") == 0 || options->json)) {
    complain("several files: -o must name a folder, and --jsonl gives one object for each");
    return EXIT_USAGE;
  }
  if (self->files.count > 0)
    return EXIT_ALL_GOOD;
  complain("no PNG, JPEG or WebP files in %s", options->arguments[0]);
  return EXIT_USAGE;
}

static int open_conversion(conversion *self, const char *recipes)
{
  const cli_options *options = self->options;
  pixazo_error *error = NULL;
  pixazo_exporter_options exporter;
  int code = find_files(self);
  if (code == EXIT_ALL_GOOD)
    code = add_recipes(self, recipes);
  if (code != EXIT_ALL_GOOD)
    return code;
  pixazo_exporter_options_init(&exporter, sizeof exporter);
  exporter.threads = self->files.count == 1 ? 2 : 1; /* many files keep the processors busy by themselves */
  pixazo_status status = pixazo_exporter_new(&exporter, &self->exporter, &error);
  if (status == PIXAZO_OK)
    status = pixazo_cancel_new(&self->cancel, &error);
  if (status != PIXAZO_OK)
    return fail_with(status, error);
  self->bar = !options->quiet && !options->progress_json && self->files.count > 1 && isatty(STDERR_FILENO);
  return interrupt_catch(self->cancel, false) ? EXIT_ALL_GOOD : EXIT_STORAGE;
}

static int convert_arguments(const cli_options *options, const char *recipes)
{
  conversion self = {.options = options, .files = SOURCE_FILES_INIT};
  (void)pthread_mutex_init(&self.synced.lock, NULL);
  int code = open_conversion(&self, recipes);
  if (code == EXIT_ALL_GOOD) {
    convert_all(&self);
    code = self.files.count == 1 || self.synced.failed == 0 ? self.synced.code : EXIT_PARTIAL;
    if (pixazo_cancel_get(self.cancel) != 0)
      code = EXIT_INTERRUPTED;
    if (self.files.count > 1)
      say(options, "%zu converted, %zu failed\n", self.synced.done, self.synced.failed);
  }
  for (size_t i = 0; i < self.recipe_count; i++)
    pixazo_recipe_free(self.recipes[i]);
  pixazo_cancel_unref(self.cancel);
  pixazo_exporter_unref(self.exporter);
  source_files_done(&self.files);
  (void)pthread_mutex_destroy(&self.synced.lock);
  return code;
}

int run_export(const cli_options *options)
{
  if (options->argument_count >= 1 && options->output)
    return convert_arguments(options, options->recipe);
  complain("export wants files, folders or an id, and where to: pixazo export in.png -o out.webp");
  return EXIT_USAGE;
}

int run_thumb(const cli_options *options)
{
  const char *recipe = options->recipe ? options->recipe : options->smart ? "smart-300" : "fit-256";
  if (options->argument_count >= 1 && options->output)
    return convert_arguments(options, recipe);
  complain("thumb wants files, folders or an id, and where to: pixazo thumb in.png -o thumb.jpg");
  return EXIT_USAGE;
}
