/* SPDX-License-Identifier: MIT */
/* What the files of the server share. docs/internals/mcp.md says how they fit together. */
#ifndef MCP_H
#define MCP_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixazo/pixazo.h>

#include "message.h"
#include "output.h"
#include "text.h"

#define SERVER_NAME "pixazo-mcp"

enum { SETTINGS_MAX = 32, UUID_BYTES = 37, PATH_BYTES = 4096 };

/* What was on the command line. */
typedef struct mcp_options {
  char project[PATH_BYTES];               /* absolute */
  const char *preset;                     /* NULL: pixazo-mcp, unless a setting names another */
  char env_trouble[2 * PATH_BYTES + 256]; /* why a key of .env is not used; "": nothing is wrong */
  const char *log_file;
  const char *settings[SETTINGS_MAX]; /* KEY=VALUE */
  size_t setting_count;
  int64_t budget_micros; /* of one process; -1: none */
  int64_t max_images;    /* of one process; -1: no limit */
  int64_t progress_ms;   /* how often a call that asked for it is heard of */
} mcp_options;

/* options.c: false: wrong, and the reason was printed on stderr. */
bool options_parse(int argc, char **argv, mcp_options *out);
void options_help(void);
/* PIXAZO_* of <project>/.env, where the environment has none. Before any thread is started. */
void options_load_env_file(mcp_options *self);

/* spending.c: what one process may spend. The library's own gate records every call all the same. */
typedef struct spending {
  pthread_mutex_t lock;
  int64_t budget_micros;
  int64_t max_images;
  int64_t spent_micros; /* ended: as recorded, the upper bound where nobody knows */
  int64_t reserved_micros;
  int64_t images; /* made and being made */
} spending;
/* What a call may cost at most. */
typedef struct price {
  int64_t micros;
  int64_t images;
  bool known;
} price;
bool spending_init(spending *self, const mcp_options *settings);
void spending_done(spending *self);
/* PIXAZO_E_BUDGET: the message says what is left. */
pixazo_status spending_reserve(spending *self, const price *wanted, pixazo_error **error);
/* What it did cost, and how many pictures came of it. */
void spending_settle(spending *self, const price *reserved, int64_t micros, int64_t images);
void spending_put(spending *self, draft *out); /* members of an object */

/* intents.c: pictures asked for and not yet answered, so that a call that is repeated is paid once. */
typedef struct intent {
  struct intent *next;
  char *arguments; /* without spaces */
  char generation[UUID_BYTES];
  size_t waiting;    /* calls that wait for it */
  bool settled;      /* somebody was answered, or nothing came of it: the next equal call is a new one */
  uint64_t answered; /* fingerprint of the request id that was answered last; 0: none */
} intent;
typedef struct intents {
  pthread_mutex_t lock;
  intent *first;
  bool closed; /* the program ends: nothing new is begun */
} intents;

/* calls.c: requests that take a while, each on a thread. */
typedef struct call call;
typedef struct early_stage {
  char generation[UUID_BYTES];
  int32_t stage;
} early_stage;
enum { EARLY_STAGES = 64 };
typedef struct calls {
  pthread_mutex_t lock;
  call *active;
  call *queued; /* oldest first */
  size_t threads;
  size_t queue_length;
  int wake; /* eventfd of the main thread */
  early_stage early[EARLY_STAGES]; /* of generations that no call names yet, the oldest overwritten */
  size_t next_early;
} calls;

/* service.c: the studio, opened by the first call that needs it. */
typedef struct service {
  pthread_mutex_t lock;
  pixazo_studio *studio;
  pixazo_log *log;
  char session[17]; /* tells this process from others in idempotency keys */
} service;

typedef struct server {
  mcp_options options;
  output output;
  calls calls;
  service service;
  spending spending;
  intents intents;
  FILE *log_file;
  /* main thread only */
  int revision;         /* of the session; LAST_SESSION until `initialize` says another */
  atomic_int log_level; /* of notifications; 0: none */
} server;

typedef struct tool tool;
struct call {
  call *next;
  server *server;
  char *line; /* owned; the message points into it */
  message message;
  void (*run)(call *self);
  const tool *tool;
  const char *arguments; /* an object; NULL: none */
  int revision;          /* what the client understands */
  bool closed;           /* under the lock of the output: answered, or no answer is wanted */
  intent *joined;        /* left when it is answered; NULL: none */
  bool worth_keeping;    /* should nobody be answered */
  /* under the lock of the calls */
  char generation[UUID_BYTES];
  int32_t stage; /* PIXAZO_STAGE_*, or 0 */
  bool news;
  int64_t progress;
  int64_t began_us;
  int64_t told_us;
};

bool calls_init(calls *self, int wake);
void calls_done(calls *self);
/* Takes the call over. False: there are too many, and it is still the caller's. */
bool calls_add(server *self, call *made);
void calls_cancel(server *self, span id);
void calls_drop_queued(server *self);
/* Progress notifications that are due. */
void calls_pulse(server *self);
void calls_set_generation(call *self, const char *uuid);
/* A stage of a generation; any thread. */
void calls_stage(server *self, const char *generation, int32_t stage);
size_t calls_open(server *self);
void call_free(call *self);
int64_t now_us(void);

