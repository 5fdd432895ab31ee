/* SPDX-License-Identifier: MIT */
/**
 * @file pipeline.h
 * Many generations at once, each one journalled before money can be spent.
 *
 * A pipeline takes requests through client, store, exporter and repository: it records the intent,
 * sends it, keeps the raw answer, brings the pictures home, verifies, stores and exports them, and
 * records every step, so that a crash at any moment loses nothing that was paid for. It has threads of
 * its own, which never call into the program: hooks and the functions of custom stores run only on
 * threads of the program that are inside a pixazo call on this pipeline.
 *
 * For event loops: pixazo_pipeline_fd() becomes readable while an event waits; take it with
 * pixazo_pipeline_next_event(). No feature needs a callback.
 */
#ifndef PIXAZO_PIPELINE_H
#define PIXAZO_PIPELINE_H

#include <stddef.h>
#include <stdint.h>

#include <pixazo/api.h>
#include <pixazo/cancel.h>
#include <pixazo/client.h>
#include <pixazo/error.h>
#include <pixazo/exporter.h>
#include <pixazo/log.h>
#include <pixazo/record.h>
#include <pixazo/repository.h>
#include <pixazo/request.h>
#include <pixazo/review.h>
#include <pixazo/store.h>

PIXAZO_BEGIN_DECLS

/** What an alert is about. Unknown kinds may appear. */
enum {
  PIXAZO_ALERT_FAILURES = 1, /**< of one provider's calls more failed lately than alert_failure_percent */
  PIXAZO_ALERT_SLOW = 2,     /**< of one provider's calls more than one in twenty took longer than alert_slow_ms: its 95th
                                  percentile is over it */
  PIXAZO_ALERT_BUDGET = 3,   /**< a budget is used up to alert_budget_percent, or is full */
  PIXAZO_ALERT_JOURNAL = 4,  /**< the database cannot be written; nothing new is sent until it can */
  PIXAZO_ALERT_SPACE = 5     /**< the spool has no room for an answer; calls are not made */
};

/** Told to the alert hook. The library fills it; fields are only ever appended. All text is borrowed for the call. */
typedef struct pixazo_alert {
  size_t struct_size;  /**< bytes this library filled */
  const char *subject; /**< provider; of a budget its scope, name and period; else "" */
  const char *message; /**< one line for people */
  int64_t value;       /**< what was measured: percent; of PIXAZO_ALERT_SLOW percent of calls; else 0 */
  int64_t threshold;   /**< what it went over: percent; of PIXAZO_ALERT_SLOW milliseconds; else 0 */
  int32_t kind;        /**< PIXAZO_ALERT_* */
  int32_t reserved;    /**< 0 */
} pixazo_alert;

/** Runs where on_progress runs. The same is waiting as an event of kind PIXAZO_EVENT_ALERT. */
typedef void (*pixazo_alert_fn)(const pixazo_alert *alert, void *user_data);

/**
 * Which requests an earlier equal generation answers, at no cost: same provider, model, parameters as they are sent, pictures
 * that go along, and principal. The new generation has the same pictures and names the earlier one, see
 * pixazo_generation_replayed_from(). One that is equal to another in flight waits for it. A generation whose files are gone
 * answers nothing. The request parameter "replay" decides before this: "exact" asks for it, also where the seed is
 * not given; "never" makes a call of its own.
 */
enum {
  PIXAZO_REPLAY_ASKED = 0, /**< only those that ask for it */
  PIXAZO_REPLAY_SEEDED = 1 /**< also those that name their seed, to models that take one */
};

/** For the alert_ options: never. */
#define PIXAZO_NO_ALERT UINT32_MAX

