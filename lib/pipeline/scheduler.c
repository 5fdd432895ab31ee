/* SPDX-License-Identifier: MIT */
/* The journal thread: the only one that writes the database. It gathers what came while the last
 * transaction was flushed, writes all of it, and only then lets the next steps begin. */
#include "pipeline/internal.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"

enum { GROUP_MAX = 128, TICK_MS = 5000, PARKED_MS = 500, CROWD = 32, THRONG = 128, PACE_US = 5000 };
static const uint64_t ROOM_MARGIN = 16u << 20;      /* the spool also holds pictures on their way */

/* Paid calls about to pass T2 together. */
typedef struct sending {
  px_job *jobs[GROUP_MAX];
  px_gate_attempt attempts[GROUP_MAX];
  px_gate_verdict verdicts[GROUP_MAX];
  size_t count;
  px_job *closed; /* their providers are left alone */
} sending;

void px_pipeline_ops(pixazo_pipeline *pipeline, px_op *first, px_op **last)
{
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  *pipeline->synced.last_op = first;
  pipeline->synced.last_op = last;
  (void)pthread_cond_signal(&pipeline->synced.work);
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
}

void px_pipeline_op(pixazo_pipeline *pipeline, px_op *op)
{
  op->next = NULL;
  px_pipeline_ops(pipeline, op, &op->next);
}

void px_pipeline_ready(pixazo_pipeline *pipeline, px_job *job)
{
  px_measure_phase(job, PX_PHASE_WAITING);
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  job->next_ready = NULL;
  pipeline->synced.sweep |= atomic_load(&job->soft_cancelled);
  *pipeline->synced.last_ready = job;
  pipeline->synced.last_ready = &job->next_ready;
  (void)pthread_cond_signal(&pipeline->synced.work);
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
}

void px_pipeline_release_slot(px_job *job)
{
  pixazo_pipeline *pipeline = job->pipeline;
  if (!job->holds_slot)
    return;
  job->holds_slot = false;
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  pipeline->synced.in_flight--;
  (void)pthread_cond_signal(&pipeline->synced.work);
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
}

/* Under the lock: may a paid call begin? Pictures that wait to be fetched hold new calls back. */
static bool slot_free(const pixazo_pipeline *pipeline)
{
  return pipeline->synced.in_flight < pipeline->slots && !pipeline->synced.halted &&
         pipeline->synced.waiting_count <= 2 * pipeline->slots;
}

/* Under the lock. */
static bool work_waits(const pixazo_pipeline *pipeline, int64_t now)
{
  if (pipeline->synced.ops || pipeline->synced.stop || now >= pipeline->next_tick_us)
    return true;
  if (pipeline->synced.timers && (pipeline->synced.cut || pipeline->synced.timers->due_us <= now))
    return true;
  if (pipeline->synced.ready && (slot_free(pipeline) || pipeline->synced.sweep || pipeline->synced.closing))
    return true;
  return pipeline->synced.cut && pipeline->synced.parked;
}

static void wait_for_work(pixazo_pipeline *pipeline)
{
  for (;;) {
    int64_t now = px_mono_us(pipeline->clock);
    if (work_waits(pipeline, now))
      return;
    int64_t until = pipeline->next_tick_us;
    if (pipeline->synced.timers && pipeline->synced.timers->due_us < until)
      until = pipeline->synced.timers->due_us;
    px_wait_at_most(pipeline, &pipeline->synced.work, until - now);
  }
}

/* Under the lock, which is given up. Where the disk flushes in no time, a crowd of generations would be written in ones and
 * twos, and most of what a transaction costs is the same for one and for twenty: it waits a moment for more. */
static void keep_pace(pixazo_pipeline *pipeline)
{
  int64_t now = px_mono_us(pipeline->clock);
  int64_t pace = pipeline->synced.open < THRONG ? PACE_US : 2 * PACE_US;
  int64_t left = pipeline->written_us + pace - now;
  if (pipeline->synced.open < CROWD || pipeline->synced.closing || left <= 0 || left > pace)
    return;
  struct timespec pause = {.tv_nsec = left * 1000};
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  (void)nanosleep(&pause, NULL);
  (void)pthread_mutex_lock(&pipeline->synced.lock);
}

