/* SPDX-License-Identifier: MIT */
/* Picture files of folders, and where their renditions go. */
#ifndef CLI_FOLDER_H
#define CLI_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct source_file {
  char *path;           /* as it is opened */
  const char *relative; /* inside the folder that was named; the bare name of a file that was */
} source_file;

typedef struct source_files {
  source_file *items;
  size_t count;
  size_t capacity;
} source_files;

#define SOURCE_FILES_INIT {NULL, 0, 0}

/* A file as it is, a folder with every picture below it, by name; links to folders are not followed. False: printed. */
bool source_files_add(source_files *files, const char *path);
void source_files_done(source_files *files);

bool is_folder(const char *path);
/* "out/a/fox-small.webp" for relative "a/fox.png" and tag "small"; NULL: no memory. Owned. */
char *target_path(const char *folder, const char *relative, const char *tag, const char *extension);
/* Makes the folders above a file. False: printed. */
bool make_folders(const char *path);
/* Whether both names lead to one file. */
bool is_same_file(const char *a, const char *b);

#endif
