/* SPDX-License-Identifier: MIT */
/* One process of the race for the last cent (money.py): makes calls through the gate of a repository or through a journal,
 * ends them in every way, and is killed at any moment.
 *   money_worker DIRECTORY gate|journal SEED   until the driver says stop
 *   money_worker DIRECTORY finish 0            takes over what the dead left, settles it, checks the database
 * What was asked and allowed is counted in DIRECTORY/counts, four 64-bit numbers: asked, allowed, denied, stop. */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <pixazo/repository.h>

#include "base/mem.h"
#include "repository/journal.h"

enum { BATCH_MAX = 6, DOUBTS_MAX = 32, BOUND_MAX = 1000 };

typedef struct counts {
  _Atomic uint64_t asked;
  _Atomic uint64_t allowed;
  _Atomic uint64_t denied;
  _Atomic uint64_t stop;
} counts;

typedef struct call {
  char generation[PX_UUID_TEXT];
  char attempt[PX_UUID_TEXT];
  int64_t bound;
} call;

typedef struct racer {
  pixazo_repository *repository;
  px_journal *journal; /* one of these two */
  pixazo_gate *gate;
  counts *shared;
  uint64_t seed;
  call doubts[DOUBTS_MAX]; /* ambiguous calls whose end is told later */
  size_t doubt_count;
} racer;

static uint64_t draw(racer *self, uint64_t below)
{
  self->seed = self->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (self->seed >> 33) % below;
}

static void must(pixazo_status status, const pixazo_error *error)
{
  if (status == PIXAZO_OK)
    return;
  (void)fprintf(stderr, "money_worker: %s: %s\n", pixazo_status_name(status), pixazo_error_message(error));
  exit(1);
}

#define MUST(call)                      \
  do {                                  \
    pixazo_error *error = NULL;         \
    pixazo_status must_status = (call); \
    must(must_status, error);           \
  } while (0)

static void make_calls(racer *self, call *calls, px_gate_attempt *attempts, size_t count)
{
  static const char *const providers[] = {"one", "two"};
  static const char *const principals[] = {"", "ann", "bob"};
  for (size_t i = 0; i < count; i++) {
    px_uuid_new(px_clock_system(), calls[i].generation);
    px_uuid_new(px_clock_system(), calls[i].attempt);
    calls[i].bound = 1 + (int64_t)draw(self, BOUND_MAX);
    attempts[i] = (px_gate_attempt){.attempt = calls[i].attempt,
                                    .generation = calls[i].generation,
                                    .principal = principals[draw(self, 3)],
                                    .provider = providers[draw(self, 2)],
                                    .model = "m",
                                    .prompt = "x",
                                    .currency = "USD",
                                    .upper_bound_micros = calls[i].bound,
                                    .price_known = true,
                                    .n = 1};
  }
}

static void ask_journal(racer *self, const px_gate_attempt *attempts, size_t count, px_gate_verdict *verdicts)
{
  char existing[PX_UUID_TEXT];
  MUST(px_journal_begin(self->journal, &error));
  for (size_t i = 0; i < count; i++) {
    px_journal_new row = {.uuid = attempts[i].generation,
                          .principal = attempts[i].principal,
                          .prompt = "x",
                          .provider = attempts[i].provider,
                          .model = "m"};
    MUST(px_journal_add(self->journal, &row, existing, &error));
  }
  MUST(px_journal_send(self->journal, attempts, count, verdicts, &error));
  MUST(px_journal_commit(self->journal, &error));
}

/* How a call ended: charged at most its bound, not charged, or nobody knows. */
static px_gate_answer end_of(racer *self, const call *one, bool may_doubt)
{
  uint64_t lot = draw(self, may_doubt ? 20 : 16);
  px_gate_answer answer = {.attempt = one->attempt, .generation = one->generation, .currency = "USD", .message = "x"};
  if (lot < 12) {
    answer.attempt_class = PIXAZO_CLASS_EMPTY;
    answer.charge = PIXAZO_CHARGE_CHARGED;
    answer.confidence = PIXAZO_CONFIDENCE_BILLED;
    answer.cost_micros = (int64_t)draw(self, (uint64_t)one->bound + 1);
  } else if (lot < 16) {
    answer.attempt_class = PIXAZO_CLASS_REFUSED;
    answer.charge = PIXAZO_CHARGE_NOT_CHARGED;
  } else {
    answer.attempt_class = PIXAZO_CLASS_AMBIGUOUS;
    answer.charge = PIXAZO_CHARGE_UNKNOWN;
  }
  return answer;
}

static void tell(racer *self, const px_gate_answer *answers, size_t count)
{
  if (self->gate) {
    MUST(self->gate->ops->answered(self->gate->self, answers, count, &error));
    return;
  }
  MUST(px_journal_begin(self->journal, &error));
  for (size_t i = 0; i < count; i++) {
    px_journal_answer row = {.facts = answers[i], .final = true};
    MUST(px_journal_answered(self->journal, &row, &error));
  }
  MUST(px_journal_commit(self->journal, &error));
}

static void cancel_denied(racer *self, const call *calls, const px_gate_verdict *verdicts, size_t count)
{
  if (!self->journal)
    return;
  MUST(px_journal_begin(self->journal, &error));
  for (size_t i = 0; i < count; i++) {
    if (verdicts[i].verdict != PX_GATE_GO)
      MUST(px_journal_end(self->journal, calls[i].generation, PIXAZO_GENERATION_CANCELLED, "denied", &error));
  }
  MUST(px_journal_commit(self->journal, &error));
}

