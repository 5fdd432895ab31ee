/* SPDX-License-Identifier: MIT */
/* A generation on its way, its pictures, and how they are passed from thread to thread. */
#ifndef PX_PIPELINE_JOB_H
#define PX_PIPELINE_JOB_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixazo/pipeline.h>

#include "base/answer.h"
#include "base/crew.h"
#include "base/metrics.h"
#include "base/record.h"
#include "client/steps.h"
#include "repository/journal.h"

/* One write of the journal thread. Many share a transaction. */
typedef struct px_op {
  struct px_op *next;
  pixazo_status (*apply)(struct px_op *op, px_journal *journal, pixazo_error **error);
  /* After the commit, on the journal thread; may free what the op lives in. `error` is borrowed. */
  void (*done)(struct px_op *op, pixazo_status status, const pixazo_error *error);
  bool must;  /* a fact: kept and tried again while the database refuses */
  bool apart; /* brings transactions of its own */
  pixazo_status status;
  pixazo_error *error;
} px_op;

/* A write that a thread of the program waits for. */
typedef struct px_asked {
  px_op op;
  pixazo_pipeline *pipeline;
  pixazo_status status;
  pixazo_error *error;
  bool done; /* under the lock */
} px_asked;

typedef struct px_timer {
  struct px_timer *next;
  int64_t due_us; /* monotonic */
  void (*fire)(struct px_timer *timer); /* journal thread; must not block */
  bool armed;
  bool idle; /* only waits: fires at once when its job is cancelled or the pipeline closes */
} px_timer;

typedef struct px_job px_job;

typedef struct px_item {
  px_job *job;
  px_image_record image; /* owned text; uuid, index, remote_url, revised_prompt, key */
  px_picture *picture;   /* of the job's outcome; NULL for a URL taken over from a record */
  char *path;            /* temporary file in the spool */
  char *outcome_json;
  pixazo_error *error;
  int descriptor;
  uint32_t retries;
  uint32_t keep_retries;
  bool kept;       /* the original is in the store */
  bool placed;     /* the renditions too: only the flush of directories is missing */
  bool adopt;      /* look for a file left by an earlier run first */
  bool wants_link; /* its URL is gone; the queue may give a fresh one */
  bool refreshed;
  bool captioned;  /* the program gave it its alternative text */
  int32_t wanted_state;
  char *final_key;
  int64_t here_us; /* monotonic: since when its bytes are here; 0: not yet */
  int64_t asked_us; /* monotonic: when its download began */
  px_fetch fetch;
  px_evidence evidence;
  pixazo_error *evidence_error;
  px_op op;
  px_task task;
  px_timer timer;
  struct px_item *next_waiting;
} px_item;

/* The calls one request was split into. */
typedef struct px_group {
  px_job *first;
  px_job *jobs; /* by next_in_group */
  size_t open;
} px_group;

struct px_job {
  px_job *next_in_bucket;
  px_job *next_of_key; /* in the table of idempotency keys */
  px_job *next_in_group;
  px_job *next_ready;
  pixazo_pipeline *pipeline;
  px_group *group;
  px_plan *plan;
  char uuid[PX_UUID_TEXT];
  char batch[PX_UUID_TEXT];
  char parent[PX_UUID_TEXT];
  int64_t created_us;
  pixazo_cancel *token;  /* NOW cuts what is on the wire */
  pixazo_cancel *unsent; /* any mode stops a paid call whose body has not left */
  atomic_bool soft_cancelled;
  struct { /* under the pipeline's lock */
    bool ended;
    int32_t state;
    pixazo_error *error;
    struct pixazo_event *progress; /* waiting, to be overwritten */
    struct pixazo_event *partial;  /* the same of partial pictures */
    pixazo_blob *shown;            /* the newest that the progress hook has not seen; one reference */
    int32_t shown_index;
    bool progress_due;
    bool hook_stopped; /* the progress hook said stop: it is not asked again, whatever is still finished */
    pixazo_progress last;
    bool followed;        /* others wait for its end */
    unsigned visits;      /* hooks under way: the job stays */
    int64_t until_us;     /* wall clock; of a wait for the gate */
    int64_t cancelled_us; /* monotonic; when a waiting thread's token was first seen set; 0: not */
  } synced;
  /* the attempt */
  char attempt[PX_UUID_TEXT];
  char answer_name[PX_UUID_TEXT + 8]; /* in the spool; "" none */
  int32_t n;
  uint32_t retries;
  uint32_t retries_here; /* with this provider */
  uint32_t epoch; /* of T2; a call is withheld when the process slept since */
  int64_t sent_us;
  int64_t answered_us;
  int64_t waiting_since_us; /* wall clock; for the gate; 0: not */
  px_series *series;     /* of the client's metrics */
  int32_t phase;         /* PX_PHASE_* */
  int64_t phase_us;      /* monotonic: since when */
  char replay_from[PX_UUID_TEXT]; /* an earlier equal one that is there; "" none */
  char replay_gone[PX_UUID_TEXT]; /* the newest equal one, when its files are missing; "" none */
  char follows[PX_UUID_TEXT];     /* the equal one in flight that it waits for; "" none */
  bool replayed;
  size_t key_bucket;     /* constant while it is in the table; 0: it has no key, else one more than where it is */
  bool for_slot; /* it waits for one: as the gate said last */
  bool looks;    /* and looks often, for all that wait for the same */
  bool counted;          /* it is recorded: its end counts */
  bool holds_slot;
  bool recovered;       /* taken over: nothing is in flight */
  int32_t resume_state; /* PX_ATTEMPT_* of a recovered one */
  int answer_fd;
  px_answer_writer writer;
  px_answer answer;
  px_send send;
  px_evidence evidence;
  pixazo_error *evidence_error;
  uint32_t unread; /* how often the answer could not be read */
  px_outcome *outcome;
  void *answer_copy;
  size_t answer_copy_size;
  bool keyed;   /* the answer repeats the key: no copy of it */
  bool sealing; /* for that reason; asked for once */
  /* a queue */
  bool polling;
  uint32_t poll_failures;
  int64_t poll_until_us;
  char *remote_id;
  char *poll_url;
  bool refreshing; /* polled again for fresh links */
  /* its pictures */
  px_item *items;
  size_t item_count;
  size_t items_open; /* under the lock */
  px_op op;
  px_task task;
  px_timer timer;
  px_task visit;
  struct pixazo_event *last_event; /* made with the job: its end is told whatever happens to memory */
  uint32_t delay_ms;
  int32_t next; /* PX_NEXT_*: after T3 */
  px_plan *other;       /* NEXT_RETRY: the same request to the next provider; owned */
  pixazo_error *denied; /* why the call was not made; owned */
  /* the prompt hook; its answer is given under the lock */
  px_task review_task;
  int32_t review; /* PX_REVIEW_* */
  int32_t blocked_state;
  char *safety_json; /* what a block says; owned */
  px_task vote_task;
  uint32_t vote_round; /* these three under the lock */
  bool vote_waiting;
  bool vetoed;
};

/* How far the prompt hook is. */
enum { PX_REVIEW_NONE, PX_REVIEW_ASKED, PX_REVIEW_ALLOWED, PX_REVIEW_BLOCKED, PX_REVIEW_FAILED };

/* What the gauges say of a job. */
enum { PX_PHASE_NONE, PX_PHASE_WAITING, PX_PHASE_IN_FLIGHT };

/* What follows T3 of an attempt that brought nothing. */
enum { PX_NEXT_END, PX_NEXT_RETRY, PX_NEXT_LATER, PX_NEXT_CANCELLED };

#endif
