// SPDX-License-Identifier: GPL-2.0-only
/*
 * The address spaces of a log: what was mapped where, as its events tell. They may
 * tell what they like: ranges are checked to be ranges, no more.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "array.h"
#include "maps.h"
#include "../../kmod/logdev/block.h"

#define ELF_MAGIC	"\177ELF"

/*
 * A small log can make many tasks copy many mappings: so many copies may be there at a
 * time, and be made at all. A real log of 20,000 forks of a shell makes a million.
 */
#define COPIES_MAX	(1u << 21)
#define COPYING_MAX	(1u << 26)

/**
 * struct space - an address space
 * @id: see struct rrlog_revoke
 * @users: tasks that are in it
 * @copied: mappings that it began with, of those that count for COPIES_MAX
 * @map: its mappings, by address, none overlaps another
 * @nr: of them
 * @room: in @map
 */
struct space {
	__u64			id;
	unsigned int		users;
	size_t			copied;
	struct rr_mapping	*map;
	size_t			nr;
	size_t			room;
};

/**
 * struct member - a task
 * @nr: its number
 * @lane: that has its events now
 * @spaces: how many were made for it
 * @space: where it is, or NULL
 */
struct member {
	__u32		nr;
	__u32		lane;
	__u32		spaces;
	struct space	*space;
};

/**
 * struct rr_maps - all that is known
 * @member: the tasks, by number
 * @nr: of them
 * @room: in @member
 * @file: files, by path and size
 * @nr_files: of them
 * @files_room: in @file
 * @copies: mappings that were copied, of the spaces that are there
 * @copying: of those that were there, too
 * @limited: a space was not copied
 * @mapper: of each lane, the task whose EXEC or MAP was the last, 0: none
 */
struct rr_maps {
	struct member	*member;
	size_t		nr;
	size_t		room;
	struct rr_file	**file;
	size_t		nr_files;
	size_t		files_room;
	size_t		copies;
	size_t		copying;
	bool		limited;
	__u32		mapper[RR_LANES_MAX];
};

/* ---- mappings ---- */

static bool mapping_before(const void *element, const void *addr)
{
	return ((const struct rr_mapping *)element)->vma.end <= *(const __u64 *)addr;
}

/* The first mapping that ends behind @addr. */
static size_t space_find(const struct space *space, __u64 addr)
{
	return rr_array_place(space->map, space->nr, sizeof(*space->map), mapping_before, &addr);
}

/* Afterwards no mapping reaches over @addr. */
static int space_split(struct space *space, __u64 addr)
{
	size_t i = space_find(space, addr);
	struct rr_mapping *map;

	if (i == space->nr || space->map[i].vma.start >= addr)
		return 0;
	if (rr_array_insert(&space->map, sizeof(*map), &space->nr, &space->room, i))
		return -ENOMEM;
	map = &space->map[i];
	map[0] = map[1];
	map[0].vma.end = addr;
	map[1].vma.offset += addr - map[1].vma.start;
	map[1].vma.start = addr;
	return 0;
}

/* The mappings in [start, end) are [*first, *behind), cut at both ends. */
static int space_range(struct space *space, __u64 start, __u64 end, size_t *first,
		       size_t *behind)
{
	if (space_split(space, start) || space_split(space, end))
		return -ENOMEM;
	*first = space_find(space, start);
	*behind = *first;
	while (*behind < space->nr && space->map[*behind].vma.start < end)
		++*behind;
	return 0;
}

static int space_unmap(struct space *space, __u64 start, __u64 end)
{
	size_t first, behind;

	if (space_range(space, start, end, &first, &behind))
		return -ENOMEM;
	if (first == behind)
		return 0;
	memmove(space->map + first, space->map + behind,
		(space->nr - behind) * sizeof(*space->map));
	space->nr -= behind - first;
	return 0;
}

static int space_map(struct space *space, const struct rr_mapping *map)
{
	size_t i;

	if (space_unmap(space, map->vma.start, map->vma.end))
		return -ENOMEM;
	i = space_find(space, map->vma.start);
	if (rr_array_insert(&space->map, sizeof(*map), &space->nr, &space->room, i))
		return -ENOMEM;
	space->map[i] = *map;
	return 0;
}

static int space_map_vma(struct space *space, const struct rrlog_vma *vma, bool heap)
{
	struct rr_mapping map = {
		.vma = *vma, .heap = heap, .writable = vma->prot & PROT_WRITE,
	};

	return space_map(space, &map);
}

static int space_protect(struct space *space, const struct rrlog_vma *vma)
{
	size_t i, behind;

	if (space_range(space, vma->start, vma->end, &i, &behind))
		return -ENOMEM;
	for (; i < behind; i++)
		space->map[i].vma.prot = vma->prot;
	return 0;
}

