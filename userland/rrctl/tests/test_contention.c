// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_contention FIRST: tests of maps.c and symbols.c; TAP from test number FIRST on.
 * test_contention FIRST FILE: writes a log with hand-overs to FILE instead.
 */
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "logwrite.h"
#include "../maps.h"
#include "../symbols.h"
#include "../tasks.h"

#define PAGE		4096ull
#define PROG		0x400000ull	/* text, data, .bss: a page each, three, two */
#define DATA		(PROG + PAGE)
#define BSS		(DATA + 3 * PAGE)
#define HEAP		(BSS + 2 * PAGE)
#define STACK		0x7ffc00000000ull

static int tests, failures;

/* What is looked for in the program that is running. */
static char in_bss[3 * PAGE] __aligned(4096);
static char in_data[2 * PAGE] __aligned(4096) = "data";

static void ok(bool good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tests, what);
	failures += !good;
}

/* ---- events ---- */

static struct rrlog_exec *make_exec(u32 task)
{
	static const struct rrlog_vma vma[] = {
		{ .start = PROG, .end = DATA, .prot = PROT_READ | PROT_EXEC },
		{ .start = DATA, .end = BSS, .prot = PROT_READ | PROT_WRITE },
		{ .start = BSS, .end = HEAP, .prot = PROT_READ | PROT_WRITE },
		{ .start = STACK, .end = STACK + PAGE, .prot = PROT_READ | PROT_WRITE,
		  .flags = RRLOG_VMA_GROWSDOWN },
	};
	struct rrlog_exec *exec = calloc(1, sizeof(*exec) + sizeof(vma));

	exec->e.type = RRLOG_EXEC;
	exec->e.len = sizeof(*exec) + sizeof(vma);
	exec->e.task = task;
	exec->e.aux = ARRAY_SIZE(vma);
	strcpy((char *)exec->comm, "prog");
	memcpy(exec->vma, vma, sizeof(vma));
	return exec;
}

static struct rrlog_note *make_note(u64 start, u64 end, u64 offset, u64 size, const char *path)
{
	struct rrlog_note *note = calloc(1, sizeof(*note) + 512);

	note->e.type = RRLOG_NOTE;
	note->e.aux = snprintf((char *)note->text, 512, "file %llx-%llx %llx %llu %s",
			       (unsigned long long)start, (unsigned long long)end,
			       (unsigned long long)offset, (unsigned long long)size, path);
	note->e.len = (sizeof(*note) + note->e.aux + 7) & ~7u;
	return note;
}

static struct rrlog_clone make_clone(u32 task, u32 child, u64 flags, u32 lane)
{
	return (struct rrlog_clone){
		.e = { .type = RRLOG_CLONE, .len = sizeof(struct rrlog_clone), .task = task,
		       .aux = child },
		.flags = flags, .lane = lane,
	};
}

/* ---- maps.c ---- */

static void see(struct rr_maps *maps, const void *e, u32 call)
{
	struct rr_log_event ev = { .e = e };

	if (rr_maps_see(maps, &ev, call))
		abort();
}

static void see_free(struct rr_maps *maps, void *e)
{
	see(maps, e, RR_NO_CALL);
	free(e);
}

static void see_clone(struct rr_maps *maps, u32 task, u32 child, u64 flags)
{
	struct rrlog_clone e = make_clone(task, child, flags, 0);

	see(maps, &e, RR_NO_CALL);
}

static void see_map(struct rr_maps *maps, u32 task, u32 op, u64 start, u64 end, u32 prot, u64 old)
{
	struct rrlog_map e = {
		.e = { .type = RRLOG_MAP, .len = sizeof(e), .task = task, .aux = op },
		.vma = { .start = start, .end = end, .prot = prot },
	};

	if (op == RRLOG_MAP_MOVE) {
		e.old_addr = old;
		e.old_len = end - start;
	}
	see(maps, &e, old && op == RRLOG_MAP_MAP ? SYS_brk : RR_NO_CALL);
}

/* Is @addr of @task of that kind, and at that offset? */
static bool is_at(struct rr_maps *maps, u32 task, u64 addr, enum rr_place_kind kind, u64 offset)
{
	struct rr_place place;

	rr_maps_place(maps, task, addr, &place);
	if (place.kind == kind && place.offset == offset)
		return true;
	printf("# %llx of task %u: kind %d, offset %llx\n", (unsigned long long)addr, task,
	       place.kind, place.offset);
	return false;
}

