// SPDX-License-Identifier: GPL-2.0-only
/*
 * A random program of several threads: loads, stores, atomics, locks, loops, calls,
 * signals, faults, mappings and children, on memory that all threads race for. Each
 * thread mixes all that it sees into a signature, which is printed.
 *
 *	torture SEED [THREADS [STEPS]]
 *
 * The seed says which program it is. Every wait is bounded, so it ends whatever the
 * scheduler does.
 */
#include "prog.h"
#include <sched.h>
#include <setjmp.h>
#include <stdbool.h>
#include <sys/time.h>

#define PAGES		8
#define WORDS		(PAGES * 512)
#define MAX_THREADS	6

struct thread {
	pthread_t id;
	pid_t tid;
	unsigned int nr, steps;
	uint64_t seed, sig, signals, progress;
	int pipe[2];
	sigjmp_buf back;
	volatile sig_atomic_t in_fault;
	char *scratch;
	bool child;			/* made by another thread, on the way */
};

static uint64_t *arena, *common;	/* private, and shared with children */
static void *forbidden;
static struct thread threads[MAX_THREADS];
static unsigned int nr_threads;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static uint64_t guarded;
static int urandom;
static __thread struct thread *self;

static uint64_t rnd(struct thread *t)
{
	t->seed ^= t->seed << 13;
	t->seed ^= t->seed >> 7;
	t->seed ^= t->seed << 17;
	return t->seed >> 11;
}

static void mix(struct thread *t, uint64_t seen)
{
	t->sig = (t->sig ^ seen) * 0x9e3779b97f4a7c15ull;
	t->sig ^= t->sig >> 29;
}

/* Half of the accesses meet on a few words. */
static uint64_t *word(struct thread *t)
{
	uint64_t r = rnd(t);

	return &arena[r & 1 ? r / 2 % 8 * 67 % WORDS : r / 2 % WORDS];
}

static void on_fault(int sig, siginfo_t *info, void *context)
{
	if (self && self->in_fault)
		siglongjmp(self->back, 1);
	_exit(3);
}

static void on_tick(int sig, siginfo_t *info, void *context)
{
	if (!self)
		return;
	self->signals++;
	mix(self, READ_ONCE(arena[0]));
	__atomic_fetch_add(&arena[1], 1, __ATOMIC_SEQ_CST);
}

/* --- the steps --- */

static void do_load(struct thread *t)
{
	mix(t, READ_ONCE(*word(t)));
}

static void do_store(struct thread *t)
{
	WRITE_ONCE(*word(t), t->sig);
}

static void do_plain_add(struct thread *t)
{
	volatile uint64_t *w = word(t);

	for (unsigned int n = rnd(t) % 64; n--; )
		*w = *w + n;
	mix(t, *w);
}

static void do_atomics(struct thread *t)
{
	uint64_t *w = word(t), old = READ_ONCE(*w);

	mix(t, __atomic_fetch_add(w, t->sig | 1, __ATOMIC_SEQ_CST));
	mix(t, __atomic_exchange_n(word(t), t->sig, __ATOMIC_SEQ_CST));
	__atomic_compare_exchange_n(w, &old, t->sig, false, __ATOMIC_SEQ_CST,
				    __ATOMIC_SEQ_CST);
	mix(t, old);
}

static void do_lock(struct thread *t)
{
	pthread_mutex_lock(&mutex);
	guarded += t->sig & 0xff;
	if (rnd(t) % 4 == 0)
		sched_yield();
	mix(t, guarded);
	pthread_mutex_unlock(&mutex);
}

static void do_compute(struct thread *t)
{
	uint64_t n = rnd(t) % 2000, x = t->sig;

	while (n--)
		x = x * 6364136223846793005ull + 1442695040888963407ull;
	mix(t, x);
}

static void do_floats(struct thread *t)
{
	volatile double d = t->sig % 1000, sum = 0;
	volatile long double ld = d;

	for (int i = 1; i < 50; i++) {
		sum += d / i;
		ld = ld * 1.25L - i;
	}
	mix(t, (uint64_t)(sum * 1000) ^ (uint64_t)(int64_t)(ld / 1e6L));
}

