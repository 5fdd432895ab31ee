/* SPDX-License-Identifier: MIT */
/* The pipeline from inside.
 *
 * A *job* is one generation on its way; an *item* is one of its pictures. Each is in the hands of one thread at
 * a time and is passed on by being queued: as an op to the journal thread, as a task to a crew, as a timer, as a
 * visit to a thread of the program. What several threads touch stands under `lock`.
 *
 *   add -> op T1 -> slot -> op T2 -> call (I/O) -> [seal (files)] -> judge (workers) -> op T3 -> items
 *   item: fetch (I/O) or unpack (workers) -> verify and export (workers) -> keep (files) -> op T4
 */
#ifndef PX_PIPELINE_INTERNAL_H
#define PX_PIPELINE_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <pixazo/pipeline.h>

#include "base/clock.h"
#include "pipeline/job.h"

/* Makes many callers share one flush of a directory. */
typedef struct px_flush {
  pthread_mutex_t lock;
  pthread_cond_t wake;
  uint64_t wanted;
  uint64_t finished;
  uint64_t failed_after; /* tickets above this one ... */
  uint64_t failed_to;    /* ... and up to this one were served by a round that failed */
  bool running;
  pixazo_status status; /* of that round */
} px_flush;

enum { PX_JOB_BUCKETS = 1024, PX_EVENTS_UNREAD_MAX = 4096, PX_SMALL_ANSWER = 64 * 1024 };
/* A worker that was silent for longer may be taken for dead. */
enum { PX_ASLEEP_US = 20000000 };

/* What a pipeline watches; of the journal thread alone. */
typedef struct px_watch px_watch;

/* A generation that failed, kept for a wait that comes late. */
typedef struct px_end {
  char uuid[PX_UUID_TEXT];
  int32_t state;
  pixazo_error *error; /* NULL: none */
} px_end;
enum { PX_ENDS_KEPT = 256 };

struct pixazo_pipeline {
  /* constant */
  pid_t pid;
  pixazo_client *client;
  pixazo_store *store;
  pixazo_repository *repository;
  pixazo_exporter *exporter;
  pixazo_log *log;
  const px_clock *clock;
  px_journal *journal;
  px_crew *files;
  px_crew *workers;
  pixazo_recipe **recipes;
  size_t recipe_count;
  char *spool;
  int spool_fd;
  char *key_template;
  char *rendition_template;
  pixazo_progress_fn on_progress;
  void *on_progress_data;
  pixazo_retry_fn on_retry;
  void *on_retry_data;
  pixazo_alert_fn on_alert;
  void *on_alert_data;
  pixazo_prompt_fn on_prompt;
  void *on_prompt_data;
  pixazo_picture_fn on_picture;
  void *on_picture_data;
  size_t slots;     /* paid calls at once */
  size_t downloads; /* at once */
  uint32_t drain_ms;
  uint32_t replay; /* PIXAZO_REPLAY_* */
  int event_fd;
  bool stepped; /* no threads: whoever waits does the work */
  bool running; /* built whole */
  pthread_t journal_thread;
  px_watch *watch;
  px_flush spool_flush;
  px_flush store_flush;
  /* looked at by the I/O thread before the first byte of a paid call */
  atomic_uint epoch;
  _Atomic int64_t alive_us;
  struct {
    pthread_mutex_t lock;
    pthread_cond_t work;    /* journal thread */
    pthread_cond_t visitor; /* threads of the program */
    px_op *ops;
    px_op **last_op;
    px_op *parked;
    px_timer *timers; /* by due time */
    px_job *ready;
    px_job **last_ready;
    px_job *buckets[PX_JOB_BUCKETS];
    px_job *keys[PX_JOB_BUCKETS]; /* those of the buckets that have an idempotency key */
    size_t open;      /* jobs that have not ended */
    size_t in_flight; /* slots taken */
    size_t fetching;
    px_item *waiting_items;
    px_item **last_waiting;
    size_t waiting_count;
    struct pixazo_event *events;
    struct pixazo_event **last_event;
    size_t event_count;
    bool listened;
    bool watched;     /* the descriptor was given out */
    bool signalled;
    bool gathering;   /* visitors are woken together, soon */
    bool gathered;
    int64_t quiet_us; /* monotonic: until then progress alone wakes nobody */
    px_task *visits;
    px_task **last_visit;
    struct px_alias *aliases;
    px_end ends[PX_ENDS_KEPT]; /* the newest is before next_end */
    size_t next_end;
    bool resuming; /* a thread gathers what dead workers left */
    bool sweep;   /* the ready list may hold jobs that are not to be sent */
    bool closing; /* nothing new is sent or added */
    bool cut;     /* what is left is dropped; the journal knows it */
    bool stop;    /* the journal thread ends */
    pixazo_error *trouble;
    bool halted; /* facts are parked: nothing new is sent */
  } synced;
  int64_t next_tick_us; /* these two of the journal thread */
  int64_t written_us;   /* monotonic: when the last transaction began */
};