static struct rr_maps *maps_of_prog(void)
{
	struct rr_maps *maps = rr_maps_new();

	see_free(maps, make_exec(1));
	see_free(maps, make_note(PROG, DATA, 0, 99, "/bin/prog with a space"));
	see_free(maps, make_note(DATA, BSS, PAGE, 99, "/bin/prog with a space"));
	return maps;
}

static void test_places(void)
{
	struct rr_maps *maps = maps_of_prog();
	struct rr_place place;

	ok(is_at(maps, 1, PROG, RR_PLACE_FILE, 0) &&
	   is_at(maps, 1, DATA + PAGE, RR_PLACE_FILE, 2 * PAGE), "a file's pages");
	rr_maps_place(maps, 1, DATA, &place);
	ok(place.space == 1 && place.writable && place.file->size == 99 &&
	   !strcmp(place.file->path, "/bin/prog with a space"), "its name");
	ok(is_at(maps, 1, BSS + PAGE, RR_PLACE_BSS, 5 * PAGE), "what is behind its data");
	ok(is_at(maps, 1, STACK - 9 * PAGE, RR_PLACE_STACK, 0), "a stack that has grown");
	ok(is_at(maps, 1, STACK + PAGE, RR_PLACE_NONE, 0), "nothing behind it");
	ok(is_at(maps, 7, DATA, RR_PLACE_NONE, 0), "a task that is not known");
	see_map(maps, 1, RRLOG_MAP_MAP, HEAP, HEAP + PAGE, PROT_READ | PROT_WRITE, 1);
	see_map(maps, 1, RRLOG_MAP_MAP, HEAP + PAGE, HEAP + 2 * PAGE, PROT_READ, 0);
	ok(is_at(maps, 1, HEAP, RR_PLACE_HEAP, 0) &&
	   is_at(maps, 1, HEAP + PAGE, RR_PLACE_ANON, 0), "a heap, and no .bss behind it");
	rr_maps_free(maps);
}

static void test_changes(void)
{
	struct rr_maps *maps = maps_of_prog();
	struct rr_place place;

	see_map(maps, 1, RRLOG_MAP_PROTECT, DATA, DATA + PAGE, PROT_READ, 0);
	rr_maps_place(maps, 1, DATA, &place);
	ok(place.prot == PROT_READ && place.writable && is_at(maps, 1, DATA, RR_PLACE_FILE, PAGE),
	   "a part is protected");
	rr_maps_place(maps, 1, DATA + PAGE, &place);
	ok(place.prot == (PROT_READ | PROT_WRITE) && place.file_start == PAGE &&
	   is_at(maps, 1, BSS, RR_PLACE_BSS, 4 * PAGE), "the rest is as it was");
	see_map(maps, 1, RRLOG_MAP_UNMAP, DATA + PAGE, DATA + 2 * PAGE, 0, 0);
	ok(is_at(maps, 1, DATA, RR_PLACE_FILE, PAGE) &&
	   is_at(maps, 1, DATA + 2 * PAGE, RR_PLACE_FILE, 3 * PAGE), "a hole's edges");
	see_map(maps, 1, RRLOG_MAP_MOVE, 0x900000, 0x900000 + PAGE, 0, DATA + 2 * PAGE);
	ok(is_at(maps, 1, 0x900000, RR_PLACE_FILE, 3 * PAGE) &&
	   is_at(maps, 1, BSS, RR_PLACE_ANON, 0), "what is moved is there, not here");
	see_map(maps, 1, RRLOG_MAP_MAP, PROG, HEAP, PROT_READ, 0);
	ok(is_at(maps, 1, DATA, RR_PLACE_ANON, 0), "what is mapped over it replaces it");
	rr_maps_free(maps);
}

