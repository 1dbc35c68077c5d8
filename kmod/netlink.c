// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/sched/signal.h>
#include <net/genetlink.h>

#include "netlink.h"
#include "replay.h"
#include "session.h"
#include "task.h"

static struct genl_family rr_family;

static const struct nla_policy rr_policy[RRCREW_ATTR_MAX + 1] = {
	[RRCREW_ATTR_SESSION]	= { .type = NLA_U32 },
	[RRCREW_ATTR_MODE]	= NLA_POLICY_RANGE(NLA_U32, RRCREW_MODE_RECORD,
						   RRCREW_MODE_REPLAY),
	[RRCREW_ATTR_FLAGS]	= NLA_POLICY_MASK(NLA_U32, RRCREW_F_CHECK_FULL),
	[RRCREW_ATTR_LANES]	= { .type = NLA_U32 },
};

static struct rr_session *rr_netlink_session(struct genl_info *info)
{
	struct rr_session *s;

	if (!info->attrs[RRCREW_ATTR_SESSION]) {
		NL_SET_ERR_MSG(info->extack, "attribute SESSION is missing");
		return NULL;
	}
	s = rr_session_find(nla_get_u32(info->attrs[RRCREW_ATTR_SESSION]));
	if (!s)
		NL_SET_ERR_MSG(info->extack, "no such session: rrctl status lists them");
	return s;
}

static int rr_put_divergence(struct sk_buff *msg, const struct rr_divergence *div)
{
	return nla_put_u32(msg, RRCREW_ATTR_DIV_LANE, div->lane) ||
	       nla_put_u32(msg, RRCREW_ATTR_DIV_TASK, div->task) ||
	       nla_put_u64_64bit(msg, RRCREW_ATTR_DIV_EVENT, div->event, RRCREW_ATTR_PAD) ||
	       nla_put_string(msg, RRCREW_ATTR_DIV_EXPECTED, div->expected) ||
	       nla_put_string(msg, RRCREW_ATTR_DIV_GOT, div->got) ||
	       nla_put(msg, RRCREW_ATTR_DIV_REGS, sizeof(div->regs), &div->regs) ||
	       nla_put(msg, RRCREW_ATTR_DIV_INSN, sizeof(div->insn), div->insn) ||
	       nla_put_u32(msg, RRCREW_ATTR_DIV_PID, div->pid);
}

static int rr_put_waits(struct sk_buff *msg, struct rr_session *s)
{
	u64 waits[RRCREW_NR_WAITS];
	int i;

	for (i = 0; i < RRCREW_NR_WAITS; i++)
		waits[i] = atomic64_read(&s->waits[i]);
	return nla_put(msg, RRCREW_ATTR_WAITS, sizeof(waits), waits);
}

