/* SPDX-License-Identifier: MIT */
/* pixazo: the library from a shell. */
#include <string.h>

#include "cli.h"

static const struct command {
  const char *name;
  unsigned verb;
  int (*run)(const cli_options *options);
  const char *arguments;
  const char *summary;
  const char *detail;
} commands[] = {
    {"generate", VERB_GENERATE, run_generate, "PROMPT", "make pictures from a prompt",
     "Prints the path of each picture. The prompt is one argument, in quotes."},
    {"batch", VERB_BATCH, run_batch, "FILE|-", "make pictures from a file of JSON lines",
     "Each line is an object with \"prompt\" and any parameter; options fill what a line leaves open.\n"
     "Lines are known by file (or --name) and number: a second run pays for nothing that the first one paid."},
    {"resume", VERB_RESUME, run_resume, "", "finish what is paid and was interrupted",
     "Sends nothing new unless --continue is given."},
    {"pending", VERB_PENDING, run_pending, "", "list what has not ended, needs a decision or was lost", ""},
    {"retry", VERB_RETRY, run_retry, "ID...", "try generations again that failed or are in doubt",
     "Each becomes a new generation with the same request. What the old one may have cost goes on counting."},
    {"abandon", VERB_ABANDON, run_abandon, "ID...", "give up generations that are in doubt, lost or not sent", ""},
    {"budget", VERB_BUDGET, run_budget, "[set AMOUNT|remove]", "show, set or remove what may be spent",
     "For all calls, or those of --provider or --principal. Amounts are exact, as 2.50."},
    {"cost", VERB_COST, run_cost, "", "what was spent, by day, month, provider, model or principal", ""},
    {"stats", VERB_STATS, run_stats, "", "numbers of everything that was recorded, by model",
     "With --prometheus as samples, see docs/observability.md."},
    {"list", VERB_LIST, run_list, "", "list generations, newest first", ""},
    {"show", VERB_SHOW, run_show, "ID", "everything about one generation", ""},
    {"export", VERB_EXPORT, run_export, "FILE|FOLDER|ID... -o FILE|FOLDER", "convert or resize pictures",
     "Several files at once, folders with all below them. Sources are never changed."},
    {"thumb", VERB_THUMB, run_thumb, "FILE|FOLDER|ID... -o FILE|FOLDER", "make thumbnails",
     "Inside 256x256, or with --smart cropped to 300x300."},
    {"composite", VERB_COMPOSITE, run_composite, "BASE LAYER... -o FILE", "lay pictures over a picture", ""},
    {"inspect", VERB_INSPECT, run_inspect, "FILE...", "decode files and say what they are",
     "Every pixel is decoded: a file that is cut or damaged is an error."},
    {"providers", VERB_PROVIDERS, run_providers, "", "list the services", ""},
    {"models", VERB_MODELS, run_models, "", "list the models with their prices", ""},
    {"config", VERB_CONFIG, run_config, "[KEY]", "show the settings and where each comes from", "Keys are never shown."},
    {"doctor", VERB_DOCTOR, run_doctor, "", "say what is wrong, or that nothing is", ""},
};

enum { COMMANDS = sizeof commands / sizeof *commands };

static void print_usage(FILE *stream)
{
  (void)fprintf(stream, "usage: pixazo COMMAND [OPTIONS] [ARGUMENTS]\n\n");
  for (size_t i = 0; i < COMMANDS; i++)
    (void)fprintf(stream, "  %-10s %s\n", commands[i].name, commands[i].summary);
  (void)fprintf(stream, "\n`pixazo COMMAND --help` says more. Without a key it makes test pictures, without network.\n"
                        "Exit codes: 0 good, 1 partial, 2 usage, 3 settings or key, 4 refused, 5 blocked, 6 budget,\n"
                        "7 network, 8 charge unknown, 9 storage, 130 interrupted (nothing paid is lost).\n");
}

static void print_help(const struct command *command)
{
  (void)printf("usage: pixazo %s [OPTIONS] %s\n\n%s%s%s%s\n", command->name, command->arguments, command->summary,
               command->detail[0] ? "\n" : "", command->detail, "");
  options_help(command->verb);
}

static const struct command *find_command(const char *name)
{
  const char *names[COMMANDS];
  for (size_t i = 0; i < COMMANDS; i++) {
    if (strcmp(commands[i].name, name) == 0)
      return &commands[i];
    names[i] = commands[i].name;
  }
  const char *near = nearest_word(name, names, COMMANDS);
  complain("there is no command \"%s\"%s%s%s", name, near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
  return NULL;
}

static int run_command(const struct command *command, int argc, char **argv)
{
  cli_options options;
  if (!options_parse(argc, argv, command->verb, command->name, &options))
    return EXIT_USAGE;
  if (options.help) {
    print_help(command);
    return EXIT_ALL_GOOD;
  }
  int code = command->run(&options);
  if (fflush(stdout) != 0 || ferror(stdout)) {
    complain("cannot write the results to stdout");
    return code == EXIT_ALL_GOOD ? EXIT_STORAGE : code;
  }
  return code;
}

int main(int argc, char **argv)
{
  if (argc < 2) {
    print_usage(stderr);
    return EXIT_USAGE;
  }
  if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
    print_usage(stdout);
    return EXIT_ALL_GOOD;
  }
  if (strcmp(argv[1], "--version") == 0) {
    (void)printf("pixazo %s\n", pixazo_version());
    return EXIT_ALL_GOOD;
  }
  const struct command *command = find_command(argv[1]);
  return command ? run_command(command, argc - 1, argv + 1) : EXIT_USAGE;
}
