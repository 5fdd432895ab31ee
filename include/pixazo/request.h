/* SPDX-License-Identifier: MIT */
/**
 * @file request.h
 * What is asked for: a prompt and parameters, built piece by piece or from JSON.
 *
 * Parameters, with the other spellings accepted by every function that takes a key:
 *
 * | key               | type    | allowed         | default            | also spelled |
 * |-------------------|---------|-----------------|--------------------|--------------|
 * | prompt            | string  | to 32 KiB       | required           | |
 * | negative_prompt   | string  | to 32 KiB       | none               | negativePrompt |
 * | model             | string  | to 256 bytes    | of the client      | "provider/model" names a provider too |
 * | provider          | string  | to 256 bytes    | of the client      | |
 * | width, height     | integer | 1-65536 pixels  | of the model       | |
 * | steps             | integer | 1-10000         | of the model       | num_steps, num_inference_steps |
 * | guidance          | number  | 0-1000          | of the model       | guidance_scale, cfg_scale, cfgScale |
 * | seed              | integer | -1 to 2^53      | -1 = drawn at random and recorded | |
 * | count             | integer | 1-1000 pictures | 1                  | n, num_images |
 * | sampler           | string  | to 256 bytes    | of the model       | |
 * | aspect_ratio      | string  | "W:H"           | of the model       | aspectRatio; decides what width and height leave open |
 * | quality           | string  | to 256 bytes    | of the model       | words of the model, such as low, medium, high |
 * | format            | string  | png, jpeg, webp | of the model       | output_format; what is asked for: what came is measured |
 * | background        | string  | to 256 bytes    | of the model       | words of the model, such as transparent, opaque |
 * | strength          | number  | 0-1             | of the model       | denoising_strength, prompt_strength; how far from images |
 * | partial_images    | integer | 0-16            | 0                  | pictures on the way, where a model streams them |
 * | images            | list    | to 64 files     | none               | paths of PNG, JPEG or WebP files to edit or to follow |
 * | mask              | string  | to 4095 bytes   | none               | path of a picture whose transparent part is to be changed |
 * | parent            | string  | UUID            | none               | generation this one is made from, for the record alone |
 * | idempotency_key   | string  | to 256 bytes    | none; the same key again gives the first generation, unsent | |
 * | principal         | string  | to 256 bytes    | "" | |
 * | traceparent       | string  | W3C Trace Context | none; sent to the provider as the header of this name, and to nobody else | |
 * | replay            | string  | exact, never    | as the pipeline says | exact: an earlier equal generation answers it; never: a call of its own |
 * | provider_options  | object  | to 256 KiB      | none; added to the provider's body as it is | |
 * | metadata          | object  | to 1 MiB        | none; kept in the record, never sent | |
 *
 * What is allowed here may still be more than a model takes: then it is clamped or dropped, and the record says so.
 * In JSON any other member is the caller's own metadata: kept with the record, never sent.
 * A request belongs to one thread while it is built and is read-only when used.
 */
#ifndef PIXAZO_REQUEST_H
#define PIXAZO_REQUEST_H

#include <stdint.h>

#include <pixazo/api.h>
#include <pixazo/error.h>

PIXAZO_BEGIN_DECLS

/** A request being built; sole owner; pixazo_request_free. */
typedef struct pixazo_request pixazo_request;

/**
 * Makes a request.
 * @param prompt copied; UTF-8; NULL leaves it to be set later
 * @param[out] out owned, pixazo_request_free
 * @return PIXAZO_OK, PIXAZO_E_ARGUMENT (not UTF-8, or over 32 KiB), PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_request_new(const char *prompt, pixazo_request **out, pixazo_error **error);

/**
 * Makes a request from a JSON object; the text is kept verbatim for the record.
 * @param[out] out owned, pixazo_request_free
 * @return PIXAZO_OK, PIXAZO_E_ARGUMENT (not JSON, no object, or wrong type or range: all members at fault are
 *         named), PIXAZO_E_LIMIT (over 1 MiB), PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_request_new_from_json(const char *json, pixazo_request **out, pixazo_error **error);

/** Sets a string parameter; NULL removes it. @return PIXAZO_OK, PIXAZO_E_ARGUMENT (unknown key, wrong type, too long, not
 *  UTF-8), PIXAZO_E_NOMEM. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_request_set_string(pixazo_request *request, const char *key, const char *value, pixazo_error **error);

/** Sets an integer or number parameter. @return as pixazo_request_set_string(); out of range is
 *  PIXAZO_E_ARGUMENT. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_request_set_int(pixazo_request *request, const char *key, int64_t value, pixazo_error **error);

/** Sets a number parameter. @return as pixazo_request_set_string(); out of range or not finite is
 *  PIXAZO_E_ARGUMENT. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_request_set_double(pixazo_request *request, const char *key, double value, pixazo_error **error);

/** Sets provider_options or metadata from a JSON object, or images from a JSON array of paths; NULL removes it. @return as pixazo_request_set_string();
 *  PIXAZO_E_ARGUMENT when it is not JSON, PIXAZO_E_LIMIT when it is too long. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_request_set_json(pixazo_request *request, const char *key, const char *json, pixazo_error **error);

/** A request of its own with the same parameters and the same JSON.
 *  @param[out] out owned, pixazo_request_free. @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_NOMEM. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_request_new_copy(const pixazo_request *source, pixazo_request **out, pixazo_error **error);

/**
 * Fills the parameters that the request leaves open. pixazo_request_to_json(), and so the record, goes on saying
 * what was asked for without them, until a parameter is set again.
 * @param json object of parameters as for pixazo_request_new_from_json()
 * @return as pixazo_request_new_from_json(); the request is then unchanged. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_request_set_defaults(pixazo_request *request, const char *json, pixazo_error **error);

/** The request as JSON with "schema": 1: verbatim when it was made from JSON and not changed since.
 *  @param[out] out owned, pixazo_free. @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_NOMEM. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_request_to_json(const pixazo_request *request, char **out, pixazo_error **error);

/** A string parameter by key; borrowed until it is set again or the request is freed; NULL when absent or not a string.
 *  @since 0.1 */
PIXAZO_API const char *pixazo_request_get_string(const pixazo_request *request, const char *key);

/** Frees the request. NULL is allowed. @since 0.1 */
PIXAZO_API void pixazo_request_free(pixazo_request *request);

PIXAZO_END_DECLS

#endif