static int rr_put_stats(struct sk_buff *msg, struct rr_session *s)
{
	static const u16 attr[RR_NR_STATS] = {
		[RR_STAT_FAULTS]	= RRCREW_ATTR_FAULTS,
		[RR_STAT_PAGEINS]	= RRCREW_ATTR_PAGEINS,
		[RR_STAT_SYSCALLS]	= RRCREW_ATTR_SYSCALLS,
		[RR_STAT_ASYNCS]	= RRCREW_ATTR_ASYNCS,
		[RR_STAT_FORCED]	= RRCREW_ATTR_FORCED,
		[RR_STAT_HITS]		= RRCREW_ATTR_HITS,
		[RR_STAT_SWITCHES]	= RRCREW_ATTR_SWITCHES,
		[RR_STAT_GRANTS]	= RRCREW_ATTR_GRANTS,
		[RR_STAT_REVOKES]	= RRCREW_ATTR_REVOKES,
		[RR_STAT_FLUSHES]	= RRCREW_ATTR_FLUSHES,
		[RR_STAT_DENIED]	= RRCREW_ATTR_DENIED,
		[RR_STAT_MOVES]		= RRCREW_ATTR_MOVES,
		[RR_STAT_PAGES]		= RRCREW_ATTR_PAGES,
		[RR_STAT_EXCLUSIVE]	= RRCREW_ATTR_EXCLUSIVE,
		[RR_STAT_MIGRATORY]	= RRCREW_ATTR_MIGRATORY,
		[RR_STAT_ASYNC_NS]	= RRCREW_ATTR_ASYNC_NS,
	};
	struct rr_out_stats st = { 0 };
	int i;

	for (i = 0; i < RR_NR_STATS; i++)
		if (nla_put_u64_64bit(msg, attr[i], atomic64_read(&s->stat[i]),
				      RRCREW_ATTR_PAD))
			return -EMSGSIZE;
	if (rr_put_waits(msg, s))
		return -EMSGSIZE;
	if (s->out)
		rr_out_stats(s->out, &st);
	else
		for (i = 0; i < s->nr_lanes; i++)
			st.events += rr_in_event_nr(s->in, i);
	return nla_put_u64_64bit(msg, RRCREW_ATTR_EVENTS, st.events, RRCREW_ATTR_PAD) ||
	       nla_put_u64_64bit(msg, RRCREW_ATTR_BYTES, st.bytes, RRCREW_ATTR_PAD) ||
	       nla_put_u64_64bit(msg, RRCREW_ATTR_RAW_BYTES, st.raw_bytes, RRCREW_ATTR_PAD) ||
	       nla_put_u64_64bit(msg, RRCREW_ATTR_HANDOVER_BYTES, st.handover_bytes,
				 RRCREW_ATTR_PAD);
}

static int rr_put_session(struct sk_buff *msg, struct rr_session *s)
{
	char text[RR_TEXT_MAX];
	struct rr_divergence *div = NULL;
	u32 state, result;
	int ret;

	spin_lock(&s->lock);
	state = s->state;
	result = s->result;
	strscpy(text, s->text, sizeof(text));
	spin_unlock(&s->lock);
	if (result == RRCREW_RESULT_DIVERGED)
		div = &s->div;	/* written before the result, never again */
	ret = nla_put_u32(msg, RRCREW_ATTR_SESSION, s->id) ||
	      nla_put_u32(msg, RRCREW_ATTR_MODE, s->mode) ||
	      nla_put_u32(msg, RRCREW_ATTR_FLAGS, s->flags) ||
	      nla_put_u32(msg, RRCREW_ATTR_LANES, s->nr_lanes) ||
	      nla_put_u32(msg, RRCREW_ATTR_STATE, state) ||
	      nla_put_u32(msg, RRCREW_ATTR_RESULT, result) ||
	      nla_put_string(msg, RRCREW_ATTR_TEXT, text) ||
	      nla_put_u32(msg, RRCREW_ATTR_TASKS, atomic_read(&s->nr_tasks)) ||
	      nla_put_u32(msg, RRCREW_ATTR_TASKS_TOTAL, atomic_read(&s->nr_total)) ||
	      nla_put_u32(msg, RRCREW_ATTR_OWNER, s->owner_pid) ||
	      nla_put_u64_64bit(msg, RRCREW_ATTR_NS, rr_session_ns(s), RRCREW_ATTR_PAD) ||
	      rr_put_stats(msg, s) || (div && rr_put_divergence(msg, div));
	return ret ? -EMSGSIZE : 0;
}

/* One for each CPU that the recorded program may use: it is about to be our child. */
static u32 rr_lanes_default(void)
{
	return min_t(u32, cpumask_weight(current->cpus_ptr), RR_SPACE_LANES_MAX);
}

static char rr_new_text[RR_TEXT_MAX] = "session cannot be made";

