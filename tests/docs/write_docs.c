/* SPDX-License-Identifier: MIT */
/* Writes the pages of docs/ that are made from tables of the library: write_docs configuration|errors|retries */
#include <stdio.h>
#include <string.h>

#include <pixazo/error.h>

#include "base/buf.h"
#include "base/mem.h"
#include "studio/config_keys.h"
#include "write_docs.h"

static const struct {
  px_config_target target;
  const char *title;
} sections[] = {
    {PX_CONFIG_REQUEST, "What is asked for (where a request leaves it open)"},
    {PX_CONFIG_CLIENT, "Provider and network"},
    {PX_CONFIG_ACCOUNT, "Further providers"},
    {PX_CONFIG_STUDIO, "Studio and renditions"},
    {PX_CONFIG_PIPELINE, "Pipeline"},
    {PX_CONFIG_STORE, "Store"},
    {PX_CONFIG_REPOSITORY, "Repository"},
    {PX_CONFIG_EXPORTER, "Exporter"},
};

static const char head[] =
    "# Configuration\n"
    "\n"
    "This page is made from the table the library reads; `write_docs configuration` prints it and a test compares.\n"
    "\n"
    "Handles read no files and no environment by themselves. A studio that is given no settings, and the programs, load "
    "them:\n"
    "the highest line of this list that has a value for a key wins, whatever the order of the calls.\n"
    "\n"
    "| source | how | `pixazo config` shows |\n"
    "|---|---|---|\n"
    "| the call itself | parameters of a request, options of a handle, options of `pixazo` | |\n"
    "| the program | `pixazo_config_set`, `pixazo_config_load_json`, `pixazo --set KEY=VALUE` | set |\n"
    "| environment | the variables below; empty counts as not set | env |\n"
    "| file | `config.json` in the studio's directory, or `pixazo_config_load_file`: `{\"width\": 768, \"renditions\": "
    "[\"webp\"]}` | file |\n"
    "| key file | `~/.pixazo/api-key`, and `~/.pixazo/keys/NAME` for other providers: one line; refused unless it is yours and its "
    "mode is 0600 | key file |\n"
    "| preset | `preset` below | preset |\n"
    "| default | the tables below | default |\n"
    "\n"
    "A value out of range is never bent: loading fails, names every value at fault with what is allowed, and applies none.\n"
    "Secrets are never printed, and a file with a secret that others may read is refused.\n";

static const char by_name[] =
    "\n## Every provider by its name\n\n"
    "Each provider, of the library (`pixazo providers` lists them) or of `provider_files`, has settings made of its name:\n"
    "\n"
    "| key | variable | meaning |\n"
    "|---|---|---|\n"
    "| `NAME.api_key` | `PIXAZO_KEY_NAME` | its key; it goes to this provider's address only (secret); also the file "
    "`~/.pixazo/keys/NAME` |\n"
    "| `NAME.base_url` | `PIXAZO_URL_NAME` | where it is, in the place of its public address |\n"
    "| `NAME.model` |  | the model that is asked for where only the provider is named |\n"
    "\n"
    "Variables have capitals, and `_` for `-` and `.`: the key of `my-sd` is `PIXAZO_KEY_MY_SD`. Where a provider has a row above, "
    "`openai.api_key` is\n"
    "another name of `openai_api_key`, and `PIXAZO_KEY_OPENAI` wins over `OPENAI_API_KEY`. Those of `pixazo` are `api_key` and "
    "`base_url`. A provider\n"
    "whose key is missing can be named all the same: asking it fails with the name of what to set, and `fallback` passes it over. Keys of\n"
    "providers that there are none of are left aside where they come from the environment or a key file (`pixazo doctor` tells), "
    "and are an error\n"
    "elsewhere. Two providers whose names differ only in `-`, `_` or `.` cannot share a key: one has to be renamed.\n"
    "\n"
    "A provider of one's own is a file (docs/definitions.md) and one line:\n"
    "\n"
    "    {\"provider_files\": [\"my-sd.json\"], \"my-sd.base_url\": \"https://sd.example\"}\n"
    "\n"
    "The command line, `pixazo-mcp` and the studio of every language read the same settings. A definition with a mistake is told "
    "with its file and the\n"
    "place in it; one that everybody may write is refused, since it says where keys go. Plain http and private addresses need "
    "`allow_hosts`.\n";

