// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which pages the lanes of a recording took from each other: a profiler of true and
 * false sharing. A hand-over is a GRANT; whoever loses the page logs a REVOKE.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "array.h"
#include "contention.h"
#include "decode.h"
#include "rrctl.h"
#include "sink.h"
#include "text.h"
#include "timeline.h"
#include "../../kmod/logdev/block.h"

#define TASKS_SHOWN	3
#define SYMBOLS_SHOWN	3
#define NAME_MAX_SHOWN	128

/**
 * struct grant - a GRANT
 * @addr: the page
 * @order: of those that happened before, how many
 * @task: who took it
 * @lane: where
 * @flags: RRLOG_GRANT_*
 * @place: where the page was then
 */
struct grant {
	__u64		addr;
	__u64		order;
	__u32		task;
	__u32		lane;
	__u8		flags;
	struct rr_place	place;
};

/* A REVOKE: [addr, end) of an address space. */
struct revoke {
	__u64	space;
	__u64	addr;
	__u64	end;
};

/**
 * struct row - a page that was handed over
 * @grant: its grants, those of a task together
 * @nr: of them
 * @exclusive: of them, for writing
 * @kernel: of them, because the kernel touched it
 * @revokes: how often a lane lost it
 * @lanes: that took it
 * @last: the last grant: that tells where it is
 */
struct row {
	const struct grant	*grant;
	__u64			nr;
	__u64			exclusive;
	__u64			kernel;
	__u64			revokes;
	unsigned int		lanes;
	const struct grant	*last;
};

/**
 * struct contention - what was found
 * @json: print objects
 * @nr_lanes: of the log
 * @grant: all
 * @nr_grants: of them
 * @grant_room: in @grant
 * @revoke: all
 * @nr_revokes: of them
 * @revoke_room: in @revoke
 * @row: the pages
 * @nr_rows: of them
 * @bytes: of GRANTs and REVOKEs
 * @exclusive: GRANTs
 * @ns: duration, 0 if the log has no END
 * @limited: there were too many mappings to know all places
 */
struct contention {
	bool		json;
	__u32		nr_lanes;
	struct grant	*grant;
	size_t		nr_grants;
	size_t		grant_room;
	struct revoke	*revoke;
	size_t		nr_revokes;
	size_t		revoke_room;
	struct row	*row;
	size_t		nr_rows;
	__u64		bytes;
	__u64		exclusive;
	__u64		ns;
	bool		limited;
};

/* ---- what the log has ---- */

static int see_grant(struct contention *c, const struct rr_maps *maps,
		     const struct rr_log_event *ev)
{
	const struct rrlog_grant *e = (const struct rrlog_grant *)ev->e;
	size_t i = c->nr_grants;
	struct grant *grant;

	if (rr_array_insert(&c->grant, sizeof(*grant), &c->nr_grants, &c->grant_room, i))
		return -ENOMEM;
	grant = &c->grant[i];
	*grant = (struct grant){
		.addr = e->addr & ~RRLOG_GRANT_MORE, .order = i, .task = e->e.task,
		.lane = ev->lane, .flags = e->e.flags,
	};
	rr_maps_place(maps, e->e.task, grant->addr, &grant->place);
	c->exclusive += !!(e->e.flags & RRLOG_GRANT_EXCLUSIVE);
	return 0;
}

static int see_revoke(struct contention *c, const struct rrlog_revoke *e)
{
	size_t i = c->nr_revokes;

	if (rr_array_insert(&c->revoke, sizeof(*c->revoke), &c->nr_revokes, &c->revoke_room, i))
		return -ENOMEM;
	c->revoke[i] = (struct revoke){
		.space = e->space, .addr = e->addr,
		.end = e->addr + (__u64)e->e.aux * RR_PAGE_BYTES,
	};
	return 0;
}

static int see(struct contention *c, const struct rr_maps *maps, const struct rr_log_event *ev)
{
	switch (ev->e->type) {
	case RRLOG_GRANT:
		c->bytes += ev->e->len;
		return see_grant(c, maps, ev);
	case RRLOG_REVOKE:
		c->bytes += ev->e->len;
		return see_revoke(c, (const struct rrlog_revoke *)ev->e);
	case RRLOG_END:
		c->ns = ((const struct rrlog_end *)ev->e)->ns;
		break;
	}
	return 0;
}

static int see_all(struct contention *c, struct rr_log *log, struct rr_maps *maps,
		   enum rr_log_status *status)
{
	struct rr_timeline *line = rr_timeline_new(log, maps);
	struct rr_moment moment;
	int err = line ? 0 : -ENOMEM;

