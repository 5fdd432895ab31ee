/* SPDX-License-Identifier: MIT */
/**
 * @file studio.h
 * The one-call door: one directory that holds pictures, records and unfinished work.
 *
 * A studio builds client, store, exporter, repository and pipeline with sensible defaults; everything it
 * does can be done with the handles. Any thread; several processes may open one directory.
 */
#ifndef PIXAZO_STUDIO_H
#define PIXAZO_STUDIO_H

#include <stddef.h>
#include <stdint.h>

#include <pixazo/api.h>
#include <pixazo/config.h>
#include <pixazo/pipeline.h>

PIXAZO_BEGIN_DECLS

/** Zero in any field means "the default". */
typedef struct pixazo_studio_options {
  size_t struct_size;                  /**< sizeof(pixazo_studio_options) */
  const pixazo_config *config;         /**< copied; default: preset "default", then <directory>/config.json when it is there,
                                            the environment, and ~/.pixazo/api-key */
  const pixazo_recipe *const *recipes; /**< renditions of every picture; copied; default: the recipes the settings name
                                            (key "renditions", by default PNG, JPEG, WebP and fit-256) */
  size_t recipe_count;                 /**< entries of recipes, at most 64; 0 with recipes set: no renditions */
  pixazo_log *log;                     /**< one reference is taken; default none */
  pixazo_progress_fn on_progress;      /**< runs inside generate and wait; default none */
  void *on_progress_data;              /**< not owned; outlives the studio */
  pixazo_retry_fn on_retry;            /**< runs inside generate and wait; default none */
  void *on_retry_data;                 /**< not owned; outlives the studio */
  uint32_t concurrency;                /**< paid calls in flight; default: of the settings, 3 */
  int32_t resume_on_open;              /**< 1: finish what is already paid while opening; default 0; never sends
                                            anything new */
  pixazo_alert_fn on_alert;            /**< runs inside generate and wait; its thresholds are settings (alert_*); default none:
                                            alerts are events of the pipeline */
  void *on_alert_data;                 /**< not owned; outlives the studio */
  pixazo_prompt_fn on_prompt;          /**< asked before anything is sent, see review.h; runs inside generate and wait; default
                                            none: everything is sent */
  void *on_prompt_data;                /**< not owned; outlives the studio */
  pixazo_picture_fn on_picture;        /**< asked before a picture is recorded, see review.h; runs inside generate, wait and,
                                            with resume_on_open, open; default none: all are */
  void *on_picture_data;               /**< not owned; outlives the studio */
} pixazo_studio_options;

/** Static initialiser; the same as pixazo_studio_options_init(). */
#define PIXAZO_STUDIO_OPTIONS_INIT                                                                            \
  {                                                                                                           \
    sizeof(pixazo_studio_options), NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, \
        NULL, NULL                                                                                            \
  }

/** Sets every field to its default. @param size sizeof(pixazo_studio_options). @since 0.1 */
PIXAZO_API void pixazo_studio_options_init(pixazo_studio_options *options, size_t size);

/** A studio; sole owner; any thread may call every function but close. */
typedef struct pixazo_studio pixazo_studio;

/**
 * Opens a directory, makes it when absent. Sends nothing. A database of the Pixazo MCP tool is converted unless the settings
 * forbid it (key "convert_legacy").
 *
 * When no provider is named and no key is found anywhere the built-in `offline` provider is used, and
 * pictures, records, log and pixazo_studio_note() say so. A key that is refused never leads to it.
 * @param[out] out owned, pixazo_studio_close
 * @return PIXAZO_OK; PIXAZO_E_ARGUMENT (bad settings: all are named); PIXAZO_E_AUTH (a provider is named and its key is
 *         missing, or the key file is readable by others); the errors of pixazo_repository_new(),
 *         pixazo_store_new_local(), pixazo_client_new() and pixazo_pipeline_new(). @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_studio_open(const char *directory, const pixazo_studio_options *options, pixazo_studio **out, pixazo_error **error);

/** Finishes what is in flight (at most drain_ms, default 10 s) and frees everything; what is left can be resumed. NULL is
 *  allowed. Must not run beside other calls on the same studio. @since 0.1 */
PIXAZO_API void pixazo_studio_close(pixazo_studio *studio);

/**
 * Generates, and blocks until the pictures are recorded and exported.
 * @param request not changed; parameters it leaves open come from the settings
 * @param cancel may be NULL
 * @param[out] out owned, pixazo_generation_free; the pictures of all calls the request was split into
 * @return PIXAZO_OK (done, or partial: look at the record); otherwise the failure of the generation, as for
 *         pixazo_client_generate(); PIXAZO_E_CORRUPT when what came is no good picture (kept in quarantine). @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_studio_generate(pixazo_studio *studio, const pixazo_request *request, pixazo_cancel *cancel, pixazo_generation **out,
                       pixazo_error **error);

/** pixazo_studio_generate() for a prompt alone. @return as pixazo_studio_generate(). @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_studio_generate_prompt(pixazo_studio *studio, const char *prompt, pixazo_generation **out, pixazo_error **error);

/** Its client; borrowed. @since 0.1 */
PIXAZO_API pixazo_client *pixazo_studio_client(const pixazo_studio *studio);
/** Its store; borrowed. @since 0.1 */
PIXAZO_API pixazo_store *pixazo_studio_store(const pixazo_studio *studio);
/** Its exporter; borrowed. @since 0.1 */
PIXAZO_API pixazo_exporter *pixazo_studio_exporter(const pixazo_studio *studio);
/** Its repository; borrowed. @since 0.1 */
PIXAZO_API pixazo_repository *pixazo_studio_repository(const pixazo_studio *studio);
/** Its pipeline; borrowed. @since 0.1 */
PIXAZO_API pixazo_pipeline *pixazo_studio_pipeline(const pixazo_studio *studio);
/** Its settings; borrowed. @since 0.1 */
PIXAZO_API const pixazo_config *pixazo_studio_config(const pixazo_studio *studio);
/** One line a user should see ("offline test pictures: no provider is configured ..."), or ""; borrowed. @since 0.1 */
PIXAZO_API const char *pixazo_studio_note(const pixazo_studio *studio);

/**
 * What a support person would ask for: version and libraries, key source, provider, store, database, spool and the
 * room it has, descriptor limit, CA file, unfinished work; each with "ok", "note" or "problem". No key is shown.
 * @param directory of a studio; need not exist
 * @param config NULL means what pixazo_studio_open() would load
 * @param[out] out owned JSON, pixazo_free
 * @return PIXAZO_OK (also when problems are reported), PIXAZO_E_ARGUMENT, PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_studio_doctor(const char *directory, const pixazo_config *config, char **out, pixazo_error **error);

PIXAZO_END_DECLS

#endif
