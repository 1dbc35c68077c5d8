// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random numbers of the processor, in operands of all sizes; and the bytes of the
 * instruction where they are none: in the middle of another, as data, and HLT.
 */
#include <cpuid.h>
#include <setjmp.h>
#include "prog.h"

/* As the compiler has it, and as libraries have it in assembler. */
#define RANDOM(name, type, insn)						\
static type name(int *ok)							\
{										\
	unsigned char carry;							\
	type value = ~0;							\
										\
	asm volatile(insn " %0; setc %1" : "+r" (value), "=qm" (carry) : : "cc");\
	*ok &= carry;								\
	return value;								\
}

RANDOM(rdrand16, uint16_t, "rdrand")
RANDOM(rdrand32, uint32_t, "rdrand")
RANDOM(rdrand64, uint64_t, "rdrand")
RANDOM(rdseed16, uint16_t, "rdseed")
RANDOM(rdseed32, uint32_t, "rdseed")
RANDOM(rdseed64, uint64_t, "rdseed")

static uint64_t in_r15(void)
{
	uint64_t value;

	asm volatile("1: rdrand %%r15; jnc 1b; mov %%r15, %0" : "=r" (value) : : "r15", "cc");
	return value;
}

/* The upper half of a register that gets 16 bits stays as it is, that of 32 is cleared. */
static void halves(void)
{
	uint64_t a = ~0ull, b = ~0ull;

	asm volatile("rdrand %w0; sbb %%ecx, %%ecx" : "+r" (a) : : "rcx", "cc");
	asm volatile("rdrand %k0; adc $0, %%ecx" : "+r" (b) : : "rcx", "cc");
	CHECK(a >> 16 == ~0ull >> 16 && !(b >> 32));
	printf("halves %llx %llx\n", (unsigned long long)a, (unsigned long long)b);
}

/* MOV of a constant that looks like RDRAND, with JC behind it. */
static uint32_t constant(void)
{
	uint32_t value;

	asm volatile("mov $0x72f0c70f, %0; jc 1f; 1:" : "=r" (value));
	return value;
}

static sigjmp_buf back;

static void jump_back(int signo)
{
	siglongjmp(back, signo);
}

static int halts(void)
{
	int signo = sigsetjmp(back, 1);

	if (!signo)
		asm volatile(".byte 0xf4, 0xc7, 0xf0, 0x72, 0x00");
	return signo;
}

int main(void)
{
	unsigned int a, b = 0, c = 0, d;
	int ok = 1;

	__get_cpuid(1, &a, &b, &c, &d);
	if (!(c & bit_RDRND)) {
		printf("no RDRAND\n");
		return 0;
	}
	for (int i = 0; i < 20; i++)
		printf("%x %x %llx\n", rdrand16(&ok), rdrand32(&ok),
		       (unsigned long long)(rdrand64(&ok) ^ in_r15()));
	__get_cpuid_count(7, 0, &a, &b, &c, &d);
	if (b & bit_RDSEED)
		printf("%x %x %llx\n", rdseed16(&ok), rdseed32(&ok),
		       (unsigned long long)rdseed64(&ok));
	halves();
	CHECK(constant() == 0x72f0c70f);
	signal(SIGSEGV, jump_back);
	CHECK(halts() == SIGSEGV);
	printf("%s\n", ok ? "all came" : "some did not come");
	return 0;
}
