/* SPDX-License-Identifier: MIT */
#include "studio/config_keys.h"

#include <stdio.h>
#include <string.h>

#include <pixazo/client.h>
#include <pixazo/exporter.h>
#include <pixazo/pipeline.h>
#include <pixazo/repository.h>
#include <pixazo/store.h>

#include "base/mem.h"
#include "base/money.h"
#include "base/str.h"
#include "json/json.h"

enum { TEXT_MAX = 4096, OBJECT_MAX = 256 * 1024 };

static const double U32_TOP = 4294967294.0; /* the last number is PIXAZO_NO_RETRY */
static const double BYTES_TOP = 17179869184.0;
static const double WINDOW_TOP = 31622400000.0; /* a year */

#define FIELD(target_name, form_name, object, member) \
  .target = PX_CONFIG_##target_name, .form = PX_CONFIG_##form_name, .offset = offsetof(object, member)
#define CLIENT(form_name, member) FIELD(CLIENT, form_name, pixazo_client_options, member)
#define ACCOUNT(provider_name, member) \
  .target = PX_CONFIG_ACCOUNT, .form = PX_CONFIG_POINTER, .offset = offsetof(pixazo_account, member), .account = provider_name
#define HEADER(provider_name, line) .target = PX_CONFIG_ACCOUNT, .form = PX_CONFIG_NO_FIELD, .account = provider_name, .header = line
#define EXPORTER(form_name, member) FIELD(EXPORTER, form_name, pixazo_exporter_options, member)
#define REPOSITORY(form_name, member) FIELD(REPOSITORY, form_name, pixazo_repository_options, member)
#define STORE(form_name, member) FIELD(STORE, form_name, pixazo_store_local_options, member)
#define PIPELINE(form_name, member) FIELD(PIPELINE, form_name, pixazo_pipeline_options, member)
#define REQUEST .target = PX_CONFIG_REQUEST, .form = PX_CONFIG_NO_FIELD
#define STUDIO .target = PX_CONFIG_STUDIO, .form = PX_CONFIG_NO_FIELD

#define TEXT .type = PX_CONFIG_TEXT
#define INT(least, most) .type = PX_CONFIG_INT, .low = (least), .high = (most)
#define NUMBER(least, most) .type = PX_CONFIG_NUMBER, .low = (least), .high = (most)
#define MONEY .type = PX_CONFIG_MONEY
#define CHOICE(words) .type = PX_CONFIG_CHOICE, .choices = words
#define LIST .type = PX_CONFIG_LIST
#define OBJECT .type = PX_CONFIG_OBJECT
#define MODE .type = PX_CONFIG_MODE

