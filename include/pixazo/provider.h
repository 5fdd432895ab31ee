/* SPDX-License-Identifier: MIT */
/**
 * @file provider.h
 * Providers of one's own: an image service described by a JSON document, and code where a document does not reach.
 *
 * docs/definitions.md is the reference of the document. The library does the sending, keeping, judging and repeating, as for
 * the built-in providers; several of those are such documents themselves.
 */
#ifndef PIXAZO_PROVIDER_H
#define PIXAZO_PROVIDER_H

#include <stddef.h>
#include <stdint.h>

#include <pixazo/api.h>
#include <pixazo/error.h>
#include <pixazo/store_backend.h>

PIXAZO_BEGIN_DECLS

/** A provider; counted; never changes; any number of threads. */
typedef struct pixazo_provider pixazo_provider;

/**
 * Makes a provider from its definition. Nothing is sent.
 *
 * It is used by naming it in pixazo_client_options.definition or pixazo_account.definition; clients and their work hold
 * references of their own.
 *
 * @param json the definition: one JSON object of at most 1 MiB; copied
 * @param[out] out owned, pixazo_provider_unref
 * @return PIXAZO_OK; PIXAZO_E_ARGUMENT: the message begins with the path of what is wrong, such as
 *         "models[2].parameters.steps.max: want a number"; PIXAZO_E_LIMIT; PIXAZO_E_NOMEM
 * @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_provider_new(const char *json, pixazo_provider **out, pixazo_error **error);

/** One call that is being written; valid during `build`. */
typedef struct pixazo_call pixazo_call;
/** An answer that came; valid during `read`. */
typedef struct pixazo_answer pixazo_answer;
/** What an answer says; valid during `read`. */
typedef struct pixazo_reading pixazo_reading;
/** A picture that is being made inside the process; valid during `produce`. */
typedef struct pixazo_production pixazo_production;

/** Name of the model; borrowed. @since 0.1 */
PIXAZO_API const char *pixazo_call_model(const pixazo_call *call);
/** The effective parameters as JSON, the only source of what is sent; borrowed. @since 0.1 */
PIXAZO_API const char *pixazo_call_effective_json(const pixazo_call *call);
/** The body: text such as JSON; copied. @param content_type NULL: application/json.
 *  @return PIXAZO_OK; PIXAZO_E_ARGUMENT (a second body, control characters in the type); PIXAZO_E_NOMEM. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_call_set_body(pixazo_call *call, const char *content_type, const char *text,
                                                                pixazo_error **error);
/** Path and query below the base URL; default: the model's own. @return PIXAZO_OK; PIXAZO_E_ARGUMENT (does not begin with a
 *  slash, not printable, longer than 4096 bytes); PIXAZO_E_NOMEM. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_call_set_path(pixazo_call *call, const char *path, pixazo_error **error);

/** HTTP status. @since 0.1 */
PIXAZO_API int32_t pixazo_answer_status(const pixazo_answer *answer);
/** Bytes of the body. @since 0.1 */
PIXAZO_API uint64_t pixazo_answer_size(const pixazo_answer *answer);
/** Content-Type; borrowed; "" when there is none. @since 0.1 */
PIXAZO_API const char *pixazo_answer_type(const pixazo_answer *answer);
/** Up to @p capacity bytes of the body from @p offset; *got is 0 at its end.
 *  @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_IO. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_answer_read(const pixazo_answer *answer, uint64_t offset, void *data,
                                                              size_t capacity, size_t *got, pixazo_error **error);

/** Texts of a reading. */
enum {
  PIXAZO_READING_MESSAGE = 1,   /**< the provider's words about an error */
  PIXAZO_READING_CODE = 2,      /**< its code */
  PIXAZO_READING_REMOTE_ID = 3, /**< what to ask about */
  PIXAZO_READING_POLL_URL = 4   /**< where to ask; followed only at the origin of the base URL */
};
/** What an error means for money; a whole answer without a picture is believed. */
enum {
  PIXAZO_MEANS_REFUSED = 1,  /**< not taken on, not billed */
  PIXAZO_MEANS_QUOTA = 2,    /**< the same, for lack of credit */
  PIXAZO_MEANS_OVERLOAD = 3, /**< the same, for too much load; tried again */
  PIXAZO_MEANS_BLOCKED = 4,  /**< content policy */
  PIXAZO_MEANS_FAILED = 5    /**< taken on and failed */
};
/** Replaces a text; NULL takes it away. @param what PIXAZO_READING_*
 *  @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_NOMEM. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_reading_set_text(pixazo_reading *reading, int32_t what, const char *text,
                                                                   pixazo_error **error);
/** Says what an error means. @param meaning PIXAZO_MEANS_*. @return PIXAZO_OK, PIXAZO_E_ARGUMENT. @since 0.1 */
PIXAZO_API pixazo_status pixazo_reading_set_meaning(pixazo_reading *reading, int32_t meaning);
/** Adds a picture by its link; the first takes the place of what the document's rules found.
 *  @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_LIMIT, PIXAZO_E_NOMEM. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_reading_add_url(pixazo_reading *reading, const char *url,
                                                                  pixazo_error **error);

/** Name of the model; borrowed. @since 0.1 */
PIXAZO_API const char *pixazo_production_model(const pixazo_production *production);
/** The effective parameters as JSON; borrowed. @since 0.1 */
PIXAZO_API const char *pixazo_production_effective_json(const pixazo_production *production);
/** Not 0: the call shall end; return PIXAZO_E_CANCELLED. @since 0.1 */
PIXAZO_API int32_t pixazo_production_cancelled(const pixazo_production *production);
/** Feeds the progress hook: @p done of @p total (0 when unknown) of the work, in any unit. @since 0.1 */
PIXAZO_API void pixazo_production_progress(pixazo_production *production, uint64_t done, uint64_t total);
/** Appends bytes of the picture file: PNG, JPEG or WebP. @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_IO. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_production_write(pixazo_production *production, const void *data, size_t size,
                                                                   pixazo_error **error);

/**
 * What a provider does in code beside its definition. Entries are only ever appended; NULL leaves it to the definition. The library
 * sends, keeps, judges and repeats, so no function can break the rules about money. A function that fails returns one of
 * PIXAZO_E_* and may say more with pixazo_error_set(). None may call the client it belongs to.
 */