	while (!err) {
		err = rr_timeline_next(line, &moment, status);
		if (err || *status != RR_LOG_EVENT)
			break;
		err = see(c, maps, &moment.ev);
	}
	rr_timeline_free(line);
	return err;
}

/* ---- by page ---- */

static int page_order(__u64 space, __u64 addr, const struct grant *grant)
{
	if (space != grant->place.space)
		return space < grant->place.space ? -1 : 1;
	return addr < grant->addr ? -1 : addr > grant->addr;
}

/* Those of a page, and there those of a task, come together. */
static int grant_order(const void *a, const void *b)
{
	const struct grant *x = a, *y = b;
	int order = page_order(x->place.space, x->addr, y);

	if (order)
		return order;
	if (x->task != y->task)
		return x->task < y->task ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* @seen: for each lane, whether it has taken the page. */
static void row_add(struct row *row, const struct grant *grant, bool *seen)
{
	if (!row->nr++)
		row->grant = row->last = grant;
	if (grant->order > row->last->order)
		row->last = grant;
	row->exclusive += !!(grant->flags & RRLOG_GRANT_EXCLUSIVE);
	row->kernel += !!(grant->flags & RRLOG_GRANT_KERNEL);
	row->lanes += !seen[grant->lane];
	seen[grant->lane] = true;
}

/* Of a page, as a key. */
struct where {
	__u64	space;
	__u64	addr;
};

static bool row_before(const void *element, const void *key)
{
	const struct where *where = key;

	return page_order(where->space, where->addr, ((const struct row *)element)->grant) > 0;
}

/* The first page, in the order of grants, that is not before @addr. */
static size_t row_find(const struct contention *c, __u64 space, __u64 addr)
{
	const struct where where = { .space = space, .addr = addr };

	return rr_array_place(c->row, c->nr_rows, sizeof(*c->row), row_before, &where);
}

/*
 * A range may have more pages than there is memory, and there may be many. So each is
 * noted where it begins and behind its end; a sum makes numbers of that.
 */
static void count_revokes(struct contention *c)
{
	__u64 sum = 0;
	size_t i, at;

	for (i = 0; i < c->nr_revokes; i++) {
		const struct revoke *r = &c->revoke[i];

		at = row_find(c, r->space, r->addr);
		if (at < c->nr_rows)
			c->row[at].revokes++;
		at = row_find(c, r->space, r->end);
		if (at < c->nr_rows)
			c->row[at].revokes--;
	}
	for (i = 0; i < c->nr_rows; i++) {
		sum += c->row[i].revokes;
		c->row[i].revokes = sum;
	}
}

static int row_order(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->nr != y->nr)
		return x->nr > y->nr ? -1 : 1;
	if (x->exclusive != y->exclusive)
		return x->exclusive > y->exclusive ? -1 : 1;
	return grant_order(x->grant, y->grant);
}

static int sort_pages(struct contention *c)
{
	bool seen[RR_LANES_MAX];
	size_t i;

	if (!c->nr_grants)
		return 0;
	qsort(c->grant, c->nr_grants, sizeof(*c->grant), grant_order);
	c->row = calloc(c->nr_grants, sizeof(*c->row));
	if (!c->row)
		return -ENOMEM;
	for (i = 0; i < c->nr_grants; i++) {
		const struct grant *grant = &c->grant[i];

		if (!i || page_order(grant->place.space, grant->addr, grant - 1)) {
			c->nr_rows++;
			memset(seen, 0, sizeof(seen));
		}
		row_add(&c->row[c->nr_rows - 1], grant, seen);
	}
	count_revokes(c);
	qsort(c->row, c->nr_rows, sizeof(*c->row), row_order);
	return 0;
}

/* ---- what is printed ---- */

/**
 * struct found - where a page is, with what only the file tells
 * @place: of the last grant
 * @symbol: what lies there, to be freed
 * @nr: of them
 */
struct found {
	struct rr_place		place;
	struct rr_symbol	*symbol;
	int			nr;
};

static int find(const struct row *row, struct found *found)
{
	struct rr_place *place = &found->place;
	struct rr_file *file;

	*found = (struct found){ .place = row->last->place };
	file = place->file;
	if (!file)
		return 0;
	if (!file->tried)
		file->symbols = rr_symbols_open(file->path, file->size, file->head);
	file->tried = true;
	if (!file->symbols)
		return 0;
	found->nr = rr_symbols_on_page(file->symbols, place->file_start, place->offset,
				       place->writable, &found->symbol);
	/* What lies behind the program's data is not always its own. */
	if (found->nr == -ENOENT && place->kind == RR_PLACE_BSS)
		place->kind = RR_PLACE_ANON;
	if (found->nr == -ENOMEM)
		return found->nr;
	if (found->nr < 0)
		found->nr = 0;
	return 0;
}

