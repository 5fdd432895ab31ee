/* SPDX-License-Identifier: MIT */
/* Compressed pixels with one thing in them that the format does not have, made by hand. */
#ifndef PX_SUPPORT_ODD_STREAMS_H
#define PX_SUPPORT_ODD_STREAMS_H

#include "support/odd_inflate.h"
#include "support/pictures.h"

enum { ODD_WIDTH = 100, ODD_HEIGHT = 100, ODD_RAW = ODD_HEIGHT * (1 + 3 * ODD_WIDTH) };

/* A zlib stream with a copy whose code is odd in this way (one of ODD_*; 0: in no way), and the bytes that it stands for,
 * worked out beside it. They are the filtered rows of an RGB picture: each byte is the number of a filter. */
void odd_stream(file_bytes *stream, unsigned odd, unsigned char raw[ODD_RAW]);

#endif