/* Wait for another thread to get on, but not for ever. */
static void do_spin(struct thread *t)
{
	struct thread *other = &threads[rnd(t) % nr_threads];
	uint64_t then = READ_ONCE(other->progress);
	unsigned int n = 0;

	while (READ_ONCE(other->progress) == then && n < 20000)
		n++;
	mix(t, n);
	mix(t, READ_ONCE(other->progress));
}

static void do_string(struct thread *t)
{
	char *to = (char *)arena + rnd(t) % 4 * 4096 + rnd(t) % 64;
	const char *from = (char *)arena + (4 + rnd(t) % 3) * 4096 + rnd(t) % 64;
	size_t n = rnd(t) % 6000;

	asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
	mix(t, READ_ONCE(arena[rnd(t) % WORDS]));
}

static void do_calls(struct thread *t)
{
	for (unsigned int n = rnd(t) % 8; n--; )
		mix(t, syscall(SYS_getppid) > 0);
	sched_yield();
	mix(t, syscall(SYS_gettid) == t->tid);
}

static void do_time(struct thread *t)
{
	struct timespec ts;
	unsigned int lo, hi, aux;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	mix(t, ts.tv_nsec);
	asm volatile("rdtsc" : "=a"(lo), "=d"(hi));
	mix(t, lo);
	asm volatile("rdtscp" : "=a"(lo), "=d"(hi), "=c"(aux));
	mix(t, lo);
	mix(t, time(NULL));
}

/* The kernel writes where others read. */
static void do_kernel_write(struct thread *t)
{
	char *to = (char *)word(t);

	mix(t, read(urandom, to, 1 + rnd(t) % 300));
	mix(t, READ_ONCE(*(uint64_t *)((uintptr_t)to & ~7ul)));
}

static void do_pipe(struct thread *t)
{
	size_t n = 1 + rnd(t) % 500;

	mix(t, write(t->pipe[1], word(t), n));
	mix(t, read(t->pipe[0], word(t), n));
}

static void do_signal(struct thread *t)
{
	struct thread *other = &threads[rnd(t) % nr_threads];

	if (READ_ONCE(other->tid))
		mix(t, syscall(SYS_tgkill, getpid(), READ_ONCE(other->tid), SIGUSR1));
	mix(t, t->signals);
}

