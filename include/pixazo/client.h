/* SPDX-License-Identifier: MIT */
/**
 * @file client.h
 * Calls AI image services.
 *
 * A bare client makes one call and returns what came; it has nowhere to keep a late answer. For
 * pictures that survive a crash use the pipeline or the studio.
 */
#ifndef PIXAZO_CLIENT_H
#define PIXAZO_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include <pixazo/api.h>
#include <pixazo/blob.h>
#include <pixazo/cancel.h>
#include <pixazo/error.h>
#include <pixazo/gate.h>
#include <pixazo/log.h>
#include <pixazo/metrics.h>
#include <pixazo/provider.h>
#include <pixazo/record.h>
#include <pixazo/request.h>

PIXAZO_BEGIN_DECLS

/** What a progress hook is told about. */
enum {
  PIXAZO_STAGE_QUEUED = 1,      /**< waiting for a quota or a delay */
  PIXAZO_STAGE_GENERATING = 2,  /**< sent to the provider */
  PIXAZO_STAGE_DOWNLOADING = 3, /**< bringing the picture home; bytes are counted */
  PIXAZO_STAGE_PROCESSING = 4,  /**< verifying, storing, exporting */
  PIXAZO_STAGE_PARTIAL = 5      /**< a partial picture is here; the call goes on */
};

/** Told to the progress hook. The library fills it; fields are only ever appended. */
typedef struct pixazo_progress {
  size_t struct_size;     /**< how many bytes this library filled */
  const char *generation; /**< UUID; borrowed for the call */
  uint64_t bytes_done;    /**< bytes */
  uint64_t bytes_total;   /**< bytes; 0 when unknown */
  int32_t stage;          /**< PIXAZO_STAGE_*; unknown values may appear */
  uint32_t attempt;       /**< 1 for the first try */
  int64_t until_us;       /**< PIXAZO_STAGE_QUEUED for a quota: when it is asked again, UTC microseconds; else 0 */
  pixazo_blob *partial;   /**< PIXAZO_STAGE_PARTIAL: the file of a picture on its way, as the provider sent it: at most 8 MiB,
                               not verified, never stored; borrowed for the call, pixazo_blob_ref() keeps it. Else NULL.
                               One that was not told before the next came, or before the call ended, may be left out */
  uint64_t work_done;     /**< what the provider says of its work, in units of its own (steps, thousandths); 0: nothing */
  uint64_t work_total;    /**< the same of the whole; 0 when unknown */
  int32_t partial_index;  /**< PIXAZO_STAGE_PARTIAL: number of it, as the provider counts, from 0; else 0 */
  int32_t reserved;       /**< always 0 */
} pixazo_progress;

/**
 * Progress hook. Runs on the thread that is inside the pixazo call. Return 0 to go on; anything else
 * cancels as PIXAZO_CANCEL_SOFT does, and the hook is not called for that generation again, though
 * what is paid is still finished. Must not call functions that take the same handle.
 */
typedef int32_t (*pixazo_progress_fn)(const pixazo_progress *progress, void *user_data);

/** Told to the retry hook before a wait. */
typedef struct pixazo_retry {
  size_t struct_size;        /**< how many bytes this library filled */
  const char *generation;    /**< UUID; borrowed for the call */
  const pixazo_error *cause; /**< why the last try failed; borrowed for the call; NULL when not known */
  int32_t attempt_class;     /**< PIXAZO_CLASS_* of the last try; PIXAZO_CLASS_NONE for polls and downloads */
  uint32_t retry;            /**< 1 for the first retry */
  uint32_t delay_ms;         /**< planned wait */
  uint32_t reserved;         /**< always 0 */
} pixazo_retry;

/**
 * Retry hook. Runs on a thread that is inside a pixazo call. Returns the wait in milliseconds
 * (retry->delay_ms to agree), or a negative number to veto the retry. A pipeline asks for paid calls only.
 */
typedef int64_t (*pixazo_retry_fn)(const pixazo_retry *retry, void *user_data);

/**
 * How a client reaches one more provider beside its own. Zero in any field means "the default". All text is copied.
 * Providers that need no key can be asked for by name without an account.
 */
