// SPDX-License-Identifier: GPL-2.0-only
/* POSIX shared memory, named semaphores and message queues. */
#include "prog.h"
#include <mqueue.h>
#include <semaphore.h>

int main(void)
{
	struct mq_attr attr = { .mq_maxmsg = 4, .mq_msgsize = 64 };
	char name[32], buf[64];
	unsigned int prio;
	sem_t *sem;
	mqd_t mq;
	pid_t pid;
	int fd, *m;

	snprintf(name, sizeof(name), "/rrtest%d", getpid());
	sem = sem_open(name, O_CREAT | O_EXCL, 0600, 0);
	if (sem == SEM_FAILED)
		skip("no /dev/shm");
	sem_unlink(name);
	fd = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
	CHECK(fd >= 0 && !ftruncate(fd, 4096) && !shm_unlink(name));
	m = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(m != MAP_FAILED);
	mq = mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	mq_unlink(name);
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		m[0] = getpid();
		sem_post(sem);
		if (mq >= 0)
			CHECK(!mq_send(mq, "hello", 6, 9));
		_exit(0);
	}
	CHECK(!sem_wait(sem));
	printf("memory says %d\n", m[0]);
	if (mq >= 0) {
		CHECK(mq_receive(mq, buf, sizeof(buf), &prio) == 6);
		printf("queue says '%s' %u\n", buf, prio);
	}
	reap(pid, "child");
	return 0;
}
