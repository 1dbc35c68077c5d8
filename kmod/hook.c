// SPDX-License-Identifier: GPL-2.0-only
#include <linux/ftrace.h>
#include <linux/kdebug.h>
#include <linux/module.h>
#include <linux/workqueue.h>

#include "compat/symbols.h"
#include "hook.h"
#include "session.h"
#include "task.h"

/* Installing and removing disturbs all processors. */
static unsigned int hooks_idle = 10;
module_param(hooks_idle, uint, 0644);
MODULE_PARM_DESC(hooks_idle, "seconds that the hooks stay after the last session (default 10)");

/* One row per hooked function; the most frequent first. */
#define RR_HOOK(func, to) { #func, offsetof(struct rr_symbols, func), to }
static const struct rr_hook {
	const char	*name;
	size_t		symbol;		/* in rr_sym */
	void		*to;
} rr_hooks[] = {
	RR_HOOK(handle_mm_fault, rr_hook_fault),
	RR_HOOK(syscall_user_dispatch, rr_hook_syscall),
	RR_HOOK(hw_breakpoint_exceptions_notify, rr_hook_debug),
	RR_HOOK(arch_do_signal_or_restart, rr_hook_signal),
	RR_HOOK(fixup_vdso_exception, rr_hook_trap),
	RR_HOOK(wake_up_new_task, rr_hook_new_task),
	RR_HOOK(exit_mm_release, rr_hook_exit),
	RR_HOOK(begin_new_exec, rr_hook_exec),
	RR_HOOK(ptrace_notify, rr_hook_ptrace_stop),
};

/* Where ftrace finds each function: its fentry site. Constant while installed. */
static unsigned long rr_hook_ip[ARRAY_SIZE(rr_hooks)];

/*
 * Hooked functions that tasks are inside of. Counted up in the callback, before
 * our function is reached, so that a task on its way there keeps us loaded.
 */
static atomic_t rr_hooks_inside = ATOMIC_INIT(0);

/* Protects the count of users, and installing and removing. */
static DEFINE_MUTEX(rr_hooks_lock);
static unsigned int rr_hooks_users;
static bool rr_hooks_on;

static void notrace rr_hooks_callback(unsigned long ip, unsigned long parent_ip,
				      struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	struct pt_regs *regs;
	int i;

	if (!rr_task_current() || within_module(parent_ip, THIS_MODULE))
		return;
	for (i = 0; i < ARRAY_SIZE(rr_hooks); i++) {
		if (rr_hook_ip[i] != ip)
			continue;
		regs = ftrace_get_regs(fregs);
		if (regs) {
			atomic_inc(&rr_hooks_inside);
			regs->ip = (unsigned long)rr_hooks[i].to;
		}
		return;
	}
}

/**
 * rr_hook_done() - the last thing that a hook function does
 */
void rr_hook_done(void)
{
	atomic_dec(&rr_hooks_inside);
}

static struct ftrace_ops rr_hooks_ops = {
	.func	= rr_hooks_callback,
	.flags	= FTRACE_OPS_FL_SAVE_REGS | FTRACE_OPS_FL_IPMODIFY,
};

static int rr_hooks_install(char *text)
{
	unsigned long entry;
	int ret, i;

	for (i = 0; i < ARRAY_SIZE(rr_hooks); i++) {
		entry = *(unsigned long *)((void *)&rr_sym + rr_hooks[i].symbol);
		rr_hook_ip[i] = rr_sym.ftrace_location(entry);
		ret = rr_hook_ip[i] ? ftrace_set_filter_ip(&rr_hooks_ops, rr_hook_ip[i], 0, 0)
				    : -ENOENT;
		if (ret) {
			scnprintf(text, RR_TEXT_MAX, "kernel function %s cannot be traced (%d): is CONFIG_DYNAMIC_FTRACE on?",
				  rr_hooks[i].name, ret);
			return ret;
		}
	}
	ret = register_ftrace_function(&rr_hooks_ops);
	if (ret)
		scnprintf(text, RR_TEXT_MAX,
			  "hooks cannot be installed (%d)%s", ret,
			  ret == -EBUSY ? ": a live patch has changed one of the functions" : "");
	return ret;
}

static void rr_hooks_remove(void)
{
	unregister_ftrace_function(&rr_hooks_ops);
	ftrace_set_filter(&rr_hooks_ops, NULL, 0, 1);
	rr_hooks_on = false;
}

static void rr_hooks_idle(struct work_struct *work)
{
	mutex_lock(&rr_hooks_lock);
	if (rr_hooks_on && !rr_hooks_users)
		rr_hooks_remove();
	mutex_unlock(&rr_hooks_lock);
}
static DECLARE_DELAYED_WORK(rr_hooks_idle_work, rr_hooks_idle);

/**
 * rr_hooks_get() - a session needs the hooks
 * @text: RR_TEXT_MAX bytes for the cause of a failure
 *
 * Context: may sleep. Return: 0 or a negative errno.
 */
int rr_hooks_get(char *text)
{
	int ret = 0;

	mutex_lock(&rr_hooks_lock);
	if (!rr_hooks_on) {
		ret = rr_hooks_install(text);
		rr_hooks_on = !ret;
	}
	if (!ret)
		rr_hooks_users++;
	mutex_unlock(&rr_hooks_lock);
	return ret;
}

/**
 * rr_hooks_put() - a session no longer needs them
 *
 * Context: may sleep.
 */
void rr_hooks_put(void)
{
	mutex_lock(&rr_hooks_lock);
	if (!--rr_hooks_users)
		mod_delayed_work(system_wq, &rr_hooks_idle_work,
				 min(hooks_idle, 86400u) * HZ);
	mutex_unlock(&rr_hooks_lock);
}

/* Before all others: debuggers in the group must not see our INT3. */
static struct notifier_block rr_hooks_die = {
	.notifier_call	= rr_detour_trap,
	.priority	= INT_MAX,
};

int __init rr_hooks_init(void)
{
	preempt_notifier_inc();
	register_die_notifier(&rr_hooks_die);
	return 0;
}

/**
 * rr_hooks_exit() - remove the hooks and wait until nobody is inside
 *
 * No session and no tagged task exists any more (each pins the module), so
 * only tails of hook functions can be running.
 */
void rr_hooks_exit(void)
{
	cancel_delayed_work_sync(&rr_hooks_idle_work);
	mutex_lock(&rr_hooks_lock);
	if (rr_hooks_on)
		rr_hooks_remove();
	mutex_unlock(&rr_hooks_lock);
	while (atomic_read(&rr_hooks_inside))
		schedule_timeout_uninterruptible(1);
	/* From the decrement to the return there are a few instructions more. */
	synchronize_rcu_tasks();
	unregister_die_notifier(&rr_hooks_die);
	preempt_notifier_dec();
}
