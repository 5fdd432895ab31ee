/* SPDX-License-Identifier: MIT */
/* What the metadata of a file says, as JSON. All of it is the word of whoever made the file. */
#ifndef PX_EXPORT_FOUND_H
#define PX_EXPORT_FOUND_H

#include "image/codec.h"

/* *out: owned, px_free. `parameters` is the text that image tools read, "" when there is none. */
pixazo_status px_found_to_json(const px_metadata *metadata, const px_image_info *info, const char *parameters, char **out,
                               pixazo_error **error);

#endif