/* Has at most @max of the tasks that took it; returns how many there are. */
static size_t tasks_of(const struct row *row, __u32 *task, size_t max)
{
	size_t nr = 0;
	__u64 i;

	for (i = 0; i < row->nr; i++) {
		if (i && row->grant[i].task == row->grant[i - 1].task)
			continue;
		if (nr < max)
			task[nr] = row->grant[i].task;
		nr++;
	}
	return nr;
}

static const char *tasks_text(char *buf, size_t len, const struct row *row)
{
	__u32 task[TASKS_SHOWN];
	size_t i, used = 0, nr = tasks_of(row, task, TASKS_SHOWN);

	for (i = 0; i < nr && i < TASKS_SHOWN; i++)
		used += snprintf(buf + used, len - used, "%s%u", i ? "," : "", task[i]);
	if (nr > TASKS_SHOWN)
		snprintf(buf + used, len - used, ",...");
	return buf;
}

static const char * const kind_names[] = {
	[RR_PLACE_NONE] = "unknown", [RR_PLACE_ANON] = "anon", [RR_PLACE_HEAP] = "heap",
	[RR_PLACE_STACK] = "stack", [RR_PLACE_SHARED] = "shared", [RR_PLACE_FILE] = "file",
	[RR_PLACE_BSS] = "bss",
};

static void print_place(const struct rr_place *place)
{
	char path[4 * PATH_MAX];

	printf("%c%c%c ", place->prot & PROT_READ ? 'r' : '-',
	       place->prot & PROT_WRITE ? 'w' : '-', place->prot & PROT_EXEC ? 'x' : '-');
	if (place->kind != RR_PLACE_FILE && place->kind != RR_PLACE_BSS) {
		printf(" [%s]", kind_names[place->kind]);
		return;
	}
	printf(" %s", rr_plain_text(path, sizeof(path), place->file->path,
				    strlen(place->file->path)));
	if (place->kind == RR_PLACE_FILE)
		printf("+0x%llx", place->offset);
	else
		printf(" (.bss)");
}

static const char *symbol_name(char *buf, const struct rr_symbol *symbol)
{
	return rr_plain_text(buf, NAME_MAX_SHOWN, symbol->name, strlen(symbol->name));
}

static void print_symbols(const struct found *found)
{
	char name[NAME_MAX_SHOWN];
	int i;

	for (i = 0; i < found->nr && i < SYMBOLS_SHOWN; i++) {
		printf("%s %s", i ? "," : ":", symbol_name(name, &found->symbol[i]));
		if (found->symbol[i].offset)
			printf("+0x%llx", found->symbol[i].offset);
	}
	if (found->nr > SYMBOLS_SHOWN)
		printf(", ...");
}

static void print_row(const struct row *row, const struct found *found)
{
	char tasks[64];

	printf("%8llu %8llu %8llu %8llu %8llu %5u %-12s %-12llx %-12llx ", row->nr, row->exclusive,
	       row->nr - row->exclusive, row->kernel, row->revokes, row->lanes,
	       tasks_text(tasks, sizeof(tasks), row), found->place.space, row->last->addr);
	print_place(&found->place);
	print_symbols(found);
	putchar('\n');
}

static struct json_object *symbols_json(const struct found *found)
{
	struct json_object *array = json_object_new_array();
	char name[NAME_MAX_SHOWN];
	int i;

	for (i = 0; i < found->nr && i < SYMBOLS_SHOWN; i++) {
		struct sink sub = { .json = json_object_new_object() };

		sink_str(&sub, "name", symbol_name(name, &found->symbol[i]));
		sink_hex(&sub, "offset", found->symbol[i].offset);
		sink_num(&sub, "bytes", found->symbol[i].bytes);
		json_object_array_add(array, sub.json);
	}
	return array;
}

static struct json_object *tasks_json(const struct row *row)
{
	struct json_object *array = json_object_new_array();
	__u64 i;

	for (i = 0; i < row->nr; i++)
		if (!i || row->grant[i].task != row->grant[i - 1].task)
			json_object_array_add(array, json_object_new_int64(row->grant[i].task));
	return array;
}

static void json_place(struct sink *to, const struct found *found)
{
	const struct rr_place *place = &found->place;
	char path[4 * PATH_MAX];

	sink_str(to, "kind", kind_names[place->kind]);
	sink_num(to, "prot", place->prot);
	if (place->kind != RR_PLACE_FILE && place->kind != RR_PLACE_BSS)
		return;
	sink_str(to, "path", rr_plain_text(path, sizeof(path), place->file->path,
					   strlen(place->file->path)));
	if (place->kind == RR_PLACE_FILE)
		sink_hex(to, "offset", place->offset);
	json_object_object_add(to->json, "symbols", symbols_json(found));
	sink_num(to, "nr_symbols", found->nr);
}

