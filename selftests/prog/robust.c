// SPDX-License-Identifier: GPL-2.0-only
/* The owner of a robust mutex ends: the kernel tells the next one. */
#include "prog.h"

static pthread_mutex_t *lock;

static void *die_with_it(void *arg)
{
	pthread_mutex_lock(lock);
	printf("tid %d took it\n", gettid());
	return NULL;
}

static void take(const char *after)
{
	int ret = pthread_mutex_lock(lock);

	printf("after %s: %s\n", after, strerror(ret));
	if (ret == EOWNERDEAD)
		CHECK(!pthread_mutex_consistent(lock));
	pthread_mutex_unlock(lock);
}

int main(void)
{
	pthread_mutexattr_t attr;
	pthread_t t;
	pid_t pid;

	lock = map_pages(1, PROT_READ | PROT_WRITE, MAP_SHARED);
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	CHECK(!pthread_mutex_init(lock, &attr));
	CHECK(!pthread_create(&t, NULL, die_with_it, NULL));
	take("thread creation");
	CHECK(!pthread_join(t, NULL));
	take("thread end");
	fflush(stdout);
	for (int how = 0; how < 2; how++) {
		pid = fork();
		CHECK(pid >= 0);
		if (!pid) {
			pthread_mutex_lock(lock);
			printf("child took it\n");
			fflush(stdout);
			if (how)
				raise(SIGKILL);
			_exit(0);
		}
		reap(pid, "child");
		take("child end");
	}
	take("all");
	printf("word %#llx\n", (unsigned long long)hash(lock, sizeof(*lock)));
	return 0;
}
