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

/* One shmdt() unmaps all pieces of a segment, and nothing between them. */
static void pieces(void)
{
	int shm = shmget(IPC_PRIVATE, 6 * 4096, 0600);
	char *p = shmat(shm, NULL, 0), *q;
	pid_t pid;

	CHECK(shm >= 0 && p != (void *)-1 && !shmctl(shm, IPC_RMID, NULL));
	for (int i = 0; i < 6; i++)
		p[i * 4096] = 10 + i;
	CHECK(!mlock(p, 4096) && !mprotect(p + 3 * 4096, 4096, PROT_READ));
	q = mmap(p + 4 * 4096, 4096, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	CHECK(q == p + 4 * 4096);
	q[0] = 77;
	CHECK(!munmap(p, 4096) && !shmdt(p));
	printf("between the pieces: %d\n", q[0]);
	q = mmap(p, 4 * 4096, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	printf("in their place: %d %d %d\n", q == p, q[4096], q[3 * 4096]);
	fflush(stdout);
	pid = fork();
	CHECK(pid >= 0);
	if (!pid)
		_exit(p[5000] + p[4 * 4096]);
	reap(pid, "child");
}

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
	pieces();
	CHECK(!msgctl(msg, IPC_RMID, NULL) && !semctl(sem, 0, IPC_RMID));
	return 0;
}
