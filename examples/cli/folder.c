/* SPDX-License-Identifier: MIT */
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "cli.h"

static bool no_memory(void)
{
  complain("out of memory");
  return false;
}

static bool has_picture_name(const char *name)
{
  static const char *const endings[] = {".png", ".jpg", ".jpeg", ".webp"};
  const char *dot = strrchr(name, '.');
  for (size_t i = 0; dot && dot != name && i < sizeof endings / sizeof *endings; i++) {
    if (strcasecmp(dot, endings[i]) == 0)
      return true;
  }
  return false;
}

/* Takes the path over. */
static bool add_file(source_files *files, char *path, size_t root)
{
  if (files->count == files->capacity) {
    size_t capacity = files->capacity ? files->capacity * 2 : 64;
    source_file *grown = realloc(files->items, capacity * sizeof *grown);
    if (!grown) {
      free(path);
      return no_memory();
    }
    files->items = grown;
    files->capacity = capacity;
  }
  files->items[files->count++] = (source_file){path, path + root};
  return true;
}

static bool add_entry(source_files *files, const char *folder, const char *name, size_t root);

static bool add_folder(source_files *files, const char *folder, size_t root)
{
  struct dirent **entries = NULL;
  int count = scandir(folder, &entries, NULL, alphasort);
  bool good = count >= 0;
  if (count < 0)
    complain("cannot read folder %s: %s", folder, strerror(errno));
  for (int i = 0; i < count; i++) {
    good = good && (entries[i]->d_name[0] == '.' || add_entry(files, folder, entries[i]->d_name, root));
    free(entries[i]);
  }
  free(entries);
  return good;
}

static bool add_entry(source_files *files, const char *folder, const char *name, size_t root)
{
  struct stat facts;
  char *path = NULL;
  if (asprintf(&path, "%s/%s", folder, name) < 0)
    return no_memory();
  if (lstat(path, &facts) == 0 && S_ISDIR(facts.st_mode)) {
    bool good = add_folder(files, path, root);
    free(path);
    return good;
  }
  if (has_picture_name(name) && stat(path, &facts) == 0 && S_ISREG(facts.st_mode))
    return add_file(files, path, root);
  free(path);
  return true;
}

bool source_files_add(source_files *files, const char *path)
{
  const char *slash = strrchr(path, '/');
  if (is_folder(path))
    return add_folder(files, path, strlen(path) + 1);
  char *copy = strdup(path);
  return copy ? add_file(files, copy, slash ? (size_t)(slash + 1 - path) : 0) : no_memory();
}

void source_files_done(source_files *files)
{
  for (size_t i = 0; i < files->count; i++)
    free(files->items[i].path);
  free(files->items);
}

bool is_folder(const char *path)
{
  struct stat facts;
  return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

char *target_path(const char *folder, const char *relative, const char *tag, const char *extension)
{
  const char *slash = strrchr(relative, '/');
  const char *dot = strrchr(slash ? slash : relative, '.');
  int stem = dot && dot != relative ? (int)(dot - relative) : (int)strlen(relative);
  char *path = NULL;
  size_t length = strlen(folder);
  const char *between = length > 0 && folder[length - 1] == '/' ? "" : "/";
  int made = asprintf(&path, "%s%s%.*s%s%s.%s", folder, between, stem, relative, tag[0] ? "-" : "", tag, extension);
  return made < 0 ? NULL : path;
}

bool make_folders(const char *path)
{
  char *copy = strdup(path);
  bool good = copy != NULL;
  for (char *slash = copy ? strchr(copy + 1, '/') : NULL; good && slash; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    good = mkdir(copy, 0777) == 0 || errno == EEXIST;
    if (!good)
      complain("cannot make folder %s: %s", copy, strerror(errno));
    *slash = '/';
  }
  if (!copy)
    (void)no_memory();
  free(copy);
  return good;
}

bool is_same_file(const char *a, const char *b)
{
  struct stat one, other;
  return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}
