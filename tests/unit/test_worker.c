/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "repository/worker.h"
#include "support/journal.h"
#include "support/tmpdir.h"

static void test_worker__is_live_while_it_holds_its_lock_and_dead_afterwards(void **state)
{
  journal_kit *kit = *state;
  px_worker worker = PX_WORKER_INIT;
  px_autoclose int directory = -1;
  int32_t seen = 0;
  int lock = -1;
  char uuid[PX_UUID_TEXT];
  MUST(px_worker_start(&worker, kit->repository->db, kit->spool, PX_WORKER_SPOOL, px_clock_system(), error));
  memcpy(uuid, worker.uuid, sizeof uuid);
  MUST(px_directory_open(kit->spool, &directory, error));
  MUST(px_worker_probe(directory, uuid, &seen, &lock, error));
  assert_int_equal(PX_LOCK_LIVE, seen);
  tell(kit, "INSERT INTO generation (uuid, prompt, provider, model, state, worker, day, created_us, updated_us) "
            "SELECT 'x', 'x', 'p', 'm', 1, max(id), 0, 0, 0 FROM worker");
  px_worker_stop(&worker, kit->repository->db);
  MUST(px_worker_probe(directory, uuid, &seen, &lock, error));
  assert_int_equal(PX_LOCK_TAKEN, seen);
  assert_true(lock >= 0);
  int other = -1;
  MUST(px_worker_probe(directory, uuid, &seen, &other, error));
  assert_int_equal(PX_LOCK_LIVE, seen); /* held by whoever looks at it now */
  px_close_scoped(&lock);
  px_worker_bury(directory, uuid);
  MUST(px_worker_probe(directory, uuid, &seen, &other, error));
  assert_int_equal(PX_LOCK_ABSENT, seen);
}

static void test_worker__leaves_nothing_behind_when_it_cannot_start(void **state)
{
  journal_kit *kit = *state;
  px_worker worker = PX_WORKER_INIT;
  char *file = tmpdir_path(kit->directory, "file");
  MUST(px_file_replace(file, "x", 1, 0600, error));
  MUST_FAIL(PIXAZO_E_IO, px_worker_start(&worker, kit->repository->db, file, PX_WORKER_SPOOL, px_clock_system(), error));
  assert_int_equal(-1, worker.lock);
  assert_int_equal(-1, worker.directory);
  assert_int_equal(1, ask(kit, "SELECT count(*) FROM worker")); /* the journal's own */
  free(file);
}

static void test_worker__does_not_follow_a_link_in_place_of_a_lock(void **state)
{
  journal_kit *kit = *state;
  px_autoclose int directory = -1;
  int32_t seen = 0;
  int lock = -1;
  char *link = tmpdir_path(kit->spool, "u.lock");
  assert_int_equal(0, symlink("/etc/passwd", link));
  MUST(px_directory_open(kit->spool, &directory, error));
  MUST_FAIL(PIXAZO_E_IO, px_worker_probe(directory, "u", &seen, &lock, error));
  free(link);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_kit_setup, journal_kit_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_worker__is_live_while_it_holds_its_lock_and_dead_afterwards),
      TEST(test_worker__leaves_nothing_behind_when_it_cannot_start),
      TEST(test_worker__does_not_follow_a_link_in_place_of_a_lock),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