/* pipeline.c */
/* pixazo_pipeline_new with a clock of the caller's, which outlives the pipeline. A stepped pipeline has no threads of its
 * own, so that a test sees the same order of events each time: waiting on it works off what there is. */
pixazo_status px_pipeline_new(const pixazo_pipeline_options *options, const px_clock *clock, bool stepped,
                              pixazo_pipeline **out, pixazo_error **error);
pixazo_status px_pipeline_check(const pixazo_pipeline *pipeline, pixazo_error **error); /* not after fork */

/* scheduler.c: the journal thread */
void px_pipeline_op(pixazo_pipeline *pipeline, px_op *op);
void px_pipeline_ops(pixazo_pipeline *pipeline, px_op *first, px_op **last);
bool px_pipeline_step(pixazo_pipeline *pipeline, bool wait); /* false: nothing to do, or ended */
void *px_pipeline_journal_body(void *pipeline);
void px_pipeline_pump(pixazo_pipeline *pipeline); /* a stepped one: until nothing is left to do now */
void px_pipeline_ready(pixazo_pipeline *pipeline, px_job *job);
void px_pipeline_release_slot(px_job *job);

/* timers.c */
void px_pipeline_timer(pixazo_pipeline *pipeline, px_timer *timer, uint32_t delay_ms);
/* The timer of a job that only waits; it fires at once when the job was cancelled or the pipeline closes already. */
void px_pipeline_idle(px_job *job, uint32_t delay_ms);
/* Under the lock: what only waits fires at once. */
void px_pipeline_wake_idle(px_job *job);
/* Under the lock, of an armed timer. */
void px_pipeline_timer_move(pixazo_pipeline *pipeline, px_timer *timer, uint32_t delay_ms);
px_timer *px_pipeline_timers_due(pixazo_pipeline *pipeline); /* under the lock: those that are due, in order, taken off */

/* jobs.c */
px_job *px_job_new(pixazo_pipeline *pipeline, px_plan *plan, pixazo_error **error); /* takes a reference of plan */
void px_job_free(px_job *job);
void px_job_unvisit(px_job *job); /* a hook that was counted in synced.visits is over */
pixazo_status px_jobs_enter(pixazo_pipeline *pipeline, px_job **jobs, size_t count, pixazo_error **error);
px_job *px_jobs_find(pixazo_pipeline *pipeline, const char *uuid); /* under the lock */
/* Under the lock: the first part of an open request with this key of this principal. */
px_job *px_jobs_find_key(pixazo_pipeline *pipeline, const char *key, const char *principal);
bool px_jobs_has(pixazo_pipeline *pipeline, const char *uuid);
/* The job has come to rest: nothing asynchronous touches it any more. `error` is copied. */
void px_job_end(px_job *job, int32_t state, const pixazo_error *error);
void px_job_activate(px_job *job); /* the state that events and reports show */
void px_job_mark_cancelled(px_job *job, int32_t mode); /* under the lock */
void px_job_cancel(px_job *job, int32_t mode);
void px_job_cut(px_job *job); /* under the lock */
void px_job_replan(px_job *job); /* from now on job->other, which is taken over */
bool px_job_stopping(const px_job *job); /* cancelled, or the pipeline closes: start nothing paid */
bool px_pipeline_is_cut(pixazo_pipeline *pipeline);
bool px_may_pass(pixazo_status status); /* the same may succeed later: no memory, a busy database, a disk in trouble */

/* call.c: one paid call */
void px_call_start(px_job *job);                      /* journal thread, after T2 */
void px_call_answered(px_job *job, uint64_t body_bytes); /* evidence and answer file are there: seal and judge */
void px_call_poll(px_timer *timer);

