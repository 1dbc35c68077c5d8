// SPDX-License-Identifier: GPL-2.0-only
/*
 * mangleme FILE: shows all that enters it. Reads a file, maps it, and takes a
 * signal into a computing loop whose state it prints. The addresses are for the
 * test to find the events by.
 */
#include "prog.h"
#include <sys/stat.h>
#include <sys/time.h>

static volatile sig_atomic_t begun, got;

static void tick(int sig, siginfo_t *si, void *uc)
{
	/* Not one that comes while the timer is set: it is to interrupt what computes. */
	if (!begun)
		return;
	got++;
	setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
}

int main(int argc, char **argv)
{
	struct itimerval it = { { 0, 5000 }, { 0, 5000 } };
	static unsigned char buf[2048] __attribute__((aligned(4096)));
	int fd = open(argv[argc - 1], O_RDONLY);
	uint64_t seed = 1, n = 0;
	unsigned char *map;

	CHECK(fd >= 0 && read(fd, buf, sizeof(buf)) == sizeof(buf));
	printf("buf %p\nread", buf);
	for (int i = 0; i < 16; i++)
		printf(" %02x", buf[i]);
	printf(" %#llx\n", (unsigned long long)hash(buf, sizeof(buf)));
	map = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 4096);
	CHECK(map != MAP_FAILED);
	printf("map %p\nmapped %#llx\n", map, (unsigned long long)hash(map, 4096));
	on_signal(SIGALRM, tick, 0);
	CHECK(!setitimer(ITIMER_REAL, &it, NULL));
	begun = 1;
	while (!got) {
		seed = work(seed);
		n++;
	}
	printf("computed %llu %#llx\n", (unsigned long long)n,
	       (unsigned long long)seed);
	return 0;
}
