// SPDX-License-Identifier: GPL-2.0-only
/* rrcrew: record and replay of process groups. */
#include <linux/module.h>

#include "compat/symbols.h"
#include "crew/pte.h"
#include "debugfs.h"
#include "digest.h"
#include "hook.h"
#include "logdev/logdev.h"
#include "netlink.h"

static int __init rr_init(void)
{
	int ret;

	ret = rr_symbols_init();
	if (ret)
		return ret;
	rr_digest_init();
	rr_tables_init();
	ret = rr_hooks_init();
	if (ret)
		return ret;
	ret = rr_chardev_init();
	if (ret)
		goto err_hooks;
	ret = rr_netlink_init();
	if (ret)
		goto err_chardev;
	rr_debugfs_init();
	return 0;

err_chardev:
	rr_chardev_exit();
err_hooks:
	rr_hooks_exit();
	return ret;
}

static void __exit rr_exit(void)
{
	rr_debugfs_exit();
	rr_netlink_exit();
	rr_chardev_exit();
	rr_hooks_exit();
}

module_init(rr_init);
module_exit(rr_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Record and replay of process groups");
MODULE_VERSION("0.1");