typedef struct pixazo_account {
  size_t struct_size;   /**< sizeof(pixazo_account) */
  const char *provider; /**< its name; required without a definition; each provider once */
  const char *api_key;  /**< as in pixazo_client_options; goes to this provider's address only */
  const char *base_url; /**< as in pixazo_client_options; default: the provider's public address */
  const char *model;    /**< asked for where only the provider is named; default: the provider's first */
  const char *headers;  /**< further header lines, "Name: value", with line feeds between; at most 8; never a key, since they
                             are not kept secret: Authorization, Cookie, X-Api-Key and their like are refused with
                             PIXAZO_E_ARGUMENT; default none */
  pixazo_provider *definition; /**< the provider itself, for one of the program's own; one reference is taken; provider may
                                    then be NULL; default: the built-in one of that name */
  int32_t key_later;  /**< 1: without the key that it needs the account is made all the same, and a request for its provider is
                           PIXAZO_E_AUTH; not for the client's own provider; default 0 */
  int32_t reserved;   /**< 0 */
} pixazo_account;

/** Static initialiser of an account. */
#define PIXAZO_ACCOUNT_INIT                                          \
  {                                                                  \
    sizeof(pixazo_account), NULL, NULL, NULL, NULL, NULL, NULL, 0, 0 \
  }

/** Zero in any field means "the default". All text is copied. */
typedef struct pixazo_client_options {
  size_t struct_size;             /**< sizeof(pixazo_client_options) */
  const char *provider;           /**< see pixazo_providers_to_json(); default: the one that model names, else "pixazo" */
  const char *model;              /**< default model, also as "provider/model"; default: the provider's first */
  const char *api_key;            /**< wiped on free; never logged; required unless the provider needs none; visible ASCII,
                                       at most 4096 bytes */
  const char *base_url;           /**< default: the provider's public address; https unless its host is in allow_hosts */
  const char *allow_hosts;        /**< comma list of host or host:port that may be plain http, loopback or private;
                                       default none */
  const char *ca_file;            /**< PEM file of certificate authorities; must be readable; default the system's */
  const char *proxy;              /**< URL of a proxy; default none; the environment is never read */
  const char *limits_json;        /**< JSON object that overrides parameter limits:
                                       {"provider/model": {"steps": {"max": 50}}}; default none */
  const char *offline_script;     /**< JSON script of failures for the offline provider, see docs/providers.md;
                                       default none */
  pixazo_gate *gate;              /**< one reference is taken; default: a gate of this client alone */
  pixazo_log *log;                /**< one reference is taken; default none */
  pixazo_progress_fn on_progress; /**< default none */
  void *on_progress_data;         /**< not owned; outlives the client */
  pixazo_retry_fn on_retry;       /**< default none: planned retries are made */
  void *on_retry_data;            /**< not owned; outlives the client */
  uint64_t max_download_bytes;    /**< largest picture; default 64 MiB */
  uint64_t max_answer_bytes;      /**< largest answer of a provider; default 96 MiB (a 64 MiB picture in base64) */
  double guidance_floor;          /**< guidance below it is raised to it; 0 to 1000; default 0: no floor */
  uint32_t connect_timeout_ms;    /**< lookup, connection and TLS together; default 10000 */
  uint32_t generation_timeout_ms; /**< from sending to the whole answer, queue included; default: what the provider's row
                                       says, else 300000 */
  uint32_t stall_timeout_ms;      /**< a download without a byte; default 60000; one try as a whole gets 10 minutes */
  uint32_t max_retries;           /**< after the first try of a paid call; default 2; PIXAZO_NO_RETRY for none */
  uint32_t max_fetch_retries;     /**< after the first try of a poll or download; default 5; PIXAZO_NO_RETRY for none */
  uint32_t retry_delay_ms;        /**< first delay, doubled each time up to 30 s, with full jitter; default 1000. A wait that
                                       the other side names is honoured up to 120 s */
  uint32_t poll_interval_ms;      /**< between polls of a queue; default: what the provider's row says */
  int32_t on_ambiguous;           /**< PIXAZO_AMBIGUOUS_*; default PIXAZO_AMBIGUOUS_STOP */
  const pixazo_account *const *accounts; /**< further providers; also the client's own, where api_key and base_url
                                              are not set; default none */
  size_t account_count;                  /**< entries of accounts, at most 64 */
  const char *fallback;       /**< comma list of providers, or provider/model, that are asked in this order when the first cannot
                                   deliver; those without a key are passed over, each with the reason in the record; at most 16;
                                   default none. A provider may then be missing its key */
  int32_t fallback_rejected;  /**< 1: also after a request was refused as such (HTTP 400, 404, 422); default 0 */
  int32_t fallback_blocked;   /**< 1: also after a content policy said no; default 0 */
  uint32_t breaker_failures;  /**< failed calls in a row after which a provider is passed over; default 5; PIXAZO_NO_RETRY:
                                   never. Only where another one can be asked */
  uint32_t breaker_ms;        /**< until one call may probe it again, doubled each time it fails, up to 10 minutes; default
                                   30000 */
  pixazo_metrics *metrics;    /**< one reference is taken; default: metrics of this client alone */
  pixazo_provider *definition; /**< the client's own provider, for one of the program's own; one reference is taken; provider
                                    may then be NULL; default: the built-in one */
  const char *models_json;     /**< changes to the catalogue: JSON object of lists of models by the name of their provider, with the
                                    members of a definition (docs/definitions.md); what is not said stays; default none */
} pixazo_client_options;

