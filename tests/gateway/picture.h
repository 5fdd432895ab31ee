/* SPDX-License-Identifier: MIT */
/* Valid picture files whose pixels follow from a name: one name gives the same bytes in every run, another name others. */
#ifndef GATEWAY_PICTURE_H
#define GATEWAY_PICTURE_H

#include "gateway/bytes.h"

typedef enum picture_kind { PICTURE_PNG, PICTURE_JPEG, PICTURE_WEBP } picture_kind;

enum { PICTURE_NAME_MAX = 64 };

typedef struct picture {
  picture_kind kind;
  char name[PICTURE_NAME_MAX];
  uint32_t width;
  uint32_t height;
  char *text;  /* PNG: text under the keyword "parameters", NULL = none; owned */
  size_t size; /* JPEG: filled up to about so many bytes */
} picture;

/* Noise of a size in pixels, each at least 1. */
picture picture_of_size(picture_kind kind, const char *name, uint32_t width, uint32_t height);
/* A square of noise whose file is about `size` bytes; at least one pixel. */
picture picture_of_bytes(picture_kind kind, const char *name, size_t size);
const char *picture_type(picture_kind kind);
/* "jpeg" and so on; false for another name. */
bool picture_kind_of(const char *name, picture_kind *out);
/* The file, whole. */
void picture_write(bytes *out, const picture *what);

/* The next 64 bits of the noise that a name begins. */
uint64_t picture_noise_begin(const char *name);
uint64_t picture_noise(uint64_t *state);

/* A PNG file piece by piece, so that one of any size needs the memory of a piece. */
typedef struct picture_maker {
  const picture *what;
  size_t rows; /* bytes of all rows, filter types included */
  size_t at;   /* of them given */
  uint64_t noise;
  unsigned char spare[8]; /* noise that did not fit into the last piece */
  size_t spare_size;
  uint32_t check; /* of the chunk */
  uint32_t sum;   /* of the rows */
  int stage;
} picture_maker;

/* Exact size of the PNG file. */
size_t picture_png_size(const picture *what);
void picture_begin(picture_maker *maker, const picture *what);
/* Adds the next piece of at most about 64 KiB; false = there is none. */
bool picture_more(picture_maker *maker, bytes *out);

/* picture_lossy.c */
void picture_write_jpeg(bytes *out, const picture *what);
void picture_write_webp(bytes *out, const picture *what);

#endif