static void write_preset(const char *name)
{
  const px_config_default *values = NULL;
  size_t count = 0;
  (void)px_config_preset(name, &values, &count);
  printf("| `%s` | %s", name, count == 0 ? "nothing" : "");
  for (size_t i = 0; i < count; i++)
    printf("%s%s %s", i > 0 ? ", " : "", values[i].key, values[i].value);
  printf(" |\n");
}

static void write_presets(void)
{
  printf("\n## Presets\n\n| preset | sets |\n|---|---|\n");
  const char *choices = px_config_key_at((size_t)px_config_key_find("preset"))->choices;
  for (const char *at = choices; at;) {
    char name[32];
    const char *comma = strchr(at, ',');
    (void)snprintf(name, sizeof name, "%.*s", comma ? (int)(comma - at) : (int)strlen(at), at);
    write_preset(name);
    at = comma ? comma + 1 : NULL;
  }
}

static void write_key(const px_config_key *key)
{
  px_auto(px_buf) range = PX_BUF_INIT(512);
  px_config_key_describe(key, &range);
  printf("| `%s` | ", key->name);
  if (key->variable)
    printf("`%s`", key->variable);
  if (key->fallback)
    printf(" | `%s`", key->fallback);
  else
    printf(" | %s", key->otherwise);
  printf(" | %s | %s%s |\n", px_buf_text(&range), key->meaning, key->secret ? " (secret)" : "");
}

static void write_configuration(void)
{
  fputs(head, stdout);
  write_presets();
  for (size_t s = 0; s < PX_ARRAY_SIZE(sections); s++) {
    printf("\n## %s\n\n| key | variable | default | allowed | meaning |\n|---|---|---|---|---|\n", sections[s].title);
    for (size_t i = 0; i < px_config_key_count(); i++) {
      if (px_config_key_at(i)->target == sections[s].target)
        write_key(px_config_key_at(i));
    }
    if (sections[s].target == PX_CONFIG_ACCOUNT)
      fputs(by_name, stdout);
  }
}

static const struct {
  const char *name;
  pixazo_status value;
  int retryable;
  const char *meaning;
  const char *advice;
} statuses[] = {
#define PX_STATUS(name, retryable, meaning, advice) {"PIXAZO_" #name, PIXAZO_##name, retryable, meaning, advice},
#include "base/status.def"
#undef PX_STATUS
};

static void write_errors(void)
{
  printf(
      "# Errors\n\n"
      "This page is made from the table of statuses; `write_docs errors` prints it and a test compares.\n\n"
      "Every function that can fail returns a `pixazo_status` to switch on. Where it takes a `pixazo_error **`, the object\n"
      "says more: one line (what failed — where — why — what it cost), a hint, the class of the attempt, whether money was\n"
      "spent (`pixazo_error_charge`), HTTP status, the provider's code and request id, and how long the provider asks to "
      "wait.\n"
      "*again* means: the same call may succeed later without risking a second charge.\n\n"
      "| status | value | again | meaning | what to do |\n|---|---|---|---|---|\n");
  for (size_t i = 0; i < PX_ARRAY_SIZE(statuses); i++)
    printf("| `%s` | %d | %s | %s | %s |\n", statuses[i].name, statuses[i].value, statuses[i].retryable ? "yes" : "",
           statuses[i].meaning, statuses[i].advice);
}

int main(int argc, char **argv)
{
  const char *page = argc == 2 ? argv[1] : "";
  if (strcmp(page, "configuration") == 0) {
    write_configuration();
  } else if (strcmp(page, "errors") == 0) {
    write_errors();
  } else if (strcmp(page, "retries") == 0) {
    write_retries();
  } else {
    fprintf(stderr, "usage: %s configuration|errors|retries\n", argv[0]);
    return 2;
  }
  return fflush(stdout) == 0 ? 0 : 1;
}
