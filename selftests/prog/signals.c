// SPDX-License-Identifier: GPL-2.0-only
/* Signals sent to oneself: queued values, alternate stack, masks, waiting. */
#include "prog.h"

static char altstack[65536];
static volatile sig_atomic_t runs;

static void handler(int sig, siginfo_t *si, void *arg)
{
	char here;

	runs++;
	printf("signal %d code %d pid %d value %d on %s stack %p\n", sig,
	       si->si_code, si->si_pid == getpid(), si->si_value.sival_int,
	       &here >= altstack && &here < altstack + sizeof(altstack) ?
	       "alternate" : "normal", &here);
}

static void alternate(void)
{
	stack_t ss = { .ss_sp = altstack, .ss_size = sizeof(altstack) }, old;

	CHECK(!sigaltstack(&ss, &old));
	on_signal(SIGUSR1, handler, SA_ONSTACK);
	raise(SIGUSR1);
	on_signal(SIGUSR1, handler, 0);
	raise(SIGUSR1);
}

static void queued(void)
{
	union sigval v = { 0 };
	siginfo_t si;
	sigset_t set, old;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigaddset(&set, SIGUSR2);
	CHECK(!sigprocmask(SIG_BLOCK, &set, &old));
	for (int i = 0; i < 5; i++) {
		v.sival_int = i * 11;
		CHECK(!sigqueue(getpid(), SIGRTMIN, v));
		CHECK(!kill(getpid(), SIGUSR2));
	}
	for (int i = 0; i < 2; i++) {
		CHECK(sigwaitinfo(&set, &si) > 0);
		printf("waited: %d value %d\n", si.si_signo, si.si_value.sival_int);
	}
	on_signal(SIGRTMIN, handler, 0);
	on_signal(SIGUSR2, handler, 0);
	CHECK(sigsuspend(&old) == -1 && errno == EINTR);
	CHECK(!sigprocmask(SIG_SETMASK, &old, NULL));
	printf("runs %d\n", runs);
}

/* A child's signals interrupt read(): restarted or not. */
static void restarted(int flags)
{
	int p[2], n;
	char c = 0;
	pid_t pid;

	CHECK(!pipe(p));
	on_signal(SIGUSR1, handler, flags);
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		sleep_ms(20);
		kill(getppid(), SIGUSR1);
		sleep_ms(20);
		CHECK(write(p[1], "x", 1) == 1);
		_exit(0);
	}
	n = read(p[0], &c, 1);
	printf("read %d %s '%c'\n", n, n < 0 ? strerror(errno) : "", c ? c : '-');
	reap(pid, "sender");
	close(p[0]);
	close(p[1]);
}

static void once(int sig, siginfo_t *si, void *arg)
{
	sigset_t set;

	sigpending(&set);
	printf("once %d, own pending %d\n", sig, sigismember(&set, sig));
	if (runs++ < 100)
		raise(sig);
	sigpending(&set);
	printf("after raise pending %d\n", sigismember(&set, sig));
	runs += 1000;
}

int main(void)
{
	struct timespec ts = { 0, 10000000 };
	sigset_t set;

	setvbuf(stdout, NULL, _IOLBF, 0);
	alternate();
	queued();
	restarted(SA_RESTART);
	restarted(0);
	runs = 99;
	on_signal(SIGUSR2, once, 0);
	raise(SIGUSR2);
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	CHECK(sigtimedwait(&set, NULL, &ts) == -1);
	printf("sigtimedwait: %s\n", strerror(errno));
	printf("mask of dead %d\n", kill(1 << 22, 0));
	on_signal(SIGUSR1, handler, SA_NODEFER | SA_RESETHAND);
	raise(SIGUSR1);
	signal(SIGUSR1, SIG_IGN);
	raise(SIGUSR1);
	return 0;
}
