/* SPDX-License-Identifier: MIT */
/**
 * @file api.h
 * Export, must-check and C++ guards used by every other header.
 *
 * Defining PIXAZO_FFI_HEADER before inclusion empties the attributes, so that the
 * preprocessed text is plain C for tools that read declarations only.
 */
#ifndef PIXAZO_API_H
#define PIXAZO_API_H

#if defined(PIXAZO_FFI_HEADER)
#define PIXAZO_API
#define PIXAZO_MUST_CHECK
#elif defined(__GNUC__)
#define PIXAZO_API __attribute__((visibility("default")))
#define PIXAZO_MUST_CHECK __attribute__((warn_unused_result))
#else
#define PIXAZO_API
#define PIXAZO_MUST_CHECK
#endif

#ifdef __cplusplus
#define PIXAZO_BEGIN_DECLS extern "C" {
#define PIXAZO_END_DECLS }
#else
#define PIXAZO_BEGIN_DECLS
#define PIXAZO_END_DECLS
#endif

#endif