/** Zero in any field means "the default". Text is copied; of each handle one reference is taken. */
typedef struct pixazo_pipeline_options {
  size_t struct_size;                  /**< sizeof(pixazo_pipeline_options) */
  pixazo_client *client;               /**< required */
  pixazo_store *store;                 /**< required */
  pixazo_repository *repository;       /**< required */
  pixazo_exporter *exporter;           /**< default: one with default limits; verifies originals, makes renditions */
  const char *spool;                   /**< directory for answers and temporary files; required; made with mode 0700; on the
                                            file system of a local store pictures are moved instead of copied */
  const char *key_template;            /**< of originals, see pixazo_store_expand_key(); must tell pictures apart, by {uuid}
                                            or {sha256}; default "originals/{yyyy}/{mm}/{uuid}.{ext}" */
  const char *rendition_template;      /**< {name} is the recipe's; default "renditions/{yyyy}/{mm}/{uuid}-{name}.{ext}" */
  const pixazo_recipe *const *recipes; /**< one rendition of every picture for each; copied; a later one of the same name
                                            is recorded as NAME-2, NAME-3, ...; default none */
  size_t recipe_count;                 /**< entries of recipes, at most 64 */
  pixazo_log *log;                     /**< default none */
  pixazo_progress_fn on_progress;      /**< runs inside wait, next_event, run, resume and free; default none */
  void *on_progress_data;              /**< not owned; outlives the pipeline */
  pixazo_retry_fn on_retry;            /**< runs where on_progress runs; a vote not cast before the planned delay is over is
                                            lost; default: the client's hook */
  void *on_retry_data;                 /**< not owned; outlives the pipeline */
  uint32_t concurrency;                /**< paid calls in flight; default 3. Never more than a quarter of the descriptors
                                            that the soft limit leaves when the pipeline is made: raise that limit before */
  uint32_t drain_ms;                   /**< how long pixazo_pipeline_free() waits for what is in flight; default 10000 */
  uint32_t workers;                    /**< threads that decode and encode; default: number of processors */
  uint32_t file_threads;               /**< threads that write and flush files; default 8 */
  const char *budget_currency;         /**< of budget_micros; default "USD" */
  int64_t budget_micros;               /**< what everything this pipeline sends may cost together, in millionths of the
                                            currency's unit; default 0: no budget of its own */
  int32_t allow_unknown_price;         /**< 1: this budget lets calls pass that have no price in its currency; default 0 */
  int32_t reserved;                    /**< 0 */
  pixazo_alert_fn on_alert;            /**< default none: alerts are events */
  void *on_alert_data;                 /**< not owned; outlives the pipeline */
  uint32_t alert_window_ms;            /**< what "lately" means; default 600000 */
  uint32_t alert_min_calls;            /**< calls in the window below which rates say nothing; default 20 */
  uint32_t alert_failure_percent;      /**< failed calls (content policy apart) above which an alert is raised; default 20;
                                            PIXAZO_NO_ALERT for none */
  uint32_t alert_slow_ms;              /**< default 120000; PIXAZO_NO_ALERT for none */
  uint32_t alert_budget_percent;       /**< default 80; at most 100; a full budget is told apart; PIXAZO_NO_ALERT for
                                            neither */
  uint32_t replay;                     /**< PIXAZO_REPLAY_*; default PIXAZO_REPLAY_ASKED */
  pixazo_prompt_fn on_prompt;          /**< asked before anything is sent, see review.h; default none: everything is sent */
  void *on_prompt_data;                /**< not owned; outlives the pipeline */
  pixazo_picture_fn on_picture;        /**< asked before a picture is recorded, see review.h; default none: all are */
  void *on_picture_data;               /**< not owned; outlives the pipeline */
} pixazo_pipeline_options;

/** Static initialiser; the same as pixazo_pipeline_options_init(). */
#define PIXAZO_PIPELINE_OPTIONS_INIT                                                                                 \
  {                                                                                                                  \
    sizeof(pixazo_pipeline_options), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, \
        0, 0, 0, 0, NULL, 0, 0, 0, NULL, NULL, 0, 0, 0, 0, 0, 0, NULL, NULL, NULL, NULL                              \
  }

/** Sets every field to its default. @param size sizeof(pixazo_pipeline_options). @since 0.1 */
PIXAZO_API void pixazo_pipeline_options_init(pixazo_pipeline_options *options, size_t size);

/** A pipeline; sole owner; any thread may call every function but free. */
typedef struct pixazo_pipeline pixazo_pipeline;

/** Something that happened; owned; pixazo_event_free. */
typedef struct pixazo_event pixazo_event;

/** Kinds of events. Unknown kinds may appear. */
enum {
  PIXAZO_EVENT_PLANNED = 1,  /**< the generation is recorded */
  PIXAZO_EVENT_STARTED = 2,  /**< a paid call is sent */
  PIXAZO_EVENT_PROGRESS = 3, /**< a later one replaces an earlier one that still waits */
  PIXAZO_EVENT_ANSWERED = 4, /**< the provider accepted; its pictures follow */
  PIXAZO_EVENT_RETRY = 5,    /**< a call, poll or download is tried again after a delay */
  PIXAZO_EVENT_IMAGE = 6,    /**< one picture is recorded, quarantined or lost */
  PIXAZO_EVENT_ENDED = 7,    /**< terminal: the generation will not change by itself any more */
  PIXAZO_EVENT_ALERT = 8,    /**< something is going wrong as a whole; belongs to no generation; told once, and again only
                                  after it went back (rates: to half of the threshold) */
  PIXAZO_EVENT_PARTIAL = 9   /**< a partial picture came, see pixazo_event_partial(); a later one of the generation replaces an
                                  earlier one that still waits, and its end turns one that waits into PIXAZO_EVENT_PROGRESS:
                                  nobody pays memory for what is outdated */
};

