/* SPDX-License-Identifier: MIT */
/**
 * @file exporter.h
 * From one picture file to renditions: PNG, JPEG and WebP of any size, from one decode.
 *
 * A *recipe* says what is wanted, an *exporter* holds limits and makes it, a *rendition* is what
 * came out. The source is never changed. A file that is cut, or that the codec even warns about,
 * is PIXAZO_E_CORRUPT: what comes out is whole.
 *
 * Reads PNG (every colour type and depth, interlaced), JPEG (gray, YCbCr, RGB, CMYK, YCCK, progressive)
 * and WebP (lossy, lossless, alpha; not animated). 16-bit samples are rounded to 8.
 * EXIF orientation is applied to renditions and only reported for sources. Pixels of a program are a source as well.
 */
#ifndef PIXAZO_EXPORTER_H
#define PIXAZO_EXPORTER_H

#include <stddef.h>
#include <stdint.h>

#include <pixazo/api.h>
#include <pixazo/blob.h>
#include <pixazo/cancel.h>
#include <pixazo/error.h>
#include <pixazo/log.h>
#include <pixazo/pixels.h>

PIXAZO_BEGIN_DECLS

enum {
  PIXAZO_RECIPES_MAX = 64, /**< recipes of one job, and of one matrix */
  PIXAZO_LAYERS_MAX = 16   /**< layers of one job */
};

/** Makes renditions. Counted, immutable, any number of threads at once. */
typedef struct pixazo_exporter pixazo_exporter;
/** What is wanted. One thread while it is built, any thread once it is only read. */
typedef struct pixazo_recipe pixazo_recipe;
/** What was made. Owned, immutable, any thread. */
typedef struct pixazo_rendition pixazo_rendition;
/** What a source file is. Owned, immutable, any thread. */
typedef struct pixazo_picture pixazo_picture;

/** Zero in any field means the default. Start from pixazo_exporter_options_init(). @since 0.1 */
typedef struct pixazo_exporter_options {
  size_t struct_size;           /**< sizeof(pixazo_exporter_options) */
  pixazo_log *log;              /**< takes a reference; NULL: no log */
  uint64_t max_pixels;          /**< width x height of a source or a rendition; default 67108864 (2^26) */
  uint64_t max_bytes;           /**< of a source file; default 67108864 (64 MiB) */
  uint32_t max_scans;           /**< of one JPEG; default 100. Pixels x scans is never above 2^30 */
  uint32_t max_metadata_blocks; /**< text, profile, EXIF and XMP blocks of one source; default 128 */
  uint32_t threads;             /**< that work on one job, 1-64, the calling thread among them; default 1: no thread is
                                     started. More make one job quicker; many jobs at once are better served by one
                                     thread each. The files are the same with any number */
  uint32_t reserved;            /**< 0 */
} pixazo_exporter_options;

/** Sets every field to its default (0, NULL) and struct_size to @p size. NULL is allowed. @since 0.1 */
PIXAZO_API void pixazo_exporter_options_init(pixazo_exporter_options *options, size_t size);

/**
 * Makes an exporter.
 * @param options copied; NULL: all defaults
 * @param[out] out owned, pixazo_exporter_unref
 * @return PIXAZO_OK; PIXAZO_E_ARGUMENT: out is NULL, or threads is out of range; PIXAZO_E_ABI: fields of a newer
 *         library are set; PIXAZO_E_IO: a thread cannot be started; PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_exporter_new(const pixazo_exporter_options *options, pixazo_exporter **out, pixazo_error **error);

/** One more reference; returns @p exporter. @since 0.1 */
PIXAZO_API pixazo_exporter *pixazo_exporter_ref(pixazo_exporter *exporter);

/** Drops one reference; the last one ends its threads. NULL is allowed; always returns NULL. @since 0.1 */
PIXAZO_API pixazo_exporter *pixazo_exporter_unref(pixazo_exporter *exporter);

