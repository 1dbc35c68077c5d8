// SPDX-License-Identifier: GPL-2.0-only
/* The address space changes shape: mmap, munmap, mprotect, mremap, brk. */
#include "prog.h"

static void show(const char *what, const unsigned char *p, size_t pages)
{
	printf("%s %p %#llx\n", what, p,
	       (unsigned long long)hash(p, pages * 4096));
}

static void fill(unsigned char *p, size_t pages, int seed)
{
	for (size_t i = 0; i < pages * 4096; i += 64)
		p[i] = seed + i / 64;
}

int main(void)
{
	unsigned char *p = map_pages(64, PROT_READ | PROT_WRITE, MAP_PRIVATE), *q;
	char *b;

	fill(p, 64, 1);
	show("fresh", p, 64);
	CHECK(!munmap(p + 10 * 4096, 4 * 4096));
	q = mmap(p + 11 * 4096, 4096, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	CHECK(q == p + 11 * 4096);
	show("hole", q, 1);
	show("front", p, 10);
	CHECK(!mprotect(p, 4 * 4096, PROT_READ));
	CHECK(!mprotect(p + 4096, 4096, PROT_READ | PROT_WRITE));
	fill(p + 4096, 1, 99);
	show("protected", p, 10);
	q = mremap(p + 16 * 4096, 8 * 4096, 40 * 4096, MREMAP_MAYMOVE);
	CHECK(q != MAP_FAILED);
	show("moved and grown", q, 40);
	fill(q + 8 * 4096, 8, 3);
	CHECK(mremap(q, 40 * 4096, 12 * 4096, 0) == q);
	show("shrunk", q, 12);
	p = mremap(q, 12 * 4096, 12 * 4096, MREMAP_MAYMOVE | MREMAP_FIXED,
		   p + 30 * 4096);
	CHECK(p != MAP_FAILED);
	show("moved over another", p, 12);
	p = mremap(p, 12 * 4096, 12 * 4096, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0);
	if (p != MAP_FAILED)
		show("moved, old place kept", p, 12);
	b = sbrk(100000);
	CHECK(b != (void *)-1);
	fill((unsigned char *)b, 24, 5);
	show("brk", (unsigned char *)b, 24);
	CHECK(sbrk(-80000) != (void *)-1);
	CHECK(sbrk(80000) != (void *)-1);
	show("brk again", (unsigned char *)b, 24);
	p = mmap(NULL, 1ul << 36, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	CHECK(p != MAP_FAILED);
	p[1ul << 35] = 1;
	show("64 GiB", p + (1ul << 35), 1);
	return 0;
}
