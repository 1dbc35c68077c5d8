// SPDX-License-Identifier: GPL-2.0-only
/* System V shared memory (also mapped twice), messages and semaphores. */
#include "prog.h"
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

struct message {
	long type;
	char text[40];
};

int main(void)
{
	struct sembuf down = { 0, -1, 0 }, up = { 0, 1, 0 };
	int shm = shmget(IPC_PRIVATE, 8192, 0600);
	int msg = msgget(IPC_PRIVATE, 0600);
	int sem = semget(IPC_PRIVATE, 1, 0600);
	struct message m = { 3, "" };
	struct shmid_ds ds;
	volatile int *a, *b;
	pid_t pid;

	if (shm < 0 || msg < 0 || sem < 0)
		skip("no System V IPC");
	printf("ids %d %d %d\n", shm, msg, sem);
	a = shmat(shm, NULL, 0);
	b = shmat(shm, NULL, SHM_RDONLY);
	CHECK(a != (void *)-1 && b != (void *)-1);
	CHECK(!shmctl(shm, IPC_RMID, NULL));
	a[0] = 5;
	printf("at %p and %p: %d\n", a, b, b[0]);
	fflush(stdout);
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		CHECK(!semop(sem, &down, 1));
		a[1] = b[0] + 1;
		snprintf(m.text, sizeof(m.text), "from %d", getpid());
		CHECK(!msgsnd(msg, &m, sizeof(m.text), 0));
		_exit(0);
	}
	a[0] = 41;
	CHECK(!semop(sem, &up, 1));
	CHECK(msgrcv(msg, &m, sizeof(m.text), 0, 0) > 0);
	printf("message %ld '%s', memory %d %d\n", m.type, m.text, b[0], b[1]);
	reap(pid, "child");
	CHECK(!shmctl(shm, IPC_STAT, &ds));
	printf("attached %lu\n", (unsigned long)ds.shm_nattch);
	CHECK(!shmdt((void *)a) && !shmdt((void *)b));
	CHECK(!msgctl(msg, IPC_RMID, NULL) && !semctl(sem, 0, IPC_RMID));
	return 0;
}