static int rr_cmd_session_new(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;
	char text[RR_TEXT_MAX] = "";
	struct rr_session *s;
	struct sk_buff *msg;
	u32 mode, flags = 0, lanes = 0;
	void *hdr;

	if (!attrs[RRCREW_ATTR_MODE]) {
		NL_SET_ERR_MSG(info->extack, "attribute MODE is missing");
		return -EINVAL;
	}
	if (attrs[RRCREW_ATTR_LANES])
		lanes = nla_get_u32(attrs[RRCREW_ATTR_LANES]);
	if (!lanes)
		lanes = rr_lanes_default();
	if (lanes > RR_SPACE_LANES_MAX) {
		NL_SET_ERR_MSG(info->extack, "too many lanes: 32 at most");
		return -EINVAL;
	}
	mode = nla_get_u32(attrs[RRCREW_ATTR_MODE]);
	if (attrs[RRCREW_ATTR_FLAGS])
		flags = nla_get_u32(attrs[RRCREW_ATTR_FLAGS]);
	msg = nlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	s = rr_session_new(mode, flags, lanes, info->snd_portid, text);
	if (IS_ERR(s)) {
		nlmsg_free(msg);
		/*
		 * The message must be constant until it is sent; two that fail at
		 * the same moment may mix their texts, no more.
		 */
		strscpy(rr_new_text, text, sizeof(rr_new_text));
		if (info->extack)
			info->extack->_msg = rr_new_text;
		pr_err("%s\n", text);
		return PTR_ERR(s);
	}
	hdr = genlmsg_put_reply(msg, info, &rr_family, 0, RRCREW_CMD_SESSION_NEW);
	nla_put_u32(msg, RRCREW_ATTR_SESSION, s->id);
	genlmsg_end(msg, hdr);
	rr_session_put(s);
	return genlmsg_reply(msg, info);
}

static int rr_cmd_join(struct sk_buff *skb, struct genl_info *info)
{
	struct rr_session *s = rr_netlink_session(info);
	struct rr_task *t;
	int ret = 0;

	if (!s)
		return -ENOENT;
	if (rr_task_current() || rr_session_ended(s) || atomic_read(&s->nr_total) ||
	    get_nr_threads(current) != 1) {
		NL_SET_ERR_MSG(info->extack,
			       "cannot join: one single-threaded task joins a new session");
		ret = -EBUSY;
		goto out;
	}
	t = rr_task_new(s, current, &s->lane[0], 1);
	if (!t) {
		ret = -ENOMEM;
		goto out;
	}
	t->phase = RR_PHASE_ARMED;
	rr_task_tag(t);
	if (!rr_session_records(s)) {
		rr_session_running(s);
		s->start = ktime_get();
		t->phase = RR_PHASE_ACTIVE;
		t->stay = RR_STAY_START;
		rr_task_queue_leave(t);
	}
out:
	rr_session_put(s);
	return ret;
}

static int rr_cmd_session_stop(struct sk_buff *skb, struct genl_info *info)
{
	struct rr_session *s = rr_netlink_session(info);

	if (!s)
		return -ENOENT;
	rr_session_end(s, RRCREW_RESULT_STOPPED, "stopped on request");
	if (!rr_session_records(s))
		rr_session_release_tasks(s);
	rr_session_put(s);
	return 0;
}

static int rr_cmd_session_get(struct sk_buff *skb, struct genl_info *info)
{
	struct rr_session *s = rr_netlink_session(info);
	struct sk_buff *msg;
	void *hdr;
	int ret;

	if (!s)
		return -ENOENT;
	msg = nlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!msg) {
		rr_session_put(s);
		return -ENOMEM;
	}
	hdr = genlmsg_put_reply(msg, info, &rr_family, 0, RRCREW_CMD_SESSION_GET);
	ret = hdr ? rr_put_session(msg, s) : -EMSGSIZE;
	rr_session_put(s);
	if (ret) {
		nlmsg_free(msg);
		return ret;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

static int rr_cmd_session_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	u32 after = (u32)cb->args[0] - 1;
	struct rr_session *s;
	void *hdr;

	while ((s = rr_session_next(after))) {
		hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				  &rr_family, NLM_F_MULTI, RRCREW_CMD_SESSION_GET);
		if (!hdr || rr_put_session(skb, s)) {
			if (hdr)
				genlmsg_cancel(skb, hdr);
			rr_session_put(s);
			break;
		}
		genlmsg_end(skb, hdr);
		after = s->id;
		rr_session_put(s);
	}
	cb->args[0] = (u32)(after + 1);
	return skb->len;
}