/* ending.c */
/* The state the journal derives for an attempt that ended with this class, for events and reports. */
int32_t px_call_state(int32_t attempt_class);
/* Nothing was sent, and `denied` (taken over) says why: another provider is asked, or the generation stays planned. */
void px_call_denied(px_job *job, pixazo_error *denied);
/* A quota makes it wait, without its slot: it asks again when its time has come. Wall clock. */
void px_call_wait(px_job *job, const px_gate_verdict *verdict, int64_t now_us);
void px_call_passed(px_job *job); /* the gate let it go: whoever waits behind it for a slot is asked about */
void px_call_cancel_planned(px_job *job); /* journal thread */

/* measure.c: the client's metrics */
void px_measure_model(px_job *job); /* the plan is another one */
void px_measure_added(px_job *job); /* it is recorded: its end will count */
void px_measure_phase(px_job *job, int32_t phase);
void px_measure_verdict(px_job *job, const px_gate_verdict *verdict);
void px_measure_answer(const px_job *job);
void px_measure_end(px_job *job, int32_t state);
void px_measure_fetched(px_item *item);
void px_measure_picture(px_item *item); /* where it comes to rest, before that is written */

/* alert.c */
pixazo_status px_watch_new(const pixazo_pipeline_options *options, px_watch **out, pixazo_error **error);
void px_watch_free(px_watch *watch);
void px_watch_answer(const px_job *job); /* after T3; journal thread, as all of these */
void px_watch_budgets(pixazo_pipeline *pipeline, const px_plan_facts *denied); /* a call a budget refused; NULL: none */
/* JOURNAL or SPACE: NULL says that all is well again. */
void px_watch_trouble(pixazo_pipeline *pipeline, int32_t kind, const pixazo_error *error);

/* replay.c */
const char *px_replay_key(const px_job *job); /* NULL: it makes a call of its own in any case */
void px_replay_look(px_job *job);             /* any thread: whether an earlier equal one is there */
void px_replay_apply(px_job *job, px_journal *journal); /* inside T1 */
void px_replay_enter(px_job *job);            /* after T1 */
void px_replay_resume(px_job *job);           /* any thread: the same for one that was planned earlier */
void px_replay_wake(px_job *leader);          /* under the lock, once it has ended */

/* reviewing.c */
void px_review_prompt(px_job *job);    /* planned: asks the prompt hook, then it is ready or ends */
void px_review_picture(px_item *item); /* verified: asks the picture hook, then it is exported or withheld */
bool px_review_withheld(const pixazo_generation *record); /* one of its pictures was */

/* quarantine.c */
pixazo_status px_quarantine_move(px_item *item, pixazo_error **error);  /* durable when it returns */
pixazo_status px_quarantine_fetch(px_item *item, pixazo_error **error); /* back into the spool; E_NOT_FOUND */

/* retry.c */
void px_retry_plan(px_job *job); /* journal thread: job->delay_ms from now, to job->other where there is one */

/* item.c: one picture */
pixazo_status px_item_path(px_item *item, pixazo_error **error);
void px_item_bring(px_item *item);
void px_item_leave(px_item *item, const pixazo_error *error); /* stays expected: for a later resume; writes nothing */
pixazo_status px_items_from_outcome(px_job *job, pixazo_error **error);
void px_items_start(px_job *job);
void px_items_refresh(px_job *job); /* after a poll for fresh links */
void px_item_finish(px_item *item, int32_t state, const char *reason);
void px_item_done(px_item *item);

/* flush.c */
pixazo_status px_flush_init(px_flush *flush);
void px_flush_done(px_flush *flush);
pixazo_status px_flush_shared(px_flush *flush, pixazo_status (*run)(void *, pixazo_error **), void *argument,
                              pixazo_error **error);

/* keep.c: verified pictures into the store */
void px_item_adopt(px_task *task);  /* workers: a file that an earlier run left */
void px_item_verify(px_task *task); /* workers */
void px_item_export(px_task *task); /* workers: verified and allowed */
void px_item_withhold(px_item *item); /* verified, and item->error says why it is not to be shown */
pixazo_status px_spool_flush(pixazo_pipeline *pipeline, pixazo_error **error);