static const px_config_key keys[] = {
    {"preset", "PIXAZO_PRESET", "default", NULL, CHOICE("default,pixazo-mcp,pixazo-mcp-s2,playground,dev,prod"), STUDIO,
     .meaning = "bundle of defaults; every other setting wins over it"},

    {"provider", "PIXAZO_PROVIDER", "pixazo", NULL, TEXT, CLIENT(POINTER, provider),
     .meaning = "service that makes the pictures, see docs/providers.md; offline makes test pictures without network. A "
                "studio in which nothing names a provider and no key of pixazo is found uses offline and says so"},
    {"model", "PIXAZO_MODEL", NULL, "the provider's first", TEXT, CLIENT(POINTER, model),
     .meaning = "model, or provider/model"},
    {"api_key", "PIXAZO_API_KEY", NULL, "~/.pixazo/api-key when it is there", TEXT, CLIENT(POINTER, api_key), .secret = true,
     .meaning = "key of the provider; a file that holds it must have mode 0600"},
    {"base_url", "PIXAZO_GATEWAY_URL", NULL, "the provider's public address", TEXT, CLIENT(POINTER, base_url),
     .meaning = "where the provider's gateway is"},
    {"allow_hosts", "PIXAZO_ALLOW_HOSTS", NULL, "none", LIST, CLIENT(POINTER, allow_hosts),
     .meaning = "host or host:port that may be plain http, loopback or private"},
    {"ca_file", "PIXAZO_CA_FILE", NULL, "the system's", TEXT, CLIENT(POINTER, ca_file),
     .meaning = "PEM file of certificate authorities"},
    {"proxy", "PIXAZO_PROXY", NULL, "none", TEXT, CLIENT(POINTER, proxy), .secret = true,
     .meaning = "URL of a proxy; it may hold a password, so it is never shown"},
    {"limits_json", NULL, NULL, "the provider's", OBJECT, CLIENT(POINTER, limits_json),
     .meaning = "parameter limits to change: {\"provider/model\": {\"steps\": {\"max\": 50}}}"},
    {"models_json", NULL, NULL, "the library's", OBJECT, CLIENT(POINTER, models_json),
     .meaning = "changes to the catalogue: {\"provider\": [models]}, with the members of a definition"},
    {"offline_script", "PIXAZO_OFFLINE_SCRIPT", NULL, "none", TEXT, CLIENT(POINTER, offline_script),
     .meaning = "failures the offline provider plays, as JSON"},
    {"max_download_bytes", NULL, "67108864", NULL, INT(1, BYTES_TOP), CLIENT(U64, max_download_bytes),
     .meaning = "largest picture that is downloaded"},
    {"max_answer_bytes", NULL, "100663296", NULL, INT(1, BYTES_TOP), CLIENT(U64, max_answer_bytes),
     .meaning = "largest answer of a provider; the spool must have room for it before a call is made"},
    {"guidance_floor", NULL, "0", NULL, NUMBER(0, 100), CLIENT(DOUBLE, guidance_floor),
     .meaning = "guidance below it is raised to it; 0: no floor"},
    {"connect_timeout_ms", NULL, "10000", NULL, INT(1, U32_TOP), CLIENT(U32, connect_timeout_ms),
     .meaning = "for a connection to be made"},
    {"generation_timeout_ms", NULL, NULL, "the provider's, else 300000", INT(1, U32_TOP), CLIENT(U32, generation_timeout_ms),
     .meaning = "from sending to the whole answer, the provider's queue included"},
    {"stall_timeout_ms", NULL, "60000", NULL, INT(1, U32_TOP), CLIENT(U32, stall_timeout_ms),
     .meaning = "a download without a byte"},
    {"max_retries", "PIXAZO_MAX_RETRIES", "2", NULL, INT(0, 100), CLIENT(RETRIES, max_retries),
     .meaning = "after the first try of a paid call, where that cannot pay twice; 0: none"},
    {"max_fetch_retries", NULL, "5", NULL, INT(0, 100), CLIENT(RETRIES, max_fetch_retries),
     .meaning = "after the first try of a poll or download; 0: none"},
    {"retry_delay_ms", NULL, "1000", NULL, INT(1, U32_TOP), CLIENT(U32, retry_delay_ms),
     .meaning = "first delay; doubled each time, at random below that, at most 30 s"},
    {"poll_interval_ms", NULL, NULL, "the provider's", INT(1, U32_TOP), CLIENT(U32, poll_interval_ms),
     .meaning = "between two looks at a provider's queue"},
    {"on_ambiguous", "PIXAZO_ON_AMBIGUOUS", "stop", NULL, CHOICE("stop,retry,fallback"), CLIENT(ORDINAL, on_ambiguous),
     .meaning = "after a paid call was sent and nobody knows its outcome; retry and fallback may pay twice"},
    {"fallback", "PIXAZO_FALLBACK", NULL, "none", LIST, CLIENT(POINTER, fallback),
     .meaning = "providers, or provider/model, that are asked in this order when the first cannot deliver; those without a key are "
                "passed over"},
    {"fallback_rejected", NULL, "0", NULL, INT(0, 1), CLIENT(I32, fallback_rejected),
     .meaning = "1: also after a request was refused as such (HTTP 400, 404, 422)"},
    {"fallback_blocked", NULL, "0", NULL, INT(0, 1), CLIENT(I32, fallback_blocked),
     .meaning = "1: also after a content policy said no"},
    {"breaker_failures", NULL, "5", NULL, INT(0, 1000), CLIENT(RETRIES, breaker_failures),
     .meaning = "failed calls in a row after which a provider is passed over, where another one can be asked; 0: never"},
    {"breaker_ms", NULL, "30000", NULL, INT(1, U32_TOP), CLIENT(U32, breaker_ms),
     .meaning = "until one call may probe it again; doubled each time that fails, at most 10 minutes"},

    {"budget_run", "PIXAZO_BUDGET_RUN", NULL, "none", MONEY, PIPELINE(MICROS, budget_micros),
     .meaning = "what one run of the program may cost, in units of budget_currency, as 2.50; see docs/budgets.md"},
    {"budget_day", "PIXAZO_BUDGET_DAY", NULL, "what the database has", MONEY, STUDIO,
     .meaning = "what all calls of one day (UTC) may cost, in every process; a studio writes it into its database"},
    {"budget_month", "PIXAZO_BUDGET_MONTH", NULL, "what the database has", MONEY, STUDIO,
     .meaning = "the same for a calendar month"},
    {"budget_currency", NULL, "USD", NULL, TEXT, PIPELINE(POINTER, budget_currency),
     .meaning = "of these budgets; a call whose price is not known in it is refused"},
    {"allow_unknown_price", NULL, "0", NULL, INT(0, 1), PIPELINE(I32, allow_unknown_price),
     .meaning = "1: calls whose price is not known pass these budgets, uncounted"},
    {"quota_requests", NULL, NULL, "what the database has", INT(1, 1000000), STUDIO,
     .meaning = "paid calls in quota_window_ms, for each principal at each provider; a studio writes it into its database"},
    {"quota_window_ms", NULL, "3600000", NULL, INT(1, WINDOW_TOP), STUDIO, .meaning = "of quota_requests"},
    {"quota_slots", NULL, NULL, "what the database has", INT(1, 1000000), STUDIO,
     .meaning = "paid calls at the same time in all processes, for each principal at each provider"},
    {"quota_wait_ms", NULL, NULL, "as long as it takes", INT(0, WINDOW_TOP), STUDIO,
     .meaning = "a call that would wait longer for these quotas is refused; 0: it never waits"},

    {"provider_files", "PIXAZO_PROVIDER_FILES", NULL, "none", LIST, STUDIO,
     .meaning = "paths of definitions (docs/definitions.md), at most 32; each makes its provider one that can be named like the "
                "library's own. In a file they may be relative to the directory of that file"},
    {"openai_api_key", "OPENAI_API_KEY", NULL, "none", TEXT, ACCOUNT("openai", api_key), .secret = true, .required = true,
     .meaning = "key of provider openai; it goes to openai_base_url only"},
    {"openai_base_url", "OPENAI_BASE_URL", NULL, "OpenAI's public address", TEXT, ACCOUNT("openai", base_url),
     .meaning = "where provider openai is; any server that speaks its protocol"},
    {"openai_organization", "OPENAI_ORG_ID", NULL, "none", TEXT, HEADER("openai", "OpenAI-Organization"),
     .meaning = "organization the calls are counted to"},
    {"openai_project", "OPENAI_PROJECT_ID", NULL, "none", TEXT, HEADER("openai", "OpenAI-Project"),
     .meaning = "project the calls are counted to"},
    {"google_api_key", "GEMINI_API_KEY", NULL, "none", TEXT, ACCOUNT("google", api_key), .secret = true, .required = true,
     .meaning = "key of provider google; it goes to google_base_url only"},
    {"google_base_url", "GEMINI_BASE_URL", NULL, "Google's public address", TEXT, ACCOUNT("google", base_url),
     .meaning = "where provider google is"},
    {"google_model", "GEMINI_MODEL_NAME", NULL, "the provider's first", TEXT, ACCOUNT("google", model),
     .meaning = "model that is asked for where only google is named"},
    {"together_api_key", "TOGETHER_API_KEY", NULL, "none", TEXT, ACCOUNT("together", api_key), .secret = true,
     .required = true, .meaning = "key of provider together"},
    {"localai_base_url", "LOCALAI_BASE_URL", NULL, "http://127.0.0.1:8080/v1", TEXT, ACCOUNT("localai", base_url),
     .meaning = "where provider localai is; plain http needs allow_hosts"},
    {"localai_api_key", "LOCALAI_API_KEY", NULL, "none", TEXT, ACCOUNT("localai", api_key), .secret = true,
     .meaning = "key of provider localai, if it has one"},
    {"vllm_base_url", "VLLM_BASE_URL", NULL, "http://127.0.0.1:8000/v1", TEXT, ACCOUNT("vllm", base_url),
     .meaning = "where provider vllm is; plain http needs allow_hosts"},
    {"vllm_api_key", "VLLM_API_KEY", NULL, "none", TEXT, ACCOUNT("vllm", api_key), .secret = true,
     .meaning = "key of provider vllm, if it has one"},
    {"sdcpp_base_url", "SDCPP_BASE_URL", NULL, "http://127.0.0.1:1234/v1", TEXT, ACCOUNT("sdcpp", base_url),
     .meaning = "where provider sdcpp is; plain http needs allow_hosts"},
    {"inference_base_url", "INFERENCE_SERVICE_URL", NULL, "http://localhost:8001", TEXT, ACCOUNT("inference", base_url),
     .meaning = "where provider inference is; plain http needs allow_hosts"},
    {"inference_api_key", "INFERENCE_SERVICE_API_KEY", NULL, "none", TEXT, ACCOUNT("inference", api_key), .secret = true,
     .meaning = "key of provider inference, if it has one"},
    {"a1111_base_url", "A1111_BASE_URL", NULL, "http://localhost:7860", TEXT, ACCOUNT("a1111", base_url),
     .meaning = "where provider a1111 is; plain http needs allow_hosts"},
    {"a1111_api_key", "A1111_API_KEY", NULL, "none", TEXT, ACCOUNT("a1111", api_key), .secret = true,
     .meaning = "user:password of provider a1111, if it has one"},

    {"width", "PIXAZO_DEFAULT_WIDTH", NULL, "of the model", INT(1, 65535), REQUEST, .meaning = "pixels"},
    {"height", "PIXAZO_DEFAULT_HEIGHT", NULL, "of the model", INT(1, 65535), REQUEST, .meaning = "pixels"},
    {"steps", "PIXAZO_DEFAULT_NUM_STEPS", NULL, "of the model", INT(1, 1000), REQUEST, .meaning = "of the diffusion"},
    {"guidance", "PIXAZO_DEFAULT_GUIDANCE", NULL, "of the model", NUMBER(0, 100), REQUEST,
     .meaning = "how closely the prompt is followed"},
    {"seed", "PIXAZO_DEFAULT_SEED", "-1", NULL, INT(-1, 4294967295.0), REQUEST,
     .meaning = "-1: drawn at random and recorded"},
    {"count", NULL, "1", NULL, INT(1, 1000), REQUEST, .meaning = "pictures of one request"},
    {"sampler", NULL, NULL, "of the model", TEXT, REQUEST, .meaning = "name of the sampler"},
    {"negative_prompt", NULL, NULL, "none", TEXT, REQUEST, .meaning = "what the picture should not show"},
    {"principal", NULL, NULL, "\"\"", TEXT, REQUEST, .meaning = "who asks; idempotency keys are unique for each"},

    {"database", NULL, NULL, "pixazo.db in the studio's directory", TEXT, REPOSITORY(POINTER, path),
     .meaning = "database file"},
    {"media_root", NULL, NULL, "the studio's directory", TEXT, REPOSITORY(POINTER, media_root),
     .meaning = "absolute directory put before keys to form local paths"},
    {"busy_timeout_ms", NULL, "10000", NULL, INT(1, U32_TOP), REPOSITORY(U32, busy_timeout_ms),
     .meaning = "how long to wait for another process's write"},
    {"convert_legacy", NULL, NULL, "1 in a studio, else 0", INT(0, 1), REPOSITORY(I32, convert_legacy),
     .meaning = "1: a database of the Pixazo MCP tool is converted, a copy is kept beside it"},

    {"store_directory", NULL, NULL, "the studio's directory", TEXT, STORE(POINTER, directory),
     .meaning = "where pictures are kept"},
    {"file_mode", NULL, "0640", NULL, MODE, STORE(U32, file_mode), .meaning = "permissions of pictures"},
    {"directory_mode", NULL, "0750", NULL, MODE, STORE(U32, directory_mode), .meaning = "permissions of directories"},

    {"spool", NULL, NULL, "spool in the studio's directory", TEXT, PIPELINE(POINTER, spool),
     .meaning = "directory for answers and unfinished files, best on the file system of the pictures"},
    {"key_template", NULL, "originals/{yyyy}/{mm}/{uuid}.{ext}", NULL, TEXT, PIPELINE(POINTER, key_template),
     .meaning = "path of an original: {yyyy} {mm} {uuid} {sha256} {md5} {slug} {seq} {ext}"},
    {"rendition_template", NULL, "renditions/{yyyy}/{mm}/{uuid}-{name}.{ext}", NULL, TEXT,
     PIPELINE(POINTER, rendition_template), .meaning = "path of a rendition; {name} is its recipe"},
    {"concurrency", "PIXAZO_CONCURRENCY", "3", NULL, INT(1, 10000), PIPELINE(U32, concurrency),
     .meaning = "paid calls in flight"},
    {"drain_ms", NULL, "10000", NULL, INT(1, U32_TOP), PIPELINE(U32, drain_ms),
     .meaning = "how long closing waits for what is in flight"},
    {"workers", NULL, NULL, "number of processors", INT(1, 1024), PIPELINE(U32, workers),
     .meaning = "threads that decode and encode"},
    {"file_threads", NULL, "8", NULL, INT(1, 256), PIPELINE(U32, file_threads),
     .meaning = "threads that write and flush files"},
    {"replay", "PIXAZO_REPLAY", "asked", NULL, CHOICE("asked,seeded"), PIPELINE(ORDINAL, replay),
     .meaning = "which requests an earlier equal generation answers at no cost: those that ask for it, or also those that name "
                "their seed"},
    {"alert_window_ms", NULL, "600000", NULL, INT(1, U32_TOP), PIPELINE(U32, alert_window_ms),
     .meaning = "what lately means to alerts, see docs/observability.md"},
    {"alert_min_calls", NULL, "20", NULL, INT(1, U32_TOP), PIPELINE(U32, alert_min_calls),
     .meaning = "calls in that time below which rates say nothing"},
    {"alert_failure_percent", "PIXAZO_ALERT_FAILURE_PERCENT", "20", NULL, INT(0, 100), PIPELINE(RETRIES, alert_failure_percent),
     .meaning = "failed calls of a provider above which an alert is raised; 0: never"},
    {"alert_slow_ms", "PIXAZO_ALERT_SLOW_MS", "120000", NULL, INT(0, U32_TOP), PIPELINE(RETRIES, alert_slow_ms),
     .meaning = "an alert is raised when more than one in twenty of a provider's calls took longer; 0: never"},
    {"alert_budget_percent", "PIXAZO_ALERT_BUDGET_PERCENT", "80", NULL, INT(0, 100), PIPELINE(RETRIES, alert_budget_percent),
     .meaning = "an alert is raised when so much of a budget is used, and again when it is full; 0: never"},

    {"renditions", "PIXAZO_RENDITIONS", "png,jpeg,webp,fit-256", NULL, LIST, STUDIO,
     .meaning = "recipes made of every picture: png, jpeg, webp, or a named recipe; none: no renditions"},
    {"png_level", "PIXAZO_PNG_COMPRESSION", "9", NULL, INT(0, 9), STUDIO,
     .meaning = "of rendition png; more is smaller and slower"},
    {"jpeg_quality", "PIXAZO_JPEG_QUALITY", "85", NULL, INT(0, 100), STUDIO, .meaning = "of rendition jpeg"},
    {"webp_quality", "PIXAZO_WEBP_QUALITY", "80", NULL, INT(0, 100), STUDIO, .meaning = "of rendition webp"},
    {"max_pixels", NULL, "67108864", NULL, INT(1, BYTES_TOP), EXPORTER(U64, max_pixels),
     .meaning = "width x height of a picture that is decoded or made"},
    {"max_bytes", NULL, "67108864", NULL, INT(1, BYTES_TOP), EXPORTER(U64, max_bytes),
     .meaning = "of a picture file that is decoded"},
    {"max_scans", NULL, "100", NULL, INT(1, U32_TOP), EXPORTER(U32, max_scans), .meaning = "of one progressive JPEG"},
    {"max_metadata_blocks", NULL, "128", NULL, INT(1, U32_TOP), EXPORTER(U32, max_metadata_blocks),
     .meaning = "text, profile, EXIF and XMP blocks of one file"},
    {"export_threads", NULL, "1", NULL, INT(1, 64), EXPORTER(U32, threads),
     .meaning = "threads that work on the renditions of one picture; many pictures at once are better served by workers"},
};