/* A pause longer than a worker may be silent (sleep, SIGSTOP) outdates every call that has not begun. */
static void note_alive(pixazo_pipeline *pipeline)
{
  int64_t now = px_alive_us(pipeline->clock);
  if (now - atomic_load(&pipeline->alive_us) > PX_ASLEEP_US)
    atomic_fetch_add(&pipeline->epoch, 1);
  atomic_store(&pipeline->alive_us, now);
}

static void set_trouble(pixazo_pipeline *pipeline, const pixazo_error *error)
{
  px_log(pipeline->log, PIXAZO_LOG_ERROR, "pipeline", "the journal cannot be written: %s; nothing new is sent until it can",
         pixazo_error_message(error));
  px_watch_trouble(pipeline, PIXAZO_ALERT_JOURNAL, error);
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  if (!pipeline->synced.trouble)
    pipeline->synced.trouble = px_error_copy(error);
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
}

/* Nothing new is sent until what is parked is written; that is tried soon. */
static void halt(pixazo_pipeline *pipeline)
{
  pipeline->synced.halted = true;
  pipeline->next_tick_us = px_mono_us(pipeline->clock) + PARKED_MS * (int64_t)1000;
}

static void park(pixazo_pipeline *pipeline, px_op *op)
{
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  op->next = pipeline->synced.parked;
  pipeline->synced.parked = op;
  halt(pipeline);
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
}

/* Tells each op how it ended. A fact that could not be written is parked for another try. */
static void finish_ops(pixazo_pipeline *pipeline, px_op *ops, pixazo_status commit, const pixazo_error *failure)
{
  while (ops) {
    px_op *op = ops;
    ops = op->next;
    px_autoerror error = op->error;
    op->error = NULL;
    bool own = op->status != PIXAZO_OK || op->apart; /* else it shares the fate of the transaction */
    pixazo_status status = own ? op->status : commit;
    const pixazo_error *reason = own ? error : failure;
    bool later = status != PIXAZO_OK && op->must && (!own || px_may_pass(status));
    if (later && !px_pipeline_is_cut(pipeline)) {
      set_trouble(pipeline, reason);
      park(pipeline, op);
      continue;
    }
    op->done(op, status, status == PIXAZO_OK ? NULL : reason);
  }
}

static void apply_ops(pixazo_pipeline *pipeline, px_op *ops, bool apart)
{
  for (px_op *op = ops; op; op = op->next) {
    if (op->apart != apart)
      continue;
    op->error = NULL;
    op->status = op->apply(op, pipeline->journal, &op->error);
  }
}

/* Jobs that leave the ready list without a call: cancelled ones, and all of them when the pipeline closes. */
static px_job *take_stopped(pixazo_pipeline *pipeline)
{
  px_job *stopped = NULL;
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  bool sweep = pipeline->synced.sweep || pipeline->synced.closing;
  px_job **slot = sweep ? &pipeline->synced.ready : pipeline->synced.last_ready;
  pipeline->synced.sweep = false;
  while (*slot) {
    px_job *job = *slot;
    if (pipeline->synced.closing || atomic_load(&job->soft_cancelled)) {
      *slot = job->next_ready;
      job->next_ready = stopped;
      stopped = job;
    } else {
      slot = &job->next_ready;
    }
  }
  pipeline->synced.last_ready = slot;
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  return stopped;
}

static void end_stopped(pixazo_pipeline *pipeline)
{
  px_job *job = take_stopped(pipeline);
  while (job) {
    px_job *next = job->next_ready;
    px_call_cancel_planned(job);
    job = next;
  }
}

static void describe_attempt(px_job *job, px_gate_attempt *attempt)
{
  px_uuid_new(job->pipeline->clock, job->attempt);
  job->epoch = atomic_load(&job->pipeline->epoch);
  *attempt = px_plan_attempt(job->plan);
  attempt->attempt = job->attempt;
  attempt->generation = job->uuid;
  attempt->waiting_since_us = job->waiting_since_us;
  attempt->n = job->n + 1;
}

