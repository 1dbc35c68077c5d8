// SPDX-License-Identifier: GPL-2.0-only
/* Where things are: AT_RANDOM, stack, heap, mappings, libraries, the vDSO. */
#include "prog.h"
#include <sys/auxv.h>

extern char **environ;
extern char end;

int main(int argc, char **argv)
{
	const unsigned char *r = (void *)getauxval(AT_RANDOM);
	uintptr_t guard;
	char *heap;

	CHECK(r);
	printf("random ");
	for (int i = 0; i < 16; i++)
		printf("%02x", r[i]);
	asm("mov %%fs:0x28, %0" : "=r"(guard));
	printf("\nguard %#lx\n", guard);
	printf("stack %p argv %p env %p\n", &r, argv[argc - 1], environ[0]);
	heap = malloc(100);
	printf("heap %p brk %p end %p\n", heap, sbrk(0), &end);
	printf("big %p\n", malloc(1 << 20));
	printf("mmap %p\n", map_pages(3, PROT_READ, MAP_PRIVATE));
	printf("main %p printf %p errno %p\n", main, printf, &errno);
	printf("vdso %#lx execfn %s platform %s\n", getauxval(AT_SYSINFO_EHDR),
	       (char *)getauxval(AT_EXECFN), (char *)getauxval(AT_PLATFORM));
	printf("pid %d tid %d ppid %d uid %d\n", getpid(), gettid(), getppid(),
	       getuid());
	return 0;
}