_Static_assert(PX_ARRAY_SIZE(keys) <= PX_CONFIG_KEYS_MAX, "PX_CONFIG_KEYS_MAX is too small");

/* The Pixazo MCP tool as it stands, and as it was before it kept pictures and had a floor. */
#define MCP_TOOL_PLACES                                                                                        \
  {"key_template", "generated/default/{uuid}.{ext}"}, {"rendition_template", "generated/default/{uuid}-{name}.{ext}"}, \
      {"renditions", "none"}
static const px_config_default mcp_tool[] = {
    {"width", "1024"}, {"height", "1024"},       {"steps", "20"}, {"guidance", "7"},
    {"seed", "-1"},    {"guidance_floor", "7"}, MCP_TOOL_PLACES,
};
static const px_config_default mcp_tool_before[] = {
    {"width", "1024"}, {"height", "1024"}, {"steps", "20"}, {"guidance", "5"}, {"seed", "42"}, MCP_TOOL_PLACES,
};
/* The web playground: at most so much from each user, a thumbnail, its folders. */
static const px_config_default playground[] = {
    {"steps", "30"},
    {"guidance", "7.5"},
    {"sampler", "Euler"},
    {"seed", "-1"},
    {"generation_timeout_ms", "120000"},
    {"allow_hosts", "localhost:8001"}, /* where provider inference is unless told otherwise */
    {"concurrency", "2"},
    {"quota_requests", "50"},
    {"quota_window_ms", "3600000"},
    {"quota_slots", "2"},
    {"renditions", "fit-256"},
    {"key_template", "generated_images/{yyyy}/{mm}/{uuid}.{ext}"},
    {"rendition_template", "thumbnails/{yyyy}/{mm}/{uuid}-{name}.{ext}"},
};
static const px_config_default development[] = {{"width", "512"}, {"height", "512"}, {"steps", "15"}, {"guidance", "7"}};
static const px_config_default production[] = {{"width", "1024"}, {"height", "1024"}, {"steps", "25"}, {"guidance", "8"}};