/**
 * A recipe of defaults: the format of the source, its size, quality 85 (JPEG) or 80 (WebP), level 9 (PNG).
 *
 * Keys, for pixazo_recipe_set_string() and pixazo_recipe_set_int():
 * | key        | type | values                              | default    | meaning |
 * |------------|------|-------------------------------------|------------|---------|
 * | name       | text | up to 64 of a-z 0-9 . _ -           | ""         | comes back in the rendition; see below |
 * | format     | text | png, jpeg, webp, same               | same       | same: the format of the source |
 * | quality    | int  | 0-100                               | 85 / 80    | JPEG / WebP; not used for PNG |
 * | level      | int  | 0-9                                 | 9          | PNG; more is smaller and slower |
 * | width      | int  | 0-65535 pixels                      | 0          | 0: from height and the shape of the source |
 * | height     | int  | 0-65535 pixels                      | 0          | 0: from width; both 0: as the source |
 * | fit        | text | inside, cover, contain, fill, exact | inside     | see below |
 * | gravity    | text | centre, north, ..., focus, smart    | centre     | see below |
 * | focus_x    | int  | 0-1000 thousandths of the width     | 500        | the point that gravity focus keeps |
 * | focus_y    | int  | 0-1000 thousandths of the height    | 500        | from the top |
 * | enlarge    | int  | 0, 1                                | 1          | 0: a smaller source keeps its size |
 * | background | text | #rrggbb                             | #ffffff    | under transparency, and around contain |
 * | alpha      | text | auto, flatten, keep                 | auto       | see below |
 * | metadata   | text | full, provenance, none, or a list   | provenance | see pixazo_export_job |
 * | filter     | text | lanczos3                            | lanczos3   | for resizing, on premultiplied alpha |
 * | linear     | int  | 0, 1                                | 0          | 1: resized in linear light, not in sRGB codes |
 * | rotate     | int  | 0, 90, 180, 270 degrees             | 0          | clockwise, after the EXIF orientation |
 * | flip       | text | none, horizontal, vertical          | none       | after rotate; horizontal: left becomes right |
 * | reencode   | text | auto, always                        | auto       | see below |
 * | effort     | text | normal, fast                        | normal     | WebP; fast: in half the time, larger |
 * | max_bytes  | int  | 0-2147483647                        | 0          | JPEG and WebP; 0: any size; see below |
 *
 * reencode: auto = pixels that stay as they are stay coded as they are, when the format stays too: JPEG and WebP unless
 * "quality" is set; PNG of 8 bits unless coding it anew at "level" should gain 3 % or more. The file is still decoded
 * and checked, and its metadata follows the policy; always = every rendition is encoded.
 * max_bytes: a file that would be larger is made with the highest lower quality that fits, found in at most 8
 * encodings; what is larger at quality 1 is PIXAZO_E_LIMIT. Not used for PNG.
 * name: a pipeline makes it part of the key of the rendition.
 * fit: inside = the largest size in the box; cover = the smallest size over the box, cropped to it;
 * contain = as inside, padded to the box; fill = stretched to the box; exact = the box and nothing else: a source
 * of another shape (but for rounding), or one that must not be enlarged, is PIXAZO_E_ARGUMENT.
 * gravity: which part cover keeps, and where contain puts the picture (focus and smart: in the middle): centre, north,
 * northeast, east, southeast, south, southwest, west, northwest, focus or smart.
 * focus = the crop has the focal point in its middle, as far as the picture goes; smart = the crop with the most to look
 * at: what stands out from the rest of the picture, edges, saturated colours and skin. Width, height, focus and gravity
 * are of the picture after rotate and flip.
 * alpha: auto = kept where the format can and a pixel uses it; keep = an opaque alpha channel too;
 * flatten = never. JPEG always flattens.
 *
 * @param[out] out owned, pixazo_recipe_free
 * @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_recipe_new(pixazo_recipe **out, pixazo_error **error);

/**
 * A recipe from a JSON object of the keys above; absent keys keep their defaults. "schema", when
 * present, must be 1. "recipe" may name the recipe to start from ("fit-256").
 * @return PIXAZO_OK; PIXAZO_E_ARGUMENT: not JSON, an unknown key or a value out of range (the message
 *         names key, value and what is allowed), more than 64 KiB; PIXAZO_E_UNSUPPORTED: no such named recipe;
 *         PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_recipe_new_from_json(const char *json, pixazo_recipe **out, pixazo_error **error);

/**
 * A recipe by name; the recipe's own name is the same.
 * - "fit-256": JPEG inside 256x256, never enlarged, quality 85, transparency on white
 * - "smart-300": JPEG of 300x300 pixels, cropped with gravity smart, quality 70, transparency on white
 * - "web": WebP inside 1920x1920, never enlarged, quality 80
 * @return PIXAZO_OK; PIXAZO_E_UNSUPPORTED: no such name (the message lists those that exist);
 *         PIXAZO_E_ARGUMENT; PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_recipe_new_named(const char *name, pixazo_recipe **out, pixazo_error **error);

/**
 * One recipe for each size in each format, from one JSON object: for many variations from one decode.
 *
 *     {"name": "hero", "fit": "cover", "gravity": "smart",
 *      "sizes": [{"width": 480}, {"width": 960, "height": 540, "quality": 70},
 *                {"name": "icon", "width": 64, "height": 64}],
 *      "formats": ["webp", "jpeg"]}
 *
 * "sizes" and "formats" are needed. All other members are those of pixazo_recipe_new_from_json() and hold for every
 * recipe; a size may say any of them anew (where it says width or height, the other one is 0). The recipes come size
 * by size, in the order of the formats. Their names are <name>-<size>-<format>, where <size> is the name of the size,
 * or 480, x540, 960x540, or full: "hero-480-webp", "hero-480-jpeg", "hero-960x540-webp" ..., "hero-icon-jpeg".
 *
 * @param[out] out at least @p capacity pointers; each one made is owned, pixazo_recipe_free
 * @param capacity PIXAZO_RECIPES_MAX is always enough
 * @param[out] count how many were made
 * @return PIXAZO_OK; PIXAZO_E_ARGUMENT as for pixazo_recipe_new_from_json(), or "sizes" or "formats" are missing, or two
 *         recipes have the same name; PIXAZO_E_UNSUPPORTED; PIXAZO_E_LIMIT: more than @p capacity or
 *         PIXAZO_RECIPES_MAX; PIXAZO_E_NOMEM. Nothing is made on failure. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_recipe_new_matrix(const char *json, pixazo_recipe **out, size_t capacity, size_t *count, pixazo_error **error);

/**
 * Sets one text key; the value is copied and must not be NULL.
 * @return PIXAZO_OK; PIXAZO_E_ARGUMENT: unknown key, a key of another type, or a value out of range
 *         (the message names key, value and what is allowed; the recipe keeps its old value). @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_recipe_set_string(pixazo_recipe *recipe, const char *key, const char *value, pixazo_error **error);

/** Sets one number key; errors as for pixazo_recipe_set_string(). @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_recipe_set_int(pixazo_recipe *recipe, const char *key, int64_t value, pixazo_error **error);

/**
 * All keys as one JSON object with "schema": 1; reading it back gives the same recipe.
 * @param[out] json owned, pixazo_free
 * @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_recipe_to_json(const pixazo_recipe *recipe, char **json, pixazo_error **error);

/** Frees a recipe. NULL is allowed. @since 0.1 */
PIXAZO_API void pixazo_recipe_free(pixazo_recipe *recipe);