/**
 * Makes a pipeline and registers this process as a worker of the repository. Sends nothing and
 * resumes nothing.
 * @param[out] out owned, pixazo_pipeline_free
 * @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_ABI, PIXAZO_E_IO (spool), PIXAZO_E_BUSY, PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_pipeline_new(const pixazo_pipeline_options *options, pixazo_pipeline **out, pixazo_error **error);

/**
 * Sends nothing new, waits at most drain_ms for what is in flight, then stops as if killed: whatever is
 * not finished can be resumed. NULL is allowed. Must not run beside other calls on the same pipeline. @since 0.1
 */
PIXAZO_API void pixazo_pipeline_free(pixazo_pipeline *pipeline);

/**
 * Queues a request and returns at once; recording and sending follow by themselves.
 *
 * A request for more pictures than one call gives becomes several generations of one batch; the id is
 * that of the first, and pixazo_pipeline_wait() on it waits for all of them.
 * @param batch UUID of a batch to join (any new one makes a batch), or NULL
 * @param[out] id owned, pixazo_free; may be NULL. With an idempotency key that was used before, the id of the first
 *             generation, and nothing is sent.
 * @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_STATE (closing, or after fork), PIXAZO_E_BUSY, PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_pipeline_add(pixazo_pipeline *pipeline, const pixazo_request *request, const char *batch, char **id,
                    pixazo_error **error);

/**
 * Waits until a generation has ended. Hooks of the pipeline run on this thread meanwhile.
 * @param timeout_ms 0 asks without waiting; UINT32_MAX waits for ever
 * @param cancel NULL, or a token: it cancels this generation, in the token's mode, and the call returns within a second
 * @param[out] out owned, pixazo_generation_free; may be NULL
 * @return PIXAZO_OK (done, or partial: look at the record; of a request that is several calls also where a budget or a quota kept some
 *         of them back, which stay planned); the failure of the generation, as for
 *         pixazo_client_generate(), named by pixazo_error_generation(); PIXAZO_E_CORRUPT (what came is no good picture and
 *         is kept in quarantine); PIXAZO_E_REJECTED (a provider, or a hook of the program, will not have it); PIXAZO_E_AGAIN (not
 *         ended yet, without an error object); PIXAZO_E_CANCELLED (the token was set; what was already sent is still recorded); PIXAZO_E_STATE (left by another worker: resume goes on with it);
 *         PIXAZO_E_NOT_FOUND; PIXAZO_E_ARGUMENT. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_pipeline_wait(pixazo_pipeline *pipeline, const char *id, uint32_t timeout_ms, pixazo_cancel *cancel,
                     pixazo_generation **out, pixazo_error **error);

/**
 * Cancels one generation, or all. What is unsent ends `cancelled` at once.
 * @param id NULL means all
 * @param mode PIXAZO_CANCEL_SOFT (and any unknown value): what is sent is still received and recorded; PIXAZO_CANCEL_NOW: it
 *             is cut and ends ambiguous
 * @return PIXAZO_OK (also when it has ended already), PIXAZO_E_NOT_FOUND, PIXAZO_E_ARGUMENT, PIXAZO_E_STATE after fork.
 *         @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_pipeline_cancel(pixazo_pipeline *pipeline, const char *id, int32_t mode, pixazo_error **error);

/** What pixazo_pipeline_resume() does beside finishing what is paid. */
enum {
  PIXAZO_RESUME_PAID = 0,    /**< polls, downloads and records what was accepted; sends nothing new */
  PIXAZO_RESUME_CONTINUE = 1 /**< also sends generations that were planned and never sent */
};