static const struct {
  const char *name;
  const px_config_default *values;
  size_t count;
} presets[] = {
    {"default", NULL, 0},
    {"pixazo-mcp", mcp_tool, PX_ARRAY_SIZE(mcp_tool)},
    {"pixazo-mcp-s2", mcp_tool_before, PX_ARRAY_SIZE(mcp_tool_before)},
    {"playground", playground, PX_ARRAY_SIZE(playground)},
    {"dev", development, PX_ARRAY_SIZE(development)},
    {"prod", production, PX_ARRAY_SIZE(production)},
};

size_t px_config_key_count(void)
{
  return PX_ARRAY_SIZE(keys);
}

const px_config_key *px_config_key_at(size_t index)
{
  return &keys[index];
}

/* "openai.api_key" is openai_api_key. */
static bool is_other_name(const px_config_key *key, const char *name)
{
  size_t length = key->account ? strlen(key->account) : 0;
  return length > 0 && strncmp(name, key->account, length) == 0 && name[length] == '.' &&
         strcmp(key->name + length + 1, name + length + 1) == 0;
}

int px_config_key_find(const char *name)
{
  for (size_t i = 0; i < PX_ARRAY_SIZE(keys); i++) {
    if (px_str_equal(keys[i].name, name) || is_other_name(&keys[i], name))
      return (int)i;
  }
  return -1;
}

