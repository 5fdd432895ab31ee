/* SPDX-License-Identifier: MIT */
/* OpenAI's image calls and the servers that imitate them. A dialect is a row of openai_dialects.c. */
#ifndef GATEWAY_OPENAI_H
#define GATEWAY_OPENAI_H

#include <cjson/cJSON.h>

#include "gateway/multipart.h"
#include "gateway/protocol.h"

typedef enum sizes { SIZES_ANY, SIZES_SQUARES, SIZES_WIDE, SIZES_FIXED, SIZES_FREE } sizes;

typedef struct openai_model {
  const char *name;
  sizes allowed;
  bool legacy;   /* answers with url unless asked otherwise; knows none of the newer members */
  bool fidelity; /* input_fidelity of edits */
  int64_t most;  /* n */
  size_t prompt_max;
  bool retired;
} openai_model;

typedef struct openai_dialect {
  const char *name; /* /as/NAME begins its paths, but openai's own */
  const char *root;
  const char *owner;          /* of its models */
  const openai_model *models; /* ends with a row without a name */
  const char *const *more;    /* members it knows beyond OpenAI's; ends with NULL */
  const char *base64_word;    /* value of response_format that asks for base64, NULL = there is no such member */
  const char *url_word;
  const char *folder; /* of its picture files */
  bool url_first;     /* url unless base64 is asked for */
  bool strict;        /* an unknown member is refused */
  bool needs_key;
  bool needs_model;
  bool bare_error; /* {"error":"text"} */
  bool streams;
  bool numbered;            /* data[].index, id and model in the answer */
  bool usage;               /* tokens are counted; else usage is absent */
  bool limits;              /* request id and limits in the headers */
  bool wrong_size_is_small; /* 512x512 in place of a refusal */
  int64_t most;             /* n, above the model's */
} openai_dialect;

extern const openai_dialect openai_dialects[]; /* ends with a row without a name */
/* NULL = the path is none of theirs; `rest` is what follows the root. */
const openai_dialect *openai_dialect_of(const char *path, const char **rest);
/* The models of the dialect, also by dated name; NULL = unknown. */
const openai_model *openai_model_of(const openai_dialect *speech, const char *name);
extern const ready_answer openai_ready[];

typedef struct openai_wish {
  const openai_dialect *speech;
  const openai_model *model;
  const cJSON *fields;   /* of the JSON body, or the form's fields as texts */
  const multipart *form; /* of an edit, else NULL */
  const char *prompt;
  uint32_t width; /* 0 = auto */
  uint32_t height;
  int64_t count;
  int64_t partials;
  picture_kind kind;
  bool stream;
  bool as_url;
  size_t input_images;
} openai_wish;

/* False with the refusal in `out`. */
bool openai_read_wish(openai_wish *wish, reply *out);
bool openai_check_form(openai_wish *wish, reply *out);
void openai_give(const exchange *call, const openai_wish *wish, reply *out);

typedef struct openai_problem {
  int status;
  const char *type;
  const char *code;  /* NULL = null */
  const char *param; /* NULL = null */
} openai_problem;

void openai_refuse(const openai_dialect *speech, reply *out, const openai_problem *problem, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
