/* SPDX-License-Identifier: MIT */
#ifndef PIXAZO_BENCH_NOISE_H
#define PIXAZO_BENCH_NOISE_H

#include <stdint.h>

#include <pixazo/blob.h>

/* A soft gradient under noise, finer and coarser by squares of 128 pixels, about as large a file as image models make;
 * the same in each run.
 * An RGB PNG of side x side, not compressed. */
pixazo_blob *noise_picture(uint32_t side);

#endif