static size_t least(size_t a, size_t b)
{
  return a < b ? a : b;
}

/* Edits that make one word of the other. Words of 32 characters and more count as far. */
static size_t distance(const char *a, const char *b)
{
  size_t row[32];
  size_t width = strlen(b);
  if (width >= PX_ARRAY_SIZE(row))
    return SIZE_MAX;
  for (size_t i = 0; i <= width; i++)
    row[i] = i;
  for (size_t y = 0; a[y]; y++) {
    size_t corner = row[0];
    row[0] = y + 1;
    for (size_t x = 0; x < width; x++) {
      size_t replaced = corner + (px_ascii_lower(a[y]) != px_ascii_lower(b[x]));
      corner = row[x + 1];
      row[x + 1] = least(replaced, least(row[x], row[x + 1]) + 1);
    }
  }
  return row[width];
}

const char *px_config_key_nearest(const char *name)
{
  const char *best = NULL;
  size_t best_distance = strlen(name) / 3 + 1;
  for (size_t i = 0; i < PX_ARRAY_SIZE(keys); i++) {
    size_t edits = distance(name, keys[i].name);
    if (edits <= best_distance && (!best || edits < best_distance)) {
      best = keys[i].name;
      best_distance = edits;
    }
  }
  return best;
}

void px_config_key_describe(const px_config_key *key, px_buf *out)
{
  char low[32];
  char high[32];
  switch (key->type) {
  case PX_CONFIG_INT:
    px_buf_printf(out, "a whole number from %lld to %lld", (long long)key->low, (long long)key->high);
    break;
  case PX_CONFIG_NUMBER:
    px_format_double(key->low, low, sizeof low);
    px_format_double(key->high, high, sizeof high);
    px_buf_printf(out, "a number from %s to %s", low, high);
    break;
  case PX_CONFIG_MONEY:
    px_buf_add_text(out, "an amount of money above 0 with at most six digits after the point, as 2.50");
    break;
  case PX_CONFIG_CHOICE:
    px_buf_add_text(out, "one of ");
    for (const char *byte = key->choices; *byte; byte++) {
      px_buf_add_char(out, *byte);
      if (*byte == ',')
        px_buf_add_char(out, ' ');
    }
    break;
  case PX_CONFIG_LIST:
    px_buf_add_text(out, "words with commas between");
    break;
  case PX_CONFIG_OBJECT:
    px_buf_add_text(out, "a JSON object");
    break;
  case PX_CONFIG_MODE:
    px_buf_add_text(out, "permission bits in octal from 0400 to 0777");
    break;
  case PX_CONFIG_TEXT:
  default:
    px_buf_printf(out, "text of 1 to %d bytes without control characters", TEXT_MAX);
    break;
  }
}

