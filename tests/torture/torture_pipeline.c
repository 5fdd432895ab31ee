/* SPDX-License-Identifier: MIT */
/* A whole generation, and the resumption of one that was cut off, with every allocation failing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "pipeline/internal.h"
#include "support/testing.h"
#include "support/tmpdir.h"
#include "support/torture.h"
#include "world.h"

typedef struct plan {
  world w;
  char *directory;
  char *crashed; /* what every run of a resumption starts from */
  unsigned runs;
} plan;

/* A wait that gave up because nothing could go on without memory is out of memory too. */
static pixazo_status outcome_of(pixazo_status status, pixazo_error **error)
{
  if (status != PIXAZO_E_AGAIN)
    return status;
  assert_true(torture_hit());
  assert_null(*error);
  return px_fail_nomem(error);
}

/* Once there is memory again the same handles work. */
static void still_usable(plan *p)
{
  pixazo_error *error = NULL;
  char key[32];
  char id[40];
  (void)snprintf(key, sizeof key, "after-%u", p->runs);
  assert_ok(world_generate(&p->w, key, id, &error), error);
  assert_ok(pixazo_pipeline_run(p->w.pipeline, NULL, NULL, NULL, &error), error);
}

static pixazo_status generate(void *user_data, pixazo_error **error)
{
  plan *p = user_data;
  char key[32];
  char id[40] = "";
  (void)snprintf(key, sizeof key, "run-%u", p->runs++);
  pixazo_status status = world_open(&p->w, error);
  bool opened = status == PIXAZO_OK;
  if (opened)
    status = outcome_of(world_generate(&p->w, key, id, error), error);
  if (opened && !torture_is_for_ever()) {
    torture_disarm();
    still_usable(p);
  }
  world_close(&p->w);
  torture_disarm();
  world_settle(&p->w, key);
  return status;
}

static void make_plan(plan *p, bool stepped)
{
  *p = (plan){.directory = tmpdir_make()};
  p->w = (world){.directory = p->directory, .stepped = stepped, .renditions = true};
}

static void drop_plan(plan *p)
{
  tmpdir_remove(p->directory);
  tmpdir_remove(p->crashed);
}

static void test_torture__a_generation_ends_well_or_can_be_resumed(void **state)
{
  (void)state;
  plan p;
  make_plan(&p, true);
  assert_true(torture_run("generate, stepped", generate, &p, 1) >= 200);
  drop_plan(&p);
}

int main(void)
{
  torture_install();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_torture__a_generation_ends_well_or_can_be_resumed),
  };
  return torture_report(cmocka_run_group_tests(tests, NULL, NULL));
}
