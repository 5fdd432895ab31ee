/* SPDX-License-Identifier: MIT */
#include "base/window.h"

#include <string.h>

void px_window_init(px_window *window, int64_t span_us)
{
  memset(window, 0, sizeof *window);
  window->slot_us = span_us / PX_WINDOW_SLOTS > 0 ? span_us / PX_WINDOW_SLOTS : 1;
  for (int i = 0; i < PX_WINDOW_SLOTS; i++)
    window->slots[i].number = -1;
}

void px_window_add(px_window *window, int64_t now_us, bool failed, bool slow)
{
  int64_t number = now_us / window->slot_us;
  int64_t place = number % PX_WINDOW_SLOTS;
  px_tally *tally = &window->slots[place].tally;
  if (window->slots[place].number != number)
    *tally = (px_tally){0, 0, 0};
  window->slots[place].number = number;
  tally->total++;
  tally->failed += failed;
  tally->slow += slow;
}

px_tally px_window_sum(const px_window *window, int64_t now_us)
{
  px_tally sum = {0, 0, 0};
  int64_t newest = now_us / window->slot_us;
  for (int i = 0; i < PX_WINDOW_SLOTS; i++) {
    if (window->slots[i].number < 0 || window->slots[i].number <= newest - PX_WINDOW_SLOTS)
      continue;
    sum.total += window->slots[i].tally.total;
    sum.failed += window->slots[i].tally.failed;
    sum.slow += window->slots[i].tally.slow;
  }
  return sum;
}
