// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_zero: a thread writes to a page while another forks, and the children, which have
 * it as it was at that moment, have the kernel write to it first. Often it was zero.
 */
#include "prog.h"
#include <pthread.h>
#include <sys/mman.h>

#define PAGE	4096
#define FORKS	12

static volatile char *page;
static volatile int end;

static void pass(int n)
{
	for (volatile int i = 0; i < n; i++)
		;
}

static void *writer(void *arg)
{
	while (!end) {
		page[100] = 1;
		pass(3000);
		page[100] = 0;
		pass(3000);
	}
	return arg;
}

static void child(int fd)
{
	char line[16];
	int n;

	CHECK(read(fd, (char *)page, 1) == 1);
	n = snprintf(line, sizeof(line), "%c%d\n", page[0], page[100]);
	CHECK(write(1, line, n) == n);
	_exit(0);
}

int main(void)
{
	pthread_t thread;
	int p[2];
	pid_t pid;

	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(page != MAP_FAILED && !pipe(p));
	CHECK(!pthread_create(&thread, NULL, writer, NULL));
	for (int i = 0; i < FORKS; i++) {
		usleep(5000 + 700 * i);
		CHECK(write(p[1], "x", 1) == 1);
		pid = fork();
		CHECK(pid >= 0);
		if (!pid)
			child(p[0]);
		reap(pid, "child");
		fflush(stdout);
	}
	end = 1;
	CHECK(!pthread_join(thread, NULL));
	return 0;
}
