// SPDX-License-Identifier: GPL-2.0-only
/*
 * rrfip: does each task have an x87 instruction pointer (FIP) of its own?
 *
 * FNSTENV, and so getcontext(), store it and the data pointer. AMD's processors
 * do not save and restore them with the rest of a task's state unless an
 * exception is pending, QEMU's TCG never does: then they are from whatever x87
 * instruction the processor ran last, of another task or of the kernel, and
 * nothing can replay them. Prints what was seen; exit status 0: they are the
 * task's own; 1: they are not.
 */
#include "prog.h"
#include <sched.h>

static uint32_t fip(void)
{
	uint32_t env[7];

	asm volatile("fnstenv %0\n\tfldenv %0" : "=m"(env));
	return env[3];
}

static noinline void ours(void)
{
	asm volatile("fld1\n\tfstp %%st(0)" ::: "st");
}

static noinline void theirs(void)
{
	asm volatile("fldz\n\tfstp %%st(0)" ::: "st");
}

int main(void)
{
	int go[2], done[2];
	uint32_t before, after;
	cpu_set_t set;
	pid_t pid;
	char c = 0;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	CHECK(!sched_setaffinity(0, sizeof(set), &set));
	CHECK(!pipe(go) && !pipe(done));
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		CHECK(read(go[0], &c, 1) == 1);
		theirs();
		CHECK(write(done[1], &c, 1) == 1);
		_exit(0);
	}
	ours();
	before = fip();
	ours();
	CHECK(write(go[1], &c, 1) == 1);
	CHECK(read(done[0], &c, 1) == 1);
	after = fip();
	CHECK(waitpid(pid, NULL, 0) == pid);
	printf("FIP %#x, after another task's x87 instruction %#x; ours are at %#x, its at %#x\n",
	       before, after, (uint32_t)(uintptr_t)ours, (uint32_t)(uintptr_t)theirs);
	return before != after;
}
