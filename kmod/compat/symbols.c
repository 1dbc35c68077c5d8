// SPDX-License-Identifier: GPL-2.0-only
#include <linux/kprobes.h>
#include <linux/module.h>

#include "compat/symbols.h"

struct rr_symbols rr_sym __ro_after_init;

/*
 * kallsyms_lookup_name() is not exported since 5.7, but a kprobe may be placed
 * on it, and a kprobe tells the address of what it probes.
 */
static int __init rr_symbols_find_lookup(unsigned long (**lookup)(const char *))
{
	struct kprobe kp = { .symbol_name = "kallsyms_lookup_name" };
	int ret = register_kprobe(&kp);

	if (ret) {
		pr_err("no kallsyms_lookup_name (%d): this kernel needs CONFIG_KPROBES and CONFIG_KALLSYMS\n",
		       ret);
		return ret;
	}
	*lookup = (void *)kp.addr;
	unregister_kprobe(&kp);
	return 0;
}

/**
 * rr_symbols_init() - look up all of rr_sym
 *
 * Context: module load.
 * Return: 0, -ENOENT if the kernel lacks a symbol (its name is in the kernel
 * log), or what register_kprobe() says.
 */
int __init rr_symbols_init(void)
{
	unsigned long (*lookup)(const char *);
	int ret = rr_symbols_find_lookup(&lookup);

	if (ret)
		return ret;
#define RR_SYMBOL_LOOKUP(type, name, args)				\
	rr_sym.name = (void *)lookup(#name);				\
	if (!rr_sym.name) {						\
		pr_err("kernel lacks symbol " #name ": this kernel is not supported\n"); \
		return -ENOENT;						\
	}
	RR_SYMBOLS(RR_SYMBOL_LOOKUP)
#undef RR_SYMBOL_LOOKUP
	return 0;
}