/** For max_retries and max_fetch_retries. */
#define PIXAZO_NO_RETRY UINT32_MAX

/** What to do after a paid call was sent and its outcome is unknown. */
enum {
  PIXAZO_AMBIGUOUS_STOP = 0, /**< stop and say so: nothing is paid twice */
  PIXAZO_AMBIGUOUS_RETRY = 1, /**< send again, at most max_retries times; may be paid twice */
  PIXAZO_AMBIGUOUS_FALLBACK = 2 /**< ask the next provider of fallback; both may be paid */
};

/** Static initialiser; the same as pixazo_client_options_init(). */
#define PIXAZO_CLIENT_OPTIONS_INIT                                                                                     \
  {                                                                                                                    \
    sizeof(pixazo_client_options), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, \
        NULL, 0, 0, 0.0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, 0, NULL, 0, 0, 0, 0, NULL, NULL, NULL                             \
  }

/** Sets every field to its default. @param size sizeof(pixazo_client_options). @since 0.1 */
PIXAZO_API void pixazo_client_options_init(pixazo_client_options *options, size_t size);

/** A client; counted; its configuration never changes; any number of threads. */
typedef struct pixazo_client pixazo_client;

/**
 * Makes a client. Opens no connection.
 * @param options NULL means all defaults
 * @param[out] out owned, pixazo_client_unref
 * @return PIXAZO_OK; PIXAZO_E_AUTH (the provider needs a key and none is given);
 *         PIXAZO_E_ARGUMENT (key with control characters, bad URL, unknown provider or model limits);
 *         PIXAZO_E_ABI; PIXAZO_E_NOMEM; PIXAZO_E_IO (no thread or descriptor, or ca_file cannot be read). @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_client_new(const pixazo_client_options *options, pixazo_client **out, pixazo_error **error);

/** One more reference; returns @p client. @since 0.1 */
PIXAZO_API pixazo_client *pixazo_client_ref(pixazo_client *client);

/** Drops one reference; NULL is allowed; always returns NULL. The last one cuts what is in flight. @since 0.1 */
PIXAZO_API pixazo_client *pixazo_client_unref(pixazo_client *client);

