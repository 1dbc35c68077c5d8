// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bugs on purpose, one at a time: whoever looks for such bugs has to find them
 * ("detectors"). Never part of rrcrew.ko.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#define HANG_SECONDS	300
#define RACE_SECONDS	10
#define LOST_OBJECTS	10

static char *bug = "none";
module_param(bug, charp, 0);
MODULE_PARM_DESC(bug, "which one (default: none)");

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static DEFINE_SPINLOCK(spin);
static unsigned long shared;
static void *kept;

static void inversion(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);

	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

static void atomic_sleep(void)
{
	spin_lock(&spin);
	msleep(20);
	spin_unlock(&spin);
}

static void use_after_free(void)
{
	int *freed = kmalloc(sizeof(*freed), GFP_KERNEL);

	kfree(freed);
	OPTIMIZER_HIDE_VAR(freed);
	if (freed)
		pr_info("%d\n", READ_ONCE(*freed));
}

/* More than one, because kmemleak finds what looks like a pointer anywhere. */
static void leak(void)
{
	int i;

	for (i = 0; i < LOST_OBJECTS; i++)
		kept = kmalloc(128, GFP_KERNEL);
	kept = NULL;
}

static int count(void *unused)
{
	while (!kthread_should_stop()) {
		shared++;
		cond_resched();
	}
	return 0;
}

static void race(void)
{
	struct task_struct *threads[2];
	int i;

	for (i = 0; i < ARRAY_SIZE(threads); i++)
		threads[i] = kthread_run(count, NULL, "planted%d", i);
	msleep(RACE_SECONDS * MSEC_PER_SEC);
	for (i = 0; i < ARRAY_SIZE(threads); i++)
		if (!IS_ERR(threads[i]))
			kthread_stop(threads[i]);
}

static void hang(void)
{
	schedule_timeout_uninterruptible(HANG_SECONDS * HZ);
}

static const struct {
	const char	*name;
	void		(*plant)(void);
} bugs[] = {
	{ "inversion", inversion },
	{ "atomic_sleep", atomic_sleep },
	{ "use_after_free", use_after_free },
	{ "leak", leak },
	{ "race", race },
	{ "hang", hang },
};

static int __init planted_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(bugs); i++) {
		if (strcmp(bug, bugs[i].name))
			continue;
		bugs[i].plant();
		return 0;
	}
	return strcmp(bug, "none") ? -EINVAL : 0;
}
module_init(planted_init);

static void __exit planted_exit(void)
{
	kfree(kept);
}
module_exit(planted_exit);

MODULE_DESCRIPTION("rrcrew: planted bugs, to test what finds bugs");
MODULE_LICENSE("GPL");
