/* SPDX-License-Identifier: MIT */
/**
 * @file version.h
 * The version of the headers, the version of the library, and what this build can do.
 */
#ifndef PIXAZO_VERSION_H
#define PIXAZO_VERSION_H

#include <stdint.h>

#include <pixazo/api.h>

PIXAZO_BEGIN_DECLS

/** Version of the headers a program was compiled against. */
#define PIXAZO_VERSION_MAJOR 0
#define PIXAZO_VERSION_MINOR 1
#define PIXAZO_VERSION_PATCH 0
/** The same as text. */
#define PIXAZO_VERSION_STRING "0.1.0"

/**
 * Version of the library that is loaded, as text ("0.1.0").
 *
 * Any thread. @return static text, never NULL. @since 0.1
 */
PIXAZO_API const char *pixazo_version(void);

/**
 * Version of the library that is loaded, as a number: major * 1000000 + minor * 1000 + patch.
 *
 * Any thread. @since 0.1
 */
PIXAZO_API uint32_t pixazo_version_number(void);

/**
 * Whether this build has a feature.
 *
 * Names: "png", "jpeg", "webp" (codecs), "sqlite" (database), "offline", "pixazo" (providers),
 * "store-local", "store-memory", "store-custom" (stores), "fts5" (full-text search, used where the SQLite that is
 * loaded has it), "http2" (HTTP/2 in the libcurl that is loaded), "failpoints" (test builds only).
 * Unknown names are not an error: they are features this build does not have.
 *
 * Any thread. @param feature name; NULL counts as unknown. @return 1 or 0. @since 0.1
 */
PIXAZO_API int32_t pixazo_supports(const char *feature);

PIXAZO_END_DECLS

#endif
