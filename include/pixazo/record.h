/* SPDX-License-Identifier: MIT */
/**
 * @file record.h
 * What is known about one generation: asked, sent, delivered, paid, stored.
 *
 * A record is a copy taken at one moment; it never changes afterwards and any thread may read it.
 * All text is UTF-8, borrowed, valid until the record is freed, and never NULL ("" = not known).
 */
#ifndef PIXAZO_RECORD_H
#define PIXAZO_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include <pixazo/api.h>
#include <pixazo/blob.h>
#include <pixazo/error.h>

PIXAZO_BEGIN_DECLS

/** Where a generation stands. From PIXAZO_GENERATION_DONE on it has ended. */
enum {
  PIXAZO_GENERATION_PLANNED = 1,   /**< recorded, not sent */
  PIXAZO_GENERATION_ACTIVE = 2,    /**< a call is being made or its pictures are being brought home */
  PIXAZO_GENERATION_DONE = 3,      /**< every picture is recorded */
  PIXAZO_GENERATION_PARTIAL = 4,   /**< some pictures are recorded, others are lost or quarantined */
  PIXAZO_GENERATION_FAILED = 5,    /**< no picture, and nothing more will be tried by itself */
  PIXAZO_GENERATION_BLOCKED = 6,   /**< refused by content policy */
  PIXAZO_GENERATION_AMBIGUOUS = 7, /**< a paid call was sent and its outcome is unknown: decide */
  PIXAZO_GENERATION_CANCELLED = 8, /**< cancelled before anything was sent */
  PIXAZO_GENERATION_ABANDONED = 9  /**< given up by the user */
};

/** Where one picture of an accepted call stands. */
enum {
  PIXAZO_IMAGE_EXPECTED = 1,    /**< paid for, not yet here */
  PIXAZO_IMAGE_RECORDED = 2,    /**< stored and measured */
  PIXAZO_IMAGE_QUARANTINED = 3, /**< bytes are kept, but they are not a good picture */
  PIXAZO_IMAGE_LOST = 4         /**< could not be brought home */
};

/** How much a cost can be trusted. */
enum {
  PIXAZO_CONFIDENCE_UNKNOWN = 0,     /**< no price is known; the amount means nothing */
  PIXAZO_CONFIDENCE_UPPER_BOUND = 1, /**< at most this much, by what is known of the price: of calls in
                                          doubt, whatever the price list says */
  PIXAZO_CONFIDENCE_ESTIMATED = 2,   /**< from a price list */
  PIXAZO_CONFIDENCE_METERED = 3,     /**< from the usage the answer reports */
  PIXAZO_CONFIDENCE_BILLED = 4       /**< the amount the provider named, or known to be free */
};

/** Where content policy stepped in. */
enum {
  PIXAZO_SAFETY_UNKNOWN = 0, /**< not said */
  PIXAZO_SAFETY_INPUT = 1,   /**< what was asked for */
  PIXAZO_SAFETY_OUTPUT = 2   /**< what came out */
};

/** One generation with its pictures; owned; pixazo_generation_free. */
typedef struct pixazo_generation pixazo_generation;

/** UUID (version 7); the id every other function takes. @since 0.1 */
PIXAZO_API const char *pixazo_generation_uuid(const pixazo_generation *generation);
/** UUID of the batch, or "". @since 0.1 */
PIXAZO_API const char *pixazo_generation_batch(const pixazo_generation *generation);
/** UUID of the earlier generation whose pictures these are, or "": then no call was made and nothing was paid. @since 0.1 */
PIXAZO_API const char *pixazo_generation_replayed_from(const pixazo_generation *generation);
/** Who asked: the principal, "" for the default one. @since 0.1 */
PIXAZO_API const char *pixazo_generation_principal(const pixazo_generation *generation);
/** The idempotency key, or "". @since 0.1 */
PIXAZO_API const char *pixazo_generation_idempotency_key(const pixazo_generation *generation);
/** The prompt as asked. @since 0.1 */
PIXAZO_API const char *pixazo_generation_prompt(const pixazo_generation *generation);
/** Provider ("pixazo"). @since 0.1 */
PIXAZO_API const char *pixazo_generation_provider(const pixazo_generation *generation);
/** Model without the provider ("sdxl"). @since 0.1 */
PIXAZO_API const char *pixazo_generation_model(const pixazo_generation *generation);
/** The caller's request, verbatim, as JSON. @since 0.1 */
PIXAZO_API const char *pixazo_generation_request_json(const pixazo_generation *generation);
/** The caller's metadata, never sent, as JSON; "" when there is none. @since 0.1 */
PIXAZO_API const char *pixazo_generation_metadata_json(const pixazo_generation *generation);
/** What was sent, with the seed, as JSON. @since 0.1 */
PIXAZO_API const char *pixazo_generation_effective_json(const pixazo_generation *generation);
/** Requested, sent and delivered value of each parameter, as JSON. @since 0.1 */
PIXAZO_API const char *pixazo_generation_outcome_json(const pixazo_generation *generation);
/** Providers that were left for the one that was asked in the end, as a JSON array of {"provider", "model", "why"}, in order; ""
 *  when there are none. @since 0.1 */
