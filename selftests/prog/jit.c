// SPDX-License-Identifier: GPL-2.0-only
/* Code that is written while the program runs: RWX, W^X, an alias, patched. */
#include "prog.h"

static const unsigned char code[] = {
	0xb8, 0x2a, 0, 0, 0,	/* mov $42, %eax */
	0xc3,			/* ret */
};

static int call(void *p)
{
	return ((int (*)(void))p)();
}

int main(void)
{
	unsigned char *rwx = map_pages(1, PROT_READ | PROT_WRITE | PROT_EXEC,
				       MAP_PRIVATE);
	unsigned char *wx = map_pages(1, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	int fd = memfd_create("jit", 0);
	unsigned char *w, *x;

	memcpy(rwx, code, sizeof(code));
	for (int i = 0; i < 5; i++) {
		rwx[1] = i * 10;
		printf("rwx %d\n", call(rwx));
	}
	memcpy(wx, code, sizeof(code));
	for (int i = 0; i < 3; i++) {
		CHECK(!mprotect(wx, 4096, PROT_READ | PROT_EXEC));
		printf("w^x %d\n", call(wx));
		CHECK(!mprotect(wx, 4096, PROT_READ | PROT_WRITE));
		wx[1]++;
	}
	CHECK(fd >= 0 && !ftruncate(fd, 4096));
	w = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	x = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	CHECK(w != MAP_FAILED && x != MAP_FAILED);
	memcpy(w, code, sizeof(code));
	for (int i = 0; i < 3; i++) {
		w[1] = now_ns();
		asm volatile("cpuid" : : "a"(0) : "rbx", "rcx", "rdx");
		printf("alias %d\n", call(x));
	}
	/* mov $1, %eax; rdtsc; ret: an instruction only the CPU has seen */
	memcpy(rwx, "\x0f\x31\xc3", 3);
	printf("rdtsc %d\n", call(rwx));
	return 0;
}