/* methods.c */
void handle_line(server *self, const char *line);
/* `{"jsonrpc":...,"result":{`; members follow. */
bool reply_open(draft *out, const message *request);
/* Ends it and sends it. `closed` may be NULL. */
void reply_send(server *self, draft *out, const message *request, bool *closed);
/* How long a client may keep an answer of the stateless revision; nothing in sessions. */
void put_freshness(draft *out, const message *request, int milliseconds);
/* `data`: JSON, or NULL. */
void reply_error(server *self, const message *request, bool *closed, int code, const char *text, const char *data);
enum {
  ERROR_REQUEST = -32600,
  ERROR_METHOD = -32601,
  ERROR_PARAMS = -32602,
  ERROR_INTERNAL = -32603,
  ERROR_NO_RESOURCE = -32002,
  ERROR_REVISION = -32022
};
/* stderr, the log file and, when asked for, the client. */
void tell(server *self, int32_t level, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* service.c */
bool service_init(service *self);
/* Finishes what is in flight. */
void service_close(service *self);
/* Opens it when it is not yet. An earlier failure is no reason not to try again. */
pixazo_status service_studio(server *self, pixazo_studio **out, pixazo_error **error);
pixazo_studio *service_opened(server *self); /* NULL: not yet */

/* tools.c */
typedef struct result result;
struct tool {
  const char *name;
  const char *title;
  const char *description;
  const char *input; /* schemas, with ' for " */
  const char *output;
  const char *hints; /* annotations */
  void (*run)(call *self, result *out);
};
const tool *tool_find(const char *name);
void put_tools(draft *out);
void put_schema(draft *out, const char *name, const char *schema);
void run_tool(call *self);

/* arguments.c: false: wrong, and the result says how. */
bool argument_text(const call *self, const char *name, char **out, result *answer);
bool argument_int(const call *self, const char *name, int64_t low, int64_t high, int64_t *out, result *answer);
bool argument_flag(const call *self, const char *name, bool *out, result *answer);
/* No other names than these. */
bool arguments_known(const call *self, const char *const *names, size_t count, result *answer);

/* results.c */
struct result {
  draft text;       /* plain */
  draft content;    /* elements behind the text */
  draft structured; /* members of an object */
  bool failed;
};
/* One more sentence. */
void say(result *self, const char *format, ...) __attribute__((format(printf, 2, 3)));
void say_failure(result *self, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What the library says of a failure: message, hint, what it cost, generation. Frees the error. */
void say_error(result *self, const char *what, pixazo_status status, pixazo_error *error);
void say_note(result *self, const pixazo_studio *studio);
void spending_say(spending *self, result *out);
/* False: told. */
bool open_for(call *self, pixazo_studio **out, result *answer);
bool read_id(const call *self, char **out, result *answer);

/* pictures.c: what is told of a record. */
void put_record(draft *out, const char *name, const pixazo_generation *record);
void put_money(draft *out, int64_t micros, const char *currency, int32_t confidence);
void add_link(result *out, const call *self, const char *uri, const char *name, const char *type, int64_t bytes);
/* Links, and a small picture of each of the first few. */
void add_pictures(result *out, const call *self, pixazo_studio *studio, const pixazo_generation *record);
void add_image(result *out, const void *data, size_t size, const char *type);

/* exports.c */
typedef struct wish {
  pixazo_recipe *recipe; /* owned */
  pixazo_blob *base;     /* owned; a picture that goes below */
} wish;
void wish_done(wish *self);
/* format and base; `sized`: width, height, fit and quality too. False: told. When nothing is wished there is no recipe. */
bool read_wish(const call *self, pixazo_studio *studio, bool sized, wish *out, result *answer);
/* Of every picture, or `only` of one; elements of an array. False: one failed, and it was told. */
bool add_exports(const call *self, pixazo_studio *studio, const pixazo_generation *record, const wish *wanted,
                 const char *only, result *answer);
/* An id, a pixazo:// address or a path inside the store as the key of a picture. */
pixazo_status key_of_reference(server *self, pixazo_studio *studio, const char *reference, char *key, size_t size,
                               pixazo_error **error);
const char *behind_prefix(const char *text, const char *prefix); /* NULL: it does not begin like that */

/* records.c: a generation with all parts of its request. */
pixazo_status find_record(pixazo_studio *studio, const char *id, pixazo_generation **out, pixazo_error **error);

/* repeats, in intents.c */
bool intents_init(intents *self);
void intents_done(intents *self);
/* The generation of an equal call that nobody was answered yet, or a new one made by `add` under the lock.
 * *shared: it is an earlier one. */
typedef pixazo_status (*intent_add_fn)(void *self, char generation[UUID_BYTES], pixazo_error **error);
pixazo_status intents_join(intents *self, const char *arguments, intent_add_fn add, void *data, intent **out, bool *shared,
                           pixazo_error **error);
/* Nothing came of it that is worth being fetched. */
void intents_leave(intents *self, intent *joined);
/* Before a call is answered: false: it was cancelled, and who asks again gets what came of it. `good`: the answer is whole.
 */
bool intents_answer(intents *self, call *caller, bool good);
/* A cancel that crossed the answer: the client did not take it. */
void intents_revive(intents *self, span id);
void intents_close(intents *self);
/* No other call waits for it. */
bool intents_alone(intents *self, const intent *joined);
uint64_t fingerprint(const char *text, size_t size);
/* A JSON text without spaces; owned (free). */
char *without_spaces(span json);

/* The tools. */
void run_hallo(call *self, result *out);
void run_generate(call *self, result *out);
void run_estimate(call *self, result *out);
void run_history(call *self, result *out);
void run_get(call *self, result *out);
void run_resume(call *self, result *out);
void run_pending(call *self, result *out);
void run_budget(call *self, result *out);
void run_export(call *self, result *out);

/* resources.c */
void run_resources_list(call *self);
void run_resources_read(call *self);
void put_resource_templates(draft *out);

#endif
