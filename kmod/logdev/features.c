// SPDX-License-Identifier: GPL-2.0-only
/*
 * What this CPU offers to user code, as the log header has it.
 */
#include <asm/cpufeature.h>
#include <asm/fpu/xcr.h>
#include <asm/processor.h>
#include "logdev.h"

static u64 features_pair(u32 high, u32 low)
{
	return (u64)high << 32 | low;
}

/**
 * rr_features_read() - the features of this machine
 * @features: filled in, see struct rrlog_header
 *
 * A log can be replayed here if its features & ~these are all zero.
 *
 * Context: any.
 */
void rr_features_read(u64 features[4])
{
	u32 ax, bx, cx, dx;

	cpuid(1, &ax, &bx, &cx, &dx);
	/* VMX and "hypervisor" are no instructions of user code. */
	cx &= ~(BIT(5) | BIT(31));
	features[0] = features_pair(cx, dx);
	features[1] = 0;
	if (cpuid_eax(0) >= 7) {
		cpuid_count(7, 0, &ax, &bx, &cx, &dx);
		features[1] = features_pair(bx, cx);
	}
	features[2] = 0;
	if (cpuid_eax(0x80000000) >= 0x80000001) {
		cpuid(0x80000001, &ax, &bx, &cx, &dx);
		features[2] = features_pair(cx, dx);
	}
	features[3] = boot_cpu_has(X86_FEATURE_OSXSAVE) ? xgetbv(XCR_XFEATURE_ENABLED_MASK) : 0;
}
