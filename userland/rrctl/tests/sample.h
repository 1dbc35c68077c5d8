/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A log that has every type of event, for tests.
 */
#ifndef RRCTL_SAMPLE_H
#define RRCTL_SAMPLE_H

#include <stddef.h>
#include <linux/rrcrew_log.h>

#define SAMPLE_EVENTS	36

void sample_header(struct rrlog_header *head);
void *sample_log(size_t *len, unsigned int block_max);

#endif /* RRCTL_SAMPLE_H */
