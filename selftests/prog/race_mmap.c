// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_mmap [ROUNDS]: a thread maps, protects and unmaps memory without a pause, and
 * puts page after page at one address. Readers get the page that is there: a known
 * one after a handshake; without one the last, the next or SIGSEGV, never an older
 * one or another. Which, and how many faults, is the result.
 */
#include "race.h"
#include <semaphore.h>
#include <setjmp.h>

#define PAGE	4096
#define STORM	16

static volatile uint64_t *place;
static int epoch, ack, done, rounds;
static uint64_t sig[3], faults[3];
static sem_t second;
static __thread sigjmp_buf back;
static __thread volatile sig_atomic_t looking;

static void on_fault(int signal, siginfo_t *info, void *context)
{
	if (looking && info->si_addr == place)
		siglongjmp(back, 1);
	_exit(3);
}

/* A page cannot be seen there before it has its value. */
static void put(uint64_t *new)
{
	CHECK(mremap(new, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, place) == place);
}

static uint64_t *page_with(uint64_t value)
{
	uint64_t *p = map_pages(1, PROT_READ | PROT_WRITE, MAP_PRIVATE);

	*p = value;
	return p;
}

static void storm(int n)
{
	char *p = map_pages(STORM, PROT_READ | PROT_WRITE, MAP_PRIVATE);

	memset(p + n % STORM * PAGE, n, PAGE);
	CHECK(!mprotect(p + 2 * PAGE, 4 * PAGE, n & 1 ? PROT_READ : PROT_NONE));
	CHECK(!munmap(p + 8 * PAGE, 2 * PAGE));
	CHECK(!mprotect(p, 8 * PAGE, PROT_READ | PROT_WRITE));
	CHECK(p[n % 8 * PAGE] == (n % STORM < 8 ? (char)n : 0));
	CHECK(!munmap(p, STORM * PAGE));
}

static void mapper(void)
{
	uint64_t *new;

	for (int i = 1; i <= rounds; i++) {
		put(page_with(i));
		WRITE_ONCE(epoch, i);
		storm(i);
		spin_until(&ack, i);
	}
	CHECK(!sem_post(&second));
	for (int i = rounds + 1; i <= 2 * rounds; i++) {
		new = page_with(i);
		if (i % 3 == 0)
			CHECK(!mprotect((void *)place, PAGE, PROT_NONE));
		if (i % 3 == 1)
			CHECK(!munmap((void *)place, PAGE));
		put(new);
		storm(i);
	}
	WRITE_ONCE(done, 1);
}

static void with_handshake(int me)
{
	for (int i = 1; i <= rounds; i++) {
		spin_until(&epoch, i);
		CHECK(*place == (uint64_t)i);
		WRITE_ONCE(ack, i);
	}
}

/* Returns 0 after SIGSEGV. */
static uint64_t look(int me)
{
	uint64_t value;

	if (sigsetjmp(back, 0)) {
		looking = 0;
		faults[me]++;
		return 0;
	}
	looking = 1;
	value = *place;
	looking = 0;
	return value;
}

static void without(int me)
{
	uint64_t value, last = rounds;

	while (!READ_ONCE(done)) {
		value = look(me);
		if (value == last)
			continue;
		CHECK(!value || (value > last && value <= 2ull * rounds));
		sig[me] = mix(sig[me], value);
		last = value ? value : last;
	}
	CHECK(look(me) == 2ull * rounds);
}

static void player(int me)
{
	switch (me) {
	case 0:
		mapper();
		break;
	case 1:
		with_handshake(me);
		without(me);
		break;
	default:
		while (sem_wait(&second))
			;
		without(me);
	}
}

int main(int argc, char **argv)
{
	char *reserved = map_pages(3, PROT_NONE, MAP_PRIVATE);

	rounds = amount(argc, argv, 50, 1000000);
	CHECK(!sem_init(&second, 0, 0));
	/* Its neighbours are taken, so nothing else but a single page fits there. */
	place = (uint64_t *)(reserved + PAGE);
	on_signal(SIGSEGV, on_fault, SA_NODEFER);
	run_threads(3, player);
	printf("faults %llu %llu, signatures %016llx %016llx\n",
	       (unsigned long long)faults[1], (unsigned long long)faults[2],
	       (unsigned long long)sig[1], (unsigned long long)sig[2]);
	return 0;
}
