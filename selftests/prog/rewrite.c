// SPDX-License-Identifier: GPL-2.0-only
/*
 * A loop that changes the constant of one of its own instructions at each
 * passage, while another thread takes turns with it: what finds a place in it
 * must not go on with an old copy of the code. Once the instruction lies in two
 * pages, and once the code is written at another address than it runs at.
 */
#include "prog.h"

#define PASSES	20000

static int stop;
static volatile uint64_t other;

static void *take_turns(void *arg)
{
	(void)arg;
	while (!READ_ONCE(stop))
		if (!(++other & 1023))
			syscall(SYS_getppid);
	return NULL;
}

static const unsigned char code[] = {
	0x90,				/* nop */
	0x48, 0x05, 1, 0, 0, 0,		/* add $1, %rax: the constant is at 3 */
	0x66, 0x89, 0x0f,		/* mov %cx, (%rdi): rewrites it */
	0x48, 0xff, 0xc9,		/* dec %rcx */
	0x75, 0xf1,			/* jne to the nop */
	0xc3,				/* ret */
};

static uint64_t run(char *writable, char *executable)
{
	uint64_t sum = 0;

	memcpy(writable, code, sizeof(code));
	for (int i = 0; i < 6; i++) {
		uint64_t passes = PASSES;

		asm volatile("lea -128(%%rsp), %%rsp; call *%3; lea 128(%%rsp), %%rsp"
			     : "+a" (sum), "+c" (passes)
			     : "D" (writable + 3), "r" (executable) : "memory", "cc");
	}
	return sum;
}

int main(void)
{
	int fd = memfd_create("code", 0);
	pthread_t thread;
	char *w, *x;

	CHECK(fd >= 0 && !ftruncate(fd, 4096));
	CHECK(!pthread_create(&thread, NULL, take_turns, NULL));
	w = mmap(NULL, 8192, PROT_READ | PROT_WRITE | PROT_EXEC,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(w != MAP_FAILED);
	printf("two pages: %llx\n", (unsigned long long)run(w + 4091, w + 4091));
	w = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	x = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	CHECK(w != MAP_FAILED && x != MAP_FAILED);
	printf("alias: %llx\n", (unsigned long long)run(w + 100, x + 100));
	WRITE_ONCE(stop, 1);
	CHECK(!pthread_join(thread, NULL));
	return 0;
}