/**
 * A picture that lies on another one. Zero in any field means the default. Everything is borrowed for the length of
 * the call that gets the job. Start from pixazo_layer_init(). @since 0.1
 */
typedef struct pixazo_layer {
  size_t struct_size;        /**< sizeof(pixazo_layer) */
  const pixazo_blob *source; /**< the picture file; NULL: the source of the job, on its base */
  /** "over" (default), "multiply", "screen" or "overlay": the formulas of Compositing and Blending Level 1 (W3C), on
   *  sRGB codes, alpha not premultiplied, rounded once. */
  const char *mode;
  /** Size, against the picture below: "none" (default): its own; "inside": the largest in it; "cover": the smallest
   *  over it, cropped by gravity; "fill": stretched to it. */
  const char *fit;
  const char *gravity; /**< where it goes: "centre" (default), "north" ... as in recipes, but not focus and smart */
  int32_t opacity;     /**< 1-100 per cent; 0: 100 */
  int32_t x;           /**< pixels to the right of that place; what lies outside of the picture below is cut off */
  int32_t y;           /**< pixels down from it */
  int32_t no_enlarge;  /**< 1: a layer smaller than the picture below keeps its size, whatever the fit */
} pixazo_layer;

/** Sets every field to 0 or NULL and struct_size to @p size. NULL is allowed. @since 0.1 */
PIXAZO_API void pixazo_layer_init(pixazo_layer *layer, size_t size);

