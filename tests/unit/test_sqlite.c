/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "db/db.h"
#include "support/journal.h"
#include "support/tmpdir.h"

enum { PAGE = 4096, FILE_MAX = 16 * 1024 * 1024 };

static void put_file(const char *path, const void *data, size_t size)
{
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(size, fwrite(data, 1, size, file));
  assert_int_equal(0, fclose(file));
}

/* Opens the repository of a kit's file and uses it; whatever happens must be said, not crash. */
static pixazo_status use(const char *path)
{
  pixazo_repository *repository = NULL;
  pixazo_repository_options options = PIXAZO_REPOSITORY_OPTIONS_INIT;
  options.path = path;
  options.busy_timeout_ms = 100;
  pixazo_status status = pixazo_repository_new(&options, &repository, NULL);
  if (status != PIXAZO_OK)
    return status;
  pixazo_page *page = NULL;
  char *report = NULL;
  status = pixazo_repository_list(repository, NULL, &page, NULL);
  pixazo_page_free(page);
  if (status == PIXAZO_OK)
    status = pixazo_repository_check(repository, &report, NULL);
  px_free(report);
  (void)pixazo_repository_unref(repository);
  return status;
}

static void close_kit(journal_kit *kit)
{
  px_journal_close(kit->journal);
  (void)pixazo_repository_unref(kit->repository);
  kit->journal = NULL;
  kit->repository = NULL;
}

static void fill(journal_kit *kit, void **data, size_t *size)
{
  char generation[PX_UUID_TEXT];
  for (int i = 0; i < 5; i++)
    make_done(kit, generation, "a red fox in the snow");
  close_kit(kit);
  tell(kit, "PRAGMA wal_checkpoint(TRUNCATE)");
  MUST(px_file_read(kit->path, FILE_MAX, data, size, error));
}

static void test_sqlite__says_corrupt_when_any_page_is_zeroed_and_never_crashes(void **state)
{
  journal_kit *kit = *state;
  void *data = NULL;
  size_t size = 0, refused = 0;
  fill(kit, &data, &size);
  assert_true(size > 10 * PAGE);
  for (size_t page = 0; page < size / PAGE; page++) {
    char *damaged = px_memdup(data, size);
    memset(damaged + page * PAGE, 0, PAGE);
    put_file(kit->path, damaged, size);
    pixazo_status status = use(kit->path);
    /* A page of an index that nothing needed may pass the reads, but never the check. */
    assert_int_equal(PIXAZO_E_CORRUPT, status);
    refused++;
    px_free(damaged);
  }
  assert_int_equal(size / PAGE, refused);
  put_file(kit->path, data, size);
  assert_int_equal(PIXAZO_OK, use(kit->path));
  px_free(data);
}

static void test_sqlite__survives_flipped_bits_everywhere(void **state)
{
  journal_kit *kit = *state;
  void *data = NULL;
  size_t size = 0;
  uint64_t random = 12345;
  fill(kit, &data, &size);
  for (int i = 0; i < 40; i++) {
    char *damaged = px_memdup(data, size);
    for (int bit = 0; bit < 8; bit++) {
      random = random * 6364136223846793005u + 1442695040888963407u;
      damaged[(random >> 16) % size] ^= (char)(1 << (random % 8));
    }
    put_file(kit->path, damaged, size);
    pixazo_status status = use(kit->path);
    if (status != PIXAZO_OK && status != PIXAZO_E_CORRUPT && status != PIXAZO_E_EXISTS && status != PIXAZO_E_UNSUPPORTED &&
        status != PIXAZO_E_LIMIT && status != PIXAZO_E_IO)
      fail_msg("%s", pixazo_status_name(status));
    px_free(damaged);
  }
  px_free(data);
}

static void test_sqlite__refuses_a_file_cut_short(void **state)
{
  journal_kit *kit = *state;
  void *data = NULL;
  size_t size = 0;
  fill(kit, &data, &size);
  for (size_t length = 512; length + PAGE < size; length += 9 * 512) {
    put_file(kit->path, data, length);
    if (use(kit->path) != PIXAZO_E_CORRUPT)
      fail_msg("%zu of %zu bytes passed", length, size);
  }
  px_free(data);
}

static void test_sqlite__refuses_what_is_no_database(void **state)
{
  journal_kit *kit = *state;
  close_kit(kit);
  char *folder = tmpdir_path(kit->directory, "folder");
  char text[2000];
  memset(text, 'x', sizeof text);
  put_file(kit->path, text, sizeof text);
  assert_int_equal(PIXAZO_E_CORRUPT, use(kit->path));
  assert_int_equal(0, mkdir(folder, 0700));
  assert_int_equal(PIXAZO_E_IO, use(folder));
  free(folder);
}

static void test_sqlite__ignores_garbage_beside_the_file(void **state)
{
  journal_kit *kit = *state;
  void *data = NULL;
  size_t size = 0;
  fill(kit, &data, &size);
  char *wal = tmpdir_path(kit->directory, "pixazo.db-wal"), *shm = tmpdir_path(kit->directory, "pixazo.db-shm");
  char garbage[8192];
  memset(garbage, 0x5A, sizeof garbage);
  put_file(wal, garbage, sizeof garbage);
  put_file(shm, garbage, sizeof garbage);
  assert_int_equal(PIXAZO_OK, use(kit->path));
  free(wal);
  free(shm);
  px_free(data);
}

static void test_sqlite__has_the_settings_that_make_it_durable_and_safe(void **state)
{
  journal_kit *kit = *state;
  static const struct {
    const char *sql;
    int64_t value;
  } settings[] = {
      {"PRAGMA synchronous", 2},     {"PRAGMA foreign_keys", 1}, {"PRAGMA trusted_schema", 0},
      {"PRAGMA cell_size_check", 1}, {"PRAGMA mmap_size", 0},    {"PRAGMA journal_size_limit", 67108864},
  };
  px_db_link *link = NULL;
  MUST(px_db_begin_write(kit->repository->db, &link, error));
  for (size_t i = 0; i < PX_ARRAY_SIZE(settings); i++) {
    int64_t value = -1;
    MUST(px_db_number(link, settings[i].sql, PX_BIND_NONE, &value, error));
    assert_int_equal(settings[i].value, value);
  }
  MUST_FAIL(PIXAZO_E_CORRUPT, px_db_run(link, "DELETE FROM generation_search_data", PX_BIND_NONE, NULL, error));
  px_db_end(&link);
  char *mode = ask_text(kit, "PRAGMA journal_mode");
  assert_string_equal("wal", mode);
  free(mode);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_kit_setup, journal_kit_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_sqlite__says_corrupt_when_any_page_is_zeroed_and_never_crashes),
      TEST(test_sqlite__survives_flipped_bits_everywhere),
      TEST(test_sqlite__refuses_a_file_cut_short),
      TEST(test_sqlite__refuses_what_is_no_database),
      TEST(test_sqlite__ignores_garbage_beside_the_file),
      TEST(test_sqlite__has_the_settings_that_make_it_durable_and_safe),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