int px_config_choice(const char *choices, const char *word)
{
  int position = 0;
  size_t length = strlen(word);
  for (const char *at = choices; at; position++) {
    const char *comma = strchr(at, ',');
    size_t size = comma ? (size_t)(comma - at) : strlen(at);
    if (size == length && memcmp(at, word, size) == 0)
      return position;
    at = comma ? comma + 1 : NULL;
  }
  return -1;
}

static bool plain_text(const char *text)
{
  size_t size = strlen(text);
  if (size == 0 || size > TEXT_MAX || !px_utf8_valid(text, size))
    return false;
  for (const char *byte = text; *byte; byte++) {
    if ((unsigned char)*byte < 0x20 || *byte == 0x7F)
      return false;
  }
  return true;
}

static bool whole_number(const px_config_key *key, const char *text)
{
  int64_t number;
  return px_parse_int64(text, &number) && (double)number >= key->low && (double)number <= key->high;
}

static bool octal_mode(const char *text)
{
  size_t size = strlen(text);
  return size >= 3 && size <= 4 && strspn(text, "01234567") == size && (size == 3 || text[0] == '0') &&
         text[size - 3] >= '4';
}

static pixazo_status json_object(const char *text)
{
  px_json *root = NULL;
  px_json_limits limits = {OBJECT_MAX, 0, 0};
  pixazo_status status = px_json_parse(text, strlen(text), &limits, &root, NULL);
  bool object = px_json_is(root, PX_JSON_OBJECT);
  px_json_free(root);
  return status == PIXAZO_E_NOMEM ? status : object ? PIXAZO_OK : PIXAZO_E_ARGUMENT;
}