typedef struct pixazo_provider_ops {
  size_t struct_size; /**< sizeof(pixazo_provider_ops) */
  /** Writes a call. The same effective parameters must give the same bytes. Without a body it is a flat object of the
   *  parameters. */
  pixazo_status (*build)(void *self, pixazo_call *call, pixazo_error **error);
  /** Corrects what the definition's rules read out of an answer or of a poll. Only PIXAZO_E_NOMEM and PIXAZO_E_IO may fail. */
  pixazo_status (*read)(void *self, const pixazo_answer *answer, pixazo_reading *reading, pixazo_error **error);
  /** Makes one picture file inside the process, in place of a call; the definition then has no base_url. PIXAZO_E_REJECTED: a
   *  content policy said no; PIXAZO_E_CANCELLED after a cancel; anything else, want of memory among it: it failed.
   *  From its call on it may have cost something, unless the definition says that failures are not billed, or that nothing is (`billing`). */
  pixazo_status (*produce)(void *self, pixazo_production *production, pixazo_error **error);
  /** Called once when the last reference goes, on the thread that drops it. */
  void (*destroy)(void *self);
} pixazo_provider_ops;

/** Starts pixazo_provider_ops with nothing in code. */
#define PIXAZO_PROVIDER_OPS_INIT                          \
  {                                                       \
    sizeof(pixazo_provider_ops), NULL, NULL, NULL, NULL   \
  }

/** Sets every field to NULL and struct_size to @p size. @since 0.1 */
PIXAZO_API void pixazo_provider_ops_init(pixazo_provider_ops *ops, size_t size);

/**
 * Makes a provider from its definition and functions of the program's own.
 *
 * @param ops   copied; the functions stay callable as long as the provider lives
 * @param self  given to every function; taken over on success only (see `destroy`)
 * @param flags PIXAZO_OPS_ANY_THREAD is required: calls are written and read on several threads at once
 * @param[out] out owned, pixazo_provider_unref
 * @return as pixazo_provider_new(); PIXAZO_E_UNSUPPORTED (without PIXAZO_OPS_ANY_THREAD); PIXAZO_E_ABI
 * @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_provider_new_custom(const char *json, const pixazo_provider_ops *ops,
                                                                      void *self, uint32_t flags, pixazo_provider **out,
                                                                      pixazo_error **error);

/** One more reference; returns @p provider. @since 0.1 */
PIXAZO_API pixazo_provider *pixazo_provider_ref(pixazo_provider *provider);

/** Drops one reference; NULL is allowed; always returns NULL. @since 0.1 */
PIXAZO_API pixazo_provider *pixazo_provider_unref(pixazo_provider *provider);

/** Its name; borrowed from the provider; "" for NULL. @since 0.1 */
PIXAZO_API const char *pixazo_provider_name(const pixazo_provider *provider);

/**
 * The provider as pixazo_providers_to_json() would print it: models, limits, prices, billing rule, with "schema": 1.
 * @param[out] out owned, pixazo_free. @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_provider_to_json(const pixazo_provider *provider, char **out,
                                                                   pixazo_error **error);

PIXAZO_END_DECLS

#endif
