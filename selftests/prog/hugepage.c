// SPDX-License-Identifier: GPL-2.0-only
/* Memory that the kernel may back with huge pages, used sparsely. */
#include "prog.h"

#define SIZE (8ul << 20)

int main(void)
{
	uint64_t sum = 0;
	char *p, *a;

	p = map_pages(2 * SIZE / 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	a = (char *)(((uintptr_t)p + SIZE - 1) & ~(SIZE - 1));
	printf("advise %d at %p\n", madvise(a, SIZE, MADV_HUGEPAGE), a);
	for (size_t i = 0; i < SIZE; i += 64 * 1024 + 8)
		a[i] = i >> 13;
	CHECK(!mprotect(a + (1 << 20), 4096, PROT_READ));
	CHECK(!munmap(a + (3 << 20), 8192));
	for (size_t i = 0; i < 3 << 20; i += 64 * 1024 + 8)
		sum = sum * 31 + a[i];
	printf("sum %#llx\n", (unsigned long long)sum);
	return 0;
}
