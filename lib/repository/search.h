/* SPDX-License-Identifier: MIT */
/* The full-text index over prompts and what pictures were called. A database without one is searched row by row. */
#ifndef PX_REPOSITORY_SEARCH_H
#define PX_REPOSITORY_SEARCH_H

#include "repository/internal.h"

pixazo_status px_search_make(px_db_link *link, pixazo_error **error);
/* Whether this database has the index and this machine can read it. */
pixazo_status px_search_look(pixazo_repository *repository, pixazo_error **error);
/* Brings in every generation from `first` on, all of which this transaction made. The index writes out what it has at each
 * savepoint, so this comes last in a transaction, once for all. Where the index fails they are left for px_search_catch_up. */
pixazo_status px_search_add(const pixazo_repository *repository, px_db_link *link, int64_t first, pixazo_error **error);
/* The alternative texts of its pictures changed: from now on it is found by them too. `given`: somebody wrote one; else only
 * where that was so before, for texts made of the prompt say nothing new. `fresh`: this transaction made the generation, and
 * px_search_add is still to come. */
pixazo_status px_search_captions(const pixazo_repository *repository, px_db_link *link, int64_t generation, bool given,
                                 bool fresh, pixazo_error **error);
/* Brings in what older tools wrote since. */
pixazo_status px_search_catch_up(pixazo_repository *repository, pixazo_error **error);

#endif