/**
 * Takes over the work of workers that are dead, and goes on with it: answers kept in the spool are
 * recorded, queues are polled, pictures are brought home. Blocks until that work has ended. Safe to call at any
 * time, from several processes, and to be killed.
 * @param flags PIXAZO_RESUME_*
 * @param cancel may be NULL; ends the waiting: what was taken over goes on in this pipeline
 * @param[out] report owned JSON, pixazo_free; may be NULL: "schema": 1 and counts of generations: "resumed" (taken up), of
 *                    these "done", "partial", "failed", "ambiguous", "lost", "unfinished"; "planned" (not sent); "elsewhere"
 *                    (in the hands of a live worker)
 * @return PIXAZO_OK, PIXAZO_E_CANCELLED, PIXAZO_E_IO, PIXAZO_E_BUSY, PIXAZO_E_STATE, PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_pipeline_resume(pixazo_pipeline *pipeline, uint32_t flags, pixazo_cancel *cancel, char **report, pixazo_error **error);

/**
 * Gives up a generation that is ambiguous, lost or planned: it ends `abandoned` and is not listed as pending
 * any more. What it may have cost stays in the ledger.
 * @return PIXAZO_OK (also when it is abandoned already); PIXAZO_E_NOT_FOUND; PIXAZO_E_STATE (still being worked on, ended
 *         otherwise, or after fork); PIXAZO_E_CONFLICT (a live worker's, or being
 *         brought home: resume first); PIXAZO_E_ARGUMENT; PIXAZO_E_BUSY;
 *         PIXAZO_E_IO. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_pipeline_abandon(pixazo_pipeline *pipeline, const char *id, pixazo_error **error);

/**
 * Tries a generation again: a new generation with the same effective request, its seed included, is recorded and sent. Its
 * parent is the old one, its relation "retry_of"; an idempotency key goes over to it. What was pending of the old one
 * (ambiguous, lost, planned) ends `abandoned` in the same transaction; what it may have cost stays in the ledger and counts
 * in every budget until it is settled. The new one passes budgets and quotas like any other.
 * @param id UUID of a generation that is ambiguous, lost, failed, blocked, cancelled, or planned and not worked on
 * @param[out] out UUID of the new one; owned, pixazo_free; may be NULL. On failure nothing is changed, except that after
 *             PIXAZO_E_STATE because of closing the new one may be recorded as planned.
 * @return PIXAZO_OK; PIXAZO_E_STATE (it is done, partial, abandoned or being worked on; or closing, or after fork);
 *         PIXAZO_E_EXISTS (it was tried again already, and that try has not failed); PIXAZO_E_CONFLICT (a live worker's);
 *         PIXAZO_E_NOT_FOUND; PIXAZO_E_ARGUMENT; PIXAZO_E_UNSUPPORTED (its model is not known here); PIXAZO_E_AUTH;
 *         PIXAZO_E_BUSY; PIXAZO_E_IO; PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_pipeline_retry(pixazo_pipeline *pipeline, const char *id, char **out, pixazo_error **error);

/** A descriptor (eventfd) that is readable while an event waits, or a hook or a function of a custom store waits for a
 *  thread of the program: call pixazo_pipeline_next_event() then, which serves both. Never read from it, never close it;
 *  poll it. Before the first call of this or of pixazo_pipeline_next_event() only the newest 4096 events are kept, none of
 *  progress. -1 for NULL. Valid until pixazo_pipeline_free(). @since 0.1 */
PIXAZO_API int32_t pixazo_pipeline_fd(const pixazo_pipeline *pipeline);

/**
 * Takes the oldest waiting event. Also runs hooks and the functions of a custom store that wait for a thread.
 * @param timeout_ms 0 asks without waiting; UINT32_MAX waits for ever
 * @param[out] out owned, pixazo_event_free
 * @return PIXAZO_OK; PIXAZO_E_AGAIN (none, without an error object); PIXAZO_E_ARGUMENT; PIXAZO_E_STATE after
 *         fork. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_pipeline_next_event(pixazo_pipeline *pipeline, uint32_t timeout_ms, pixazo_event **out, pixazo_error **error);

/** Told each event by pixazo_pipeline_run(); @p event is borrowed. Return 0 to go on, anything else to stop running. */
typedef int32_t (*pixazo_event_fn)(const pixazo_event *event, void *user_data);

/**
 * Delivers events until everything that was added has ended.
 * @param cancel NULL, or a token: soft sends nothing new and goes on until what is paid is recorded
 * @param on_event may be NULL
 * @return PIXAZO_OK; PIXAZO_E_CANCELLED (the token was set, or the hook asked to stop: what was added goes on);
 *         PIXAZO_E_ARGUMENT; PIXAZO_E_STATE after fork. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_pipeline_run(pixazo_pipeline *pipeline, pixazo_cancel *cancel, pixazo_event_fn on_event, void *user_data,
                    pixazo_error **error);

/** Number of generations added or resumed here that have not ended. @since 0.1 */
PIXAZO_API size_t pixazo_pipeline_open_count(const pixazo_pipeline *pipeline);