/* facts.c: pure text work */
/* All of a key but what the bytes decide; then the rest. */
pixazo_status px_key_early(const px_job *job, const char *image, int32_t index, char **key, pixazo_error **error);
pixazo_status px_key_final(const char *early, const pixazo_picture *picture, const char *md5, char **key, pixazo_error **error);
char *px_template_named(const char *template, const char *name); /* {name} replaced; owned; NULL: no memory */
pixazo_status px_key_rendition(const px_item *item, const char *name, const pixazo_rendition *rendition, char **key,
                               pixazo_error **error);
pixazo_status px_outcome_delivered(const char *outcome_json, const pixazo_picture *picture, char **out, pixazo_error **error);
char *px_alt_text(const char *prompt);
pixazo_status px_provenance(const px_item *item, char **out, pixazo_error **error);

/* ends.c */
void px_ends_keep(const px_group *group); /* under the lock, when nobody looks at the group any more */
/* Why it failed, owned; NULL: it is not among the last, or its record says that somebody went on with it. `record` may be NULL. */
pixazo_error *px_ends_find(pixazo_pipeline *pipeline, const char *uuid, const pixazo_generation *record);
/* OK of a generation that delivered, else an error out of the record alone. */
pixazo_status px_ends_judge(const pixazo_generation *record, pixazo_error **error);
void px_ends_free(pixazo_pipeline *pipeline);

/* door.c */
void px_aliases_free(pixazo_pipeline *pipeline);

/* resume.c: what one thread gathers must be entered before another gathers, or both would work on it */
void px_resuming_begin(pixazo_pipeline *pipeline);
void px_resuming_end(pixazo_pipeline *pipeline);

/* decide.c: runs `apply` on the journal thread, with transactions of its own, and waits for it */
pixazo_status px_ask_journal(pixazo_pipeline *pipeline, px_asked *asked,
                             pixazo_status (*apply)(px_op *op, px_journal *journal, pixazo_error **error),
                             pixazo_error **error);

/* sweep.c */
void px_spool_sweep(pixazo_pipeline *pipeline);

/* events.c */
/* Of an event made earlier: who and why. */
void px_event_fill(struct pixazo_event *event, const px_job *job, const pixazo_error *error);
struct pixazo_event *px_event_new(px_job *job, int32_t kind, const char *image, const pixazo_error *error); /* NULL: no memory */
void px_event_push(px_job *job, struct pixazo_event *event); /* under the lock; NULL is fine */
void px_event_post(px_job *job, int32_t kind, const char *image, const pixazo_error *error);
void px_event_progress(px_job *job, int32_t stage, uint64_t done, uint64_t total);
void px_event_report(px_job *job, const px_report *report); /* of the provider's work, or a partial picture */
void px_event_waiting(px_job *job, int64_t until_us); /* for the gate; wall clock */
void px_event_outdate(px_job *job); /* under the lock, at its end: partial pictures that nobody fetched are let go */
void px_event_detach(px_job *job); /* under the lock: waiting events no longer point here */
/* A copy of the alert becomes an event, a line of the log and a visit of the hook. */
void px_event_alert(pixazo_pipeline *pipeline, const pixazo_alert *alert);
void px_visit_add(pixazo_pipeline *pipeline, px_task *visit);
/* Runs one waiting visit on this thread; call and return under the lock. */
bool px_visit_one(pixazo_pipeline *pipeline);
void px_events_free(pixazo_pipeline *pipeline);

/* waking.c; all but the first two under the lock */
/* From the first to the second call threads of the program are not woken by what is for them, and then once by all of it.
 * In between nothing may wait for them. Journal thread. */
void px_visitors_gather(pixazo_pipeline *pipeline);
void px_visitors_wake(pixazo_pipeline *pipeline);
void px_visitors_news(pixazo_pipeline *pipeline);     /* wakes them, now or with the others */
void px_visitors_progress(pixazo_pipeline *pipeline); /* there is progress and nothing else */
/* When a reader looks whether there is something for it, if nobody wakes it before; monotonic. */
int64_t px_visitors_look(const pixazo_pipeline *pipeline, int64_t now, int64_t until);
void px_wait_at_most(pixazo_pipeline *pipeline, pthread_cond_t *wake, int64_t left_us);
void px_wait_visitor(pixazo_pipeline *pipeline, int64_t until_us); /* monotonic */

#endif
