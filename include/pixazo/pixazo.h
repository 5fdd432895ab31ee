/* SPDX-License-Identifier: MIT */
/**
 * @file pixazo.h
 * Everything: from a prompt to finished, recorded picture files.
 */
#ifndef PIXAZO_H
#define PIXAZO_H

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

#endif