PIXAZO_API const char *pixazo_generation_route_json(const pixazo_generation *generation);
/** Message of the failure that ended it; of one that has not ended why it does not go on by itself (a budget said no, a picture
 *  could not be fetched); or "". @since 0.1 */
PIXAZO_API const char *pixazo_generation_message(const pixazo_generation *generation);
/** One of PIXAZO_GENERATION_*. @since 0.1 */
PIXAZO_API int32_t pixazo_generation_state(const pixazo_generation *generation);
/** Class of the last attempt, one of PIXAZO_CLASS_*. @since 0.1 */
PIXAZO_API int32_t pixazo_generation_class(const pixazo_generation *generation);
/** HTTP status of the last attempt, or 0. @since 0.1 */
PIXAZO_API int32_t pixazo_generation_http_status(const pixazo_generation *generation);
/** Number of paid attempts. @since 0.1 */
PIXAZO_API int32_t pixazo_generation_attempts(const pixazo_generation *generation);
/** Cost in micro-units of the currency, all attempts together. Read the confidence with it. @since 0.1 */
PIXAZO_API int64_t pixazo_generation_cost_micros(const pixazo_generation *generation);
/** Currency, ISO 4217; "USD" by default. @since 0.1 */
PIXAZO_API const char *pixazo_generation_currency(const pixazo_generation *generation);
/** One of PIXAZO_CONFIDENCE_*. @since 0.1 */
PIXAZO_API int32_t pixazo_generation_confidence(const pixazo_generation *generation);
/** When it was added, UTC microseconds since 1970. @since 0.1 */
PIXAZO_API int64_t pixazo_generation_created_us(const pixazo_generation *generation);
/** When it last changed, UTC microseconds since 1970. @since 0.1 */
PIXAZO_API int64_t pixazo_generation_updated_us(const pixazo_generation *generation);

/** How long it waited from being added to its first call, microseconds; 0 when none was made. @since 0.1 */
PIXAZO_API int64_t pixazo_generation_queued_us(const pixazo_generation *generation);
/** When the last call was sent, UTC microseconds since 1970; 0 when none was. @since 0.1 */
PIXAZO_API int64_t pixazo_generation_sent_us(const pixazo_generation *generation);
/** When the last call was answered, UTC microseconds since 1970; 0 when it was not. @since 0.1 */
PIXAZO_API int64_t pixazo_generation_answered_us(const pixazo_generation *generation);
/** When it ended, UTC microseconds since 1970; 0 while it is open. @since 0.1 */
PIXAZO_API int64_t pixazo_generation_ended_us(const pixazo_generation *generation);
/** The provider's request id of the last call, for its support, or "". All calls are in the JSON. @since 0.1 */
PIXAZO_API const char *pixazo_generation_request_id(const pixazo_generation *generation);
/**
 * What was said about safety, as one JSON object; "" when nothing was: "source" ("provider", or "program" for a hook's
 * verdict, which comes first), "stage" ("input", "output" or "unknown"), "categories" (array of the source's own words),
 * "text", "code" and "charge" ("not_charged", "charged" or "unknown"). @since 0.1
 */
PIXAZO_API const char *pixazo_generation_safety_json(const pixazo_generation *generation);