/* A late answer for a call that was in doubt. */
static void settle_doubt(racer *self)
{
  if (self->doubt_count == 0)
    return;
  call one = self->doubts[--self->doubt_count];
  px_gate_answer answer = end_of(self, &one, false);
  tell(self, &answer, 1);
}

static void round_of_calls(racer *self)
{
  call calls[BATCH_MAX];
  px_gate_attempt attempts[BATCH_MAX];
  px_gate_verdict verdicts[BATCH_MAX] = {{0}};
  px_gate_answer answers[BATCH_MAX];
  size_t count = 1 + draw(self, BATCH_MAX), allowed = 0;
  make_calls(self, calls, attempts, count);
  if (self->gate)
    MUST(self->gate->ops->begin(self->gate->self, attempts, count, verdicts, &error));
  else
    ask_journal(self, attempts, count, verdicts);
  atomic_fetch_add(&self->shared->asked, count);
  for (size_t i = 0; i < count; i++) {
    if (verdicts[i].verdict == PX_GATE_GO)
      answers[allowed++] = end_of(self, &calls[i], true);
    if (verdicts[i].verdict == PX_GATE_DENIED && pixazo_error_status(verdicts[i].error) != PIXAZO_E_BUDGET)
      must(PIXAZO_E_INTERNAL, verdicts[i].error);
    pixazo_error_free(verdicts[i].error);
  }
  atomic_fetch_add(&self->shared->allowed, allowed);
  atomic_fetch_add(&self->shared->denied, count - allowed);
  if (allowed > 0)
    tell(self, answers, allowed);
  if (allowed < count)
    cancel_denied(self, calls, verdicts, count);
  for (size_t i = 0; i < allowed; i++) {
    if (answers[i].charge != PIXAZO_CHARGE_UNKNOWN || self->doubt_count == DOUBTS_MAX)
      continue;
    call *doubt = &self->doubts[self->doubt_count++];
    *doubt = (call){.bound = 1};
    memcpy(doubt->generation, answers[i].generation, sizeof doubt->generation);
    memcpy(doubt->attempt, answers[i].attempt, sizeof doubt->attempt);
  }
  if (draw(self, 3) == 0)
    settle_doubt(self);
}

/* What a dead worker left is ended once: in doubt when it was sent, cancelled when it was not. */
static void finish_left(racer *self)
{
  char after[PX_UUID_TEXT] = "";
  px_journal_work work;
  while (px_journal_next_work(self->journal, after, &work, NULL) == PIXAZO_OK) {
    MUST(px_journal_begin(self->journal, &error));
    if (work.attempt_state == PX_ATTEMPT_SENDING) {
      px_journal_answer row = {.facts = {.attempt = work.attempt,
                                         .generation = work.record->uuid,
                                         .attempt_class = PIXAZO_CLASS_AMBIGUOUS,
                                         .charge = PIXAZO_CHARGE_UNKNOWN,
                                         .message = "its process was killed"},
                               .final = true};
      MUST(px_journal_answered(self->journal, &row, &error));
    } else {
      MUST(px_journal_end(self->journal, work.record->uuid, PIXAZO_GENERATION_CANCELLED, "never sent", &error));
    }
    MUST(px_journal_commit(self->journal, &error));
    px_journal_work_done(&work);
  }
}

static counts *map_counts(const char *directory)
{
  char path[4096];
  (void)snprintf(path, sizeof path, "%s/counts", directory);
  int descriptor = open(path, O_RDWR | O_CLOEXEC);
  void *memory = descriptor < 0 ? MAP_FAILED : mmap(NULL, sizeof(counts), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (memory == MAP_FAILED) {
    perror("money_worker: counts");
    exit(1);
  }
  (void)close(descriptor);
  return memory;
}

static void open_all(racer *self, const char *directory, bool gate)
{
  char path[4096], spool[4096];
  (void)snprintf(path, sizeof path, "%s/pixazo.db", directory);
  (void)snprintf(spool, sizeof spool, "%s/spool", directory);
  pixazo_repository_options options = PIXAZO_REPOSITORY_OPTIONS_INIT;
  options.path = path;
  options.busy_timeout_ms = 60000;
  MUST(pixazo_repository_new(&options, &self->repository, &error));
  px_journal_options journal = {.repository = self->repository, .spool = spool};
  if (gate) {
    MUST(pixazo_repository_gate(self->repository, &self->gate, &error));
    return;
  }
  MUST(px_journal_open(&journal, &self->journal, &error));
  MUST(px_journal_take_over(self->journal, NULL, &error));
  finish_left(self);
}

static void check(racer *self)
{
  char *report = NULL;
  pixazo_error *error = NULL;
  pixazo_status status = pixazo_repository_check(self->repository, &report, &error);
  (void)printf("%s\n", report ? report : "");
  px_free(report);
  must(status, error);
}

int main(int argc, char **argv)
{
  if (argc != 4)
    return 2;
  bool finish = strcmp(argv[2], "finish") == 0;
  racer self = {.shared = map_counts(argv[1]), .seed = strtoull(argv[3], NULL, 10)};
  open_all(&self, argv[1], strcmp(argv[2], "gate") == 0);
  while (!finish && atomic_load(&self.shared->stop) == 0)
    round_of_calls(&self);
  if (finish)
    check(&self);
  (void)pixazo_gate_unref(self.gate);
  px_journal_close(self.journal);
  (void)pixazo_repository_unref(self.repository);
  return 0;
}