/* What is moved to where it grows has its last mapping grow. */
static int space_move(struct space *space, const struct rrlog_map *e)
{
	__u64 old_end = e->old_addr + e->old_len;
	size_t first, behind, i, nr;
	struct rr_mapping *moved;
	int err;

	if (space_range(space, e->old_addr, old_end, &first, &behind))
		return -ENOMEM;
	nr = behind - first;
	moved = reallocarray(NULL, nr + 1, sizeof(*moved));
	if (!moved)
		return -ENOMEM;
	if (nr)
		memcpy(moved, space->map + first, nr * sizeof(*moved));
	err = space_unmap(space, e->old_addr, old_end);
	for (i = 0; i < nr && !err; i++) {
		struct rrlog_vma *vma = &moved[i].vma;

		vma->start += e->vma.start - e->old_addr;
		vma->end += e->vma.start - e->old_addr;
		if (vma->end > e->vma.end || i == nr - 1)
			vma->end = e->vma.end;
		if (vma->start < vma->end)
			err = space_map(space, &moved[i]);
	}
	free(moved);
	return err;
}

static struct space *space_new(__u64 id, const struct space *from)
{
	struct space *space = calloc(1, sizeof(*space));

	if (!space)
		return NULL;
	space->id = id;
	space->users = 1;
	if (!from || !from->nr)
		return space;
	space->map = reallocarray(NULL, from->nr, sizeof(*space->map));
	if (!space->map) {
		free(space);
		return NULL;
	}
	memcpy(space->map, from->map, from->nr * sizeof(*space->map));
	space->nr = from->nr;
	space->room = from->nr;
	space->copied = from->nr;
	return space;
}

/* ---- tasks ---- */

static bool member_before(const void *element, const void *nr)
{
	return ((const struct member *)element)->nr < *(const __u32 *)nr;
}

static size_t member_place(const struct rr_maps *maps, __u32 nr)
{
	return rr_array_place(maps->member, maps->nr, sizeof(*maps->member), member_before, &nr);
}

static struct member *member_find(const struct rr_maps *maps, __u32 nr)
{
	size_t i = member_place(maps, nr);

	return i < maps->nr && maps->member[i].nr == nr ? &maps->member[i] : NULL;
}

/* Others move when one is added. */
static struct member *member_get(struct rr_maps *maps, __u32 nr, __u32 lane)
{
	size_t i = member_place(maps, nr);

	if (i < maps->nr && maps->member[i].nr == nr)
		return &maps->member[i];
	if (rr_array_insert(&maps->member, sizeof(*maps->member), &maps->nr, &maps->room, i))
		return NULL;
	maps->member[i].nr = nr;
	maps->member[i].lane = lane;
	return &maps->member[i];
}

static void member_leave(struct rr_maps *maps, struct member *member)
{
	if (member->space && !--member->space->users) {
		maps->copies -= member->space->copied;
		free(member->space->map);
		free(member->space);
	}
	member->space = NULL;
}

/* A copy of @from, or an empty one. */
static int member_new_space(struct rr_maps *maps, struct member *member,
			    const struct space *from)
{
	__u64 id = member->nr | (__u64)member->spaces << 32;
	struct space *space = space_new(id, from);

	member_leave(maps, member);
	member->space = space;
	member->spaces++;
	if (!space)
		return -ENOMEM;
	maps->copies += space->copied;
	maps->copying += space->copied;
	return 0;
}

/* Of what is not copied, nothing is known until its execve(). */
static int member_fork(struct rr_maps *maps, struct member *member, const struct space *from)
{
	if (maps->copies + from->nr > COPIES_MAX || maps->copying + from->nr > COPYING_MAX) {
		maps->limited = true;
		from = NULL;
	}
	return member_new_space(maps, member, from);
}

static int see_clone(struct rr_maps *maps, const struct rr_log_event *ev)
{
	const struct rrlog_clone *clone = (const struct rrlog_clone *)ev->e;
	struct member *child = member_get(maps, ev->e->aux, clone->lane), *parent;

	if (!child || !member_get(maps, ev->e->task, ev->lane))
		return -ENOMEM;
	child = member_find(maps, ev->e->aux);
	parent = member_find(maps, ev->e->task);
	child->lane = clone->lane;
	if (child == parent || !parent->space)
		return 0;
	if (!(clone->flags & CLONE_VM))
		return member_fork(maps, child, parent->space);
	parent->space->users++;
	member_leave(maps, child);
	child->space = parent->space;
	return 0;
}