/**
 * Renditions of one source. Everything is borrowed for the length of the call.
 * Start from pixazo_export_job_init(). @since 0.1
 */
typedef struct pixazo_export_job {
  size_t struct_size;                  /**< sizeof(pixazo_export_job) */
  const pixazo_blob *source;           /**< the picture file; required, unless @c pixels are given */
  const pixazo_recipe *const *recipes; /**< required; one rendition for each, in this order */
  size_t recipe_count;                 /**< 1-64 */
  /**
   * What made the picture: a JSON object, or NULL to write nothing about it. With the policies
   * `provenance` and `full`, every format carries the same: an XMP packet with the IPTC digital
   * source type, the `parameters` text that image tools read (PNG text; EXIF user comment elsewhere),
   * and this object as it is. Read keys: "parameters" (the whole text; else it is made of the
   * following) "prompt" "negative_prompt" "steps" "sampler" "cfg_scale" "seed" "width" "height" "model"
   * "provider" "created_at" (ISO 8601); "alt_text" (IPTC's alternative text in the packet); "digital_source_type" (IPTC
   * code, default trainedAlgorithmicMedia). At most 24 KiB.
   *
   * Policies: `none` writes nothing; `provenance` writes the above and keeps an RGB colour profile
   * of the source, without which its colours would change; `full` also keeps EXIF, XMP and PNG texts; a
   * list with commas names what is kept: exif, xmp, icc, text, and provenance for the above ("exif,provenance").
   * Content credentials (C2PA) sign the bytes of the source, so they never go into other bytes; the notes say so. They
   * stay where the rendition is the source byte for byte: passed through with `full` and without provenance.
   */
  const char *provenance_json;
  const pixazo_cancel *cancel; /**< checked between rows; NULL: cannot be cancelled */
  /**
   * A picture that goes below the source; NULL: none. The result has its size and its colour profile (profiles are not
   * converted). The source lies on it as a layer without a source says; when there is none, it is the first layer, over,
   * inside, in the middle. A base that cannot be loaded (cut, broken, over the limits, no picture; an empty blob too,
   * for a file that could not be read) is left out: the source is exported without, and the notes say "base_not_loaded".
   */
  const pixazo_blob *base;
  /**
   * Drawn in this order, before any recipe; a layer that cannot be loaded fails the job. Metadata stays that of the
   * source. Where the provenance says trainedAlgorithmicMedia, the renditions say compositeWithTrainedAlgorithmicMedia.
   */
  const pixazo_layer *const *layers;
  size_t layer_count; /**< 0-16 */
  /**
   * Pixels in the place of a picture file; NULL: @c source is the file. Exactly one of both. They are not copied. For
   * the recipes they are a file without metadata but for their colour profile; format "same" is PNG.
   */
  const pixazo_pixels *pixels;
} pixazo_export_job;

/** Sets every field to 0 or NULL and struct_size to @p size. NULL is allowed. @since 0.1 */
PIXAZO_API void pixazo_export_job_init(pixazo_export_job *job, size_t size);