/** The first failure of the journal or the spool that stopped the pipeline from sending, as an error object of its
 *  own; owned, pixazo_error_free; NULL when there was none. @since 0.1 */
PIXAZO_API pixazo_error *pixazo_pipeline_trouble(const pixazo_pipeline *pipeline);

/** One of PIXAZO_EVENT_*. @since 0.1 */
PIXAZO_API int32_t pixazo_event_kind(const pixazo_event *event);
/** UUID of the generation; borrowed. @since 0.1 */
PIXAZO_API const char *pixazo_event_generation(const pixazo_event *event);
/** UUID of the picture of PIXAZO_EVENT_IMAGE, else ""; borrowed. @since 0.1 */
PIXAZO_API const char *pixazo_event_image(const pixazo_event *event);
/** State of the generation after it, one of PIXAZO_GENERATION_*. @since 0.1 */
PIXAZO_API int32_t pixazo_event_state(const pixazo_event *event);
/** PIXAZO_STAGE_* of PIXAZO_EVENT_PROGRESS, else 0. @since 0.1 */
PIXAZO_API int32_t pixazo_event_stage(const pixazo_event *event);
/** Bytes so far of PIXAZO_EVENT_PROGRESS. @since 0.1 */
PIXAZO_API uint64_t pixazo_event_bytes_done(const pixazo_event *event);
/** Bytes expected of PIXAZO_EVENT_PROGRESS; 0 when unknown. @since 0.1 */
PIXAZO_API uint64_t pixazo_event_bytes_total(const pixazo_event *event);
/** What the provider says of its work, in units of its own, of PIXAZO_EVENT_PROGRESS; 0: nothing. @since 0.1 */
PIXAZO_API uint64_t pixazo_event_work_done(const pixazo_event *event);
/** The same of the whole; 0 when unknown. @since 0.1 */
PIXAZO_API uint64_t pixazo_event_work_total(const pixazo_event *event);
/** The file of PIXAZO_EVENT_PARTIAL, as in pixazo_progress; borrowed, pixazo_blob_ref() keeps it; NULL for other
 *  events. @since 0.1 */
PIXAZO_API pixazo_blob *pixazo_event_partial(const pixazo_event *event);
/** Number of that picture, as the provider counts, from 0. @since 0.1 */
PIXAZO_API int32_t pixazo_event_partial_index(const pixazo_event *event);
/** Of PIXAZO_EVENT_PROGRESS in PIXAZO_STAGE_QUEUED: until when a quota makes it wait, UTC microseconds; then it is asked
 *  again. Else 0. @since 0.1 */
PIXAZO_API int64_t pixazo_event_until_us(const pixazo_event *event);
/** Planned wait of PIXAZO_EVENT_RETRY, milliseconds. @since 0.1 */
PIXAZO_API uint32_t pixazo_event_delay_ms(const pixazo_event *event);
/** PIXAZO_ALERT_* of PIXAZO_EVENT_ALERT, else 0. @since 0.1 */
PIXAZO_API int32_t pixazo_event_alert(const pixazo_event *event);
/** Subject of an alert, as in pixazo_alert; borrowed; "" for other events. @since 0.1 */
PIXAZO_API const char *pixazo_event_subject(const pixazo_event *event);
/** One line for people about an alert; borrowed; "" for other events. @since 0.1 */
PIXAZO_API const char *pixazo_event_message(const pixazo_event *event);
/** Value of an alert, as in pixazo_alert; 0 for other events. @since 0.1 */
PIXAZO_API int64_t pixazo_event_value(const pixazo_event *event);
/** Threshold of an alert, as in pixazo_alert; 0 for other events. @since 0.1 */
PIXAZO_API int64_t pixazo_event_threshold(const pixazo_event *event);
/** Failure behind it; borrowed; NULL when there is none. @since 0.1 */
PIXAZO_API const pixazo_error *pixazo_event_error(const pixazo_event *event);
/** The event as one JSON object with "schema": 1. @param[out] out owned, pixazo_free.
 *  @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_NOMEM. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_event_to_json(const pixazo_event *event, char **out, pixazo_error **error);
/** Frees the event. NULL is allowed. @since 0.1 */
PIXAZO_API void pixazo_event_free(pixazo_event *event);

PIXAZO_END_DECLS

#endif
