/* SPDX-License-Identifier: MIT */
/**
 * @file review.h
 * What a program says about a prompt before it is sent, and about a picture before it is recorded.
 *
 * Both hooks belong to a pipeline or a studio; a bare client has none. They run only on threads of the program that are
 * inside a pixazo call on that pipeline (wait, next_event, run, resume, retry, abandon, free; of a studio also generate and
 * open), one at a time on each such thread. Until one comes, what they are asked about waits: a prompt without taking a slot
 * or reserving money, a picture in the spool. Inside a hook getters, the repository and the exporter may be used; functions
 * that take the pipeline or the studio may not.
 */
#ifndef PIXAZO_REVIEW_H
#define PIXAZO_REVIEW_H

#include <stddef.h>
#include <stdint.h>

#include <pixazo/api.h>
#include <pixazo/error.h>

PIXAZO_BEGIN_DECLS

/** Longest alternative text of pixazo_review_set_alt_text(), bytes of UTF-8. */
#define PIXAZO_ALT_TEXT_MAX 1000

/** Told to the prompt hook. The library fills it; fields are only ever appended. All text is borrowed for the call. */
typedef struct pixazo_prompt_facts {
  size_t struct_size;          /**< bytes this library filled */
  const char *generation;      /**< UUID */
  const char *prompt;          /**< as it would be sent */
  const char *negative_prompt; /**< "" when there is none */
  const char *provider;        /**< that is asked first: others may follow (fallback) and get the same prompt */
  const char *model;           /**< without the provider */
  const char *principal;       /**< who asks; "" is the default one */
  uint32_t pictures;           /**< pictures and masks that go along; 0: none */
  uint32_t reserved;           /**< 0 */
} pixazo_prompt_facts;

/** Told to the picture hook. The library fills it; fields are only ever appended. All text is borrowed for the call. */
typedef struct pixazo_picture_facts {
  size_t struct_size;       /**< bytes this library filled */
  const char *generation;   /**< UUID */
  const char *image;        /**< UUID of the picture */
  const char *path;         /**< its file: whole, checked, to be read during the call and not to be changed */
  const char *content_type; /**< from the bytes */
  const char *sha256;       /**< lower-case hex */
  const char *prompt;       /**< as it was sent */
  const char *alt_text;     /**< what it will have: made of the prompt */
  const char *principal;    /**< who asked; "" is the default one */
  uint64_t bytes;           /**< of the file */
  uint32_t width;           /**< pixels */
  uint32_t height;          /**< pixels */
} pixazo_picture_facts;

/** The answer of a hook: "allow", unless the hook says otherwise. It lives during the call only. */
typedef struct pixazo_review pixazo_review;

/**
 * Blocks the prompt, or withholds the picture.
 *
 * A blocked generation ends `blocked` with PIXAZO_E_REJECTED: nothing is sent, reserved or charged, and no other provider is
 * asked. A withheld picture was paid for: its file is kept in quarantine, has no renditions and no place in the store, and
 * its generation ends with PIXAZO_E_REJECTED unless others of its pictures are recorded.
 * pixazo_generation_safety_json() says what was answered.
 * @param reason UTF-8 for people; copied, cut at 600 bytes; NULL counts as ""
 * @since 0.1
 */
PIXAZO_API void pixazo_review_set_blocked(pixazo_review *review, const char *reason);

/** Names a category of what was found ("violence"); of a review that blocks. UTF-8; copied, cut at 64 bytes; only the first
 *  32 are kept; NULL and "" are left aside. @since 0.1 */
PIXAZO_API void pixazo_review_add_category(pixazo_review *review, const char *category);

/**
 * Gives the picture an alternative text in the place of the one made of its prompt: into its record, the search and the
 * metadata of its renditions.
 * @param text UTF-8, at most PIXAZO_ALT_TEXT_MAX bytes; copied; control characters become spaces; "": a picture that says
 *             nothing
 * @return PIXAZO_OK; PIXAZO_E_ARGUMENT (NULL, not UTF-8); PIXAZO_E_LIMIT (too long); PIXAZO_E_STATE (the review of a
 *         prompt). On failure the review is unchanged. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_review_set_alt_text(pixazo_review *review, const char *text,
                                                                      pixazo_error **error);

/**
 * Asked once for each generation before anything is sent or reserved for it, again when it is resumed or retried as a new
 * one; not for further calls of the same generation, and not where an earlier generation answers it (replay). The parts of a
 * request that needs several calls are generations of their own.
 * @return PIXAZO_OK: the review counts. Anything else, said more of with pixazo_error_set(): the hook could not tell. Then
 *         nothing is sent, and the generation stays `planned`: pixazo_pipeline_resume() with PIXAZO_RESUME_CONTINUE asks again.
 */
typedef pixazo_status (*pixazo_prompt_fn)(const pixazo_prompt_facts *facts, pixazo_review *review, void *user_data,
                                          pixazo_error **error);

/**
 * Asked about every original once it is here and proved whole, before it is exported, stored and recorded; again where a
 * crash came before its record. Partial pictures pass by it: who may not show what was not looked at does not ask for them.
 * @return PIXAZO_OK: the review counts. Anything else: the hook could not tell. Then the picture is recorded as without a
 *         hook, and the log has a warning.
 */
typedef pixazo_status (*pixazo_picture_fn)(const pixazo_picture_facts *facts, pixazo_review *review, void *user_data,
                                           pixazo_error **error);

PIXAZO_END_DECLS

#endif
