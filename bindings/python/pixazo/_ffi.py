# SPDX-License-Identifier: MIT
"""The C declarations, as ctypes has them. Written by tools/generate_ffi.py: do not edit."""

from __future__ import annotations

import ctypes
from ctypes import (CFUNCTYPE, POINTER, Structure, c_char_p, c_double, c_int32, c_int64, c_size_t, c_uint32, c_uint64,
                    c_void_p)
from typing import Any, Dict, List, Optional, Tuple


class Handle(c_void_p):
    """Pointer to an opaque object: a type of its own for each, so that one is never taken for another."""

    @classmethod
    def from_param(cls, value: Any) -> Any:
        if value is None or isinstance(value, cls):
            return value
        raise TypeError(f"{cls.__name__} expected, got {type(value).__name__}")


PIXAZO_NO_RETRY = 4294967295
PIXAZO_NO_ALERT = 4294967295
PIXAZO_ALT_TEXT_MAX = 1000
PIXAZO_VERSION_MAJOR = 0
PIXAZO_VERSION_MINOR = 1
PIXAZO_VERSION_PATCH = 0
PIXAZO_VERSION_STRING = '0.1.0'
PIXAZO_OK = 0
PIXAZO_E_ARGUMENT = -1
PIXAZO_E_ABI = -2
PIXAZO_E_STATE = -3
PIXAZO_E_UNSUPPORTED = -4
PIXAZO_E_LIMIT = -5
PIXAZO_E_NOMEM = -11
PIXAZO_E_IO = -12
PIXAZO_E_CORRUPT = -13
PIXAZO_E_BUSY = -14
PIXAZO_E_INTERNAL = -15
PIXAZO_E_CANCELLED = -21
PIXAZO_E_TIMEOUT = -22
PIXAZO_E_AGAIN = -23
PIXAZO_E_NETWORK = -31
PIXAZO_E_AUTH = -32
PIXAZO_E_THROTTLED = -33
PIXAZO_E_QUOTA = -34
PIXAZO_E_REJECTED = -35
PIXAZO_E_PROVIDER = -36
PIXAZO_E_NOT_FOUND = -41
PIXAZO_E_EXISTS = -42
PIXAZO_E_CONFLICT = -43
PIXAZO_E_BUDGET = -51
PIXAZO_E_AMBIGUOUS = -52
PIXAZO_CLASS_NONE = 0
PIXAZO_CLASS_NOT_SENT = 1
PIXAZO_CLASS_REFUSED = 2
PIXAZO_CLASS_BLOCKED = 3
PIXAZO_CLASS_FAILED = 4
PIXAZO_CLASS_EMPTY = 5
PIXAZO_CLASS_AMBIGUOUS = 6
PIXAZO_CLASS_LOST = 7
PIXAZO_CLASS_ACCEPTED = 8
PIXAZO_CHARGE_NONE = 0
PIXAZO_CHARGE_NOT_CHARGED = 1
PIXAZO_CHARGE_CHARGED = 2
PIXAZO_CHARGE_UNKNOWN = 3
PIXAZO_CANCEL_SOFT = 1
PIXAZO_CANCEL_NOW = 2
PIXAZO_LOG_ERROR = 1
PIXAZO_LOG_WARNING = 2
PIXAZO_LOG_INFO = 3
PIXAZO_LOG_DEBUG = 4
PIXAZO_LOG_TRACE = 5
PIXAZO_STORE_CAN_GET = 1
PIXAZO_STORE_CAN_STAT = 2
PIXAZO_STORE_CAN_REMOVE = 3
PIXAZO_STORE_CAN_LIST = 4
PIXAZO_STORE_CAN_URL = 5
PIXAZO_STORE_CAN_PATH = 6
PIXAZO_STORE_CAN_FLUSH = 7
PIXAZO_STORE_TAKE = 1
PIXAZO_STORE_FLUSHED = 2
PIXAZO_STORE_DEFER_FLUSH = 4
PIXAZO_STORE_KEY_PARTIAL = 1
PIXAZO_OPS_ANY_THREAD = 1
PIXAZO_READING_MESSAGE = 1
PIXAZO_READING_CODE = 2
PIXAZO_READING_REMOTE_ID = 3
PIXAZO_READING_POLL_URL = 4
PIXAZO_MEANS_REFUSED = 1
PIXAZO_MEANS_QUOTA = 2
PIXAZO_MEANS_OVERLOAD = 3
PIXAZO_MEANS_BLOCKED = 4
PIXAZO_MEANS_FAILED = 5
PIXAZO_GENERATION_PLANNED = 1
PIXAZO_GENERATION_ACTIVE = 2
PIXAZO_GENERATION_DONE = 3
PIXAZO_GENERATION_PARTIAL = 4
PIXAZO_GENERATION_FAILED = 5
PIXAZO_GENERATION_BLOCKED = 6
PIXAZO_GENERATION_AMBIGUOUS = 7
PIXAZO_GENERATION_CANCELLED = 8
PIXAZO_GENERATION_ABANDONED = 9
PIXAZO_IMAGE_EXPECTED = 1
PIXAZO_IMAGE_RECORDED = 2
PIXAZO_IMAGE_QUARANTINED = 3
PIXAZO_IMAGE_LOST = 4
PIXAZO_CONFIDENCE_UNKNOWN = 0
PIXAZO_CONFIDENCE_UPPER_BOUND = 1
PIXAZO_CONFIDENCE_ESTIMATED = 2
PIXAZO_CONFIDENCE_METERED = 3
PIXAZO_CONFIDENCE_BILLED = 4
PIXAZO_SAFETY_UNKNOWN = 0
PIXAZO_SAFETY_INPUT = 1
PIXAZO_SAFETY_OUTPUT = 2
PIXAZO_STAGE_QUEUED = 1
PIXAZO_STAGE_GENERATING = 2
PIXAZO_STAGE_DOWNLOADING = 3
PIXAZO_STAGE_PROCESSING = 4
PIXAZO_STAGE_PARTIAL = 5
PIXAZO_AMBIGUOUS_STOP = 0
PIXAZO_AMBIGUOUS_RETRY = 1
PIXAZO_AMBIGUOUS_FALLBACK = 2
PIXAZO_RECIPES_MAX = 64
PIXAZO_LAYERS_MAX = 16
PIXAZO_ALERT_FAILURES = 1
PIXAZO_ALERT_SLOW = 2
PIXAZO_ALERT_BUDGET = 3
PIXAZO_ALERT_JOURNAL = 4
PIXAZO_ALERT_SPACE = 5
PIXAZO_REPLAY_ASKED = 0
PIXAZO_REPLAY_SEEDED = 1
PIXAZO_EVENT_PLANNED = 1
PIXAZO_EVENT_STARTED = 2
PIXAZO_EVENT_PROGRESS = 3
PIXAZO_EVENT_ANSWERED = 4
PIXAZO_EVENT_RETRY = 5
PIXAZO_EVENT_IMAGE = 6
PIXAZO_EVENT_ENDED = 7
PIXAZO_EVENT_ALERT = 8
PIXAZO_EVENT_PARTIAL = 9
PIXAZO_RESUME_PAID = 0
PIXAZO_RESUME_CONTINUE = 1


class pixazo_error(Handle):
    pass


class pixazo_blob(Handle):
    pass


class pixazo_cancel(Handle):
    pass


class pixazo_gate(Handle):
    pass


class pixazo_log(Handle):
    pass


class pixazo_metrics(Handle):
    pass


class pixazo_store(Handle):
    pass


class pixazo_store_listing(Handle):
    pass


class pixazo_provider(Handle):
    pass


class pixazo_call(Handle):
    pass


class pixazo_answer(Handle):
    pass


class pixazo_reading(Handle):
    pass


class pixazo_production(Handle):
    pass


class pixazo_generation(Handle):
    pass


class pixazo_request(Handle):
    pass


class pixazo_client(Handle):
    pass


class pixazo_pixels(Handle):
    pass


class pixazo_exporter(Handle):
    pass


class pixazo_recipe(Handle):
    pass


class pixazo_rendition(Handle):
    pass


class pixazo_picture(Handle):
    pass


class pixazo_query(Handle):
    pass


class pixazo_repository(Handle):
    pass


class pixazo_page(Handle):
    pass


class pixazo_config(Handle):
    pass


class pixazo_review(Handle):
    pass


class pixazo_pipeline(Handle):
    pass


class pixazo_event(Handle):
    pass


class pixazo_studio(Handle):
    pass


class pixazo_store_local_options(Structure):
    pass


class pixazo_store_put_job(Structure):
    pass


class pixazo_store_info(Structure):
    pass


class pixazo_store_key_facts(Structure):
    pass


class pixazo_store_ops(Structure):
    pass


class pixazo_provider_ops(Structure):
    pass


class pixazo_progress(Structure):
    pass


class pixazo_retry(Structure):
    pass


class pixazo_account(Structure):
    pass


class pixazo_client_options(Structure):
    pass


class pixazo_pixels_options(Structure):
    pass


class pixazo_exporter_options(Structure):
    pass


class pixazo_layer(Structure):
    pass


class pixazo_export_job(Structure):
    pass


class pixazo_repository_options(Structure):
    pass


class pixazo_memory_hooks(Structure):
    pass


class pixazo_prompt_facts(Structure):
    pass


class pixazo_picture_facts(Structure):
    pass


class pixazo_alert(Structure):
    pass


class pixazo_pipeline_options(Structure):
    pass


class pixazo_studio_options(Structure):
    pass


pixazo_blob_release_fn = CFUNCTYPE(None, c_void_p, c_size_t, c_void_p)
pixazo_log_fn = CFUNCTYPE(None, c_int32, c_char_p, c_size_t, c_void_p)
pixazo_store_read_fn = CFUNCTYPE(c_int32, c_void_p, c_void_p, c_size_t, POINTER(c_size_t), POINTER(pixazo_error))
pixazo_store_rewind_fn = CFUNCTYPE(c_int32, c_void_p, POINTER(pixazo_error))
pixazo_store_write_fn = CFUNCTYPE(c_int32, c_void_p, c_void_p, c_size_t, POINTER(pixazo_error))
pixazo_progress_fn = CFUNCTYPE(c_int32, POINTER(pixazo_progress), c_void_p)
pixazo_retry_fn = CFUNCTYPE(c_int64, POINTER(pixazo_retry), c_void_p)
pixazo_prompt_fn = CFUNCTYPE(c_int32, POINTER(pixazo_prompt_facts), pixazo_review, c_void_p, POINTER(pixazo_error))
pixazo_picture_fn = CFUNCTYPE(c_int32, POINTER(pixazo_picture_facts), pixazo_review, c_void_p, POINTER(pixazo_error))
pixazo_alert_fn = CFUNCTYPE(None, POINTER(pixazo_alert), c_void_p)
pixazo_event_fn = CFUNCTYPE(c_int32, pixazo_event, c_void_p)

pixazo_store_local_options._fields_ = [
    ("struct_size", c_size_t),
    ("directory", c_char_p),
    ("log", pixazo_log),
    ("file_mode", c_uint32),
    ("directory_mode", c_uint32),
]

pixazo_store_put_job._fields_ = [
    ("struct_size", c_size_t),
    ("key", c_char_p),
    ("content_type", c_char_p),
    ("path", c_char_p),
    ("data", c_void_p),
    ("size", c_uint64),
    ("sha256", c_char_p),
    ("read", pixazo_store_read_fn),
    ("rewind", pixazo_store_rewind_fn),
    ("source", c_void_p),
    ("flags", c_uint64),
]

