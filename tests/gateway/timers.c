/* SPDX-License-Identifier: MIT */
#include "gateway/timers.h"

#include <stdlib.h>

#include "gateway/bytes.h"

static void put(timers *all, size_t place, timer *entry)
{
  all->heap[place - 1] = entry;
  entry->place = place;
}

static void rise(timers *all, timer *entry)
{
  size_t place = entry->place;
  for (; place > 1 && all->heap[place / 2 - 1]->due > entry->due; place /= 2)
    put(all, place, all->heap[place / 2 - 1]);
  put(all, place, entry);
}

static void sink(timers *all, timer *entry)
{
  size_t place = entry->place;
  for (;;) {
    size_t child = place * 2;
    if (child > all->count)
      break;
    if (child < all->count && all->heap[child]->due < all->heap[child - 1]->due)
      child++;
    if (all->heap[child - 1]->due >= entry->due)
      break;
    put(all, place, all->heap[child - 1]);
    place = child;
  }
  put(all, place, entry);
}

void timers_clear(timers *all, timer *entry)
{
  if (entry->place == 0)
    return;
  timer *last = all->heap[--all->count];
  if (last != entry) {
    put(all, entry->place, last);
    sink(all, last);
    rise(all, last);
  }
  entry->place = 0;
}

void timers_set(timers *all, timer *entry, int64_t due)
{
  timers_clear(all, entry);
  if (all->count == all->capacity) {
    all->capacity = all->capacity ? all->capacity * 2 : 256;
    all->heap = must_grow(all->heap, all->capacity, sizeof *all->heap);
  }
  entry->due = due;
  put(all, ++all->count, entry);
  rise(all, entry);
}

timer *timers_take(timers *all, int64_t now)
{
  if (all->count == 0 || all->heap[0]->due > now)
    return NULL;
  timer *first = all->heap[0];
  timers_clear(all, first);
  return first;
}

void timers_done(timers *all)
{
  free(all->heap);
  *all = (timers){0};
}
