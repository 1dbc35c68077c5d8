// SPDX-License-Identifier: GPL-2.0-only
/*
 * rrforks chain|wide TASKS MAPPINGS: writes a small log of many processes. The first one
 * maps MAPPINGS pages; each is the child of the one before it, or of the first one.
 */
#include <stdlib.h>
#include <string.h>

#include "logwrite.h"

#define PAGE	4096ull

static struct log_writer writer;

static void put_exec(void)
{
	struct {
		struct rrlog_exec exec;
		struct rrlog_vma vma[1];
	} ev = {
		.exec = { .e = { .type = RRLOG_EXEC, .task = 1, .aux = 1, .len = sizeof(ev) },
			  .comm = "sh" },
		.vma = { { .start = 0x400000, .end = 0x400000 + PAGE, .prot = 5 } },
	};

	log_writer_put(&writer, 0, &ev.exec.e);
}

static void put_map(u64 addr)
{
	struct rrlog_map map = {
		.e = { .type = RRLOG_MAP, .task = 1, .aux = RRLOG_MAP_MAP, .len = sizeof(map) },
		.vma = { .start = addr, .end = addr + PAGE, .prot = 1 },
	};

	log_writer_put(&writer, 0, &map.e);
}

static void put_clone(u32 parent, u32 child)
{
	struct rrlog_clone clone = {
		.e = { .type = RRLOG_CLONE, .task = parent, .aux = child, .len = sizeof(clone) },
	};

	log_writer_put(&writer, 0, &clone.e);
}

int main(int argc, char **argv)
{
	struct rrlog_header head = { .nr_lanes = 2, .release = "6.1.0-test" };
	struct rrlog_end end = { .e = { .type = RRLOG_END, .len = sizeof(end) } };
	u32 tasks, nr;
	u64 maps;

	if (argc != 4)
		return 2;
	tasks = atoi(argv[2]);
	maps = atoi(argv[3]);
	log_writer_start(&writer, stdout, &head);
	put_exec();
	while (maps--)
		put_map(0x10000000 + 2 * PAGE * maps);
	for (nr = 2; nr <= tasks; nr++)
		put_clone(strcmp(argv[1], "chain") ? 1 : nr - 1, nr);
	log_writer_put(&writer, 0, &end.e);
	return fclose(stdout) ? 1 : 0;
}