pixazo_store_info._fields_ = [
    ("struct_size", c_size_t),
    ("size", c_uint64),
    ("modified_us", c_int64),
]

pixazo_store_key_facts._fields_ = [
    ("struct_size", c_size_t),
    ("created_us", c_int64),
    ("uuid", c_char_p),
    ("sha256", c_char_p),
    ("md5", c_char_p),
    ("prompt", c_char_p),
    ("extension", c_char_p),
    ("sequence", c_uint64),
    ("flags", c_uint64),
]

pixazo_store_ops_put_fn = CFUNCTYPE(c_int32, c_void_p, POINTER(pixazo_store_put_job), POINTER(pixazo_error))
pixazo_store_ops_get_fn = CFUNCTYPE(c_int32, c_void_p, c_char_p, c_uint64, c_uint64, pixazo_store_write_fn, c_void_p, POINTER(pixazo_error))
pixazo_store_ops_stat_fn = CFUNCTYPE(c_int32, c_void_p, c_char_p, POINTER(pixazo_store_info), POINTER(pixazo_error))
pixazo_store_ops_remove_fn = CFUNCTYPE(c_int32, c_void_p, c_char_p, POINTER(pixazo_error))
pixazo_store_ops_list_fn = CFUNCTYPE(c_int32, c_void_p, c_char_p, c_char_p, c_uint32, pixazo_store_listing, POINTER(pixazo_error))
pixazo_store_ops_url_fn = CFUNCTYPE(c_int32, c_void_p, c_char_p, c_uint32, c_void_p, c_size_t, POINTER(pixazo_error))
pixazo_store_ops_path_fn = CFUNCTYPE(c_int32, c_void_p, c_char_p, c_void_p, c_size_t, POINTER(pixazo_error))
pixazo_store_ops_flush_fn = CFUNCTYPE(c_int32, c_void_p, POINTER(pixazo_error))
pixazo_store_ops_destroy_fn = CFUNCTYPE(None, c_void_p)
pixazo_store_ops._fields_ = [
    ("struct_size", c_size_t),
    ("put", pixazo_store_ops_put_fn),
    ("get", pixazo_store_ops_get_fn),
    ("stat", pixazo_store_ops_stat_fn),
    ("remove", pixazo_store_ops_remove_fn),
    ("list", pixazo_store_ops_list_fn),
    ("url", pixazo_store_ops_url_fn),
    ("path", pixazo_store_ops_path_fn),
    ("flush", pixazo_store_ops_flush_fn),
    ("destroy", pixazo_store_ops_destroy_fn),
]

pixazo_provider_ops_build_fn = CFUNCTYPE(c_int32, c_void_p, pixazo_call, POINTER(pixazo_error))
pixazo_provider_ops_read_fn = CFUNCTYPE(c_int32, c_void_p, pixazo_answer, pixazo_reading, POINTER(pixazo_error))
pixazo_provider_ops_produce_fn = CFUNCTYPE(c_int32, c_void_p, pixazo_production, POINTER(pixazo_error))
pixazo_provider_ops_destroy_fn = CFUNCTYPE(None, c_void_p)
pixazo_provider_ops._fields_ = [
    ("struct_size", c_size_t),
    ("build", pixazo_provider_ops_build_fn),
    ("read", pixazo_provider_ops_read_fn),
    ("produce", pixazo_provider_ops_produce_fn),
    ("destroy", pixazo_provider_ops_destroy_fn),
]

pixazo_progress._fields_ = [
    ("struct_size", c_size_t),
    ("generation", c_char_p),
    ("bytes_done", c_uint64),
    ("bytes_total", c_uint64),
    ("stage", c_int32),
    ("attempt", c_uint32),
    ("until_us", c_int64),
    ("partial", pixazo_blob),
    ("work_done", c_uint64),
    ("work_total", c_uint64),
    ("partial_index", c_int32),
    ("reserved", c_int32),
]

pixazo_retry._fields_ = [
    ("struct_size", c_size_t),
    ("generation", c_char_p),
    ("cause", pixazo_error),
    ("attempt_class", c_int32),
    ("retry", c_uint32),
    ("delay_ms", c_uint32),
    ("reserved", c_uint32),
]

pixazo_account._fields_ = [
    ("struct_size", c_size_t),
    ("provider", c_char_p),
    ("api_key", c_char_p),
    ("base_url", c_char_p),
    ("model", c_char_p),
    ("headers", c_char_p),
    ("definition", pixazo_provider),
    ("key_later", c_int32),
    ("reserved", c_int32),
]

pixazo_client_options._fields_ = [
    ("struct_size", c_size_t),
    ("provider", c_char_p),
    ("model", c_char_p),
    ("api_key", c_char_p),
    ("base_url", c_char_p),
    ("allow_hosts", c_char_p),
    ("ca_file", c_char_p),
    ("proxy", c_char_p),
    ("limits_json", c_char_p),
    ("offline_script", c_char_p),
    ("gate", pixazo_gate),
    ("log", pixazo_log),
    ("on_progress", pixazo_progress_fn),
    ("on_progress_data", c_void_p),
    ("on_retry", pixazo_retry_fn),
    ("on_retry_data", c_void_p),
    ("max_download_bytes", c_uint64),
    ("max_answer_bytes", c_uint64),
    ("guidance_floor", c_double),
    ("connect_timeout_ms", c_uint32),
    ("generation_timeout_ms", c_uint32),
    ("stall_timeout_ms", c_uint32),
    ("max_retries", c_uint32),
    ("max_fetch_retries", c_uint32),
    ("retry_delay_ms", c_uint32),
    ("poll_interval_ms", c_uint32),
    ("on_ambiguous", c_int32),
    ("accounts", POINTER(POINTER(pixazo_account))),
    ("account_count", c_size_t),
    ("fallback", c_char_p),
    ("fallback_rejected", c_int32),
    ("fallback_blocked", c_int32),
    ("breaker_failures", c_uint32),
    ("breaker_ms", c_uint32),
    ("metrics", pixazo_metrics),
    ("definition", pixazo_provider),
    ("models_json", c_char_p),
]

pixazo_pixels_options._fields_ = [
    ("struct_size", c_size_t),
    ("data", c_void_p),
    ("size", c_size_t),
    ("stride", c_size_t),
    ("width", c_uint32),
    ("height", c_uint32),
    ("channels", c_uint32),
    ("reserved", c_uint32),
    ("icc", pixazo_blob),
]

pixazo_exporter_options._fields_ = [
    ("struct_size", c_size_t),
    ("log", pixazo_log),
    ("max_pixels", c_uint64),
    ("max_bytes", c_uint64),
    ("max_scans", c_uint32),
    ("max_metadata_blocks", c_uint32),
    ("threads", c_uint32),
    ("reserved", c_uint32),
]

pixazo_layer._fields_ = [
    ("struct_size", c_size_t),
    ("source", pixazo_blob),
    ("mode", c_char_p),
    ("fit", c_char_p),
    ("gravity", c_char_p),
    ("opacity", c_int32),
    ("x", c_int32),
    ("y", c_int32),
    ("no_enlarge", c_int32),
]

pixazo_export_job._fields_ = [
    ("struct_size", c_size_t),
    ("source", pixazo_blob),
    ("recipes", POINTER(pixazo_recipe)),
    ("recipe_count", c_size_t),
    ("provenance_json", c_char_p),
    ("cancel", pixazo_cancel),
    ("base", pixazo_blob),
    ("layers", POINTER(POINTER(pixazo_layer))),
    ("layer_count", c_size_t),
    ("pixels", pixazo_pixels),
]

pixazo_repository_options._fields_ = [
    ("struct_size", c_size_t),
    ("path", c_char_p),
    ("media_root", c_char_p),
    ("log", pixazo_log),
    ("busy_timeout_ms", c_uint32),
    ("convert_legacy", c_int32),
]

pixazo_memory_hooks_allocate_fn = CFUNCTYPE(c_void_p, c_size_t, c_void_p)
pixazo_memory_hooks_reallocate_fn = CFUNCTYPE(c_void_p, c_void_p, c_size_t, c_void_p)
pixazo_memory_hooks_release_fn = CFUNCTYPE(None, c_void_p, c_void_p)
pixazo_memory_hooks._fields_ = [
    ("struct_size", c_size_t),
    ("allocate", pixazo_memory_hooks_allocate_fn),
    ("reallocate", pixazo_memory_hooks_reallocate_fn),
    ("release", pixazo_memory_hooks_release_fn),
    ("user_data", c_void_p),
]

pixazo_prompt_facts._fields_ = [
    ("struct_size", c_size_t),
    ("generation", c_char_p),
    ("prompt", c_char_p),
    ("negative_prompt", c_char_p),
    ("provider", c_char_p),
    ("model", c_char_p),
    ("principal", c_char_p),
    ("pictures", c_uint32),
    ("reserved", c_uint32),
]

pixazo_picture_facts._fields_ = [
    ("struct_size", c_size_t),
    ("generation", c_char_p),
    ("image", c_char_p),
    ("path", c_char_p),
    ("content_type", c_char_p),
    ("sha256", c_char_p),
    ("prompt", c_char_p),
    ("alt_text", c_char_p),
    ("principal", c_char_p),
    ("bytes", c_uint64),
    ("width", c_uint32),
    ("height", c_uint32),
]

pixazo_alert._fields_ = [
    ("struct_size", c_size_t),
    ("subject", c_char_p),
    ("message", c_char_p),
    ("value", c_int64),
    ("threshold", c_int64),
    ("kind", c_int32),
    ("reserved", c_int32),
]

pixazo_pipeline_options._fields_ = [
    ("struct_size", c_size_t),
    ("client", pixazo_client),
    ("store", pixazo_store),
    ("repository", pixazo_repository),
    ("exporter", pixazo_exporter),
    ("spool", c_char_p),
    ("key_template", c_char_p),
    ("rendition_template", c_char_p),
    ("recipes", POINTER(pixazo_recipe)),
    ("recipe_count", c_size_t),
    ("log", pixazo_log),
    ("on_progress", pixazo_progress_fn),
    ("on_progress_data", c_void_p),
    ("on_retry", pixazo_retry_fn),
    ("on_retry_data", c_void_p),
    ("concurrency", c_uint32),
    ("drain_ms", c_uint32),
    ("workers", c_uint32),
    ("file_threads", c_uint32),
    ("budget_currency", c_char_p),
    ("budget_micros", c_int64),
    ("allow_unknown_price", c_int32),
    ("reserved", c_int32),
    ("on_alert", pixazo_alert_fn),
    ("on_alert_data", c_void_p),
    ("alert_window_ms", c_uint32),
    ("alert_min_calls", c_uint32),
    ("alert_failure_percent", c_uint32),
    ("alert_slow_ms", c_uint32),
    ("alert_budget_percent", c_uint32),
    ("replay", c_uint32),
    ("on_prompt", pixazo_prompt_fn),
    ("on_prompt_data", c_void_p),
    ("on_picture", pixazo_picture_fn),
    ("on_picture_data", c_void_p),
]