/**
 * One rendition, without provenance and without a cancel token.
 * @param[out] out owned, pixazo_rendition_free
 * @return as pixazo_exporter_export_all(). @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_exporter_export(const pixazo_exporter *exporter, const pixazo_blob *source, const pixazo_recipe *recipe,
                       pixazo_rendition **out, pixazo_error **error);

/**
 * All renditions of a job; all or none. The source is decoded once, a JPEG once more for recipes that reduce it by
 * so much that fewer pixels will do; sizes are as if it was not.
 * Uses CPU on the calling thread and those of the exporter. The same source and recipe give the same bytes, whatever
 * else the job makes.
 * @param[out] out array of job->recipe_count pointers; each owned, pixazo_rendition_free
 * @return PIXAZO_OK;
 *         PIXAZO_E_ARGUMENT: an argument is missing, source and pixels are both there, the provenance is no JSON object or
 *         too long, a layer says something that is not allowed, or fit exact cannot be kept;
 *         PIXAZO_E_ABI: the job uses fields of a newer library;
 *         PIXAZO_E_CORRUPT: the source is cut or broken; PIXAZO_E_UNSUPPORTED: it is no picture we read;
 *         PIXAZO_E_LIMIT: source or rendition is larger than the limits, than the format or the recipe allows
 *         (JPEG 65500, WebP 16383 pixels a side);
 *         PIXAZO_E_CANCELLED; PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_exporter_export_all(const pixazo_exporter *exporter, const pixazo_export_job *job, pixazo_rendition **out,
                           pixazo_error **error);

/** The file; borrowed; pixazo_blob_ref() to keep it. NULL for NULL. @since 0.1 */
PIXAZO_API pixazo_blob *pixazo_rendition_blob(const pixazo_rendition *rendition);
/** Name of the recipe; borrowed; "" when it has none. @since 0.1 */
PIXAZO_API const char *pixazo_rendition_name(const pixazo_rendition *rendition);
/** "png", "jpeg" or "webp"; static. @since 0.1 */
PIXAZO_API const char *pixazo_rendition_format(const pixazo_rendition *rendition);
/** "image/png" and so on; static. @since 0.1 */
PIXAZO_API const char *pixazo_rendition_content_type(const pixazo_rendition *rendition);
/** File extension without a dot: "png", "jpg", "webp"; static. @since 0.1 */
PIXAZO_API const char *pixazo_rendition_extension(const pixazo_rendition *rendition);
/** Pixels. @since 0.1 */
PIXAZO_API uint32_t pixazo_rendition_width(const pixazo_rendition *rendition);
/** Pixels. @since 0.1 */
PIXAZO_API uint32_t pixazo_rendition_height(const pixazo_rendition *rendition);
/** Size of the file. @since 0.1 */
PIXAZO_API uint64_t pixazo_rendition_bytes(const pixazo_rendition *rendition);
/** SHA-256 of the file, 64 lower-case hex digits; borrowed. @since 0.1 */
PIXAZO_API const char *pixazo_rendition_sha256(const pixazo_rendition *rendition);
/** Microseconds this rendition took, without the shared decode. @since 0.1 */
PIXAZO_API int64_t pixazo_rendition_duration_us(const pixazo_rendition *rendition);
/** "encoded", or "passed_through": the coded pixels are those of the source; static. "" for NULL. @since 0.1 */
PIXAZO_API const char *pixazo_rendition_way(const pixazo_rendition *rendition);
/** Quality it was encoded with, 0-100; -1: PNG, passed through, or NULL. @since 0.1 */
PIXAZO_API int32_t pixazo_rendition_quality(const pixazo_rendition *rendition);
/**
 * What differs from the source beside size and format, as a JSON array of words; borrowed; "[]" when nothing does.
 * "oriented" (EXIF orientation applied), "flattened", "opaque_alpha_dropped", "rounded_to_8_bit", "first_frame_only",
 * "c2pa_dropped", "profile_dropped", "exif_dropped", "xmp_dropped", "text_dropped", "provenance_shortened"
 * (the texts did not fit, the source type is there), "composited", "base_not_loaded". New words may appear. @since 0.1
 */
PIXAZO_API const char *pixazo_rendition_notes(const pixazo_rendition *rendition);
/** All of the above but the bytes, with "schema": 1. @param[out] json owned, pixazo_free.
 *  @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_NOMEM. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_rendition_to_json(const pixazo_rendition *rendition, char **json, pixazo_error **error);
/** Frees a rendition. NULL is allowed. @since 0.1 */
PIXAZO_API void pixazo_rendition_free(pixazo_rendition *rendition);

