/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The address spaces of a log: what was mapped where, as its events tell.
 */
#ifndef RRCTL_MAPS_H
#define RRCTL_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/rrcrew_log.h>

#include "logfile.h"
#include "symbols.h"

/**
 * struct rr_file - a file that was mapped
 * @path: as a NOTE has it
 * @size: its bytes then
 * @head: its first page, if a task has looked at it, else NULL
 * @symbols: found here, or NULL
 * @tried: to open @symbols
 */
struct rr_file {
	char			*path;
	__u64			size;
	void			*head;
	struct rr_symbols	*symbols;
	bool			tried;
};

/**
 * struct rr_mapping - one mapping
 * @vma: as the log has it; @offset with @file also of a private one
 * @file: what it maps, NULL if that is not known or no file
 * @file_start: offset in @file where the mapping as it was made begins
 * @heap: brk() made it
 * @writable: it was made for writing, whatever mprotect() did since
 */
struct rr_mapping {
	struct rrlog_vma	vma;
	struct rr_file		*file;
	__u64			file_start;
	bool			heap;
	bool			writable;
};

enum rr_place_kind {
	RR_PLACE_NONE,		/* not known to be mapped */
	RR_PLACE_ANON,
	RR_PLACE_HEAP,
	RR_PLACE_STACK,
	RR_PLACE_SHARED,	/* shared memory that has no name */
	RR_PLACE_FILE,
	RR_PLACE_BSS,		/* behind the writable data of a file */
};

/**
 * struct rr_place - where an address is
 * @kind: of its mapping
 * @prot: of its mapping
 * @space: the address space's number, see struct rrlog_revoke
 * @file: of FILE and BSS
 * @offset: of FILE and BSS: in the file; BSS: as if the file went on
 * @file_start: of FILE and BSS: of the mapping in the file
 * @writable: of FILE: mapped for writing, at first
 */
struct rr_place {
	enum rr_place_kind	kind;
	__u32			prot;
	__u64			space;
	struct rr_file		*file;
	__u64			offset;
	__u64			file_start;
	bool			writable;
};

struct rr_maps;

struct rr_maps *rr_maps_new(void);
void rr_maps_free(struct rr_maps *maps);
bool rr_maps_limited(const struct rr_maps *maps);
bool rr_maps_is_head(const struct rrlog_pagein *pagein);
bool rr_maps_ready(const struct rr_maps *maps, const struct rr_log_event *ev);
int rr_maps_see(struct rr_maps *maps, const struct rr_log_event *ev, __u32 call);
void rr_maps_place(const struct rr_maps *maps, __u32 task, __u64 addr, struct rr_place *place);

#endif /* RRCTL_MAPS_H */