/** Number of pictures, of all calls the request was split into. @since 0.1 */
PIXAZO_API size_t pixazo_generation_image_count(const pixazo_generation *generation);
/** UUID of picture @p index; "" past the end, as for all getters below. @since 0.1 */
PIXAZO_API const char *pixazo_generation_image_uuid(const pixazo_generation *generation, size_t index);
/** One of PIXAZO_IMAGE_*; 0 past the end. @since 0.1 */
PIXAZO_API int32_t pixazo_generation_image_state(const pixazo_generation *generation, size_t index);
/** Key in the store. @since 0.1 */
PIXAZO_API const char *pixazo_generation_image_key(const pixazo_generation *generation, size_t index);
/** Absolute path of the original when the store is local, else "". @since 0.1 */
PIXAZO_API const char *pixazo_generation_image_path(const pixazo_generation *generation, size_t index);
/** The provider's URL while the picture is not recorded yet, else "". @since 0.1 */
PIXAZO_API const char *pixazo_generation_image_url(const pixazo_generation *generation, size_t index);
/** Lower-case hex SHA-256 of the original. @since 0.1 */
PIXAZO_API const char *pixazo_generation_image_sha256(const pixazo_generation *generation, size_t index);
/** Content type ("image/png"), from the bytes. @since 0.1 */
PIXAZO_API const char *pixazo_generation_image_content_type(const pixazo_generation *generation, size_t index);
/** Why it is quarantined, lost, or expected and not here yet; or "". @since 0.1 */
PIXAZO_API const char *pixazo_generation_image_reason(const pixazo_generation *generation, size_t index);
/** Pixels, as measured; 0 when not known. @since 0.1 */
PIXAZO_API int32_t pixazo_generation_image_width(const pixazo_generation *generation, size_t index);
/** Pixels, as measured; 0 when not known. @since 0.1 */
PIXAZO_API int32_t pixazo_generation_image_height(const pixazo_generation *generation, size_t index);
/** 1 when the picture has transparency, as measured, else 0. @since 0.1 */
PIXAZO_API int32_t pixazo_generation_image_has_alpha(const pixazo_generation *generation, size_t index);
/** Alternative text for readers who do not see it. @since 0.1 */
PIXAZO_API const char *pixazo_generation_image_alt_text(const pixazo_generation *generation, size_t index);
/** The prompt as the provider changed it, or "". @since 0.1 */
PIXAZO_API const char *pixazo_generation_image_revised_prompt(const pixazo_generation *generation, size_t index);
/** The seed that the provider says it was made with; -1 when it did not say. What was asked for is in the effective
 *  parameters. @since 0.1 */
PIXAZO_API int64_t pixazo_generation_image_seed(const pixazo_generation *generation, size_t index);
/** What the program's on_picture hook said about it when it withheld it, as pixazo_generation_safety_json(); else "".
 *  @since 0.1 */
PIXAZO_API const char *pixazo_generation_image_safety_json(const pixazo_generation *generation, size_t index);
/** How long its download took, microseconds; 0 when it came inside the answer. @since 0.1 */
PIXAZO_API int64_t pixazo_generation_image_download_us(const pixazo_generation *generation, size_t index);
/** From its bytes to its place in the store, renditions included, microseconds; 0 when not known. @since 0.1 */
PIXAZO_API int64_t pixazo_generation_image_processing_us(const pixazo_generation *generation, size_t index);
/** Bytes of the original; 0 when not known. @since 0.1 */
PIXAZO_API int64_t pixazo_generation_image_bytes(const pixazo_generation *generation, size_t index);
/** The picture's bytes, where the call that made the record delivered them (a bare client); borrowed, else
 *  NULL. @since 0.1 */
PIXAZO_API pixazo_blob *pixazo_generation_image_blob(const pixazo_generation *generation, size_t index);

/** Number of renditions of picture @p index. @since 0.1 */
PIXAZO_API size_t pixazo_generation_rendition_count(const pixazo_generation *generation, size_t index);
/** Absolute path of a rendition when the store is local, else "". @since 0.1 */
PIXAZO_API const char *pixazo_generation_rendition_path(const pixazo_generation *generation, size_t index, size_t rendition);
/** Name of the recipe that made a rendition ("fit-256"). @since 0.1 */
PIXAZO_API const char *pixazo_generation_rendition_name(const pixazo_generation *generation, size_t index, size_t rendition);
/** Key of a rendition in the store. @since 0.1 */
PIXAZO_API const char *pixazo_generation_rendition_key(const pixazo_generation *generation, size_t index, size_t rendition);
/** Content type of a rendition. @since 0.1 */
PIXAZO_API const char *pixazo_generation_rendition_content_type(const pixazo_generation *generation, size_t index,
                                                                size_t rendition);
/** Bytes of a rendition. @since 0.1 */
PIXAZO_API int64_t pixazo_generation_rendition_bytes(const pixazo_generation *generation, size_t index, size_t rendition);

/**
 * The whole record as one JSON object with "schema": 1; names are those of the getters.
 * @param[out] out owned, pixazo_free. @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_generation_to_json(const pixazo_generation *generation, char **out, pixazo_error **error);

/** Frees the record. NULL is allowed. @since 0.1 */
PIXAZO_API void pixazo_generation_free(pixazo_generation *generation);

/** Text of a state: "planned", "active", "done" and so on; static; "unknown" for other values. @since 0.1 */
PIXAZO_API const char *pixazo_generation_state_name(int32_t state);
/** Text of an image state: "expected", "recorded", "quarantined", "lost"; static. @since 0.1 */
PIXAZO_API const char *pixazo_image_state_name(int32_t state);
/** Text of a confidence: "unknown", "upper_bound", "estimated", "metered", "billed"; static. @since 0.1 */
PIXAZO_API const char *pixazo_confidence_name(int32_t confidence);

PIXAZO_END_DECLS

#endif