static void test_spaces(void)
{
	struct rr_maps *maps = maps_of_prog();
	struct rr_place place;

	see_clone(maps, 1, 2, SIGCHLD);
	see_clone(maps, 1, 3, CLONE_VM | CLONE_THREAD);
	see_map(maps, 3, RRLOG_MAP_UNMAP, DATA, BSS, 0, 0);
	ok(is_at(maps, 2, DATA, RR_PLACE_FILE, PAGE), "a child has a copy");
	ok(is_at(maps, 1, BSS, RR_PLACE_ANON, 0), "threads share");
	rr_maps_place(maps, 3, BSS, &place);
	ok(place.space == 1, "their space is the maker's");
	rr_maps_place(maps, 2, BSS, &place);
	ok(place.space == 2, "the child's is its own");
	see_free(maps, make_exec(2));
	rr_maps_place(maps, 2, PROG, &place);
	ok(place.space == (1ull << 32 | 2) && place.kind == RR_PLACE_ANON,
	   "execve() makes a new one");
	rr_maps_free(maps);
}

/* ---- symbols.c ---- */

/* Where in the file of this program an address is: the mapping's start and the page. */
struct own {
	u64	addr;
	u64	start;
	u64	page;
};

static int own_segment(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct own *own = arg;
	int i;

	for (i = 0; i < info->dlpi_phnum; i++) {
		const Elf64_Phdr *p = &info->dlpi_phdr[i];
		u64 vaddr = own->addr - info->dlpi_addr;

		if (p->p_type != PT_LOAD || vaddr < p->p_vaddr || vaddr - p->p_vaddr >= p->p_memsz)
			continue;
		own->start = p->p_offset & -PAGE;
		own->page = p->p_offset + (vaddr - p->p_vaddr);
		return 1;
	}
	return -1;
}

static int lookup(const struct rr_symbols *s, const void *addr, struct rr_symbol **list)
{
	struct own own = { .addr = (u64)(uintptr_t)addr };

	dl_iterate_phdr(own_segment, &own);
	return rr_symbols_on_page(s, own.start, own.page, true, list);
}

static bool is_first(const struct rr_symbols *s, const void *addr, const char *name, u64 offset)
{
	struct rr_symbol *list;
	int nr = lookup(s, addr, &list);
	bool good = nr > 0 && !strcmp(list->name, name) && list->offset == offset &&
		    list->bytes == PAGE;

	if (!good)
		printf("# %d: %s+%llx\n", nr, nr > 0 ? list->name : "", nr > 0 ? list->offset : 0);
	free(list);
	return good;
}

static void *read_self(size_t *len)
{
	FILE *from = fopen("/proc/self/exe", "re");
	char *data = malloc(64 << 20);

	if (!from || !data)
		abort();
	*len = fread(data, 1, 64 << 20, from);
	fclose(from);
	return data;
}

static void test_symbols(void)
{
	struct rr_symbols *s;
	struct rr_symbol *list;
	size_t len;
	char *self = read_self(&len);

	s = rr_symbols_open("/proc/self/exe", len, self);
	ok(s, "this program has symbols");
	ok(s && is_first(s, in_data, "in_data", 0), "a variable in .data");
	ok(s && is_first(s, in_data + PAGE, "in_data", PAGE), "its second page");
	ok(s && is_first(s, in_bss + 2 * PAGE, "in_bss", 2 * PAGE), "a variable in .bss");
	ok(s && rr_symbols_on_page(s, 0, 0, true, &list) == -ENOENT, "text is not written to");
	ok(s && rr_symbols_on_page(s, 1ull << 40, ~0ull - 4095, true, &list) == -ENOENT,
	   "nor is anything far away");
	rr_symbols_close(s);
	ok(!rr_symbols_open("/proc/self/exe", len - 1, self), "a file of another size");
	self[0x300]++;
	ok(!rr_symbols_open("/proc/self/exe", len, self), "a file with another beginning");
	ok(!rr_symbols_open("/no/such/file", len, NULL) && !rr_symbols_open("/dev/zero", 0, NULL) &&
	   !rr_symbols_open("/proc/self/maps", 0, NULL), "no file");
	free(self);
}

/* Looks at all that a file says, as far as it is read at all. */
static void try_file(int fd, const void *data, size_t len)
{
	struct rr_symbols *s;
	struct rr_symbol *list;
	char path[32];

	if (ftruncate(fd, len) || pwrite(fd, data, len, 0) != (ssize_t)len)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	s = rr_symbols_open(path, len, NULL);
	if (!s)
		return;
	lookup(s, in_bss, &list);
	free(list);
	lookup(s, in_data, &list);
	free(list);
	rr_symbols_close(s);
}

