/* SPDX-License-Identifier: MIT */
/* Where every field of every public struct lies on LP64; written by tests/abi/update.sh. A line that changes,
 * other than a new last field, breaks programs that are already built. */
#include <stddef.h>

#include <pixazo/api.h>
#include <pixazo/blob.h>
#include <pixazo/cancel.h>
#include <pixazo/client.h>
#include <pixazo/config.h>
#include <pixazo/error.h>
#include <pixazo/exporter.h>
#include <pixazo/gate.h>
#include <pixazo/log.h>
#include <pixazo/memory.h>
#include <pixazo/metrics.h>
#include <pixazo/pipeline.h>
#include <pixazo/pixazo.h>
#include <pixazo/pixels.h>
#include <pixazo/provider.h>
#include <pixazo/query.h>
#include <pixazo/record.h>
#include <pixazo/repository.h>
#include <pixazo/request.h>
#include <pixazo/review.h>
#include <pixazo/store.h>
#include <pixazo/store_backend.h>
#include <pixazo/studio.h>
#include <pixazo/version.h>

#define FIELD(type, name, offset, size) \
  _Static_assert(offsetof(type, name) == (offset) && sizeof(((type *)0)->name) == (size), #type "." #name " moved")
#define SIZE(type, last, size) _Static_assert(sizeof(type) == (size), #type " has another size")

FIELD(pixazo_progress, struct_size, 0, 8);
FIELD(pixazo_progress, generation, 8, 8);
FIELD(pixazo_progress, bytes_done, 16, 8);
FIELD(pixazo_progress, bytes_total, 24, 8);
FIELD(pixazo_progress, stage, 32, 4);
FIELD(pixazo_progress, attempt, 36, 4);
FIELD(pixazo_progress, until_us, 40, 8);
FIELD(pixazo_progress, partial, 48, 8);
FIELD(pixazo_progress, work_done, 56, 8);
FIELD(pixazo_progress, work_total, 64, 8);
FIELD(pixazo_progress, partial_index, 72, 4);
FIELD(pixazo_progress, reserved, 76, 4);
SIZE(pixazo_progress, reserved, 80);

FIELD(pixazo_retry, struct_size, 0, 8);
FIELD(pixazo_retry, generation, 8, 8);
FIELD(pixazo_retry, cause, 16, 8);
FIELD(pixazo_retry, attempt_class, 24, 4);
FIELD(pixazo_retry, retry, 28, 4);
FIELD(pixazo_retry, delay_ms, 32, 4);
FIELD(pixazo_retry, reserved, 36, 4);
SIZE(pixazo_retry, reserved, 40);

FIELD(pixazo_account, struct_size, 0, 8);
FIELD(pixazo_account, provider, 8, 8);
FIELD(pixazo_account, api_key, 16, 8);
FIELD(pixazo_account, base_url, 24, 8);
FIELD(pixazo_account, model, 32, 8);
FIELD(pixazo_account, headers, 40, 8);
FIELD(pixazo_account, definition, 48, 8);
FIELD(pixazo_account, key_later, 56, 4);
FIELD(pixazo_account, reserved, 60, 4);
SIZE(pixazo_account, reserved, 64);

FIELD(pixazo_client_options, struct_size, 0, 8);
FIELD(pixazo_client_options, provider, 8, 8);
FIELD(pixazo_client_options, model, 16, 8);
FIELD(pixazo_client_options, api_key, 24, 8);
FIELD(pixazo_client_options, base_url, 32, 8);
FIELD(pixazo_client_options, allow_hosts, 40, 8);
FIELD(pixazo_client_options, ca_file, 48, 8);
FIELD(pixazo_client_options, proxy, 56, 8);
FIELD(pixazo_client_options, limits_json, 64, 8);
FIELD(pixazo_client_options, offline_script, 72, 8);
FIELD(pixazo_client_options, gate, 80, 8);
FIELD(pixazo_client_options, log, 88, 8);
FIELD(pixazo_client_options, on_progress, 96, 8);
FIELD(pixazo_client_options, on_progress_data, 104, 8);
FIELD(pixazo_client_options, on_retry, 112, 8);
FIELD(pixazo_client_options, on_retry_data, 120, 8);
FIELD(pixazo_client_options, max_download_bytes, 128, 8);
FIELD(pixazo_client_options, max_answer_bytes, 136, 8);
FIELD(pixazo_client_options, guidance_floor, 144, 8);
FIELD(pixazo_client_options, connect_timeout_ms, 152, 4);
FIELD(pixazo_client_options, generation_timeout_ms, 156, 4);
FIELD(pixazo_client_options, stall_timeout_ms, 160, 4);
FIELD(pixazo_client_options, max_retries, 164, 4);
FIELD(pixazo_client_options, max_fetch_retries, 168, 4);
FIELD(pixazo_client_options, retry_delay_ms, 172, 4);
FIELD(pixazo_client_options, poll_interval_ms, 176, 4);
FIELD(pixazo_client_options, on_ambiguous, 180, 4);
FIELD(pixazo_client_options, accounts, 184, 8);
FIELD(pixazo_client_options, account_count, 192, 8);
FIELD(pixazo_client_options, fallback, 200, 8);
FIELD(pixazo_client_options, fallback_rejected, 208, 4);
FIELD(pixazo_client_options, fallback_blocked, 212, 4);
FIELD(pixazo_client_options, breaker_failures, 216, 4);
FIELD(pixazo_client_options, breaker_ms, 220, 4);
FIELD(pixazo_client_options, metrics, 224, 8);
FIELD(pixazo_client_options, definition, 232, 8);
FIELD(pixazo_client_options, models_json, 240, 8);
SIZE(pixazo_client_options, models_json, 248);

FIELD(pixazo_exporter_options, struct_size, 0, 8);
FIELD(pixazo_exporter_options, log, 8, 8);
FIELD(pixazo_exporter_options, max_pixels, 16, 8);
FIELD(pixazo_exporter_options, max_bytes, 24, 8);
FIELD(pixazo_exporter_options, max_scans, 32, 4);
FIELD(pixazo_exporter_options, max_metadata_blocks, 36, 4);
FIELD(pixazo_exporter_options, threads, 40, 4);
FIELD(pixazo_exporter_options, reserved, 44, 4);
SIZE(pixazo_exporter_options, reserved, 48);

FIELD(pixazo_layer, struct_size, 0, 8);
FIELD(pixazo_layer, source, 8, 8);
FIELD(pixazo_layer, mode, 16, 8);
FIELD(pixazo_layer, fit, 24, 8);
FIELD(pixazo_layer, gravity, 32, 8);
FIELD(pixazo_layer, opacity, 40, 4);
FIELD(pixazo_layer, x, 44, 4);
FIELD(pixazo_layer, y, 48, 4);
FIELD(pixazo_layer, no_enlarge, 52, 4);
SIZE(pixazo_layer, no_enlarge, 56);

FIELD(pixazo_export_job, struct_size, 0, 8);
FIELD(pixazo_export_job, source, 8, 8);
FIELD(pixazo_export_job, recipes, 16, 8);
FIELD(pixazo_export_job, recipe_count, 24, 8);
FIELD(pixazo_export_job, provenance_json, 32, 8);
FIELD(pixazo_export_job, cancel, 40, 8);
FIELD(pixazo_export_job, base, 48, 8);
FIELD(pixazo_export_job, layers, 56, 8);
FIELD(pixazo_export_job, layer_count, 64, 8);
FIELD(pixazo_export_job, pixels, 72, 8);
SIZE(pixazo_export_job, pixels, 80);

FIELD(pixazo_memory_hooks, struct_size, 0, 8);
FIELD(pixazo_memory_hooks, allocate, 8, 8);
FIELD(pixazo_memory_hooks, reallocate, 16, 8);
FIELD(pixazo_memory_hooks, release, 24, 8);
FIELD(pixazo_memory_hooks, user_data, 32, 8);
SIZE(pixazo_memory_hooks, user_data, 40);

FIELD(pixazo_alert, struct_size, 0, 8);
FIELD(pixazo_alert, subject, 8, 8);
FIELD(pixazo_alert, message, 16, 8);
FIELD(pixazo_alert, value, 24, 8);
FIELD(pixazo_alert, threshold, 32, 8);
FIELD(pixazo_alert, kind, 40, 4);
FIELD(pixazo_alert, reserved, 44, 4);
SIZE(pixazo_alert, reserved, 48);

FIELD(pixazo_pipeline_options, struct_size, 0, 8);
FIELD(pixazo_pipeline_options, client, 8, 8);
FIELD(pixazo_pipeline_options, store, 16, 8);
FIELD(pixazo_pipeline_options, repository, 24, 8);
FIELD(pixazo_pipeline_options, exporter, 32, 8);
FIELD(pixazo_pipeline_options, spool, 40, 8);
FIELD(pixazo_pipeline_options, key_template, 48, 8);
FIELD(pixazo_pipeline_options, rendition_template, 56, 8);
FIELD(pixazo_pipeline_options, recipes, 64, 8);
FIELD(pixazo_pipeline_options, recipe_count, 72, 8);
FIELD(pixazo_pipeline_options, log, 80, 8);
FIELD(pixazo_pipeline_options, on_progress, 88, 8);
FIELD(pixazo_pipeline_options, on_progress_data, 96, 8);
FIELD(pixazo_pipeline_options, on_retry, 104, 8);
FIELD(pixazo_pipeline_options, on_retry_data, 112, 8);
FIELD(pixazo_pipeline_options, concurrency, 120, 4);
FIELD(pixazo_pipeline_options, drain_ms, 124, 4);
FIELD(pixazo_pipeline_options, workers, 128, 4);
FIELD(pixazo_pipeline_options, file_threads, 132, 4);
FIELD(pixazo_pipeline_options, budget_currency, 136, 8);
FIELD(pixazo_pipeline_options, budget_micros, 144, 8);
FIELD(pixazo_pipeline_options, allow_unknown_price, 152, 4);
FIELD(pixazo_pipeline_options, reserved, 156, 4);
FIELD(pixazo_pipeline_options, on_alert, 160, 8);
FIELD(pixazo_pipeline_options, on_alert_data, 168, 8);
FIELD(pixazo_pipeline_options, alert_window_ms, 176, 4);
FIELD(pixazo_pipeline_options, alert_min_calls, 180, 4);
FIELD(pixazo_pipeline_options, alert_failure_percent, 184, 4);
FIELD(pixazo_pipeline_options, alert_slow_ms, 188, 4);
FIELD(pixazo_pipeline_options, alert_budget_percent, 192, 4);
FIELD(pixazo_pipeline_options, replay, 196, 4);
FIELD(pixazo_pipeline_options, on_prompt, 200, 8);
FIELD(pixazo_pipeline_options, on_prompt_data, 208, 8);
FIELD(pixazo_pipeline_options, on_picture, 216, 8);
FIELD(pixazo_pipeline_options, on_picture_data, 224, 8);
SIZE(pixazo_pipeline_options, on_picture_data, 232);

FIELD(pixazo_pixels_options, struct_size, 0, 8);
FIELD(pixazo_pixels_options, data, 8, 8);
FIELD(pixazo_pixels_options, size, 16, 8);
FIELD(pixazo_pixels_options, stride, 24, 8);
FIELD(pixazo_pixels_options, width, 32, 4);
FIELD(pixazo_pixels_options, height, 36, 4);
FIELD(pixazo_pixels_options, channels, 40, 4);
FIELD(pixazo_pixels_options, reserved, 44, 4);
FIELD(pixazo_pixels_options, icc, 48, 8);
SIZE(pixazo_pixels_options, icc, 56);

FIELD(pixazo_provider_ops, struct_size, 0, 8);
FIELD(pixazo_provider_ops, build, 8, 8);
FIELD(pixazo_provider_ops, read, 16, 8);
FIELD(pixazo_provider_ops, produce, 24, 8);
FIELD(pixazo_provider_ops, destroy, 32, 8);
SIZE(pixazo_provider_ops, destroy, 40);

FIELD(pixazo_repository_options, struct_size, 0, 8);
FIELD(pixazo_repository_options, path, 8, 8);
FIELD(pixazo_repository_options, media_root, 16, 8);
FIELD(pixazo_repository_options, log, 24, 8);
FIELD(pixazo_repository_options, busy_timeout_ms, 32, 4);
FIELD(pixazo_repository_options, convert_legacy, 36, 4);
SIZE(pixazo_repository_options, convert_legacy, 40);

FIELD(pixazo_prompt_facts, struct_size, 0, 8);
FIELD(pixazo_prompt_facts, generation, 8, 8);
FIELD(pixazo_prompt_facts, prompt, 16, 8);
FIELD(pixazo_prompt_facts, negative_prompt, 24, 8);
FIELD(pixazo_prompt_facts, provider, 32, 8);
FIELD(pixazo_prompt_facts, model, 40, 8);
FIELD(pixazo_prompt_facts, principal, 48, 8);
FIELD(pixazo_prompt_facts, pictures, 56, 4);
FIELD(pixazo_prompt_facts, reserved, 60, 4);
SIZE(pixazo_prompt_facts, reserved, 64);

FIELD(pixazo_picture_facts, struct_size, 0, 8);
FIELD(pixazo_picture_facts, generation, 8, 8);
FIELD(pixazo_picture_facts, image, 16, 8);
FIELD(pixazo_picture_facts, path, 24, 8);
FIELD(pixazo_picture_facts, content_type, 32, 8);
FIELD(pixazo_picture_facts, sha256, 40, 8);
FIELD(pixazo_picture_facts, prompt, 48, 8);
FIELD(pixazo_picture_facts, alt_text, 56, 8);
FIELD(pixazo_picture_facts, principal, 64, 8);
FIELD(pixazo_picture_facts, bytes, 72, 8);
FIELD(pixazo_picture_facts, width, 80, 4);
FIELD(pixazo_picture_facts, height, 84, 4);
SIZE(pixazo_picture_facts, height, 88);

FIELD(pixazo_store_local_options, struct_size, 0, 8);
FIELD(pixazo_store_local_options, directory, 8, 8);
FIELD(pixazo_store_local_options, log, 16, 8);
FIELD(pixazo_store_local_options, file_mode, 24, 4);
FIELD(pixazo_store_local_options, directory_mode, 28, 4);
SIZE(pixazo_store_local_options, directory_mode, 32);

FIELD(pixazo_store_put_job, struct_size, 0, 8);
FIELD(pixazo_store_put_job, key, 8, 8);
FIELD(pixazo_store_put_job, content_type, 16, 8);
FIELD(pixazo_store_put_job, path, 24, 8);
FIELD(pixazo_store_put_job, data, 32, 8);
FIELD(pixazo_store_put_job, size, 40, 8);
FIELD(pixazo_store_put_job, sha256, 48, 8);
FIELD(pixazo_store_put_job, read, 56, 8);
FIELD(pixazo_store_put_job, rewind, 64, 8);
FIELD(pixazo_store_put_job, source, 72, 8);
FIELD(pixazo_store_put_job, flags, 80, 8);
SIZE(pixazo_store_put_job, flags, 88);

FIELD(pixazo_store_info, struct_size, 0, 8);
FIELD(pixazo_store_info, size, 8, 8);
FIELD(pixazo_store_info, modified_us, 16, 8);
SIZE(pixazo_store_info, modified_us, 24);

FIELD(pixazo_store_key_facts, struct_size, 0, 8);
FIELD(pixazo_store_key_facts, created_us, 8, 8);
FIELD(pixazo_store_key_facts, uuid, 16, 8);
FIELD(pixazo_store_key_facts, sha256, 24, 8);
FIELD(pixazo_store_key_facts, md5, 32, 8);
FIELD(pixazo_store_key_facts, prompt, 40, 8);
FIELD(pixazo_store_key_facts, extension, 48, 8);
FIELD(pixazo_store_key_facts, sequence, 56, 8);
FIELD(pixazo_store_key_facts, flags, 64, 8);
SIZE(pixazo_store_key_facts, flags, 72);

FIELD(pixazo_store_ops, struct_size, 0, 8);
FIELD(pixazo_store_ops, put, 8, 8);
FIELD(pixazo_store_ops, get, 16, 8);
FIELD(pixazo_store_ops, stat, 24, 8);
FIELD(pixazo_store_ops, remove, 32, 8);
FIELD(pixazo_store_ops, list, 40, 8);
FIELD(pixazo_store_ops, url, 48, 8);
FIELD(pixazo_store_ops, path, 56, 8);
FIELD(pixazo_store_ops, flush, 64, 8);
FIELD(pixazo_store_ops, destroy, 72, 8);
SIZE(pixazo_store_ops, destroy, 80);

FIELD(pixazo_studio_options, struct_size, 0, 8);
FIELD(pixazo_studio_options, config, 8, 8);
FIELD(pixazo_studio_options, recipes, 16, 8);
FIELD(pixazo_studio_options, recipe_count, 24, 8);
FIELD(pixazo_studio_options, log, 32, 8);
FIELD(pixazo_studio_options, on_progress, 40, 8);
FIELD(pixazo_studio_options, on_progress_data, 48, 8);
FIELD(pixazo_studio_options, on_retry, 56, 8);
FIELD(pixazo_studio_options, on_retry_data, 64, 8);
FIELD(pixazo_studio_options, concurrency, 72, 4);
FIELD(pixazo_studio_options, resume_on_open, 76, 4);
FIELD(pixazo_studio_options, on_alert, 80, 8);
FIELD(pixazo_studio_options, on_alert_data, 88, 8);
FIELD(pixazo_studio_options, on_prompt, 96, 8);
FIELD(pixazo_studio_options, on_prompt_data, 104, 8);
FIELD(pixazo_studio_options, on_picture, 112, 8);
FIELD(pixazo_studio_options, on_picture_data, 120, 8);
SIZE(pixazo_studio_options, on_picture_data, 128);
