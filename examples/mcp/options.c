/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mcp.h"
#include "text.h"

enum { DEFAULT_MAX_IMAGES = 100, DEFAULT_PROGRESS_MS = 5000, PROGRESS_MS_MAX = 10000, ENV_LINE = 8192 };
#define DEFAULT_BUDGET INT64_C(5000000)

static const struct option_row {
  const char *name;
  const char *value; /* NULL: takes none */
  const char *meaning;
} rows[] = {
    {"--project-dir", "DIR", "pictures and records go into DIR/data; default: the directory for data of your user"},
    {"--preset", "NAME", "defaults of parameters: pixazo-mcp (default), pixazo-mcp-s2, default, dev, prod"},
    {"--budget", "USD", "what this process may spend at most, or none; default 5"},
    {"--max-images", "N", "how many pictures this process may make at most, or none; default 100"},
    {"--log-file", "FILE", "appends the log to FILE too; it always goes to stderr"},
    {"--progress-ms", "N", "how often a call that wants progress hears of it, 100 to 10000; default 5000"},
    {"--set", "KEY=VALUE", "any setting, see `pixazo config`"},
    {"--version", NULL, "prints the version"},
    {"--help", NULL, "prints this"},
};
enum { ROWS = sizeof rows / sizeof *rows };

void options_help(void)
{
  (void)printf("usage: pixazo-mcp [OPTIONS]\n\nA server of the Model Context Protocol on stdin and stdout: pictures for "
               "assistants.\n\n");
  for (size_t i = 0; i < ROWS; i++)
    (void)printf("  %-14s %-10s %s\n", rows[i].name, rows[i].value ? rows[i].value : "", rows[i].meaning);
  (void)printf("\nWithout a key (PIXAZO_API_KEY, DIR/.env or ~/.pixazo/api-key) it makes test pictures, without network.\n");
}

static bool complain(const char *what, const char *text)
{
  (void)fputs("pixazo-mcp: ", stderr);
  print_cut(stderr, what, SIZE_MAX);
  print_cut(stderr, text, 200);
  (void)fputc('\n', stderr);
  return false;
}

/* "2", "0.5", "none". */
static bool read_budget(const char *text, int64_t *micros)
{
  char *end = NULL;
  if (strcmp(text, "none") == 0) {
    *micros = -1;
    return true;
  }
  long long whole = strtoll(text, &end, 10);
  if (end == text || whole < 0 || whole > 1000000 || text[0] == '-')
    return complain("--budget: want an amount from 0 to 1000000, or none, not ", text);
  *micros = whole * 1000000;
  int64_t unit = 100000;
  if (*end == '.') {
    for (end++; *end >= '0' && *end <= '9' && unit > 0; end++, unit /= 10)
      *micros += (*end - '0') * unit;
  }
  return *end == '\0' ? true : complain("--budget: want an amount in USD like 0.50, not ", text);
}

static bool read_number(const char *name, const char *text, int64_t low, int64_t high, int64_t *out)
{
  char *end = NULL;
  long long value = strtoll(text, &end, 10);
  char wanted[96];
  if (end != text && *end == '\0' && value >= low && value <= high) {
    *out = value;
    return true;
  }
  (void)snprintf(wanted, sizeof wanted, "%s: want a number from %lld to %lld, not ", name, (long long)low, (long long)high);
  return complain(wanted, text);
}

static bool apply(mcp_options *self, const char *name, const char *value)
{
  if (strcmp(name, "--project-dir") == 0)
    return snprintf(self->project, sizeof self->project, "%s", value) < (int)sizeof self->project ||
           complain("--project-dir: too long: ", value);
  if (strcmp(name, "--preset") == 0)
    self->preset = value;
  else if (strcmp(name, "--log-file") == 0)
    self->log_file = value;
  else if (strcmp(name, "--budget") == 0)
    return read_budget(value, &self->budget_micros);
  else if (strcmp(name, "--progress-ms") == 0)
    return read_number(name, value, 100, PROGRESS_MS_MAX, &self->progress_ms);
  else if (strcmp(name, "--max-images") == 0 && strcmp(value, "none") == 0)
    self->max_images = -1;
  else if (strcmp(name, "--max-images") == 0)
    return read_number(name, value, 0, 1000000, &self->max_images);
  else if (self->setting_count == SETTINGS_MAX || !strchr(value, '='))
    return complain("--set: want KEY=VALUE, at most 32 times, not ", value);
  else if (holds_key(value))
    return complain("a key on the command line is seen by every user of this machine: ", "set its variable instead");
  else
    self->settings[self->setting_count++] = value;
  return true;
}

static bool unknown(const char *name)
{
  const char *names[ROWS];
  for (size_t i = 0; i < ROWS; i++)
    names[i] = rows[i].name;
  const char *near = nearest_word(name, names, ROWS);
  if (near)
    return complain(near, " is the nearest option; see --help");
  return complain("there is no option ", name);
}