static void do_timer(struct thread *t)
{
	struct itimerval it = { .it_value = { .tv_usec = 100 + rnd(t) % 3000 } };
	sigset_t set;

	setitimer(ITIMER_REAL, &it, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	pthread_sigmask(rnd(t) & 1 ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

static void do_sleep(struct thread *t)
{
	struct timespec ts = { 0, 1000 * (rnd(t) % 200) };

	mix(t, nanosleep(&ts, &ts));
}

static void do_fault(struct thread *t)
{
	volatile uint64_t *bad = forbidden;

	if (!sigsetjmp(t->back, 1)) {
		t->in_fault = 1;
		mix(t, *bad);
	}
	t->in_fault = 0;
	mix(t, 11);
}

static void do_scratch(struct thread *t)
{
	size_t len = 4 * 4096;
	char *p = t->scratch;

	switch (rnd(t) % 6) {
	case 0:
		if (p)
			CHECK(!munmap(p, len));
		t->scratch = map_pages(4, PROT_READ | PROT_WRITE, MAP_PRIVATE);
		break;
	case 1:
		if (p)
			memset(p + rnd(t) % 8192, t->sig, 5000);
		break;
	case 2:
		if (p)
			CHECK(!mprotect(p, 8192, PROT_READ));
		break;
	case 3:
		if (p)
			CHECK(!mprotect(p, len, PROT_READ | PROT_WRITE));
		break;
	case 4:
		if (p)
			CHECK(!madvise(p + 4096, 8192, MADV_DONTNEED));
		break;
	default:
		if (!p)
			break;
		t->scratch = mremap(p, len, 2 * len, MREMAP_MAYMOVE);
		CHECK(t->scratch != MAP_FAILED);
		CHECK(!munmap(t->scratch + len, len));
	}
	/* All of it may be written, or else the next step would fault. */
	if (t->scratch) {
		CHECK(!mprotect(t->scratch, len, PROT_READ | PROT_WRITE));
		mix(t, hash(t->scratch, len));
	}
}

/* What the others have there is gone. */
static void do_discard(struct thread *t)
{
	if (rnd(t) % 4 == 0)
		CHECK(!madvise((char *)arena + 7 * 4096, 4096, MADV_DONTNEED));
	mix(t, READ_ONCE(arena[7 * 512 + rnd(t) % 512]));
}

static void do_fork(struct thread *t)
{
	pid_t pid;
	int st;

	if (rnd(t) % 3)
		return;
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		__atomic_fetch_add(&common[1], READ_ONCE(arena[2]), __ATOMIC_SEQ_CST);
		WRITE_ONCE(arena[3], t->sig);
		_exit(hash(arena, 4096 * 7) & 0x3f);
	}
	CHECK(waitpid(pid, &st, 0) == pid);
	mix(t, st);
	mix(t, READ_ONCE(common[1]));
}

static void *run(void *arg);

static void do_thread(struct thread *t)
{
	struct thread child = {
		.nr = 100, .steps = 3, .seed = rnd(t) | 1, .child = true,
	};

	if (t->child || rnd(t) % 3)
		return;
	CHECK(!pipe(child.pipe));
	CHECK(!pthread_create(&child.id, NULL, run, &child));
	pthread_join(child.id, NULL);
	close(child.pipe[0]);
	close(child.pipe[1]);
	mix(t, child.sig);
}

static void (*const steps[])(struct thread *t) = {
	do_load, do_load, do_store, do_store, do_plain_add, do_plain_add, do_atomics,
	do_atomics, do_lock, do_lock, do_compute, do_compute, do_floats, do_spin,
	do_string, do_calls, do_time, do_kernel_write, do_pipe, do_signal, do_timer,
	do_sleep, do_fault, do_scratch, do_scratch, do_discard, do_fork, do_thread,
};

static void *run(void *arg)
{
	struct thread *t = arg;

	self = t;
	WRITE_ONCE(t->tid, syscall(SYS_gettid));
	for (unsigned int n = t->steps; n--; ) {
		steps[rnd(t) % ARRAY_SIZE(steps)](t);
		WRITE_ONCE(t->progress, t->progress + 1);
	}
	if (t->scratch)
		munmap(t->scratch, 4 * 4096);
	mix(t, t->signals);
	return NULL;
}

int main(int argc, char **argv)
{
	struct thread dice = { .seed = 88172645463325252ull };
	unsigned int steps_each;

	CHECK(argc > 1);
	dice.seed ^= strtoull(argv[1], NULL, 0) * 0x9e3779b97f4a7c15ull;
	for (int i = 0; i < 10; i++)
		rnd(&dice);
	nr_threads = 1 + rnd(&dice) % (MAX_THREADS - 1);
	steps_each = 10 + rnd(&dice) % 60;
	if (argc > 2)
		nr_threads = strtoul(argv[2], NULL, 0);
	if (argc > 3)
		steps_each = strtoul(argv[3], NULL, 0);
	CHECK(nr_threads >= 1 && nr_threads <= MAX_THREADS);

	/* What begins in the last word ends in a page of its own, not in the linker's data. */
	arena = map_pages(PAGES + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	common = map_pages(1, PROT_READ | PROT_WRITE, MAP_SHARED);
	forbidden = map_pages(1, PROT_NONE, MAP_PRIVATE);
	CHECK((urandom = open("/dev/urandom", O_RDONLY)) >= 0);
	on_signal(SIGSEGV, on_fault, SA_NODEFER);
	on_signal(SIGUSR1, on_tick, SA_RESTART);
	on_signal(SIGALRM, on_tick, SA_RESTART);

	for (unsigned int i = 0; i < nr_threads; i++) {
		threads[i] = (struct thread){ .nr = i, .steps = steps_each,
					      .seed = rnd(&dice) | 1 };
		CHECK(!pipe(threads[i].pipe));
	}
	for (unsigned int i = 0; i < nr_threads; i++)
		CHECK(!pthread_create(&threads[i].id, NULL, run, &threads[i]));
	for (unsigned int i = 0; i < nr_threads; i++)
		CHECK(!pthread_join(threads[i].id, NULL));
	for (unsigned int i = 0; i < nr_threads; i++)
		printf("thread %u %016llx\n", i, (unsigned long long)threads[i].sig);
	printf("memory %016llx %016llx\n", (unsigned long long)hash(arena, PAGES * 4096),
	       (unsigned long long)hash(common, 4096));
	return 0;
}
