/* SPDX-License-Identifier: MIT */
/* Reads the text exposition format 0.0.4 of Prometheus by its grammar. */
#ifndef PX_SUPPORT_EXPOSITION_H
#define PX_SUPPORT_EXPOSITION_H

/* Fails the test unless the whole text follows the grammar: names, labels and escapes; help and type once and before the
 * samples of their name, which stand together; no sample twice; histograms that grow to +Inf and agree with their count. */
void exposition_check(const char *text);

/* The value of the sample `name{labels}` as it is written, with the labels in the text's own order; the text must hold it. */
double exposition_get(const char *text, const char *sample);

#endif