/* What pre_doit is to the others. */
static int rr_cmd_session_dump_start(struct netlink_callback *cb)
{
	return netlink_capable(cb->skb, CAP_SYS_ADMIN) ? 0 : -EPERM;
}

static const struct genl_ops rr_ops[] = {
	{
		.cmd	= RRCREW_CMD_SESSION_NEW,
		.doit	= rr_cmd_session_new,
	}, {
		.cmd	= RRCREW_CMD_JOIN,
		.doit	= rr_cmd_join,
	}, {
		.cmd	= RRCREW_CMD_SESSION_STOP,
		.doit	= rr_cmd_session_stop,
	}, {
		.cmd	= RRCREW_CMD_SESSION_GET,
		.doit	= rr_cmd_session_get,
		.start	= rr_cmd_session_dump_start,
		.dumpit	= rr_cmd_session_dump,
	},
};

/* GENL_ADMIN_PERM asks for CAP_NET_ADMIN, which nobody needs here. */
static int rr_netlink_allowed(const struct genl_ops *ops, struct sk_buff *skb,
			      struct genl_info *info)
{
	if (netlink_capable(skb, CAP_SYS_ADMIN))
		return 0;
	NL_SET_ERR_MSG(info->extack, "recording and replaying need CAP_SYS_ADMIN");
	return -EPERM;
}

static const struct genl_multicast_group rr_groups[] = {
	/* A divergence has registers and code of a program. */
	{ .name = RRCREW_GENL_NOTICES, .flags = GENL_MCAST_CAP_SYS_ADMIN },
};

static struct genl_family rr_family __ro_after_init = {
	.name		= RRCREW_GENL_NAME,
	.version	= RRCREW_GENL_VERSION,
	.maxattr	= RRCREW_ATTR_MAX,
	.policy		= rr_policy,
	.module		= THIS_MODULE,
	.ops		= rr_ops,
	.n_ops		= ARRAY_SIZE(rr_ops),
	.mcgrps		= rr_groups,
	.n_mcgrps	= ARRAY_SIZE(rr_groups),
	.pre_doit	= rr_netlink_allowed,
	.parallel_ops	= true,
};

/**
 * rr_netlink_notice() - tell whoever listens
 * @s: session
 * @notice: what
 * @text: instead of the session's, or NULL
 *
 * Context: may sleep. Losing a notice is not an error: SESSION_GET tells all.
 */
void rr_netlink_notice(struct rr_session *s, enum rrcrew_notice notice, const char *text)
{
	struct sk_buff *msg = nlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	void *hdr;

	if (!msg)
		return;
	hdr = genlmsg_put(msg, 0, 0, &rr_family, 0, RRCREW_CMD_NOTICE);
	if (!hdr || nla_put_u32(msg, RRCREW_ATTR_NOTICE, notice) ||
	    (text ? nla_put_u32(msg, RRCREW_ATTR_SESSION, s->id) ||
		    nla_put_string(msg, RRCREW_ATTR_TEXT, text)
		  : rr_put_session(msg, s))) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_end(msg, hdr);
	genlmsg_multicast(&rr_family, msg, 0, 0, GFP_KERNEL);
}

static int rr_netlink_event(struct notifier_block *nb, unsigned long event, void *data)
{
	struct netlink_notify *n = data;

	/* The family is of the first namespace; ports elsewhere are others. */
	if (event == NETLINK_URELEASE && n->protocol == NETLINK_GENERIC &&
	    net_eq(n->net, &init_net))
		rr_session_owner_gone(n->portid);
	return NOTIFY_DONE;
}

static struct notifier_block rr_netlink_nb = { .notifier_call = rr_netlink_event };

int __init rr_netlink_init(void)
{
	int ret = netlink_register_notifier(&rr_netlink_nb);

	if (ret)
		return ret;
	ret = genl_register_family(&rr_family);
	if (ret)
		netlink_unregister_notifier(&rr_netlink_nb);
	return ret;
}

void rr_netlink_exit(void)
{
	genl_unregister_family(&rr_family);
	netlink_unregister_notifier(&rr_netlink_nb);
}
