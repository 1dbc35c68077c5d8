// SPDX-License-Identifier: GPL-2.0-only
/* Threads that are cancelled: in a call, while computing, with clean-up. */
#include "prog.h"

static volatile uint64_t sink;

static void cleanup(void *arg)
{
	printf("clean-up of the %s one, sink %#llx\n", (char *)arg,
	       (unsigned long long)sink);
}

static void *sleeping(void *arg)
{
	pthread_cleanup_push(cleanup, arg);
	sleep_ms(100000);
	pthread_cleanup_pop(0);
	return NULL;
}

static void *computing(void *arg)
{
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	pthread_cleanup_push(cleanup, arg);
	for (;;)
		sink = work(sink);
	pthread_cleanup_pop(0);
	return NULL;
}

static void on_usr1(int sig, siginfo_t *si, void *arg)
{
	printf("signal %d for the %s thread\n", sig,
	       gettid() == getpid() ? "main" : "other");
}

static void *waiting(void *arg)
{
	sleep_ms(20);
	printf("woken\n");
	return NULL;
}

static void cancel(void *(*fn)(void *), const char *name)
{
	pthread_t t;
	void *ret;

	CHECK(!pthread_create(&t, NULL, fn, (void *)name));
	sleep_ms(10);
	CHECK(!pthread_cancel(t));
	CHECK(!pthread_join(t, &ret));
	printf("cancelled %d\n", ret == PTHREAD_CANCELED);
}

int main(void)
{
	pthread_t t;

	on_signal(SIGUSR1, on_usr1, SA_RESTART);
	cancel(sleeping, "sleeping");
	cancel(computing, "computing");
	CHECK(!pthread_create(&t, NULL, waiting, NULL));
	sleep_ms(5);
	CHECK(!pthread_kill(t, SIGUSR1));
	CHECK(!pthread_join(t, NULL));
	return 0;
}
