// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cpumask.h>
#include <linux/cred.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "answer.h"
#include "bounce.h"
#include "record.h"
#include "task.h"

/* Write to the program what is answered here, and log it. */
static bool rr_answer_tell(struct rr_task *t, unsigned long addr, const void *data, size_t len)
{
	size_t left;

	if (rr_task_parallel(t))
		return rr_bounce_put(t, addr, data, len);
	left = copy_to_user((void __user *)addr, data, len);
	if (left < len)
		rr_record_mem(t, addr, data, len - left);
	return !left;
}

/*
 * Read an argument of a call that is answered here: past the lanes, as the log has what
 * came of it, and a page that is not to be had now must not look like none.
 */
static bool rr_answer_ask(struct rr_task *t, void *data, unsigned long addr, size_t len)
{
	struct rr_table *table = t->cr3.table;
	bool good;

	if (rr_task_parallel(t))
		rr_cr3_switch(&t->cr3, NULL);
	good = !copy_from_user(data, (void __user *)addr, len);
	rr_cr3_switch(&t->cr3, table);
	return good;
}

/*
 * That RDTSC traps is ours: the program sees and sets its own mode. So is the
 * flag that brings each system call here.
 */
static bool rr_answer_prctl(struct rr_task *t, struct pt_regs *regs)
{
	int mode = t->tsc_faults ? PR_TSC_SIGSEGV : PR_TSC_ENABLE;

	if (t->args[0] == PR_SET_SYSCALL_USER_DISPATCH) {
		regs->ax = -EINVAL;
		return true;
	}
	if (t->args[0] != PR_GET_TSC && t->args[0] != PR_SET_TSC)
		return false;
	regs->ax = 0;
	if (t->args[0] == PR_GET_TSC) {
		if (!rr_answer_tell(t, t->args[1], &mode, sizeof(mode)))
			regs->ax = -EFAULT;
	} else if (t->args[1] == PR_TSC_ENABLE || t->args[1] == PR_TSC_SIGSEGV) {
		t->tsc_faults = t->args[1] == PR_TSC_SIGSEGV;
	} else {
		regs->ax = -EINVAL;
	}
	return true;
}

/* As for the kernel's own call: may the current task say where @p runs? */
static bool rr_may_bind(struct task_struct *p)
{
	const struct cred *cred;
	bool may;

	rcu_read_lock();
	cred = __task_cred(p);
	may = uid_eq(current_euid(), cred->euid) || uid_eq(current_euid(), cred->uid) ||
	      ns_capable(cred->user_ns, CAP_SYS_NICE);
	rcu_read_unlock();
	return may;
}

/*
 * Get (@want is NULL) or set the mask that a task of the group thinks it has; -ENOENT:
 * it is none of the group.
 */
static int rr_answer_mask(struct rr_task *t, pid_t pid, struct cpumask *got,
			  const struct cpumask *want)
{
	struct rr_task *of = pid ? NULL : t, *each;
	struct cpumask may;
	int ret = -ENOENT;
	unsigned long id;

	xa_lock(&t->s->tasks);
	if (pid)
		xa_for_each(&t->s->tasks, id, each)
			if (task_pid_vnr(each->task) == pid)
				of = each;
	if (of && !want) {
		cpumask_copy(got, &of->cpus);
		ret = 0;
	} else if (of && !rr_may_bind(of->task)) {
		ret = -EPERM;
	} else if (of) {
		rr_task_may_run(of->task, &may);
		ret = cpumask_and(&may, &may, want) ? 0 : -EINVAL;
		if (!ret)
			cpumask_copy(&of->cpus, &may);
	}
	xa_unlock(&t->s->tasks);
	return ret;
}

/*
 * The binding to one processor is ours: the program sees and sets masks of its own.
 * Those of tasks outside the group are the kernel's business.
 */
static bool rr_answer_affinity(struct rr_task *t, struct pt_regs *regs)
{
	size_t len = t->args[1], size = min_t(size_t, len, cpumask_size());
	struct cpumask mask = CPU_MASK_NONE;
	pid_t pid = t->args[0];
	int ret;

	if (t->nr == __NR_sched_setaffinity) {
		ret = rr_answer_ask(t, &mask, t->args[2], size) ?
		      rr_answer_mask(t, pid, NULL, &mask) : -EFAULT;
	} else if (len * BITS_PER_BYTE < nr_cpu_ids || (len & (sizeof(long) - 1))) {
		ret = -EINVAL;
	} else {
		ret = rr_answer_mask(t, pid, &mask, NULL);
		if (!ret)
			ret = rr_answer_tell(t, t->args[2], &mask, size) ? size : -EFAULT;
	}
	if (ret == -ENOENT)
		return false;
	regs->ax = ret;
	return true;
}

/**
 * rr_answer() - answer a call that asks about, or would change, what is ours
 * @t: current's, recording, in RR_STAY_ENTRY with the call's number and arguments
 * @regs: get the result
 *
 * Context: sleeps; with the lane's token. What it writes to memory it logs.
 * Return: false: it is the kernel's to answer.
 */
bool rr_answer(struct rr_task *t, struct pt_regs *regs)
{
	switch (t->nr) {
	case __NR_sched_setaffinity:
	case __NR_sched_getaffinity:
		return rr_answer_affinity(t, regs);
	case __NR_prctl:
		return rr_answer_prctl(t, regs);
	}
	return false;
}