static void json_row(const struct row *row, const struct found *found)
{
	struct sink to = { .json = json_object_new_object() };

	sink_str(&to, "type", "page");
	sink_hex(&to, "space", found->place.space);
	sink_hex(&to, "addr", row->last->addr);
	sink_num(&to, "grants", row->nr);
	sink_num(&to, "exclusive", row->exclusive);
	sink_num(&to, "shared", row->nr - row->exclusive);
	sink_num(&to, "kernel", row->kernel);
	sink_num(&to, "revokes", row->revokes);
	sink_num(&to, "lanes", row->lanes);
	json_object_object_add(to.json, "tasks", tasks_json(row));
	json_place(&to, found);
	sink_print_json(to.json);
}

static int print_rows(const struct contention *c, unsigned long top)
{
	struct found found;
	size_t i;

	if (!c->json && c->nr_rows)
		printf("%8s %8s %8s %8s %8s %5s %-12s %-12s %-12s PROT WHERE\n", "GRANTS", "EXCL",
		       "SHARED", "KERNEL", "REVOKES", "LANES", "TASKS", "SPACE", "PAGE");
	for (i = 0; i < c->nr_rows && i < top; i++) {
		if (find(&c->row[i], &found))
			return -ENOMEM;
		if (c->json)
			json_row(&c->row[i], &found);
		else
			print_row(&c->row[i], &found);
		free(found.symbol);
	}
	return 0;
}

static double per_second(const struct contention *c)
{
	return c->ns ? c->nr_grants * 1e9 / c->ns : 0;
}

static double bytes_each(const struct contention *c)
{
	return c->nr_grants ? (double)c->bytes / c->nr_grants : 0;
}

static void print_summary(const struct contention *c)
{
	if (c->nr_lanes == 1) {
		puts("no hand-overs: recorded in one lane; 'rrctl record --lanes N' takes more");
		return;
	}
	if (c->limited)
		puts("places of some processes are not known: their forks copied too many mappings");
	printf("%zu pages contested, %zu grants, %llu of them exclusive", c->nr_rows,
	       c->nr_grants, c->exclusive);
	if (c->ns)
		printf(", %.0f a second", per_second(c));
	printf(", %.1f bytes of log each before compression\n", bytes_each(c));
}

static void json_summary(const struct contention *c)
{
	struct sink to = { .json = json_object_new_object() };

	sink_str(&to, "type", "summary");
	sink_num(&to, "lanes", c->nr_lanes);
	sink_num(&to, "pages", c->nr_rows);
	sink_num(&to, "grants", c->nr_grants);
	sink_num(&to, "exclusive", c->exclusive);
	sink_num(&to, "revokes", c->nr_revokes);
	sink_num(&to, "ns", c->ns);
	json_object_object_add(to.json, "per_second", json_object_new_double(per_second(c)));
	sink_bool(&to, "places_known", !c->limited);
	sink_num(&to, "bytes", c->bytes);
	json_object_object_add(to.json, "bytes_each", json_object_new_double(bytes_each(c)));
	sink_print_json(to.json);
}

static int print_all(const struct contention *c, unsigned long top)
{
	if (print_rows(c, top))
		return -ENOMEM;
	if (c->json)
		json_summary(c);
	else
		print_summary(c);
	return 0;
}

/**
 * rr_contention() - print the pages that were handed over most often
 * @log: opened; is read to its end
 * @top: how many
 * @json: an object for each and one for the sums, else a table
 *
 * Return: the exit status, as that of 'rrctl dump'.
 */
int rr_contention(struct rr_log *log, unsigned long top, bool json)
{
	struct contention c = { .json = json, .nr_lanes = rr_log_header(log)->nr_lanes };
	struct rr_maps *maps = rr_maps_new();
	enum rr_log_status status;
	int err = maps ? 0 : -ENOMEM;

	if (!err)
		err = see_all(&c, log, maps, &status);
	if (!err)
		c.limited = rr_maps_limited(maps);
	if (!err)
		err = sort_pages(&c);
	if (!err)
		err = print_all(&c, top);
	free(c.row);
	free(c.grant);
	free(c.revoke);
	rr_maps_free(maps);
	if (err)
		return rr_fail("out of memory");
	if (status == RR_LOG_COMPLETE)
		return 0;
	fflush(stdout);
	return rr_fail("%s", rr_log_why(log));
}