/* ASan looks on. */
static void test_hostile(void)
{
	size_t len, i, sections;
	char *self = read_self(&len);
	int fd = memfd_create("program", MFD_CLOEXEC);

	sections = ((Elf64_Ehdr *)self)->e_shoff;
	for (i = 0; i < 64; i++)
		try_file(fd, self, len * i / 64);
	for (i = 0; i < 1024; i++) {
		char was = self[i];

		self[i] = i & 1 ? 0xff : ~was;
		try_file(fd, self, len);
		self[i] = was;
	}
	for (i = sections; i < len; i += 7) {
		char was = self[i];

		self[i] = 0xff;
		try_file(fd, self, len);
		self[i] = was;
	}
	close(fd);
	free(self);
	ok(true, "files that are cut or damaged");
}

/* ---- a log ---- */

static void put(struct log_writer *w, u32 lane, void *e)
{
	log_writer_put(w, lane, e);
	free(e);
}

static void put_grant(struct log_writer *w, u32 lane, u32 task, u64 addr, u8 flags, u64 event)
{
	struct {
		struct rrlog_grant grant;
		struct rrlog_edge edge[1];
	} ev = {
		.grant = { .e = { .type = RRLOG_GRANT, .flags = flags, .len = sizeof(ev),
				  .task = task, .aux = 1 }, .addr = addr },
		.edge = { { .lane = !lane, .event = event } },
	};

	log_writer_put(w, lane, &ev.grant.e);
}

static void put_revoke(struct log_writer *w, u32 lane, u32 task, u64 addr, u32 pages)
{
	struct rrlog_revoke ev = {
		.e = { .type = RRLOG_REVOKE, .len = sizeof(ev), .task = task, .aux = pages },
		.addr = addr, .space = 1,
	};

	log_writer_put(w, lane, &ev.e);
}

static void put_unmap(struct log_writer *w)
{
	struct rrlog_map ev = {
		.e = { .type = RRLOG_MAP, .len = sizeof(ev), .task = 1, .aux = RRLOG_MAP_UNMAP },
		.vma = { .start = DATA, .end = HEAP },
	};

	log_writer_put(w, 0, &ev.e);
}

/*
 * Two threads. All that the second does comes first in the log, before the program is
 * even there; the first unmaps it all at the end, when nothing is asked any more.
 */
static int write_log(const char *path)
{
	struct rrlog_header head = { .nr_lanes = 2, .release = "6.1.0-test" };
	struct rrlog_start start = { .e = { .type = RRLOG_START, .len = sizeof(start), .task = 2 } };
	struct rrlog_end end = { .e = { .type = RRLOG_END, .len = sizeof(end) }, .ns = 500000000 };
	struct rrlog_clone clone = make_clone(1, 2, CLONE_VM | CLONE_THREAD, 1);
	struct log_writer *w = malloc(sizeof(*w));
	FILE *to = fopen(path, "we");

	if (!to)
		return 1;
	log_writer_start(w, to, &head);
	log_writer_put(w, 1, &start.e);
	put_grant(w, 1, 2, DATA, RRLOG_GRANT_EXCLUSIVE, 4);
	put_grant(w, 1, 2, DATA, RRLOG_GRANT_KERNEL, 4);
	put_grant(w, 1, 2, BSS, RRLOG_GRANT_EXCLUSIVE, 4);
	put(w, 0, make_exec(1));
	put(w, 0, make_note(PROG, DATA, 0, 99, "/no/such/\xc3\xa4"));
	put(w, 0, make_note(DATA, BSS, PAGE, 99, "/no/such/\xc3\xa4"));
	log_writer_put(w, 0, &clone.e);
	put_revoke(w, 0, 1, DATA, 1u << 20);
	put_grant(w, 0, 1, DATA, RRLOG_GRANT_EXCLUSIVE, 4);
	put_unmap(w);
	log_writer_put(w, 0, &end.e);
	free(w);
	return fclose(to);
}

int main(int argc, char **argv)
{
	if (argc == 3)
		return write_log(argv[2]);
	tests = argc > 1 ? atoi(argv[1]) - 1 : 0;
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_places();
	test_changes();
	test_spaces();
	test_symbols();
	test_hostile();
	printf("1..%d\n", tests);
	return failures ? 1 : 0;
}