pixazo_studio_options._fields_ = [
    ("struct_size", c_size_t),
    ("config", pixazo_config),
    ("recipes", POINTER(pixazo_recipe)),
    ("recipe_count", c_size_t),
    ("log", pixazo_log),
    ("on_progress", pixazo_progress_fn),
    ("on_progress_data", c_void_p),
    ("on_retry", pixazo_retry_fn),
    ("on_retry_data", c_void_p),
    ("concurrency", c_uint32),
    ("resume_on_open", c_int32),
    ("on_alert", pixazo_alert_fn),
    ("on_alert_data", c_void_p),
    ("on_prompt", pixazo_prompt_fn),
    ("on_prompt_data", c_void_p),
    ("on_picture", pixazo_picture_fn),
    ("on_picture_data", c_void_p),
]


# name: (C type, result, parameters)
FUNCTIONS: Dict[str, Tuple[str, Any, List[Any]]] = {
    "pixazo_answer_read": (
        "pixazo_status (*)(const pixazo_answer *, uint64_t, void *, size_t, size_t *, pixazo_error **)",
        c_int32, [pixazo_answer, c_uint64, c_void_p, c_size_t, POINTER(c_size_t), POINTER(pixazo_error)]),
    "pixazo_answer_size": (
        "uint64_t (*)(const pixazo_answer *)",
        c_uint64, [pixazo_answer]),
    "pixazo_answer_status": (
        "int32_t (*)(const pixazo_answer *)",
        c_int32, [pixazo_answer]),
    "pixazo_answer_type": (
        "const char * (*)(const pixazo_answer *)",
        c_char_p, [pixazo_answer]),
    "pixazo_blob_data": (
        "const void * (*)(const pixazo_blob *)",
        c_void_p, [pixazo_blob]),
    "pixazo_blob_new": (
        "pixazo_status (*)(const void *, size_t, pixazo_blob **, pixazo_error **)",
        c_int32, [c_void_p, c_size_t, POINTER(pixazo_blob), POINTER(pixazo_error)]),
    "pixazo_blob_new_from_file": (
        "pixazo_status (*)(const char *, uint64_t, pixazo_blob **, pixazo_error **)",
        c_int32, [c_char_p, c_uint64, POINTER(pixazo_blob), POINTER(pixazo_error)]),
    "pixazo_blob_new_nocopy": (
        "pixazo_status (*)(void *, size_t, pixazo_blob_release_fn, void *, pixazo_blob **, pixazo_error **)",
        c_int32, [c_void_p, c_size_t, pixazo_blob_release_fn, c_void_p, POINTER(pixazo_blob), POINTER(pixazo_error)]),
    "pixazo_blob_ref": (
        "pixazo_blob * (*)(pixazo_blob *)",
        pixazo_blob, [pixazo_blob]),
    "pixazo_blob_save": (
        "pixazo_status (*)(const pixazo_blob *, const char *, pixazo_error **)",
        c_int32, [pixazo_blob, c_char_p, POINTER(pixazo_error)]),
    "pixazo_blob_size": (
        "size_t (*)(const pixazo_blob *)",
        c_size_t, [pixazo_blob]),
    "pixazo_blob_unref": (
        "pixazo_blob * (*)(pixazo_blob *)",
        pixazo_blob, [pixazo_blob]),
    "pixazo_call_effective_json": (
        "const char * (*)(const pixazo_call *)",
        c_char_p, [pixazo_call]),
    "pixazo_call_model": (
        "const char * (*)(const pixazo_call *)",
        c_char_p, [pixazo_call]),
    "pixazo_call_set_body": (
        "pixazo_status (*)(pixazo_call *, const char *, const char *, pixazo_error **)",
        c_int32, [pixazo_call, c_char_p, c_char_p, POINTER(pixazo_error)]),
    "pixazo_call_set_path": (
        "pixazo_status (*)(pixazo_call *, const char *, pixazo_error **)",
        c_int32, [pixazo_call, c_char_p, POINTER(pixazo_error)]),
    "pixazo_cancel_get": (
        "int32_t (*)(const pixazo_cancel *)",
        c_int32, [pixazo_cancel]),
    "pixazo_cancel_new": (
        "pixazo_status (*)(pixazo_cancel **, pixazo_error **)",
        c_int32, [POINTER(pixazo_cancel), POINTER(pixazo_error)]),
    "pixazo_cancel_ref": (
        "pixazo_cancel * (*)(pixazo_cancel *)",
        pixazo_cancel, [pixazo_cancel]),
    "pixazo_cancel_set": (
        "void (*)(pixazo_cancel *, int32_t)",
        None, [pixazo_cancel, c_int32]),
    "pixazo_cancel_unref": (
        "pixazo_cancel * (*)(pixazo_cancel *)",
        pixazo_cancel, [pixazo_cancel]),
    "pixazo_class_name": (
        "const char * (*)(int32_t)",
        c_char_p, [c_int32]),
    "pixazo_client_estimate": (
        "pixazo_status (*)(pixazo_client *, const pixazo_request *, char **, pixazo_error **)",
        c_int32, [pixazo_client, pixazo_request, POINTER(c_void_p), POINTER(pixazo_error)]),
    "pixazo_client_fetch": (
        "pixazo_status (*)(pixazo_client *, const char *, pixazo_cancel *, pixazo_blob **, pixazo_error **)",
        c_int32, [pixazo_client, c_char_p, pixazo_cancel, POINTER(pixazo_blob), POINTER(pixazo_error)]),
    "pixazo_client_fetch_file": (
        "pixazo_status (*)(pixazo_client *, const char *, const char *, pixazo_cancel *, pixazo_error **)",
        c_int32, [pixazo_client, c_char_p, c_char_p, pixazo_cancel, POINTER(pixazo_error)]),
    "pixazo_client_generate": (
        "pixazo_status (*)(pixazo_client *, const pixazo_request *, pixazo_cancel *, pixazo_generation **, pixazo_error **)",
        c_int32, [pixazo_client, pixazo_request, pixazo_cancel, POINTER(pixazo_generation), POINTER(pixazo_error)]),
    "pixazo_client_health": (
        "pixazo_status (*)(pixazo_client *, char **, pixazo_error **)",
        c_int32, [pixazo_client, POINTER(c_void_p), POINTER(pixazo_error)]),
    "pixazo_client_metrics": (
        "pixazo_metrics * (*)(const pixazo_client *)",
        pixazo_metrics, [pixazo_client]),
    "pixazo_client_new": (
        "pixazo_status (*)(const pixazo_client_options *, pixazo_client **, pixazo_error **)",
        c_int32, [POINTER(pixazo_client_options), POINTER(pixazo_client), POINTER(pixazo_error)]),
    "pixazo_client_new_from_config": (
        "pixazo_status (*)(const pixazo_config *, pixazo_client **, pixazo_error **)",
        c_int32, [pixazo_config, POINTER(pixazo_client), POINTER(pixazo_error)]),
    "pixazo_client_options_init": (
        "void (*)(pixazo_client_options *, size_t)",
        None, [POINTER(pixazo_client_options), c_size_t]),
    "pixazo_client_provider": (
        "const char * (*)(const pixazo_client *)",
        c_char_p, [pixazo_client]),
    "pixazo_client_ref": (
        "pixazo_client * (*)(pixazo_client *)",
        pixazo_client, [pixazo_client]),
    "pixazo_client_reopen": (
        "pixazo_status (*)(pixazo_client *, const char *, pixazo_error **)",
        c_int32, [pixazo_client, c_char_p, POINTER(pixazo_error)]),
    "pixazo_client_unref": (
        "pixazo_client * (*)(pixazo_client *)",
        pixazo_client, [pixazo_client]),
    "pixazo_confidence_name": (
        "const char * (*)(int32_t)",
        c_char_p, [c_int32]),
    "pixazo_config_apply": (
        "pixazo_status (*)(const pixazo_config *, pixazo_request *, pixazo_error **)",
        c_int32, [pixazo_config, pixazo_request, POINTER(pixazo_error)]),
    "pixazo_config_free": (
        "void (*)(pixazo_config *)",
        None, [pixazo_config]),
    "pixazo_config_get": (
        "const char * (*)(const pixazo_config *, const char *)",
        c_char_p, [pixazo_config, c_char_p]),
    "pixazo_config_load_env": (
        "pixazo_status (*)(pixazo_config *, pixazo_error **)",
        c_int32, [pixazo_config, POINTER(pixazo_error)]),
    "pixazo_config_load_file": (
        "pixazo_status (*)(pixazo_config *, const char *, pixazo_error **)",
        c_int32, [pixazo_config, c_char_p, POINTER(pixazo_error)]),
    "pixazo_config_load_json": (
        "pixazo_status (*)(pixazo_config *, const char *, pixazo_error **)",
        c_int32, [pixazo_config, c_char_p, POINTER(pixazo_error)]),
    "pixazo_config_load_key_file": (
        "pixazo_status (*)(pixazo_config *, const char *, pixazo_error **)",
        c_int32, [pixazo_config, c_char_p, POINTER(pixazo_error)]),
    "pixazo_config_load_preset": (
        "pixazo_status (*)(pixazo_config *, const char *, pixazo_error **)",
        c_int32, [pixazo_config, c_char_p, POINTER(pixazo_error)]),
    "pixazo_config_new": (
        "pixazo_status (*)(pixazo_config **, pixazo_error **)",
        c_int32, [POINTER(pixazo_config), POINTER(pixazo_error)]),
    "pixazo_config_providers_to_json": (
        "pixazo_status (*)(const pixazo_config *, char **, pixazo_error **)",
        c_int32, [pixazo_config, POINTER(c_void_p), POINTER(pixazo_error)]),
    "pixazo_config_set": (
        "pixazo_status (*)(pixazo_config *, const char *, const char *, pixazo_error **)",
        c_int32, [pixazo_config, c_char_p, c_char_p, POINTER(pixazo_error)]),
    "pixazo_config_source": (
        "const char * (*)(const pixazo_config *, const char *)",
        c_char_p, [pixazo_config, c_char_p]),
    "pixazo_config_to_json": (
        "pixazo_status (*)(const pixazo_config *, char **, pixazo_error **)",
        c_int32, [pixazo_config, POINTER(c_void_p), POINTER(pixazo_error)]),
    "pixazo_error_charge": (
        "int32_t (*)(const pixazo_error *)",
        c_int32, [pixazo_error]),
    "pixazo_error_class": (
        "int32_t (*)(const pixazo_error *)",
        c_int32, [pixazo_error]),
    "pixazo_error_free": (
        "void (*)(pixazo_error *)",
        None, [pixazo_error]),
    "pixazo_error_generation": (
        "const char * (*)(const pixazo_error *)",
        c_char_p, [pixazo_error]),
    "pixazo_error_hint": (
        "const char * (*)(const pixazo_error *)",
        c_char_p, [pixazo_error]),
    "pixazo_error_http_status": (
        "int32_t (*)(const pixazo_error *)",
        c_int32, [pixazo_error]),
    "pixazo_error_is_retryable": (
        "int32_t (*)(const pixazo_error *)",
        c_int32, [pixazo_error]),
    "pixazo_error_message": (
        "const char * (*)(const pixazo_error *)",
        c_char_p, [pixazo_error]),
    "pixazo_error_provider_code": (
        "const char * (*)(const pixazo_error *)",
        c_char_p, [pixazo_error]),
    "pixazo_error_request_id": (
        "const char * (*)(const pixazo_error *)",
        c_char_p, [pixazo_error]),
    "pixazo_error_retry_after_ms": (
        "uint32_t (*)(const pixazo_error *)",
        c_uint32, [pixazo_error]),
    "pixazo_error_set": (
        "pixazo_status (*)(pixazo_error **, pixazo_status, const char *)",
        c_int32, [POINTER(pixazo_error), c_int32, c_char_p]),
    "pixazo_error_status": (
        "pixazo_status (*)(const pixazo_error *)",
        c_int32, [pixazo_error]),
    "pixazo_event_alert": (
        "int32_t (*)(const pixazo_event *)",
        c_int32, [pixazo_event]),
    "pixazo_event_bytes_done": (
        "uint64_t (*)(const pixazo_event *)",
        c_uint64, [pixazo_event]),
    "pixazo_event_bytes_total": (
        "uint64_t (*)(const pixazo_event *)",
        c_uint64, [pixazo_event]),
    "pixazo_event_delay_ms": (
        "uint32_t (*)(const pixazo_event *)",
        c_uint32, [pixazo_event]),
    "pixazo_event_error": (
        "const pixazo_error * (*)(const pixazo_event *)",
        pixazo_error, [pixazo_event]),
    "pixazo_event_free": (
        "void (*)(pixazo_event *)",
        None, [pixazo_event]),
    "pixazo_event_generation": (
        "const char * (*)(const pixazo_event *)",
        c_char_p, [pixazo_event]),
    "pixazo_event_image": (
        "const char * (*)(const pixazo_event *)",
        c_char_p, [pixazo_event]),
    "pixazo_event_kind": (
        "int32_t (*)(const pixazo_event *)",
        c_int32, [pixazo_event]),
    "pixazo_event_message": (
        "const char * (*)(const pixazo_event *)",
        c_char_p, [pixazo_event]),
    "pixazo_event_partial": (
        "pixazo_blob * (*)(const pixazo_event *)",
        pixazo_blob, [pixazo_event]),
    "pixazo_event_partial_index": (
        "int32_t (*)(const pixazo_event *)",
        c_int32, [pixazo_event]),
    "pixazo_event_stage": (
        "int32_t (*)(const pixazo_event *)",
        c_int32, [pixazo_event]),
    "pixazo_event_state": (
        "int32_t (*)(const pixazo_event *)",
        c_int32, [pixazo_event]),
    "pixazo_event_subject": (
        "const char * (*)(const pixazo_event *)",
        c_char_p, [pixazo_event]),
    "pixazo_event_threshold": (
        "int64_t (*)(const pixazo_event *)",
        c_int64, [pixazo_event]),
    "pixazo_event_to_json": (
        "pixazo_status (*)(const pixazo_event *, char **, pixazo_error **)",
        c_int32, [pixazo_event, POINTER(c_void_p), POINTER(pixazo_error)]),
    "pixazo_event_until_us": (
        "int64_t (*)(const pixazo_event *)",
        c_int64, [pixazo_event]),
    "pixazo_event_value": (
        "int64_t (*)(const pixazo_event *)",
        c_int64, [pixazo_event]),
    "pixazo_event_work_done": (
        "uint64_t (*)(const pixazo_event *)",
        c_uint64, [pixazo_event]),
    "pixazo_event_work_total": (
        "uint64_t (*)(const pixazo_event *)",
        c_uint64, [pixazo_event]),
    "pixazo_export_job_init": (
        "void (*)(pixazo_export_job *, size_t)",
        None, [POINTER(pixazo_export_job), c_size_t]),
    "pixazo_exporter_decode": (
        "pixazo_status (*)(const pixazo_exporter *, const pixazo_blob *, const pixazo_cancel *, pixazo_pixels **, pixazo_error **)",
        c_int32, [pixazo_exporter, pixazo_blob, pixazo_cancel, POINTER(pixazo_pixels), POINTER(pixazo_error)]),
    "pixazo_exporter_export": (
        "pixazo_status (*)(const pixazo_exporter *, const pixazo_blob *, const pixazo_recipe *, pixazo_rendition **, pixazo_error **)",
        c_int32, [pixazo_exporter, pixazo_blob, pixazo_recipe, POINTER(pixazo_rendition), POINTER(pixazo_error)]),
    "pixazo_exporter_export_all": (
        "pixazo_status (*)(const pixazo_exporter *, const pixazo_export_job *, pixazo_rendition **, pixazo_error **)",
        c_int32, [pixazo_exporter, POINTER(pixazo_export_job), POINTER(pixazo_rendition), POINTER(pixazo_error)]),
    "pixazo_exporter_inspect": (
        "pixazo_status (*)(const pixazo_exporter *, const pixazo_blob *, const pixazo_cancel *, pixazo_picture **, pixazo_error **)",
        c_int32, [pixazo_exporter, pixazo_blob, pixazo_cancel, POINTER(pixazo_picture), POINTER(pixazo_error)]),
    "pixazo_exporter_inspect_file": (
        "pixazo_status (*)(const pixazo_exporter *, const char *, const pixazo_cancel *, pixazo_picture **, pixazo_error **)",
        c_int32, [pixazo_exporter, c_char_p, pixazo_cancel, POINTER(pixazo_picture), POINTER(pixazo_error)]),
    "pixazo_exporter_new": (
        "pixazo_status (*)(const pixazo_exporter_options *, pixazo_exporter **, pixazo_error **)",
        c_int32, [POINTER(pixazo_exporter_options), POINTER(pixazo_exporter), POINTER(pixazo_error)]),
    "pixazo_exporter_new_from_config": (
        "pixazo_status (*)(const pixazo_config *, pixazo_exporter **, pixazo_error **)",
        c_int32, [pixazo_config, POINTER(pixazo_exporter), POINTER(pixazo_error)]),
    "pixazo_exporter_options_init": (
        "void (*)(pixazo_exporter_options *, size_t)",
        None, [POINTER(pixazo_exporter_options), c_size_t]),
    "pixazo_exporter_ref": (
        "pixazo_exporter * (*)(pixazo_exporter *)",
        pixazo_exporter, [pixazo_exporter]),
    "pixazo_exporter_unref": (
        "pixazo_exporter * (*)(pixazo_exporter *)",
        pixazo_exporter, [pixazo_exporter]),
    "pixazo_format_extension": (
        "const char * (*)(size_t)",
        c_char_p, [c_size_t]),
    "pixazo_free": (
        "void (*)(void *)",
        None, [c_void_p]),
    "pixazo_gate_new": (
        "pixazo_status (*)(pixazo_gate **, pixazo_error **)",
        c_int32, [POINTER(pixazo_gate), POINTER(pixazo_error)]),
    "pixazo_gate_ref": (
        "pixazo_gate * (*)(pixazo_gate *)",
        pixazo_gate, [pixazo_gate]),
    "pixazo_gate_set_budget": (
        "pixazo_status (*)(pixazo_gate *, const char *, pixazo_error **)",
        c_int32, [pixazo_gate, c_char_p, POINTER(pixazo_error)]),
    "pixazo_gate_set_quota": (
        "pixazo_status (*)(pixazo_gate *, const char *, pixazo_error **)",
        c_int32, [pixazo_gate, c_char_p, POINTER(pixazo_error)]),
    "pixazo_gate_unref": (
        "pixazo_gate * (*)(pixazo_gate *)",
        pixazo_gate, [pixazo_gate]),
    "pixazo_generation_answered_us": (
        "int64_t (*)(const pixazo_generation *)",
        c_int64, [pixazo_generation]),
    "pixazo_generation_attempts": (
        "int32_t (*)(const pixazo_generation *)",
        c_int32, [pixazo_generation]),
    "pixazo_generation_batch": (
        "const char * (*)(const pixazo_generation *)",
        c_char_p, [pixazo_generation]),
    "pixazo_generation_class": (
        "int32_t (*)(const pixazo_generation *)",
        c_int32, [pixazo_generation]),
    "pixazo_generation_confidence": (
        "int32_t (*)(const pixazo_generation *)",
        c_int32, [pixazo_generation]),
    "pixazo_generation_cost_micros": (
        "int64_t (*)(const pixazo_generation *)",
        c_int64, [pixazo_generation]),
    "pixazo_generation_created_us": (
        "int64_t (*)(const pixazo_generation *)",
        c_int64, [pixazo_generation]),
    "pixazo_generation_currency": (
        "const char * (*)(const pixazo_generation *)",
        c_char_p, [pixazo_generation]),
    "pixazo_generation_effective_json": (
        "const char * (*)(const pixazo_generation *)",
        c_char_p, [pixazo_generation]),
    "pixazo_generation_ended_us": (
        "int64_t (*)(const pixazo_generation *)",
        c_int64, [pixazo_generation]),
    "pixazo_generation_free": (
        "void (*)(pixazo_generation *)",
        None, [pixazo_generation]),
    "pixazo_generation_http_status": (
        "int32_t (*)(const pixazo_generation *)",
        c_int32, [pixazo_generation]),
    "pixazo_generation_idempotency_key": (
        "const char * (*)(const pixazo_generation *)",
        c_char_p, [pixazo_generation]),
    "pixazo_generation_image_alt_text": (
        "const char * (*)(const pixazo_generation *, size_t)",
        c_char_p, [pixazo_generation, c_size_t]),
    "pixazo_generation_image_blob": (
        "pixazo_blob * (*)(const pixazo_generation *, size_t)",
        pixazo_blob, [pixazo_generation, c_size_t]),
    "pixazo_generation_image_bytes": (
        "int64_t (*)(const pixazo_generation *, size_t)",
        c_int64, [pixazo_generation, c_size_t]),
    "pixazo_generation_image_content_type": (
        "const char * (*)(const pixazo_generation *, size_t)",
        c_char_p, [pixazo_generation, c_size_t]),
    "pixazo_generation_image_count": (
        "size_t (*)(const pixazo_generation *)",
        c_size_t, [pixazo_generation]),
    "pixazo_generation_image_download_us": (
        "int64_t (*)(const pixazo_generation *, size_t)",
        c_int64, [pixazo_generation, c_size_t]),
    "pixazo_generation_image_has_alpha": (
        "int32_t (*)(const pixazo_generation *, size_t)",
        c_int32, [pixazo_generation, c_size_t]),
    "pixazo_generation_image_height": (
        "int32_t (*)(const pixazo_generation *, size_t)",
        c_int32, [pixazo_generation, c_size_t]),
    "pixazo_generation_image_key": (
        "const char * (*)(const pixazo_generation *, size_t)",
        c_char_p, [pixazo_generation, c_size_t]),
    "pixazo_generation_image_path": (
        "const char * (*)(const pixazo_generation *, size_t)",
        c_char_p, [pixazo_generation, c_size_t]),
    "pixazo_generation_image_processing_us": (
        "int64_t (*)(const pixazo_generation *, size_t)",
        c_int64, [pixazo_generation, c_size_t]),
    "pixazo_generation_image_reason": (
        "const char * (*)(const pixazo_generation *, size_t)",
        c_char_p, [pixazo_generation, c_size_t]),
    "pixazo_generation_image_revised_prompt": (
        "const char * (*)(const pixazo_generation *, size_t)",
        c_char_p, [pixazo_generation, c_size_t]),
    "pixazo_generation_image_safety_json": (
        "const char * (*)(const pixazo_generation *, size_t)",
        c_char_p, [pixazo_generation, c_size_t]),
    "pixazo_generation_image_seed": (
        "int64_t (*)(const pixazo_generation *, size_t)",
        c_int64, [pixazo_generation, c_size_t]),
    "pixazo_generation_image_sha256": (
        "const char * (*)(const pixazo_generation *, size_t)",
        c_char_p, [pixazo_generation, c_size_t]),
    "pixazo_generation_image_state": (
        "int32_t (*)(const pixazo_generation *, size_t)",
        c_int32, [pixazo_generation, c_size_t]),
    "pixazo_generation_image_url": (
        "const char * (*)(const pixazo_generation *, size_t)",
        c_char_p, [pixazo_generation, c_size_t]),
    "pixazo_generation_image_uuid": (
        "const char * (*)(const pixazo_generation *, size_t)",
        c_char_p, [pixazo_generation, c_size_t]),
    "pixazo_generation_image_width": (
        "int32_t (*)(const pixazo_generation *, size_t)",
        c_int32, [pixazo_generation, c_size_t]),
    "pixazo_generation_message": (
        "const char * (*)(const pixazo_generation *)",
        c_char_p, [pixazo_generation]),
    "pixazo_generation_metadata_json": (
        "const char * (*)(const pixazo_generation *)",
        c_char_p, [pixazo_generation]),
    "pixazo_generation_model": (
        "const char * (*)(const pixazo_generation *)",
        c_char_p, [pixazo_generation]),
    "pixazo_generation_outcome_json": (
        "const char * (*)(const pixazo_generation *)",
        c_char_p, [pixazo_generation]),
    "pixazo_generation_principal": (
        "const char * (*)(const pixazo_generation *)",
        c_char_p, [pixazo_generation]),
    "pixazo_generation_prompt": (
        "const char * (*)(const pixazo_generation *)",
        c_char_p, [pixazo_generation]),
    "pixazo_generation_provider": (
        "const char * (*)(const pixazo_generation *)",
        c_char_p, [pixazo_generation]),
    "pixazo_generation_queued_us": (
        "int64_t (*)(const pixazo_generation *)",
        c_int64, [pixazo_generation]),
    "pixazo_generation_rendition_bytes": (
        "int64_t (*)(const pixazo_generation *, size_t, size_t)",
        c_int64, [pixazo_generation, c_size_t, c_size_t]),
    "pixazo_generation_rendition_content_type": (
        "const char * (*)(const pixazo_generation *, size_t, size_t)",
        c_char_p, [pixazo_generation, c_size_t, c_size_t]),
    "pixazo_generation_rendition_count": (
        "size_t (*)(const pixazo_generation *, size_t)",
        c_size_t, [pixazo_generation, c_size_t]),
    "pixazo_generation_rendition_key": (
        "const char * (*)(const pixazo_generation *, size_t, size_t)",
        c_char_p, [pixazo_generation, c_size_t, c_size_t]),
    "pixazo_generation_rendition_name": (
        "const char * (*)(const pixazo_generation *, size_t, size_t)",
        c_char_p, [pixazo_generation, c_size_t, c_size_t]),
    "pixazo_generation_rendition_path": (
        "const char * (*)(const pixazo_generation *, size_t, size_t)",
        c_char_p, [pixazo_generation, c_size_t, c_size_t]),
    "pixazo_generation_replayed_from": (
        "const char * (*)(const pixazo_generation *)",
        c_char_p, [pixazo_generation]),
    "pixazo_generation_request_id": (
        "const char * (*)(const pixazo_generation *)",
        c_char_p, [pixazo_generation]),
    "pixazo_generation_request_json": (
        "const char * (*)(const pixazo_generation *)",
        c_char_p, [pixazo_generation]),
    "pixazo_generation_route_json": (
        "const char * (*)(const pixazo_generation *)",
        c_char_p, [pixazo_generation]),
    "pixazo_generation_safety_json": (
        "const char * (*)(const pixazo_generation *)",
        c_char_p, [pixazo_generation]),
    "pixazo_generation_sent_us": (
        "int64_t (*)(const pixazo_generation *)",
        c_int64, [pixazo_generation]),
    "pixazo_generation_state": (
        "int32_t (*)(const pixazo_generation *)",
        c_int32, [pixazo_generation]),
    "pixazo_generation_state_name": (
        "const char * (*)(int32_t)",
        c_char_p, [c_int32]),
    "pixazo_generation_to_json": (
        "pixazo_status (*)(const pixazo_generation *, char **, pixazo_error **)",
        c_int32, [pixazo_generation, POINTER(c_void_p), POINTER(pixazo_error)]),
    "pixazo_generation_updated_us": (
        "int64_t (*)(const pixazo_generation *)",
        c_int64, [pixazo_generation]),
    "pixazo_generation_uuid": (
        "const char * (*)(const pixazo_generation *)",
        c_char_p, [pixazo_generation]),
    "pixazo_image_state_name": (
        "const char * (*)(int32_t)",
        c_char_p, [c_int32]),
    "pixazo_layer_init": (
        "void (*)(pixazo_layer *, size_t)",
        None, [POINTER(pixazo_layer), c_size_t]),
    "pixazo_log_new": (
        "pixazo_status (*)(int32_t, pixazo_log_fn, void *, pixazo_log **, pixazo_error **)",
        c_int32, [c_int32, pixazo_log_fn, c_void_p, POINTER(pixazo_log), POINTER(pixazo_error)]),
    "pixazo_log_next": (
        "pixazo_status (*)(pixazo_log *, int32_t *, char **)",
        c_int32, [pixazo_log, POINTER(c_int32), POINTER(c_void_p)]),
    "pixazo_log_ref": (
        "pixazo_log * (*)(pixazo_log *)",
        pixazo_log, [pixazo_log]),
    "pixazo_log_unref": (
        "pixazo_log * (*)(pixazo_log *)",
        pixazo_log, [pixazo_log]),
    "pixazo_memory_hooks_init": (
        "void (*)(pixazo_memory_hooks *, size_t)",
        None, [POINTER(pixazo_memory_hooks), c_size_t]),
    "pixazo_memory_set_hooks": (
        "pixazo_status (*)(const pixazo_memory_hooks *)",
        c_int32, [POINTER(pixazo_memory_hooks)]),
    "pixazo_metrics_new": (
        "pixazo_status (*)(pixazo_metrics **, pixazo_error **)",
        c_int32, [POINTER(pixazo_metrics), POINTER(pixazo_error)]),
    "pixazo_metrics_ref": (
        "pixazo_metrics * (*)(pixazo_metrics *)",
        pixazo_metrics, [pixazo_metrics]),
    "pixazo_metrics_text": (
        "pixazo_status (*)(const pixazo_metrics *, char **, pixazo_error **)",
        c_int32, [pixazo_metrics, POINTER(c_void_p), POINTER(pixazo_error)]),
    "pixazo_metrics_to_json": (
        "pixazo_status (*)(const pixazo_metrics *, char **, pixazo_error **)",
        c_int32, [pixazo_metrics, POINTER(c_void_p), POINTER(pixazo_error)]),
    "pixazo_metrics_unref": (
        "pixazo_metrics * (*)(pixazo_metrics *)",
        pixazo_metrics, [pixazo_metrics]),
    "pixazo_page_count": (
        "size_t (*)(const pixazo_page *)",
        c_size_t, [pixazo_page]),
    "pixazo_page_cursor": (
        "const char * (*)(const pixazo_page *)",
        c_char_p, [pixazo_page]),
    "pixazo_page_free": (
        "void (*)(pixazo_page *)",
        None, [pixazo_page]),
    "pixazo_page_get": (
        "const pixazo_generation * (*)(const pixazo_page *, size_t)",
        pixazo_generation, [pixazo_page, c_size_t]),
    "pixazo_picture_bit_depth": (
        "uint32_t (*)(const pixazo_picture *)",
        c_uint32, [pixazo_picture]),
    "pixazo_picture_bytes": (
        "uint64_t (*)(const pixazo_picture *)",
        c_uint64, [pixazo_picture]),
    "pixazo_picture_content_type": (
        "const char * (*)(const pixazo_picture *)",
        c_char_p, [pixazo_picture]),
    "pixazo_picture_extension": (
        "const char * (*)(const pixazo_picture *)",
        c_char_p, [pixazo_picture]),
    "pixazo_picture_format": (
        "const char * (*)(const pixazo_picture *)",
        c_char_p, [pixazo_picture]),
    "pixazo_picture_free": (
        "void (*)(pixazo_picture *)",
        None, [pixazo_picture]),
    "pixazo_picture_has_alpha": (
        "int32_t (*)(const pixazo_picture *)",
        c_int32, [pixazo_picture]),
    "pixazo_picture_has_c2pa": (
        "int32_t (*)(const pixazo_picture *)",
        c_int32, [pixazo_picture]),
    "pixazo_picture_height": (
        "uint32_t (*)(const pixazo_picture *)",
        c_uint32, [pixazo_picture]),
    "pixazo_picture_is_animated": (
        "int32_t (*)(const pixazo_picture *)",
        c_int32, [pixazo_picture]),
    "pixazo_picture_metadata": (
        "const char * (*)(const pixazo_picture *)",
        c_char_p, [pixazo_picture]),
    "pixazo_picture_orientation": (
        "uint32_t (*)(const pixazo_picture *)",
        c_uint32, [pixazo_picture]),
    "pixazo_picture_parameters": (
        "const char * (*)(const pixazo_picture *)",
        c_char_p, [pixazo_picture]),
    "pixazo_picture_sha256": (
        "const char * (*)(const pixazo_picture *)",
        c_char_p, [pixazo_picture]),
    "pixazo_picture_to_json": (
        "pixazo_status (*)(const pixazo_picture *, char **, pixazo_error **)",
        c_int32, [pixazo_picture, POINTER(c_void_p), POINTER(pixazo_error)]),
    "pixazo_picture_width": (
        "uint32_t (*)(const pixazo_picture *)",
        c_uint32, [pixazo_picture]),
    "pixazo_pipeline_abandon": (
        "pixazo_status (*)(pixazo_pipeline *, const char *, pixazo_error **)",
        c_int32, [pixazo_pipeline, c_char_p, POINTER(pixazo_error)]),
    "pixazo_pipeline_add": (
        "pixazo_status (*)(pixazo_pipeline *, const pixazo_request *, const char *, char **, pixazo_error **)",
        c_int32, [pixazo_pipeline, pixazo_request, c_char_p, POINTER(c_void_p), POINTER(pixazo_error)]),
    "pixazo_pipeline_cancel": (
        "pixazo_status (*)(pixazo_pipeline *, const char *, int32_t, pixazo_error **)",
        c_int32, [pixazo_pipeline, c_char_p, c_int32, POINTER(pixazo_error)]),
    "pixazo_pipeline_fd": (
        "int32_t (*)(const pixazo_pipeline *)",
        c_int32, [pixazo_pipeline]),
    "pixazo_pipeline_free": (
        "void (*)(pixazo_pipeline *)",
        None, [pixazo_pipeline]),
    "pixazo_pipeline_new": (
        "pixazo_status (*)(const pixazo_pipeline_options *, pixazo_pipeline **, pixazo_error **)",
        c_int32, [POINTER(pixazo_pipeline_options), POINTER(pixazo_pipeline), POINTER(pixazo_error)]),
    "pixazo_pipeline_next_event": (
        "pixazo_status (*)(pixazo_pipeline *, uint32_t, pixazo_event **, pixazo_error **)",
        c_int32, [pixazo_pipeline, c_uint32, POINTER(pixazo_event), POINTER(pixazo_error)]),
    "pixazo_pipeline_open_count": (
        "size_t (*)(const pixazo_pipeline *)",
        c_size_t, [pixazo_pipeline]),
    "pixazo_pipeline_options_init": (
        "void (*)(pixazo_pipeline_options *, size_t)",
        None, [POINTER(pixazo_pipeline_options), c_size_t]),
    "pixazo_pipeline_resume": (
        "pixazo_status (*)(pixazo_pipeline *, uint32_t, pixazo_cancel *, char **, pixazo_error **)",
        c_int32, [pixazo_pipeline, c_uint32, pixazo_cancel, POINTER(c_void_p), POINTER(pixazo_error)]),
    "pixazo_pipeline_retry": (
        "pixazo_status (*)(pixazo_pipeline *, const char *, char **, pixazo_error **)",
        c_int32, [pixazo_pipeline, c_char_p, POINTER(c_void_p), POINTER(pixazo_error)]),
    "pixazo_pipeline_run": (
        "pixazo_status (*)(pixazo_pipeline *, pixazo_cancel *, pixazo_event_fn, void *, pixazo_error **)",
        c_int32, [pixazo_pipeline, pixazo_cancel, pixazo_event_fn, c_void_p, POINTER(pixazo_error)]),
    "pixazo_pipeline_trouble": (
        "pixazo_error * (*)(const pixazo_pipeline *)",
        pixazo_error, [pixazo_pipeline]),
    "pixazo_pipeline_wait": (
        "pixazo_status (*)(pixazo_pipeline *, const char *, uint32_t, pixazo_cancel *, pixazo_generation **, pixazo_error **)",
        c_int32, [pixazo_pipeline, c_char_p, c_uint32, pixazo_cancel, POINTER(pixazo_generation), POINTER(pixazo_error)]),
    "pixazo_pixels_channels": (
        "uint32_t (*)(const pixazo_pixels *)",
        c_uint32, [pixazo_pixels]),
    "pixazo_pixels_data": (
        "const void * (*)(const pixazo_pixels *)",
        c_void_p, [pixazo_pixels]),
    "pixazo_pixels_height": (
        "uint32_t (*)(const pixazo_pixels *)",
        c_uint32, [pixazo_pixels]),
    "pixazo_pixels_icc": (
        "pixazo_blob * (*)(const pixazo_pixels *)",
        pixazo_blob, [pixazo_pixels]),
    "pixazo_pixels_new": (
        "pixazo_status (*)(const pixazo_pixels_options *, pixazo_pixels **, pixazo_error **)",
        c_int32, [POINTER(pixazo_pixels_options), POINTER(pixazo_pixels), POINTER(pixazo_error)]),
    "pixazo_pixels_options_init": (
        "void (*)(pixazo_pixels_options *, size_t)",
        None, [POINTER(pixazo_pixels_options), c_size_t]),
    "pixazo_pixels_ref": (
        "pixazo_pixels * (*)(pixazo_pixels *)",
        pixazo_pixels, [pixazo_pixels]),
    "pixazo_pixels_size": (
        "size_t (*)(const pixazo_pixels *)",
        c_size_t, [pixazo_pixels]),
    "pixazo_pixels_stride": (
        "size_t (*)(const pixazo_pixels *)",
        c_size_t, [pixazo_pixels]),
    "pixazo_pixels_unref": (
        "pixazo_pixels * (*)(pixazo_pixels *)",
        pixazo_pixels, [pixazo_pixels]),
    "pixazo_pixels_width": (
        "uint32_t (*)(const pixazo_pixels *)",
        c_uint32, [pixazo_pixels]),
    "pixazo_production_cancelled": (
        "int32_t (*)(const pixazo_production *)",
        c_int32, [pixazo_production]),
    "pixazo_production_effective_json": (
        "const char * (*)(const pixazo_production *)",
        c_char_p, [pixazo_production]),
    "pixazo_production_model": (
        "const char * (*)(const pixazo_production *)",
        c_char_p, [pixazo_production]),
    "pixazo_production_progress": (
        "void (*)(pixazo_production *, uint64_t, uint64_t)",
        None, [pixazo_production, c_uint64, c_uint64]),
    "pixazo_production_write": (
        "pixazo_status (*)(pixazo_production *, const void *, size_t, pixazo_error **)",
        c_int32, [pixazo_production, c_void_p, c_size_t, POINTER(pixazo_error)]),
    "pixazo_provider_name": (
        "const char * (*)(const pixazo_provider *)",
        c_char_p, [pixazo_provider]),
    "pixazo_provider_new": (
        "pixazo_status (*)(const char *, pixazo_provider **, pixazo_error **)",
        c_int32, [c_char_p, POINTER(pixazo_provider), POINTER(pixazo_error)]),
    "pixazo_provider_new_custom": (
        "pixazo_status (*)(const char *, const pixazo_provider_ops *, void *, uint32_t, pixazo_provider **, pixazo_error **)",
        c_int32, [c_char_p, POINTER(pixazo_provider_ops), c_void_p, c_uint32, POINTER(pixazo_provider), POINTER(pixazo_error)]),
    "pixazo_provider_ops_init": (
        "void (*)(pixazo_provider_ops *, size_t)",
        None, [POINTER(pixazo_provider_ops), c_size_t]),
    "pixazo_provider_ref": (
        "pixazo_provider * (*)(pixazo_provider *)",
        pixazo_provider, [pixazo_provider]),
    "pixazo_provider_to_json": (
        "pixazo_status (*)(const pixazo_provider *, char **, pixazo_error **)",
        c_int32, [pixazo_provider, POINTER(c_void_p), POINTER(pixazo_error)]),
    "pixazo_provider_unref": (
        "pixazo_provider * (*)(pixazo_provider *)",
        pixazo_provider, [pixazo_provider]),
    "pixazo_providers_to_json": (
        "pixazo_status (*)(char **, pixazo_error **)",
        c_int32, [POINTER(c_void_p), POINTER(pixazo_error)]),
    "pixazo_query_free": (
        "void (*)(pixazo_query *)",
        None, [pixazo_query]),
    "pixazo_query_new": (
        "pixazo_status (*)(pixazo_query **, pixazo_error **)",
        c_int32, [POINTER(pixazo_query), POINTER(pixazo_error)]),
    "pixazo_query_new_from_json": (
        "pixazo_status (*)(const char *, pixazo_query **, pixazo_error **)",
        c_int32, [c_char_p, POINTER(pixazo_query), POINTER(pixazo_error)]),
    "pixazo_query_set_int": (
        "pixazo_status (*)(pixazo_query *, const char *, int64_t, pixazo_error **)",
        c_int32, [pixazo_query, c_char_p, c_int64, POINTER(pixazo_error)]),
    "pixazo_query_set_string": (
        "pixazo_status (*)(pixazo_query *, const char *, const char *, pixazo_error **)",
        c_int32, [pixazo_query, c_char_p, c_char_p, POINTER(pixazo_error)]),
    "pixazo_query_to_json": (
        "pixazo_status (*)(const pixazo_query *, char **, pixazo_error **)",
        c_int32, [pixazo_query, POINTER(c_void_p), POINTER(pixazo_error)]),
    "pixazo_reading_add_url": (
        "pixazo_status (*)(pixazo_reading *, const char *, pixazo_error **)",
        c_int32, [pixazo_reading, c_char_p, POINTER(pixazo_error)]),
    "pixazo_reading_set_meaning": (
        "pixazo_status (*)(pixazo_reading *, int32_t)",
        c_int32, [pixazo_reading, c_int32]),
    "pixazo_reading_set_text": (
        "pixazo_status (*)(pixazo_reading *, int32_t, const char *, pixazo_error **)",
        c_int32, [pixazo_reading, c_int32, c_char_p, POINTER(pixazo_error)]),
    "pixazo_recipe_free": (
        "void (*)(pixazo_recipe *)",
        None, [pixazo_recipe]),
    "pixazo_recipe_new": (
        "pixazo_status (*)(pixazo_recipe **, pixazo_error **)",
        c_int32, [POINTER(pixazo_recipe), POINTER(pixazo_error)]),
    "pixazo_recipe_new_from_json": (
        "pixazo_status (*)(const char *, pixazo_recipe **, pixazo_error **)",
        c_int32, [c_char_p, POINTER(pixazo_recipe), POINTER(pixazo_error)]),
    "pixazo_recipe_new_matrix": (
        "pixazo_status (*)(const char *, pixazo_recipe **, size_t, size_t *, pixazo_error **)",
        c_int32, [c_char_p, POINTER(pixazo_recipe), c_size_t, POINTER(c_size_t), POINTER(pixazo_error)]),
    "pixazo_recipe_new_named": (
        "pixazo_status (*)(const char *, pixazo_recipe **, pixazo_error **)",
        c_int32, [c_char_p, POINTER(pixazo_recipe), POINTER(pixazo_error)]),
    "pixazo_recipe_set_int": (
        "pixazo_status (*)(pixazo_recipe *, const char *, int64_t, pixazo_error **)",
        c_int32, [pixazo_recipe, c_char_p, c_int64, POINTER(pixazo_error)]),
    "pixazo_recipe_set_string": (
        "pixazo_status (*)(pixazo_recipe *, const char *, const char *, pixazo_error **)",
        c_int32, [pixazo_recipe, c_char_p, c_char_p, POINTER(pixazo_error)]),
    "pixazo_recipe_to_json": (
        "pixazo_status (*)(const pixazo_recipe *, char **, pixazo_error **)",
        c_int32, [pixazo_recipe, POINTER(c_void_p), POINTER(pixazo_error)]),
    "pixazo_rendition_blob": (
        "pixazo_blob * (*)(const pixazo_rendition *)",
        pixazo_blob, [pixazo_rendition]),
    "pixazo_rendition_bytes": (
        "uint64_t (*)(const pixazo_rendition *)",
        c_uint64, [pixazo_rendition]),
    "pixazo_rendition_content_type": (
        "const char * (*)(const pixazo_rendition *)",
        c_char_p, [pixazo_rendition]),
    "pixazo_rendition_duration_us": (
        "int64_t (*)(const pixazo_rendition *)",
        c_int64, [pixazo_rendition]),
    "pixazo_rendition_extension": (
        "const char * (*)(const pixazo_rendition *)",
        c_char_p, [pixazo_rendition]),
    "pixazo_rendition_format": (
        "const char * (*)(const pixazo_rendition *)",
        c_char_p, [pixazo_rendition]),
    "pixazo_rendition_free": (
        "void (*)(pixazo_rendition *)",
        None, [pixazo_rendition]),
    "pixazo_rendition_height": (
        "uint32_t (*)(const pixazo_rendition *)",
        c_uint32, [pixazo_rendition]),
    "pixazo_rendition_name": (
        "const char * (*)(const pixazo_rendition *)",
        c_char_p, [pixazo_rendition]),
    "pixazo_rendition_notes": (
        "const char * (*)(const pixazo_rendition *)",
        c_char_p, [pixazo_rendition]),
    "pixazo_rendition_quality": (
        "int32_t (*)(const pixazo_rendition *)",
        c_int32, [pixazo_rendition]),
    "pixazo_rendition_sha256": (
        "const char * (*)(const pixazo_rendition *)",
        c_char_p, [pixazo_rendition]),
    "pixazo_rendition_to_json": (
        "pixazo_status (*)(const pixazo_rendition *, char **, pixazo_error **)",
        c_int32, [pixazo_rendition, POINTER(c_void_p), POINTER(pixazo_error)]),
    "pixazo_rendition_way": (
        "const char * (*)(const pixazo_rendition *)",
        c_char_p, [pixazo_rendition]),
    "pixazo_rendition_width": (
        "uint32_t (*)(const pixazo_rendition *)",
        c_uint32, [pixazo_rendition]),
    "pixazo_repository_budgets": (
        "pixazo_status (*)(pixazo_repository *, char **, pixazo_error **)",
        c_int32, [pixazo_repository, POINTER(c_void_p), POINTER(pixazo_error)]),
    "pixazo_repository_check": (
        "pixazo_status (*)(pixazo_repository *, char **, pixazo_error **)",
        c_int32, [pixazo_repository, POINTER(c_void_p), POINTER(pixazo_error)]),
    "pixazo_repository_costs": (
        "pixazo_status (*)(pixazo_repository *, const char *, int64_t, char **, pixazo_error **)",
        c_int32, [pixazo_repository, c_char_p, c_int64, POINTER(c_void_p), POINTER(pixazo_error)]),
    "pixazo_repository_count": (
        "pixazo_status (*)(pixazo_repository *, const pixazo_query *, int64_t *, pixazo_error **)",
        c_int32, [pixazo_repository, pixazo_query, POINTER(c_int64), POINTER(pixazo_error)]),
    "pixazo_repository_find": (
        "pixazo_status (*)(pixazo_repository *, const char *, pixazo_generation **, pixazo_error **)",
        c_int32, [pixazo_repository, c_char_p, POINTER(pixazo_generation), POINTER(pixazo_error)]),
    "pixazo_repository_find_key": (
        "pixazo_status (*)(pixazo_repository *, const char *, const char *, pixazo_generation **, pixazo_error **)",
        c_int32, [pixazo_repository, c_char_p, c_char_p, POINTER(pixazo_generation), POINTER(pixazo_error)]),
    "pixazo_repository_gate": (
        "pixazo_status (*)(pixazo_repository *, pixazo_gate **, pixazo_error **)",
        c_int32, [pixazo_repository, POINTER(pixazo_gate), POINTER(pixazo_error)]),
    "pixazo_repository_list": (
        "pixazo_status (*)(pixazo_repository *, const pixazo_query *, pixazo_page **, pixazo_error **)",
        c_int32, [pixazo_repository, pixazo_query, POINTER(pixazo_page), POINTER(pixazo_error)]),
    "pixazo_repository_new": (
        "pixazo_status (*)(const pixazo_repository_options *, pixazo_repository **, pixazo_error **)",
        c_int32, [POINTER(pixazo_repository_options), POINTER(pixazo_repository), POINTER(pixazo_error)]),
    "pixazo_repository_new_from_config": (
        "pixazo_status (*)(const pixazo_config *, pixazo_repository **, pixazo_error **)",
        c_int32, [pixazo_config, POINTER(pixazo_repository), POINTER(pixazo_error)]),
    "pixazo_repository_options_init": (
        "void (*)(pixazo_repository_options *, size_t)",
        None, [POINTER(pixazo_repository_options), c_size_t]),
    "pixazo_repository_purge": (
        "pixazo_status (*)(pixazo_repository *, int64_t, int32_t, char **, pixazo_error **)",
        c_int32, [pixazo_repository, c_int64, c_int32, POINTER(c_void_p), POINTER(pixazo_error)]),
    "pixazo_repository_quotas": (
        "pixazo_status (*)(pixazo_repository *, char **, pixazo_error **)",
        c_int32, [pixazo_repository, POINTER(c_void_p), POINTER(pixazo_error)]),
    "pixazo_repository_ref": (
        "pixazo_repository * (*)(pixazo_repository *)",
        pixazo_repository, [pixazo_repository]),
    "pixazo_repository_remove": (
        "pixazo_status (*)(pixazo_repository *, const char *, pixazo_error **)",
        c_int32, [pixazo_repository, c_char_p, POINTER(pixazo_error)]),
    "pixazo_repository_remove_budget": (
        "pixazo_status (*)(pixazo_repository *, const char *, pixazo_error **)",
        c_int32, [pixazo_repository, c_char_p, POINTER(pixazo_error)]),
    "pixazo_repository_remove_quota": (
        "pixazo_status (*)(pixazo_repository *, const char *, pixazo_error **)",
        c_int32, [pixazo_repository, c_char_p, POINTER(pixazo_error)]),
    "pixazo_repository_restore": (
        "pixazo_status (*)(pixazo_repository *, const char *, pixazo_error **)",
        c_int32, [pixazo_repository, c_char_p, POINTER(pixazo_error)]),
    "pixazo_repository_set_budget": (
        "pixazo_status (*)(pixazo_repository *, const char *, pixazo_error **)",
        c_int32, [pixazo_repository, c_char_p, POINTER(pixazo_error)]),
    "pixazo_repository_set_quota": (
        "pixazo_status (*)(pixazo_repository *, const char *, pixazo_error **)",
        c_int32, [pixazo_repository, c_char_p, POINTER(pixazo_error)]),
    "pixazo_repository_stats": (
        "pixazo_status (*)(pixazo_repository *, char **, pixazo_error **)",
        c_int32, [pixazo_repository, POINTER(c_void_p), POINTER(pixazo_error)]),
    "pixazo_repository_unref": (
        "pixazo_repository * (*)(pixazo_repository *)",
        pixazo_repository, [pixazo_repository]),
    "pixazo_repository_update": (
        "pixazo_status (*)(pixazo_repository *, const char *, const char *, pixazo_error **)",
        c_int32, [pixazo_repository, c_char_p, c_char_p, POINTER(pixazo_error)]),
    "pixazo_request_free": (
        "void (*)(pixazo_request *)",
        None, [pixazo_request]),
    "pixazo_request_get_string": (
        "const char * (*)(const pixazo_request *, const char *)",
        c_char_p, [pixazo_request, c_char_p]),
    "pixazo_request_new": (
        "pixazo_status (*)(const char *, pixazo_request **, pixazo_error **)",
        c_int32, [c_char_p, POINTER(pixazo_request), POINTER(pixazo_error)]),
    "pixazo_request_new_copy": (
        "pixazo_status (*)(const pixazo_request *, pixazo_request **, pixazo_error **)",
        c_int32, [pixazo_request, POINTER(pixazo_request), POINTER(pixazo_error)]),
    "pixazo_request_new_from_json": (
        "pixazo_status (*)(const char *, pixazo_request **, pixazo_error **)",
        c_int32, [c_char_p, POINTER(pixazo_request), POINTER(pixazo_error)]),
    "pixazo_request_set_defaults": (
        "pixazo_status (*)(pixazo_request *, const char *, pixazo_error **)",
        c_int32, [pixazo_request, c_char_p, POINTER(pixazo_error)]),
    "pixazo_request_set_double": (
        "pixazo_status (*)(pixazo_request *, const char *, double, pixazo_error **)",
        c_int32, [pixazo_request, c_char_p, c_double, POINTER(pixazo_error)]),
    "pixazo_request_set_int": (
        "pixazo_status (*)(pixazo_request *, const char *, int64_t, pixazo_error **)",
        c_int32, [pixazo_request, c_char_p, c_int64, POINTER(pixazo_error)]),
    "pixazo_request_set_json": (
        "pixazo_status (*)(pixazo_request *, const char *, const char *, pixazo_error **)",
        c_int32, [pixazo_request, c_char_p, c_char_p, POINTER(pixazo_error)]),
    "pixazo_request_set_string": (
        "pixazo_status (*)(pixazo_request *, const char *, const char *, pixazo_error **)",
        c_int32, [pixazo_request, c_char_p, c_char_p, POINTER(pixazo_error)]),
    "pixazo_request_to_json": (
        "pixazo_status (*)(const pixazo_request *, char **, pixazo_error **)",
        c_int32, [pixazo_request, POINTER(c_void_p), POINTER(pixazo_error)]),
    "pixazo_review_add_category": (
        "void (*)(pixazo_review *, const char *)",
        None, [pixazo_review, c_char_p]),
    "pixazo_review_set_alt_text": (
        "pixazo_status (*)(pixazo_review *, const char *, pixazo_error **)",
        c_int32, [pixazo_review, c_char_p, POINTER(pixazo_error)]),
    "pixazo_review_set_blocked": (
        "void (*)(pixazo_review *, const char *)",
        None, [pixazo_review, c_char_p]),
    "pixazo_status_name": (
        "const char * (*)(pixazo_status)",
        c_char_p, [c_int32]),
    "pixazo_status_text": (
        "const char * (*)(pixazo_status)",
        c_char_p, [c_int32]),
    "pixazo_store_any_thread": (
        "int32_t (*)(const pixazo_store *)",
        c_int32, [pixazo_store]),
    "pixazo_store_check_key": (
        "pixazo_status (*)(const char *, pixazo_error **)",
        c_int32, [c_char_p, POINTER(pixazo_error)]),
    "pixazo_store_digest": (
        "pixazo_status (*)(pixazo_store *, const char *, char **, pixazo_error **)",
        c_int32, [pixazo_store, c_char_p, POINTER(c_void_p), POINTER(pixazo_error)]),
    "pixazo_store_expand_key": (
        "pixazo_status (*)(const char *, const pixazo_store_key_facts *, char **, pixazo_error **)",
        c_int32, [c_char_p, POINTER(pixazo_store_key_facts), POINTER(c_void_p), POINTER(pixazo_error)]),
    "pixazo_store_fetch_file": (
        "pixazo_status (*)(pixazo_store *, const char *, const char *, pixazo_error **)",
        c_int32, [pixazo_store, c_char_p, c_char_p, POINTER(pixazo_error)]),
    "pixazo_store_flush": (
        "pixazo_status (*)(pixazo_store *, pixazo_error **)",
        c_int32, [pixazo_store, POINTER(pixazo_error)]),
    "pixazo_store_get": (
        "pixazo_status (*)(pixazo_store *, const char *, uint64_t, pixazo_blob **, pixazo_error **)",
        c_int32, [pixazo_store, c_char_p, c_uint64, POINTER(pixazo_blob), POINTER(pixazo_error)]),
    "pixazo_store_get_range": (
        "pixazo_status (*)(pixazo_store *, const char *, uint64_t, uint64_t, pixazo_store_write_fn, void *, pixazo_error **)",
        c_int32, [pixazo_store, c_char_p, c_uint64, c_uint64, pixazo_store_write_fn, c_void_p, POINTER(pixazo_error)]),
    "pixazo_store_info_init": (
        "void (*)(pixazo_store_info *, size_t)",
        None, [POINTER(pixazo_store_info), c_size_t]),
    "pixazo_store_key_facts_init": (
        "void (*)(pixazo_store_key_facts *, size_t)",
        None, [POINTER(pixazo_store_key_facts), c_size_t]),
    "pixazo_store_kind": (
        "const char * (*)(const pixazo_store *)",
        c_char_p, [pixazo_store]),
    "pixazo_store_list": (
        "pixazo_status (*)(pixazo_store *, const char *, const char *, uint32_t, char **, pixazo_error **)",
        c_int32, [pixazo_store, c_char_p, c_char_p, c_uint32, POINTER(c_void_p), POINTER(pixazo_error)]),
    "pixazo_store_listing_add": (
        "pixazo_status (*)(pixazo_store_listing *, const char *, uint64_t, int64_t)",
        c_int32, [pixazo_store_listing, c_char_p, c_uint64, c_int64]),
    "pixazo_store_listing_set_cursor": (
        "pixazo_status (*)(pixazo_store_listing *, const char *)",
        c_int32, [pixazo_store_listing, c_char_p]),
    "pixazo_store_local_options_init": (
        "void (*)(pixazo_store_local_options *, size_t)",
        None, [POINTER(pixazo_store_local_options), c_size_t]),
    "pixazo_store_new_custom": (
        "pixazo_status (*)(const pixazo_store_ops *, void *, uint32_t, pixazo_store **, pixazo_error **)",
        c_int32, [POINTER(pixazo_store_ops), c_void_p, c_uint32, POINTER(pixazo_store), POINTER(pixazo_error)]),
    "pixazo_store_new_from_config": (
        "pixazo_status (*)(const pixazo_config *, pixazo_store **, pixazo_error **)",
        c_int32, [pixazo_config, POINTER(pixazo_store), POINTER(pixazo_error)]),
    "pixazo_store_new_from_json": (
        "pixazo_status (*)(const char *, pixazo_log *, pixazo_store **, pixazo_error **)",
        c_int32, [c_char_p, pixazo_log, POINTER(pixazo_store), POINTER(pixazo_error)]),
    "pixazo_store_new_local": (
        "pixazo_status (*)(const pixazo_store_local_options *, pixazo_store **, pixazo_error **)",
        c_int32, [POINTER(pixazo_store_local_options), POINTER(pixazo_store), POINTER(pixazo_error)]),
    "pixazo_store_new_memory": (
        "pixazo_status (*)(pixazo_store **, pixazo_error **)",
        c_int32, [POINTER(pixazo_store), POINTER(pixazo_error)]),
    "pixazo_store_ops_init": (
        "void (*)(pixazo_store_ops *, size_t)",
        None, [POINTER(pixazo_store_ops), c_size_t]),
    "pixazo_store_path": (
        "pixazo_status (*)(pixazo_store *, const char *, char **, pixazo_error **)",
        c_int32, [pixazo_store, c_char_p, POINTER(c_void_p), POINTER(pixazo_error)]),
    "pixazo_store_put": (
        "pixazo_status (*)(pixazo_store *, const pixazo_store_put_job *, pixazo_error **)",
        c_int32, [pixazo_store, POINTER(pixazo_store_put_job), POINTER(pixazo_error)]),
    "pixazo_store_put_file": (
        "pixazo_status (*)(pixazo_store *, const char *, const char *, const char *, pixazo_error **)",
        c_int32, [pixazo_store, c_char_p, c_char_p, c_char_p, POINTER(pixazo_error)]),
    "pixazo_store_put_job_init": (
        "void (*)(pixazo_store_put_job *, size_t)",
        None, [POINTER(pixazo_store_put_job), c_size_t]),
    "pixazo_store_ref": (
        "pixazo_store * (*)(pixazo_store *)",
        pixazo_store, [pixazo_store]),
    "pixazo_store_remove": (
        "pixazo_status (*)(pixazo_store *, const char *, pixazo_error **)",
        c_int32, [pixazo_store, c_char_p, POINTER(pixazo_error)]),
    "pixazo_store_stat": (
        "pixazo_status (*)(pixazo_store *, const char *, pixazo_store_info *, pixazo_error **)",
        c_int32, [pixazo_store, c_char_p, POINTER(pixazo_store_info), POINTER(pixazo_error)]),
    "pixazo_store_supports": (
        "int32_t (*)(const pixazo_store *, int32_t)",
        c_int32, [pixazo_store, c_int32]),
    "pixazo_store_unref": (
        "pixazo_store * (*)(pixazo_store *)",
        pixazo_store, [pixazo_store]),
    "pixazo_store_url": (
        "pixazo_status (*)(pixazo_store *, const char *, uint32_t, char **, pixazo_error **)",
        c_int32, [pixazo_store, c_char_p, c_uint32, POINTER(c_void_p), POINTER(pixazo_error)]),
    "pixazo_studio_client": (
        "pixazo_client * (*)(const pixazo_studio *)",
        pixazo_client, [pixazo_studio]),
    "pixazo_studio_close": (
        "void (*)(pixazo_studio *)",
        None, [pixazo_studio]),
    "pixazo_studio_config": (
        "const pixazo_config * (*)(const pixazo_studio *)",
        pixazo_config, [pixazo_studio]),
    "pixazo_studio_doctor": (
        "pixazo_status (*)(const char *, const pixazo_config *, char **, pixazo_error **)",
        c_int32, [c_char_p, pixazo_config, POINTER(c_void_p), POINTER(pixazo_error)]),
    "pixazo_studio_exporter": (
        "pixazo_exporter * (*)(const pixazo_studio *)",
        pixazo_exporter, [pixazo_studio]),
    "pixazo_studio_generate": (
        "pixazo_status (*)(pixazo_studio *, const pixazo_request *, pixazo_cancel *, pixazo_generation **, pixazo_error **)",
        c_int32, [pixazo_studio, pixazo_request, pixazo_cancel, POINTER(pixazo_generation), POINTER(pixazo_error)]),
    "pixazo_studio_generate_prompt": (
        "pixazo_status (*)(pixazo_studio *, const char *, pixazo_generation **, pixazo_error **)",
        c_int32, [pixazo_studio, c_char_p, POINTER(pixazo_generation), POINTER(pixazo_error)]),
    "pixazo_studio_note": (
        "const char * (*)(const pixazo_studio *)",
        c_char_p, [pixazo_studio]),
    "pixazo_studio_open": (
        "pixazo_status (*)(const char *, const pixazo_studio_options *, pixazo_studio **, pixazo_error **)",
        c_int32, [c_char_p, POINTER(pixazo_studio_options), POINTER(pixazo_studio), POINTER(pixazo_error)]),
    "pixazo_studio_options_init": (
        "void (*)(pixazo_studio_options *, size_t)",
        None, [POINTER(pixazo_studio_options), c_size_t]),
    "pixazo_studio_pipeline": (
        "pixazo_pipeline * (*)(const pixazo_studio *)",
        pixazo_pipeline, [pixazo_studio]),
    "pixazo_studio_repository": (
        "pixazo_repository * (*)(const pixazo_studio *)",
        pixazo_repository, [pixazo_studio]),
    "pixazo_studio_store": (
        "pixazo_store * (*)(const pixazo_studio *)",
        pixazo_store, [pixazo_studio]),
    "pixazo_supports": (
        "int32_t (*)(const char *)",
        c_int32, [c_char_p]),
    "pixazo_version": (
        "const char * (*)(void)",
        c_char_p, []),
    "pixazo_version_number": (
        "uint32_t (*)(void)",
        c_uint32, []),
}