/* The option of an argument, and its value from "--name=value" or the next argument. NULL: told. */
static const struct option_row *take(char **argv, int argc, int *i, const char **value)
{
  const char *argument = argv[*i];
  size_t length = strcspn(argument, "=");
  for (size_t row = 0; row < ROWS; row++) {
    if (strlen(rows[row].name) != length || strncmp(rows[row].name, argument, length) != 0)
      continue;
    *value = argument[length] ? argument + length + 1 : NULL;
    if (rows[row].value && !*value)
      *value = *i + 1 < argc ? argv[++*i] : NULL;
    if (!!rows[row].value == !!*value)
      return &rows[row];
    (void)complain(rows[row].value ? "a value is missing behind " : "no value is wanted behind ", rows[row].name);
    return NULL;
  }
  (void)unknown(argument);
  return NULL;
}

/* Where programs keep what belongs to a user, when no project is named. */
static bool default_project(mcp_options *self)
{
  const char *data = getenv("XDG_DATA_HOME");
  const char *home = getenv("HOME");
  int size = -1;
  if (data && data[0] == '/')
    size = snprintf(self->project, sizeof self->project, "%s/pixazo-mcp", data);
  else if (home && home[0] == '/')
    size = snprintf(self->project, sizeof self->project, "%s/.local/share/pixazo-mcp", home);
  return size > 0 && size < (int)sizeof self->project ? true : complain("name a directory with --project-dir", "");
}

static bool make_absolute(mcp_options *self)
{
  char here[PATH_BYTES];
  char relative[PATH_BYTES];
  if (self->project[0] == '\0')
    return default_project(self);
  if (self->project[0] == '/')
    return true;
  memcpy(relative, self->project, sizeof relative);
  if (!getcwd(here, sizeof here) ||
      snprintf(self->project, sizeof self->project, "%s/%s", here, relative) >= (int)sizeof self->project)
    return complain("--project-dir: cannot be made absolute: ", relative);
  return true;
}

bool options_parse(int argc, char **argv, mcp_options *out)
{
  *out =
      (mcp_options){.budget_micros = DEFAULT_BUDGET, .max_images = DEFAULT_MAX_IMAGES, .progress_ms = DEFAULT_PROGRESS_MS};
  for (int i = 1; i < argc; i++) {
    const char *value = NULL;
    const struct option_row *row = take(argv, argc, &i, &value);
    if (!row || (value && !apply(out, row->name, value)))
      return false;
  }
  return make_absolute(out);
}

/* NAME=VALUE, perhaps behind `export`, perhaps in quotes; in place. */
static bool split(char *line, char **name, char **value)
{
  line += strspn(line, " \t");
  if (strncmp(line, "export ", 7) == 0)
    line += 7 + strspn(line + 7, " \t");
  char *equals = strchr(line, '=');
  if (strncmp(line, "PIXAZO_", 7) != 0 || !equals)
    return false;
  size_t length = strlen(equals + 1);
  *equals = '\0';
  *name = line;
  *value = equals + 1;
  while (length > 0 && strchr(" \t\r\n", (*value)[length - 1]))
    (*value)[--length] = '\0';
  if (length >= 2 && strchr("\"'", (*value)[0]) && (*value)[length - 1] == (*value)[0]) {
    (*value)[length - 1] = '\0';
    (*value)++;
  }
  return strspn(*name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == strlen(*name);
}

/* The rule of every file with a key: it is its user's alone. */
static bool is_private(int descriptor)
{
  struct stat facts;
  return fstat(descriptor, &facts) == 0 && facts.st_uid == geteuid() && (facts.st_mode & 077) == 0;
}

static bool is_secret(const char *name)
{
  return strcmp(name, "PIXAZO_API_KEY") == 0 || strcmp(name, "PIXAZO_PROXY") == 0 || strncmp(name, "PIXAZO_KEY_", 11) == 0;
}

void options_load_env_file(mcp_options *self)
{
  char path[PATH_BYTES + 8];
  char line[ENV_LINE];
  char *name;
  char *value;
  (void)snprintf(path, sizeof path, "%s/.env", self->project);
  FILE *file = fopen(path, "re");
  if (!file)
    return;
  bool private = is_private(fileno(file));
  while (fgets(line, sizeof line, file)) {
    if (!split(line, &name, &value) || getenv(name))
      continue;
    if (is_secret(name) && !private)
      (void)snprintf(self->env_trouble, sizeof self->env_trouble,
                     "others may read %s, or it is another user's, so %s in it is not used; run: chmod 600 %s, and start "
                     "the server again",
                     path, name, path);
    else
      (void)setenv(name, value, 0);
  }
  explicit_bzero(line, sizeof line);
  (void)fclose(file);
}
