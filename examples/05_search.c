/* SPDX-License-Identifier: MIT */
/* The repository alone: search what was made and what it cost.
 *   ./05_search art/pixazo.db harbour */
#include <inttypes.h>
#include <stdio.h>

#include <pixazo/pixazo.h>

static void print_page(const pixazo_page *page)
{
  for (size_t i = 0; i < pixazo_page_count(page); i++) {
    const pixazo_generation *record = pixazo_page_get(page, i); /* borrowed from the page */
    printf("%s  %-8s  %" PRId64 " micro-%s (%s)  %s\n", pixazo_generation_uuid(record),
           pixazo_generation_state_name(pixazo_generation_state(record)), pixazo_generation_cost_micros(record),
           pixazo_generation_currency(record), pixazo_confidence_name(pixazo_generation_confidence(record)),
           pixazo_generation_prompt(record));
  }
}

/* One page after the other: a page names where the next one starts. */
static pixazo_status print_all(pixazo_repository *repository, pixazo_query *query, pixazo_error **error)
{
  for (;;) {
    pixazo_page *page = NULL;
    pixazo_status status = pixazo_repository_list(repository, query, &page, error);
    if (status != PIXAZO_OK)
      return status;
    print_page(page);
    int more = pixazo_page_cursor(page)[0] != '\0';
    status = more ? pixazo_query_set_string(query, "cursor", pixazo_page_cursor(page), error) : PIXAZO_OK;
    pixazo_page_free(page);
    if (!more || status != PIXAZO_OK)
      return status;
  }
}

int main(int argc, char **argv)
{
  pixazo_repository *repository = NULL;
  pixazo_query *query = NULL;
  pixazo_error *error = NULL;
  if (argc < 2) {
    fprintf(stderr, "usage: %s DATABASE [WORDS]\n", argv[0]);
    return 2;
  }
  pixazo_repository_options options = PIXAZO_REPOSITORY_OPTIONS_INIT;
  options.path = argv[1];
  pixazo_status status = pixazo_repository_new(&options, &repository, &error);
  if (status == PIXAZO_OK)
    status = pixazo_query_new(&query, &error);
  if (status == PIXAZO_OK && argc > 2)
    status = pixazo_query_set_string(query, "text", argv[2], &error);
  if (status == PIXAZO_OK)
    status = print_all(repository, query, &error);
  if (status != PIXAZO_OK)
    fprintf(stderr, "%s\n", pixazo_error_message(error));
  pixazo_error_free(error);
  pixazo_query_free(query);
  pixazo_repository_unref(repository);
  return status == PIXAZO_OK ? 0 : 1;
}