static int see_exec(struct rr_maps *maps, struct member *member,
		    const struct rrlog_exec *exec)
{
	__u32 i;

	if (member_new_space(maps, member, NULL))
		return -ENOMEM;
	for (i = 0; i < exec->e.aux; i++)
		if (space_map_vma(member->space, &exec->vma[i], false))
			return -ENOMEM;
	return 0;
}

static int see_map(struct member *member, const struct rrlog_map *map, __u32 call)
{
	struct space *space = member->space;

	if (!space)
		return 0;
	switch (map->e.aux) {
	case RRLOG_MAP_MAP:
		return space_map_vma(space, &map->vma, call == SYS_brk);
	case RRLOG_MAP_UNMAP:
		return space_unmap(space, map->vma.start, map->vma.end);
	case RRLOG_MAP_PROTECT:
		return space_protect(space, &map->vma);
	case RRLOG_MAP_MOVE:
		return space_move(space, map);
	}
	return 0;
}

/* ---- files ---- */

static int file_order(const struct rr_file *a, const struct rr_file *b)
{
	int order = strcmp(a->path, b->path);

	if (order)
		return order;
	return a->size < b->size ? -1 : a->size > b->size;
}

static bool file_before(const void *element, const void *wanted)
{
	return file_order(*(struct rr_file * const *)element, wanted) < 0;
}

static struct rr_file *file_get(struct rr_maps *maps, char *path, __u64 size)
{
	const struct rr_file wanted = { .path = path, .size = size };
	struct rr_file *file;
	size_t i;

	i = rr_array_place(maps->file, maps->nr_files, sizeof(*maps->file), file_before, &wanted);
	if (i < maps->nr_files && !file_order(maps->file[i], &wanted))
		return maps->file[i];
	file = calloc(1, sizeof(*file));
	if (!file)
		return NULL;
	file->path = strdup(path);
	file->size = size;
	if (file->path && !rr_array_insert(&maps->file, sizeof(*maps->file), &maps->nr_files,
					&maps->files_room, i))
		return maps->file[i] = file;
	free(file->path);
	free(file);
	return NULL;
}

/* "file START-END OFFSET SIZE PATH" */
static int see_note(struct rr_maps *maps, const struct rr_log_event *ev)
{
	const struct member *member = member_find(maps, maps->mapper[ev->lane]);
	const struct rrlog_note *note = (const struct rrlog_note *)ev->e;
	__u64 start, end, offset, size;
	size_t i = 0, behind = 0;
	struct rr_file *file = NULL;
	int path = 0, err = 0;
	char *text;

	if (!member || !member->space)
		return 0;
	text = strndup((const char *)note->text, ev->e->aux);
	if (!text)
		return -ENOMEM;
	if (sscanf(text, "file %llx-%llx %llx %llu %n", &start, &end, &offset, &size,
		   &path) == 4 && path && start < end) {
		file = file_get(maps, text + path, size);
		err = file ? space_range(member->space, start, end, &i, &behind) : -ENOMEM;
	}
	free(text);
	for (; i < behind && !err; i++) {
		struct rr_mapping *map = &member->space->map[i];

		map->file = file;
		map->file_start = offset;
		map->vma.offset = offset + (map->vma.start - start);
	}
	return err;
}

/**
 * rr_maps_is_head() - does a page look like the first one of a program?
 * @pagein: the page
 */
bool rr_maps_is_head(const struct rrlog_pagein *pagein)
{
	return !(pagein->e.flags & (RRLOG_PAGEIN_ZERO | RRLOG_PAGEIN_REF)) &&
	       !memcmp(pagein->data, ELF_MAGIC, 4);
}

/*
 * The first page of a program tells whether the file here is the recorded one. It is
 * seldom written to; then the file here is another one, which is the safe side.
 */
static int see_pagein(struct member *member, const struct rrlog_pagein *pagein)
{
	struct space *space = member->space;
	struct rr_mapping *map;
	size_t i;

	if (!space || !rr_maps_is_head(pagein))
		return 0;
	i = space_find(space, pagein->addr);
	if (i == space->nr)
		return 0;
	map = &space->map[i];
	if (map->vma.start != pagein->addr || map->vma.offset ||
	    !map->file || map->file->head)
		return 0;
	map->file->head = malloc(RR_PAGE_BYTES);
	if (!map->file->head)
		return -ENOMEM;
	memcpy(map->file->head, pagein->data, RR_PAGE_BYTES);
	return 0;
}

/* ---- the whole ---- */

struct rr_maps *rr_maps_new(void)
{
	return calloc(1, sizeof(struct rr_maps));
}