/**
 * The pixels of a file, as seen: EXIF orientation applied, inks and gray as RGB, 16-bit samples rounded to 8.
 * Uses CPU on the calling thread and those of the exporter.
 * @param cancel may be NULL @param[out] out owned, pixazo_pixels_unref
 * @return PIXAZO_OK; PIXAZO_E_CORRUPT, PIXAZO_E_UNSUPPORTED, PIXAZO_E_LIMIT as for pixazo_exporter_export_all();
 *         PIXAZO_E_ARGUMENT; PIXAZO_E_CANCELLED; PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_exporter_decode(const pixazo_exporter *exporter, const pixazo_blob *source, const pixazo_cancel *cancel,
                       pixazo_pixels **out, pixazo_error **error);

/**
 * Decodes every pixel of a file, hashes it and reports what it is. Nothing is kept of the pixels.
 * @param cancel may be NULL @param[out] out owned, pixazo_picture_free
 * @return PIXAZO_OK: the picture is whole; PIXAZO_E_CORRUPT, PIXAZO_E_UNSUPPORTED, PIXAZO_E_LIMIT as for
 *         pixazo_exporter_export_all(); PIXAZO_E_ARGUMENT; PIXAZO_E_CANCELLED; PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_exporter_inspect(const pixazo_exporter *exporter, const pixazo_blob *source, const pixazo_cancel *cancel,
                        pixazo_picture **out, pixazo_error **error);

/**
 * The same for a regular file. Up to 8 MB of it are held in memory at once, for the length of the call; a larger PNG or JPEG is
 * read piece by piece, while a WebP is always held.
 * @return as pixazo_exporter_inspect(), and PIXAZO_E_NOT_FOUND, PIXAZO_E_IO. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_exporter_inspect_file(const pixazo_exporter *exporter, const char *path, const pixazo_cancel *cancel,
                             pixazo_picture **out, pixazo_error **error);

/** "png", "jpeg" or "webp", from the bytes; static. @since 0.1 */
PIXAZO_API const char *pixazo_picture_format(const pixazo_picture *picture);
/** "image/png" and so on; static. @since 0.1 */
PIXAZO_API const char *pixazo_picture_content_type(const pixazo_picture *picture);
/** File extension without a dot; static. @since 0.1 */
PIXAZO_API const char *pixazo_picture_extension(const pixazo_picture *picture);
/** Pixels as stored, before orientation. @since 0.1 */
PIXAZO_API uint32_t pixazo_picture_width(const pixazo_picture *picture);
/** Pixels as stored, before orientation. @since 0.1 */
PIXAZO_API uint32_t pixazo_picture_height(const pixazo_picture *picture);
/** Size of the file. @since 0.1 */
PIXAZO_API uint64_t pixazo_picture_bytes(const pixazo_picture *picture);
/** 1 when the file has an alpha channel or a transparent colour. @since 0.1 */
PIXAZO_API int32_t pixazo_picture_has_alpha(const pixazo_picture *picture);
/** Bits of one sample in the file: 1, 2, 4, 8 or 16. @since 0.1 */
PIXAZO_API uint32_t pixazo_picture_bit_depth(const pixazo_picture *picture);
/** EXIF orientation, 1-8; 1 when the file says nothing. @since 0.1 */
PIXAZO_API uint32_t pixazo_picture_orientation(const pixazo_picture *picture);
/** SHA-256 of the file, 64 lower-case hex digits; borrowed. @since 0.1 */
PIXAZO_API const char *pixazo_picture_sha256(const pixazo_picture *picture);
/** 1 when content credentials (C2PA) are present; they are not validated. @since 0.1 */
PIXAZO_API int32_t pixazo_picture_has_c2pa(const pixazo_picture *picture);
/** 1 when the file holds an animation; only its first frame was decoded. @since 0.1 */
PIXAZO_API int32_t pixazo_picture_is_animated(const pixazo_picture *picture);
/** The generation parameters found in the file (PNG text or EXIF user comment), UTF-8; borrowed; "" when there are none.
 *  Untrusted text. @since 0.1 */
PIXAZO_API const char *pixazo_picture_parameters(const pixazo_picture *picture);
/**
 * What the metadata of the file says, as a JSON object; borrowed; "{}" for NULL. Members, each only when it is there:
 * "icc" {bytes, description}, "exif" {bytes, orientation, make, model, software, date_time, artist, user_comment},
 * "xmp" {bytes, digital_source_type}, "texts" [keywords of a PNG], "parameters" {prompt, negative_prompt, steps, sampler,
 * cfg_scale, seed, size, model, other {}}: texts as they stand there; and "c2pa" true or false. Untrusted. @since 0.1
 */
PIXAZO_API const char *pixazo_picture_metadata(const pixazo_picture *picture);
/** All of the above with "schema": 1. @param[out] json owned, pixazo_free.
 *  @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_NOMEM. @since 0.1 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_picture_to_json(const pixazo_picture *picture, char **json, pixazo_error **error);
/** Frees a picture. NULL is allowed. @since 0.1 */
PIXAZO_API void pixazo_picture_free(pixazo_picture *picture);

/** File extension of a format that is read and written, by number from 0, without a dot: "png", "jpg", "webp", and
 *  others in time; NULL past the last one; static. @since 0.1 */
PIXAZO_API const char *pixazo_format_extension(size_t index);

PIXAZO_END_DECLS

#endif
