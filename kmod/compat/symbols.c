// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kprobes.h>
#include <linux/module.h>

#include "compat/symbols.h"

struct rr_symbols rr_sym __ro_after_init;

#define RR_SYMBOL(name) { #name, (void **)&rr_sym.name }
static const struct {
	const char	*name;
	void		**address;
} rr_symbol_names[] = {
	RR_SYMBOL(handle_mm_fault),
	RR_SYMBOL(syscall_user_dispatch),
	RR_SYMBOL(arch_do_signal_or_restart),
	RR_SYMBOL(ptrace_notify),
	RR_SYMBOL(fixup_vdso_exception),
	RR_SYMBOL(wake_up_new_task),
	RR_SYMBOL(begin_new_exec),
	RR_SYMBOL(exit_mm_release),
	RR_SYMBOL(x64_sys_call),
	RR_SYMBOL(flush_tlb_mm_range),
	RR_SYMBOL(kernel_clone),
	RR_SYMBOL(do_exit),
	RR_SYMBOL(fpu__clear_user_states),
	RR_SYMBOL(disable_TSC),
	RR_SYMBOL(set_tsc_mode),
	RR_SYMBOL(hw_breakpoint_exceptions_notify),
	RR_SYMBOL(ftrace_location),
	RR_SYMBOL(flush_sigqueue),
	RR_SYMBOL(insn_decode),
	RR_SYMBOL(insn_get_addr_ref),
	RR_SYMBOL(pgd_alloc),
	RR_SYMBOL(pgd_free),
#ifdef CONFIG_CPUSETS
	RR_SYMBOL(cpuset_cpus_allowed),
#endif
};

/* What kallsyms_lookup_name() is. */
typedef unsigned long (*rr_lookup_t)(const char *name);

/*
 * kallsyms_lookup_name() is not exported since 5.7, but a kprobe may be placed
 * on it, and a kprobe tells the address of what it probes.
 */
static int __init rr_symbols_find_lookup(rr_lookup_t *lookup)
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
	rr_lookup_t lookup;
	int ret, i;

	ret = rr_symbols_find_lookup(&lookup);
	if (ret)
		return ret;
	for (i = 0; i < ARRAY_SIZE(rr_symbol_names); i++) {
		*rr_symbol_names[i].address = (void *)lookup(rr_symbol_names[i].name);
		if (*rr_symbol_names[i].address)
			continue;
		pr_err("kernel lacks symbol %s: this kernel is not supported\n",
		       rr_symbol_names[i].name);
		return -ENOENT;
	}
	return 0;
}
