/* SPDX-License-Identifier: MIT */
/* Limits of one process. A call is estimated before, counted after, and refused when it could go beyond. */
#include "mcp.h"
#include "text.h"

bool spending_init(spending *self, const mcp_options *settings)
{
  *self = (spending){.budget_micros = settings->budget_micros, .max_images = settings->max_images};
  return pthread_mutex_init(&self->lock, NULL) == 0;
}

void spending_done(spending *self)
{
  (void)pthread_mutex_destroy(&self->lock);
}

static pixazo_status refuse(pixazo_error **error, const char *text)
{
  return pixazo_error_set(error, PIXAZO_E_BUDGET, text);
}

static pixazo_status judge(const spending *self, const price *wanted, pixazo_error **error)
{
  char text[400];
  char most[48];
  char left[48];
  if (self->max_images >= 0 && self->images + wanted->images > self->max_images) {
    (void)snprintf(
        text, sizeof text,
        "this server makes at most %lld pictures in one run, %lld are made or being made, and %lld more were asked for; "
        "nothing was sent. It can be started with a higher --max-images",
        (long long)self->max_images, (long long)self->images, (long long)wanted->images);
    return refuse(error, text);
  }
  if (self->budget_micros < 0)
    return PIXAZO_OK;
  if (!wanted->known)
    return refuse(error, "the price of this model is not known, and a budget applies; nothing was sent. Another model, or "
                         "a server started with --budget none, can do it");
  int64_t rest = self->budget_micros - self->spent_micros - self->reserved_micros;
  if (wanted->micros <= rest || wanted->micros == 0)
    return PIXAZO_OK;
  format_amount(wanted->micros, "USD", most, sizeof most);
  format_amount(rest, "USD", left, sizeof left);
  (void)snprintf(text, sizeof text, "this may cost %s, and %s of the budget of this run is left; nothing was sent", most,
                 left);
  return refuse(error, text);
}

pixazo_status spending_reserve(spending *self, const price *wanted, pixazo_error **error)
{
  (void)pthread_mutex_lock(&self->lock);
  pixazo_status status = judge(self, wanted, error);
  if (status == PIXAZO_OK) {
    self->reserved_micros += wanted->micros;
    self->images += wanted->images;
  }
  (void)pthread_mutex_unlock(&self->lock);
  return status;
}

void spending_settle(spending *self, const price *reserved, int64_t micros, int64_t images)
{
  (void)pthread_mutex_lock(&self->lock);
  self->reserved_micros -= reserved->micros;
  self->spent_micros += micros;
  self->images += images - reserved->images;
  (void)pthread_mutex_unlock(&self->lock);
}

void spending_say(spending *self, result *out)
{
  char spent[48];
  char left[48];
  (void)pthread_mutex_lock(&self->lock);
  int64_t rest = self->budget_micros - self->spent_micros - self->reserved_micros;
  int64_t images_left = self->max_images - self->images;
  int64_t images = self->images;
  format_amount(self->spent_micros, "USD", spent, sizeof spent);
  (void)pthread_mutex_unlock(&self->lock);
  format_amount(rest, "USD", left, sizeof left);
  say(out, "Spent since this server started: %s, %lld picture(s).", spent, (long long)images);
  if (self->budget_micros >= 0)
    say(out, "Left of its budget: %s.", left);
  else
    say(out, "No budget is set.");
  if (self->max_images >= 0)
    say(out, "%lld more picture(s) may be made.", (long long)images_left);
}

void spending_put(spending *self, draft *out)
{
  (void)pthread_mutex_lock(&self->lock);
  put_string(out, "currency", "USD");
  put_int(out, "spent_micros", self->spent_micros);
  put_int(out, "reserved_micros", self->reserved_micros);
  put_int(out, "images", self->images);
  if (self->budget_micros >= 0) {
    put_int(out, "budget_micros", self->budget_micros);
    put_int(out, "left_micros", self->budget_micros - self->spent_micros - self->reserved_micros);
  }
  if (self->max_images >= 0) {
    put_int(out, "max_images", self->max_images);
    put_int(out, "images_left", self->max_images - self->images);
  }
  (void)pthread_mutex_unlock(&self->lock);
}