/* Takes as many ready jobs as there are slots. */
static void pick(pixazo_pipeline *pipeline, sending *group)
{
  group->count = 0;
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  while (pipeline->synced.ready && slot_free(pipeline) && group->count < GROUP_MAX) {
    px_job *job = pipeline->synced.ready;
    if (atomic_load(&job->soft_cancelled)) {
      pipeline->synced.sweep = true; /* cancelled in this very moment: the next step ends it */
      break;
    }
    pipeline->synced.ready = job->next_ready;
    if (!job->next_ready)
      pipeline->synced.last_ready = &pipeline->synced.ready;
    job->denied = px_client_closed(pipeline->client, job->plan, true);
    if (job->denied) {
      job->next_ready = group->closed;
      group->closed = job;
      continue;
    }
    job->holds_slot = true;
    pipeline->synced.in_flight++;
    group->jobs[group->count++] = job;
  }
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  memset(group->verdicts, 0, group->count * sizeof *group->verdicts);
  for (size_t i = 0; i < group->count; i++)
    describe_attempt(group->jobs[i], &group->attempts[i]);
  while (group->closed) {
    px_job *job = group->closed;
    group->closed = job->next_ready;
    px_call_denied(job, px_steal(&job->denied));
  }
}

/* The call is not made now: was it the probe of a provider, the next one may be. */
static void keep_back(px_job *job)
{
  px_pipeline_release_slot(job);
  px_client_note(job->pipeline->client, job->plan, NULL);
}

static void put_back(sending *group)
{
  for (size_t i = 0; i < group->count; i++) {
    keep_back(group->jobs[i]);
    px_pipeline_ready(group->jobs[i]->pipeline, group->jobs[i]);
  }
  group->count = 0;
}

/* A paid answer must find room: without it the call is not made at all. */
static pixazo_status check_room(pixazo_pipeline *pipeline, const sending *group, pixazo_error **error)
{
  uint64_t room = 0;
  uint64_t needed = 0;
  for (size_t i = 0; i < group->count; i++) {
    uint64_t largest = px_plan_get(group->jobs[i]->plan)->answer_max;
    needed = largest > needed ? largest : needed;
  }
  PX_TRY(px_room_left(pipeline->spool_fd, &room, error));
  if (room >= needed + ROOM_MARGIN)
    return PIXAZO_OK;
  return px_fail(error, PIXAZO_E_IO, "the spool %s has %llu bytes left, an answer may need %llu; nothing was sent", pipeline->spool,
                 (unsigned long long)room, (unsigned long long)(needed + ROOM_MARGIN));
}

static void deny_all(sending *group, const pixazo_error *error)
{
  for (size_t i = 0; i < group->count; i++) {
    keep_back(group->jobs[i]);
    px_call_denied(group->jobs[i], px_error_copy(error));
  }
  group->count = 0;
}

static void start_sent(pixazo_pipeline *pipeline, sending *group)
{
  int64_t now = px_wall_us(pipeline->clock);
  for (size_t i = 0; i < group->count; i++) {
    px_job *job = group->jobs[i];
    px_gate_verdict *verdict = &group->verdicts[i];
    px_measure_verdict(job, verdict);
    if (verdict->verdict == PX_GATE_DENIED && pixazo_error_status(verdict->error) == PIXAZO_E_BUDGET)
      px_watch_budgets(pipeline, px_plan_get(job->plan));
    if (verdict->verdict == PX_GATE_GO) {
      job->n++;
      job->sent_us = now;
      job->waiting_since_us = 0;
      px_call_passed(job);
      px_call_start(job);
    } else if (verdict->verdict == PX_GATE_WAIT) {
      keep_back(job);
      px_call_wait(job, verdict, now);
    } else {
      keep_back(job);
      px_call_denied(job, px_steal(&verdict->error));
    }
  }
}

static pixazo_status write_group(pixazo_pipeline *pipeline, px_op *ops, sending *group, pixazo_error **error)
{
  apply_ops(pipeline, ops, true);
  PX_TRY(px_journal_begin(pipeline->journal, error));
  apply_ops(pipeline, ops, false);
  pick(pipeline, group);
  if (group->count > 0) {
    px_autoerror room = NULL;
    if (check_room(pipeline, group, &room) != PIXAZO_OK)
      deny_all(group, room);
    px_watch_trouble(pipeline, PIXAZO_ALERT_SPACE, room);
  }
  pixazo_status status = PIXAZO_OK;
  if (group->count > 0) {
    PX_FAILPOINT("t2.before");
    status = px_journal_send(pipeline->journal, group->attempts, group->count, group->verdicts, error);
  }
  if (status == PIXAZO_OK)
    status = px_journal_commit(pipeline->journal, error);
  if (status != PIXAZO_OK)
    px_journal_rollback(pipeline->journal);
  else if (group->count > 0)
    PX_FAILPOINT("t2.after");
  return status;
}