/**
 * Generates, and blocks until the answer is there. Hooks run on this thread.
 *
 * The pictures of the record hold their bytes (pixazo_generation_image_blob) where the answer carried
 * them, else a URL for pixazo_client_fetch().
 *
 * @param request must have a prompt; not changed
 * @param cancel may be NULL
 * @param[out] out owned, pixazo_generation_free
 * @return PIXAZO_OK; PIXAZO_E_ARGUMENT; PIXAZO_E_CANCELLED (nothing was sent);
 *         PIXAZO_E_AMBIGUOUS (sent, outcome unknown; also after a cancel); PIXAZO_E_AUTH, _THROTTLED, _QUOTA,
 *         _REJECTED, _PROVIDER, _NETWORK, _TIMEOUT, _LIMIT (of the provider or on the way; see
 *         pixazo_error_charge()); PIXAZO_E_IO (this machine: no file in memory); PIXAZO_E_BUDGET; the failures of the gate
 *         (PIXAZO_E_BUSY, _IO, _CORRUPT), before anything is sent; PIXAZO_E_STATE after fork; PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_client_generate(pixazo_client *client, const pixazo_request *request, pixazo_cancel *cancel, pixazo_generation **out,
                       pixazo_error **error);

/**
 * Downloads a URL of a result: https only, public addresses only unless the host is in allow_hosts, at most
 * five redirects, each checked, and never with a key. Blocks; tried again up to max_fetch_retries times.
 * @param cancel may be NULL; either mode cuts the download
 * @param[out] out owned, pixazo_blob_unref
 * @return PIXAZO_OK; PIXAZO_E_ARGUMENT (no valid URL); PIXAZO_E_NETWORK (also: plain http or an address that is not
 *         allowed); PIXAZO_E_TIMEOUT; PIXAZO_E_LIMIT (over max_download_bytes, or too many redirects); PIXAZO_E_PROVIDER
 *         (HTTP status, see pixazo_error_http_status()); PIXAZO_E_CANCELLED; PIXAZO_E_IO (this machine); PIXAZO_E_STATE
 *         after fork; PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_client_fetch(pixazo_client *client, const char *url, pixazo_cancel *cancel, pixazo_blob **out, pixazo_error **error);

/** Like pixazo_client_fetch(), but streams to a file that appears whole or not at all. Mode 0644.
 *  @return as pixazo_client_fetch(); PIXAZO_E_NOT_FOUND when the directory of @p path is not there. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_client_fetch_file(pixazo_client *client, const char *url, const char *path, pixazo_cancel *cancel, pixazo_error **error);

/**
 * Plans a request without sending it: the effective parameters, what was clamped or dropped, the calls it is
 * split into, and the worst-case cost with its confidence, as one JSON object with "schema": 1. With a fallback "cost" is that of
 * the dearest one who may be asked, "cost.provider" and "cost.model" (not known where one of them has a price that is not), and
 * "free" says that none of them bills. It is the cost of one call for each part: on_ambiguous other than stop may pay for more.
 * @param[out] out owned, pixazo_free. @return as pixazo_client_generate() before sending. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_client_estimate(pixazo_client *client, const pixazo_request *request, char **out, pixazo_error **error);

/** Every built-in provider with its models, limits, prices (source and date) and billing rule, as one JSON
 *  object with "schema": 1. Needs no client. @param[out] out owned, pixazo_free.
 *  @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_NOMEM. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_providers_to_json(char **out, pixazo_error **error);

/**
 * How each provider of the client is doing: "state" is "good", "broken" (calls failed in a row, see breaker_failures) or
 * "paused" (it said that there is no credit or quota left), with "retry_after_ms" for the last two, and "has_key"; one JSON
 * object with "schema": 1.
 * @param[out] out owned, pixazo_free. @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_client_health(pixazo_client *client, char **out, pixazo_error **error);

/** Lets calls to a broken or paused provider pass at once, when the reason is gone. Without it a paused one is asked again at the
 *  time it named, else after 5 minutes. @param provider NULL means all. @return PIXAZO_OK, PIXAZO_E_ARGUMENT. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_client_reopen(pixazo_client *client, const char *provider, pixazo_error **error);

/** What this client and its pipelines count; borrowed; valid while the client is; NULL for NULL. @since 0.1 */
PIXAZO_API pixazo_metrics *pixazo_client_metrics(const pixazo_client *client);

/** Name of the default provider; static; "" for NULL. @since 0.1 */
PIXAZO_API const char *pixazo_client_provider(const pixazo_client *client);

PIXAZO_END_DECLS

#endif