void rr_maps_free(struct rr_maps *maps)
{
	size_t i;

	if (!maps)
		return;
	for (i = 0; i < maps->nr; i++)
		member_leave(maps, &maps->member[i]);
	for (i = 0; i < maps->nr_files; i++) {
		rr_symbols_close(maps->file[i]->symbols);
		free(maps->file[i]->head);
		free(maps->file[i]->path);
		free(maps->file[i]);
	}
	free(maps->member);
	free(maps->file);
	free(maps);
}

/* Were there too many mappings to know all places? */
bool rr_maps_limited(const struct rr_maps *maps)
{
	return maps->limited;
}

/**
 * rr_maps_ready() - may this event be the next to happen?
 * @maps: has seen those before
 * @ev: an event
 *
 * Return: false if its task has yet to be made, or to come to this lane.
 */
bool rr_maps_ready(const struct rr_maps *maps, const struct rr_log_event *ev)
{
	const struct member *member;

	if (!ev->e->task)
		return true;
	member = member_find(maps, ev->e->task);
	return member ? member->lane == ev->lane : ev->e->type != RRLOG_START;
}

/**
 * rr_maps_see() - an event happens
 * @maps: has seen those before
 * @ev: the event
 * @call: the system call that it belongs to, or RR_NO_CALL
 *
 * Return: 0 or -ENOMEM.
 */
int rr_maps_see(struct rr_maps *maps, const struct rr_log_event *ev, __u32 call)
{
	const struct rrlog_event *e = ev->e;
	struct member *member;

	if (e->type == RRLOG_NOTE)
		return see_note(maps, ev);
	if (e->type == RRLOG_CLONE)
		return see_clone(maps, ev);
	if (!e->task)
		return 0;
	member = member_get(maps, e->task, ev->lane);
	if (!member)
		return -ENOMEM;
	switch (e->type) {
	case RRLOG_EXEC:
		maps->mapper[ev->lane] = e->task;
		return see_exec(maps, member, (const struct rrlog_exec *)e);
	case RRLOG_MAP:
		maps->mapper[ev->lane] = e->task;
		return see_map(member, (const struct rrlog_map *)e, call);
	case RRLOG_PAGEIN:
		return see_pagein(member, (const struct rrlog_pagein *)e);
	case RRLOG_MOVE:
		member->lane = e->aux;
		break;
	case RRLOG_EXIT:
		member_leave(maps, member);
		break;
	}
	return 0;
}

/*
 * What begins right behind a file's writable mapping, or behind such, is taken for its
 * .bss: the file's segment can tell, see rr_symbols_on_page().
 */
static const struct rr_mapping *bss_file(const struct space *space, size_t i)
{
	for (; i && !space->map[i].file && !space->map[i].heap; i--)
		if (space->map[i - 1].vma.end != space->map[i].vma.start)
			return NULL;
	return space->map[i].file && space->map[i].writable &&
	       !(space->map[i].vma.flags & RRLOG_VMA_SHARED) ? &space->map[i] : NULL;
}

static void place_mapped(const struct space *space, size_t i, __u64 addr,
			 struct rr_place *place)
{
	const struct rr_mapping *map = &space->map[i];

	place->prot = map->vma.prot;
	if (map->heap) {
		place->kind = RR_PLACE_HEAP;
		return;
	}
	if (map->vma.flags & RRLOG_VMA_GROWSDOWN) {
		place->kind = RR_PLACE_STACK;
		return;
	}
	place->kind = map->file ? RR_PLACE_FILE : RR_PLACE_BSS;
	if (!map->file && map->vma.flags & RRLOG_VMA_SHARED) {
		place->kind = RR_PLACE_SHARED;
		return;
	}
	if (!map->file)
		map = bss_file(space, i);
	if (!map) {
		place->kind = RR_PLACE_ANON;
		return;
	}
	place->file = map->file;
	place->file_start = map->file_start;
	place->offset = map->vma.offset + (addr - map->vma.start);
	place->writable = map->writable;
}

/**
 * rr_maps_place() - where an address of a task is, now
 * @maps: has seen all events until now
 * @task: its number
 * @addr: address
 * @place: set
 */
void rr_maps_place(const struct rr_maps *maps, __u32 task, __u64 addr, struct rr_place *place)
{
	const struct member *member = member_find(maps, task);
	const struct space *space = member ? member->space : NULL;
	size_t i;

	memset(place, 0, sizeof(*place));
	if (!space)
		return;
	place->space = space->id;
	i = space_find(space, addr);
	if (i == space->nr)
		return;
	/* A stack grows without an event. */
	if (space->map[i].vma.start <= addr || space->map[i].vma.flags & RRLOG_VMA_GROWSDOWN)
		place_mapped(space, i, addr, place);
}
