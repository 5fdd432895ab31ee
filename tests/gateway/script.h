/* SPDX-License-Identifier: MIT */
/* The rules of a test case: which request they are for, what is answered, what goes wrong on the way. README.md has the
 * format; the members here carry the names used there. */
#ifndef GATEWAY_SCRIPT_H
#define GATEWAY_SCRIPT_H

#include "gateway/bytes.h"
#include "gateway/http.h"

enum { RULE_STATES_MAX = 32 };

typedef enum rule_moment { AT_REQUEST, AT_HEAD, AT_ACCEPT } rule_moment;
typedef enum rule_cut { CUT_FIN, CUT_RESET, CUT_STALL, CUT_CLOSE } rule_cut;

typedef struct rule {
  /* for which request */
  rule_moment at;
  char *method;
  char *path; /* exact, or a prefix when it ends in '*', or a suffix when it begins with '*' */
  char *body_has;
  int64_t nth;           /* only the nth that matches; 0 = each */
  int64_t times;         /* at most so often; 0 = no end */
  int64_t on_connection; /* only the nth request of its connection; 0 = each */
  int64_t seen;
  int64_t used;
  /* what */
  char *answer; /* name of a ready answer, NULL = the default behaviour */
  int64_t status;
  char *reason;
  char *type;
  bytes headers;
  bytes body;
  bool have_body;
  char *redirect;
  int64_t image_bytes;
  int64_t images; /* -1 = as the request says */
  bool honour_size;
  bool grid;     /* a picture of all pictures comes first */
  bool data_uri; /* pictures as data addresses */
  char *states[RULE_STATES_MAX];
  size_t state_count;
  char *job_error;
  char *id_field;    /* of a queue job, NULL = "request_id" */
  char *polling_url; /* "none", or with {{id}} */
  char *result_form;
  char *error_form;
  char *parts[RULE_STATES_MAX]; /* of an answer that has parts */
  size_t part_count;
  /* how a stream of events is written */
  char *newline; /* NULL = "\n" */
  bool comments;
  bool split_data;     /* data over several lines */
  bool done;           /* [DONE] at the end */
  int64_t partials;    /* -1 = as the request says */
  char *stream_error;  /* JSON of an error event, NULL = none */
  int64_t error_after; /* so many events */
  /* when */
  int64_t delay_ms; /* -1 = as the command line says */
  int64_t delay_body_ms;
  int64_t event_ms; /* pause before each event of a stream */
  int64_t piece; /* bytes at a time; 0 = as fast as it goes */
  int64_t piece_ms;
  bool slow_head; /* pieces from the first byte of the status line on */
  /* what goes wrong */
  bytes raw; /* these bytes in place of any answer */
  bool have_raw;
  bool drop;          /* no answer at all */
  int64_t cut_after;  /* body bytes, -1 = no cut */
  int64_t cut_head_after;
  rule_cut cut;
  int64_t stall_ms; /* of a stall; 0 = until the client goes */
  char *lengths;    /* Content-Length values, one a line; "" = no such line */
  int64_t length_off;
  char *chunked; /* "yes", "garbage", "no-end", "huge" or NULL */
  int64_t fill_headers;
  int64_t fill_size;
  bool endless_headers;
  bool endless_body;
  bool close; /* Connection: close after a whole answer */
} rule;

typedef struct rulebook {
  rule *rules;
  size_t count;
} rulebook;

/* Replaces the rules by those of the JSON text; on failure `problem` says why and the old rules stay. */
bool script_load(rulebook *target, const char *text, size_t size, bytes *problem);
void script_done(rulebook *target);

/* The first rule for this moment, counted as used; NULL = none. `request` may be NULL at AT_ACCEPT. */
const rule *script_match(rulebook *target, rule_moment at, const http_request *request, int64_t on_connection);

#endif