static bool accepts(const px_config_key *key, const char *text)
{
  double number;
  int64_t micros;
  switch (key->type) {
  case PX_CONFIG_INT:
    return whole_number(key, text);
  case PX_CONFIG_NUMBER:
    return px_parse_double(text, &number) && number >= key->low && number <= key->high;
  case PX_CONFIG_MONEY:
    return px_parse_micros(text, &micros) && micros > 0;
  case PX_CONFIG_CHOICE:
    return px_config_choice(key->choices, text) >= 0;
  case PX_CONFIG_MODE:
    return octal_mode(text);
  case PX_CONFIG_TEXT:
  case PX_CONFIG_LIST:
  case PX_CONFIG_OBJECT:
  default:
    return plain_text(text);
  }
}

pixazo_status px_config_key_check(const px_config_key *key, const char *text)
{
  if (key->type == PX_CONFIG_OBJECT)
    return json_object(text);
  return accepts(key, text) ? PIXAZO_OK : PIXAZO_E_ARGUMENT;
}

bool px_config_preset(const char *name, const px_config_default **values, size_t *count)
{
  for (size_t i = 0; i < PX_ARRAY_SIZE(presets); i++) {
    if (px_str_equal(presets[i].name, name)) {
      *values = presets[i].values;
      *count = presets[i].count;
      return true;
    }
  }
  return false;
}
