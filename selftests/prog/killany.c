// SPDX-License-Identifier: GPL-2.0-only
/* killany: processes of two threads are killed whatever they are doing. */
#include "prog.h"
#include <poll.h>

static int fds[2];

static void *stir(void *arg)
{
	static char shared[8 * 4096];
	char buf[3000] = "";

	for (int i = 0; ; i++) {
		char *p = map_pages(8, PROT_READ | PROT_WRITE, MAP_PRIVATE);
		struct pollfd pfd = { fds[0], POLLIN, 0 };

		p[4096 * (i % 8)] = 1;
		shared[4096 * (i % 8)]++;
		CHECK(write(fds[1], buf, sizeof(buf)) == sizeof(buf));
		CHECK(poll(&pfd, 1, -1) == 1);
		CHECK(read(fds[0], p, sizeof(buf)) > 0);
		mprotect(p, 4096, PROT_READ);
		if (i % 5 == 0 && !arg) {
			pid_t pid = fork();

			if (!pid)
				_exit(3);
			waitpid(pid, NULL, 0);
		}
		munmap(p, 8 * 4096);
	}
	return NULL;
}

int main(void)
{
	int ended = 0;

	for (int i = 0; i < 60; i++) {
		pid_t pid = fork();

		CHECK(pid >= 0);
		if (!pid) {
			pthread_t t;

			CHECK(!pipe(fds));
			CHECK(!pthread_create(&t, NULL, stir, fds));
			stir(NULL);
		}
		usleep(i * 300);
		kill_child(pid);
		ended++;
	}
	printf("%d ended\n", ended);
	return 0;
}