STRUCTS: List[Any] = [
    pixazo_store_local_options,
    pixazo_store_put_job,
    pixazo_store_info,
    pixazo_store_key_facts,
    pixazo_store_ops,
    pixazo_provider_ops,
    pixazo_progress,
    pixazo_retry,
    pixazo_account,
    pixazo_client_options,
    pixazo_pixels_options,
    pixazo_exporter_options,
    pixazo_layer,
    pixazo_export_job,
    pixazo_repository_options,
    pixazo_memory_hooks,
    pixazo_prompt_facts,
    pixazo_picture_facts,
    pixazo_alert,
    pixazo_pipeline_options,
    pixazo_studio_options,
]

CALLBACKS: Dict[str, Tuple[str, Any]] = {
    "pixazo_blob_release_fn": ("void (*)(void *, size_t, void *)", pixazo_blob_release_fn),
    "pixazo_log_fn": ("void (*)(int32_t, const char *, size_t, void *)", pixazo_log_fn),
    "pixazo_store_read_fn": ("pixazo_status (*)(void *, void *, size_t, size_t *, pixazo_error **)", pixazo_store_read_fn),
    "pixazo_store_rewind_fn": ("pixazo_status (*)(void *, pixazo_error **)", pixazo_store_rewind_fn),
    "pixazo_store_write_fn": ("pixazo_status (*)(void *, const void *, size_t, pixazo_error **)", pixazo_store_write_fn),
    "pixazo_progress_fn": ("int32_t (*)(const pixazo_progress *, void *)", pixazo_progress_fn),
    "pixazo_retry_fn": ("int64_t (*)(const pixazo_retry *, void *)", pixazo_retry_fn),
    "pixazo_prompt_fn": ("pixazo_status (*)(const pixazo_prompt_facts *, pixazo_review *, void *, pixazo_error **)", pixazo_prompt_fn),
    "pixazo_picture_fn": ("pixazo_status (*)(const pixazo_picture_facts *, pixazo_review *, void *, pixazo_error **)", pixazo_picture_fn),
    "pixazo_alert_fn": ("void (*)(const pixazo_alert *, void *)", pixazo_alert_fn),
    "pixazo_event_fn": ("int32_t (*)(const pixazo_event *, void *)", pixazo_event_fn),
    "pixazo_store_ops.put": ("pixazo_status (*)(void *, const pixazo_store_put_job *, pixazo_error **)", pixazo_store_ops_put_fn),
    "pixazo_store_ops.get": ("pixazo_status (*)(void *, const char *, uint64_t, uint64_t, pixazo_store_write_fn, void *, pixazo_error **)", pixazo_store_ops_get_fn),
    "pixazo_store_ops.stat": ("pixazo_status (*)(void *, const char *, pixazo_store_info *, pixazo_error **)", pixazo_store_ops_stat_fn),
    "pixazo_store_ops.remove": ("pixazo_status (*)(void *, const char *, pixazo_error **)", pixazo_store_ops_remove_fn),
    "pixazo_store_ops.list": ("pixazo_status (*)(void *, const char *, const char *, uint32_t, pixazo_store_listing *, pixazo_error **)", pixazo_store_ops_list_fn),
    "pixazo_store_ops.url": ("pixazo_status (*)(void *, const char *, uint32_t, char *, size_t, pixazo_error **)", pixazo_store_ops_url_fn),
    "pixazo_store_ops.path": ("pixazo_status (*)(void *, const char *, char *, size_t, pixazo_error **)", pixazo_store_ops_path_fn),
    "pixazo_store_ops.flush": ("pixazo_status (*)(void *, pixazo_error **)", pixazo_store_ops_flush_fn),
    "pixazo_store_ops.destroy": ("void (*)(void *)", pixazo_store_ops_destroy_fn),
    "pixazo_provider_ops.build": ("pixazo_status (*)(void *, pixazo_call *, pixazo_error **)", pixazo_provider_ops_build_fn),
    "pixazo_provider_ops.read": ("pixazo_status (*)(void *, const pixazo_answer *, pixazo_reading *, pixazo_error **)", pixazo_provider_ops_read_fn),
    "pixazo_provider_ops.produce": ("pixazo_status (*)(void *, pixazo_production *, pixazo_error **)", pixazo_provider_ops_produce_fn),
    "pixazo_provider_ops.destroy": ("void (*)(void *)", pixazo_provider_ops_destroy_fn),
    "pixazo_memory_hooks.allocate": ("void * (*)(size_t, void *)", pixazo_memory_hooks_allocate_fn),
    "pixazo_memory_hooks.reallocate": ("void * (*)(void *, size_t, void *)", pixazo_memory_hooks_reallocate_fn),
    "pixazo_memory_hooks.release": ("void (*)(void *, void *)", pixazo_memory_hooks_release_fn),
}


def declare(library: ctypes.CDLL) -> List[str]:
    """Gives every function its types; returns the names the library does not have."""
    missing = []
    for name, (_, result, parameters) in FUNCTIONS.items():
        function: Optional[Any] = getattr(library, name, None)
        if function is None:
            missing.append(name)
        else:
            function.restype, function.argtypes = result, parameters
    return missing