/* One transaction for everything that waits. */
static void write_all(pixazo_pipeline *pipeline, px_op *ops)
{
  sending group = {.count = 0};
  px_autoerror error = NULL;
  pixazo_status status = write_group(pipeline, ops, &group, &error);
  if (status != PIXAZO_OK) {
    set_trouble(pipeline, error);
    (void)pthread_mutex_lock(&pipeline->synced.lock);
    halt(pipeline);
    (void)pthread_mutex_unlock(&pipeline->synced.lock);
    for (size_t i = 0; i < group.count; i++)
      pixazo_error_free(group.verdicts[i].error);
    put_back(&group);
  } else {
    px_watch_trouble(pipeline, PIXAZO_ALERT_JOURNAL, NULL);
  }
  px_visitors_gather(pipeline);
  finish_ops(pipeline, ops, status, error);
  if (status == PIXAZO_OK)
    start_sent(pipeline, &group);
  px_visitors_wake(pipeline);
}

/* The journal answers again: facts that were parked go first, sending goes on. */
static px_op *unpark(pixazo_pipeline *pipeline)
{
  px_op *parked = pipeline->synced.parked;
  pipeline->synced.parked = NULL;
  pipeline->synced.halted = false;
  return parked;
}

static void tick(pixazo_pipeline *pipeline)
{
  px_autoerror error = NULL;
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  bool halted = pipeline->synced.halted;
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  if (px_journal_heartbeat(pipeline->journal, &error) != PIXAZO_OK)
    px_log(pipeline->log, PIXAZO_LOG_WARNING, "pipeline", "heartbeat: %s", pixazo_error_message(error));
  px_watch_budgets(pipeline, NULL);
  pipeline->next_tick_us = px_mono_us(pipeline->clock) + (halted ? PARKED_MS : TICK_MS) * (int64_t)1000;
}

static bool may_pick(pixazo_pipeline *pipeline)
{
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  bool may = pipeline->synced.ready && slot_free(pipeline);
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  return may;
}

bool px_pipeline_step(pixazo_pipeline *pipeline, bool wait)
{
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  if (wait) {
    wait_for_work(pipeline);
    keep_pace(pipeline);
  }
  int64_t now = px_mono_us(pipeline->clock);
  bool due = now >= pipeline->next_tick_us;
  px_timer *timers = px_pipeline_timers_due(pipeline);
  px_op *parked = due || pipeline->synced.cut ? unpark(pipeline) : NULL;
  px_op *ops = pipeline->synced.ops;
  pipeline->synced.ops = NULL;
  pipeline->synced.last_op = &pipeline->synced.ops;
  bool worked = ops || parked || timers || due;
  (void)pthread_mutex_unlock(&pipeline->synced.lock);

  note_alive(pipeline);
  while (timers) {
    px_timer *timer = timers;
    timers = timer->next;
    timer->fire(timer);
  }
  if (parked) {
    px_op *last = parked;
    while (last->next)
      last = last->next;
    last->next = ops;
    ops = parked;
  }
  end_stopped(pipeline);
  if (may_pick(pipeline) || ops) {
    pipeline->written_us = now;
    write_all(pipeline, ops);
    worked = true;
  }
  if (due)
    tick(pipeline);
  return worked;
}

void px_pipeline_pump(pixazo_pipeline *pipeline)
{
  while (px_pipeline_step(pipeline, false) || px_crew_step(pipeline->workers) || px_crew_step(pipeline->files)) {
  }
}

void *px_pipeline_journal_body(void *argument)
{
  pixazo_pipeline *pipeline = argument;
  px_thread_enter();
  for (;;) {
    bool worked = px_pipeline_step(pipeline, true);
    (void)pthread_mutex_lock(&pipeline->synced.lock);
    bool stop = pipeline->synced.stop && !pipeline->synced.ops;
    (void)pthread_mutex_unlock(&pipeline->synced.lock);
    if (stop && !worked)
      return NULL;
  }
}
