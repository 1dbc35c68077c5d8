// SPDX-License-Identifier: GPL-2.0-only
/*
 * The door to the kernel. All of libnl is in here.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <netlink/netlink.h>
#include <netlink/genl/genl.h>
#include <netlink/genl/ctrl.h>

#include "genl.h"
#include "macros.h"

struct rr_genl {
	struct nl_sock	*sk;
	int		family;
};

/* One command under way. */
struct call {
	rr_session_fn	fn;
	void		*data;
	bool		done;
	int		error;
};

static char error_text[RR_TEXT_LEN];

const char *rr_genl_error(void)
{
	return error_text;
}

static int error_set(int error, const char *text)
{
	snprintf(error_text, sizeof(error_text), "%s", text);
	return error;
}

/* The kernel's own words are best, but these two it says the same way to everybody. */
static int error_from_kernel(int error, const char *ack_text)
{
	if (error == -EPERM || error == -EACCES)
		return error_set(error,
				 "permission denied: run as root or with CAP_SYS_ADMIN");
	if (ack_text)
		return error_set(error, ack_text);
	if (error == -EOPNOTSUPP)
		return error_set(error, "rrcrew does not know this command: is the module older than rrctl?");
	return error_set(error, strerror(-error));
}

/* The family is in the first network namespace only. */
static int error_no_family(void)
{
	if (!access("/sys/module/rrcrew", F_OK))
		return error_set(-ENOENT, "rrcrew is loaded, but cannot be reached from this network namespace: use 'nsenter -t 1 -n rrctl ...'");
	return error_set(-ENOENT, "rrcrew is not loaded: modprobe rrcrew (if that fails, see dmesg)");
}

static int error_from_libnl(int error)
{
	switch (-error) {
	case NLE_OBJ_NOTFOUND:
		return error_no_family();
	case NLE_PERM:
	case NLE_NOACCESS:
		return error_from_kernel(-EPERM, NULL);
	case NLE_NOMEM:
		return error_from_kernel(-ENOMEM, NULL);
	default:
		snprintf(error_text, sizeof(error_text), "netlink: %s", nl_geterror(error));
		return -EIO;
	}
}

/* The text behind an error message, or NULL. */
static const char *ack_text(const struct nlmsgerr *err)
{
	const struct nlmsghdr *head = (const struct nlmsghdr *)err - 1;
	struct nlattr *attr[NLMSGERR_ATTR_MAX + 1];
	int skip = sizeof(*err);
	int len;

	if (!(head->nlmsg_flags & NLM_F_ACK_TLVS))
		return NULL;
	if (!(head->nlmsg_flags & NLM_F_CAPPED))
		skip += NLMSG_ALIGN(err->msg.nlmsg_len) - sizeof(err->msg);
	len = nlmsg_datalen(head) - skip;
	if (len <= 0 || nla_parse(attr, NLMSGERR_ATTR_MAX,
				  (struct nlattr *)((char *)err + skip), len, NULL))
		return NULL;
	return attr[NLMSGERR_ATTR_MSG] ? nla_get_string(attr[NLMSGERR_ATTR_MSG]) : NULL;
}

enum attr_kind { ATTR_U32 = 1, ATTR_U64, ATTR_TEXT, ATTR_WAITS };

#define ROW(_attr, _kind, _field)	\
	[RRCREW_ATTR_##_attr] = { _kind, offsetof(struct rr_session, _field) }

static const struct attr_row {
	__u8	kind;
	size_t	offset;
} attr_rows[] = {
	ROW(SESSION,		ATTR_U32,	id),
	ROW(MODE,		ATTR_U32,	mode),
	ROW(FLAGS,		ATTR_U32,	flags),
	ROW(LANES,		ATTR_U32,	lanes),
	ROW(STATE,		ATTR_U32,	state),
	ROW(RESULT,		ATTR_U32,	result),
	ROW(TEXT,		ATTR_TEXT,	text),
	ROW(TASKS,		ATTR_U32,	tasks),
	ROW(TASKS_TOTAL,	ATTR_U32,	tasks_total),
	ROW(EVENTS,		ATTR_U64,	events),
	ROW(BYTES,		ATTR_U64,	bytes),
	ROW(RAW_BYTES,		ATTR_U64,	raw_bytes),
	ROW(FAULTS,		ATTR_U64,	faults),
	ROW(PAGEINS,		ATTR_U64,	pageins),
	ROW(SYSCALLS,		ATTR_U64,	syscalls),
	ROW(ASYNCS,		ATTR_U64,	asyncs),
	ROW(FORCED,		ATTR_U64,	forced),
	ROW(HITS,		ATTR_U64,	hits),
	ROW(SWITCHES,		ATTR_U64,	switches),
	ROW(GRANTS,		ATTR_U64,	grants),
	ROW(REVOKES,		ATTR_U64,	revokes),
	ROW(FLUSHES,		ATTR_U64,	flushes),
	ROW(DENIED,		ATTR_U64,	denied),
	ROW(MOVES,		ATTR_U64,	moves),
	ROW(PAGES,		ATTR_U64,	pages),
	ROW(EXCLUSIVE,		ATTR_U64,	exclusive),
	ROW(MIGRATORY,		ATTR_U64,	migratory),
	ROW(ASYNC_NS,		ATTR_U64,	async_ns),
	ROW(HANDOVER_BYTES,	ATTR_U64,	handover_bytes),
	ROW(WAITS,		ATTR_WAITS,	waits),
	ROW(NS,			ATTR_U64,	ns),
	ROW(OWNER,		ATTR_U32,	owner),
	ROW(NOTICE,		ATTR_U32,	notice),
	ROW(DIV_LANE,		ATTR_U32,	div.lane),
	ROW(DIV_TASK,		ATTR_U32,	div.task),
	ROW(DIV_EVENT,		ATTR_U64,	div.event),
	ROW(DIV_EXPECTED,	ATTR_TEXT,	div.expected),
	ROW(DIV_GOT,		ATTR_TEXT,	div.got),
	ROW(DIV_PID,		ATTR_U32,	div.pid),
};

static void attr_read(struct rr_session *session, const struct nlattr *attr)
{
	unsigned int type = nla_type(attr);
	void *field;

	if (type >= ARRAY_SIZE(attr_rows))
		return;
	field = (char *)session + attr_rows[type].offset;
	if (attr_rows[type].kind == ATTR_U32 && nla_len(attr) == sizeof(__u32))
		memcpy(field, nla_data(attr), sizeof(__u32));
	else if (attr_rows[type].kind == ATTR_U64 && nla_len(attr) == sizeof(__u64))
		memcpy(field, nla_data(attr), sizeof(__u64));
	else if (attr_rows[type].kind == ATTR_WAITS)
		nla_memcpy(field, attr, sizeof(session->waits));
	else if (attr_rows[type].kind == ATTR_TEXT)
		nla_strlcpy(field, attr, RR_TEXT_LEN);
}

static void attr_read_state(struct rr_divergence *div, struct nlattr **attr)
{
	struct nlattr *regs = attr[RRCREW_ATTR_DIV_REGS];
	struct nlattr *insn = attr[RRCREW_ATTR_DIV_INSN];

	if (regs && nla_len(regs) == sizeof(div->regs)) {
		memcpy(&div->regs, nla_data(regs), sizeof(div->regs));
		div->has_regs = true;
	}
	if (insn)
		div->insn_len = nla_memcpy(div->insn, insn, sizeof(div->insn));
}

static int on_valid(struct nl_msg *msg, void *data)
{
	struct nlattr *attr[RRCREW_ATTR_MAX + 1];
	struct rr_session session = { 0 };
	struct call *call = data;
	unsigned int i;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, attr, RRCREW_ATTR_MAX, NULL))
		return NL_SKIP;
	for (i = 1; i <= RRCREW_ATTR_MAX; i++)
		if (attr[i])
			attr_read(&session, attr[i]);
	attr_read_state(&session.div, attr);
	if (call->fn)
		call->fn(&session, call->data);
	return NL_OK;
}

static int on_done(struct nl_msg *msg, void *data)
{
	struct call *call = data;

	(void)msg;
	call->done = true;
	return NL_STOP;
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *err, void *data)
{
	struct call *call = data;

	(void)from;
	call->error = error_from_kernel(err->error, ack_text(err));
	call->done = true;
	return NL_STOP;
}

static struct nl_cb *call_callbacks(struct call *call)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);

	if (!cb)
		return NULL;
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, call);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_done, call);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_done, call);
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, call);
	return cb;
}

static int socket_open(struct rr_genl *genl)
{
	int one = 1;
	int err;

	genl->sk = nl_socket_alloc();
	if (!genl->sk)
		return -NLE_NOMEM;
	err = genl_connect(genl->sk);
	if (err)
		return err;
	/* Both only make errors tell more: no harm where they are refused. */
	setsockopt(nl_socket_get_fd(genl->sk), SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(nl_socket_get_fd(genl->sk), SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	genl->family = genl_ctrl_resolve(genl->sk, RRCREW_GENL_NAME);
	return genl->family < 0 ? genl->family : 0;
}

/**
 * rr_genl_open() - connect to the module
 * @genl: closed with rr_genl_close(); sessions made through it end then
 */
int rr_genl_open(struct rr_genl **genl)
{
	struct rr_genl *g = calloc(1, sizeof(*g));
	int err;

	*genl = NULL;
	if (!g)
		return error_from_kernel(-ENOMEM, NULL);
	err = socket_open(g);
	if (err) {
		err = error_from_libnl(err);
		rr_genl_close(g);
		return err;
	}
	*genl = g;
	return 0;
}

static int join_notices(struct rr_genl *genl)
{
	int group = genl_ctrl_resolve_grp(genl->sk, RRCREW_GENL_NAME, RRCREW_GENL_NOTICES);
	int err;

	if (group < 0)
		return group;
	err = nl_socket_add_membership(genl->sk, group);
	if (err)
		return err;
	nl_socket_disable_seq_check(genl->sk);
	return nl_socket_set_nonblocking(genl->sk);
}

/**
 * rr_genl_listen() - connect to the module's notices
 * @genl: for rr_genl_notices() only
 * @fd: readable when a notice is there
 */
int rr_genl_listen(struct rr_genl **genl, int *fd)
{
	int err = rr_genl_open(genl);

	if (err)
		return err;
	err = join_notices(*genl);
	if (err) {
		err = error_from_libnl(err);
		rr_genl_close(*genl);
		*genl = NULL;
		return err;
	}
	*fd = nl_socket_get_fd((*genl)->sk);
	return 0;
}

void rr_genl_close(struct rr_genl *genl)
{
	if (!genl)
		return;
	nl_socket_free(genl->sk);
	free(genl);
}

/* A session attribute names one session; SESSION_GET without it means all. */
static struct nl_msg *request_build(struct rr_genl *genl, enum rrcrew_cmd cmd,
				    const struct rr_request *req)
{
	bool dump = cmd == RRCREW_CMD_SESSION_GET && !req->has_session;
	struct nl_msg *msg = nlmsg_alloc();

	if (!msg)
		return NULL;
	if (!genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, genl->family, 0,
			 dump ? NLM_F_DUMP : 0, cmd, RRCREW_GENL_VERSION))
		goto free_msg;
	if (req->has_session && nla_put_u32(msg, RRCREW_ATTR_SESSION, req->session))
		goto free_msg;
	if (req->mode && nla_put_u32(msg, RRCREW_ATTR_MODE, req->mode))
		goto free_msg;
	if (req->flags && nla_put_u32(msg, RRCREW_ATTR_FLAGS, req->flags))
		goto free_msg;
	if (req->lanes && nla_put_u32(msg, RRCREW_ATTR_LANES, req->lanes))
		goto free_msg;
	return msg;
free_msg:
	nlmsg_free(msg);
	return NULL;
}

static int call_receive(struct rr_genl *genl, struct call *call)
{
	struct nl_cb *cb = call_callbacks(call);
	int err = 0;

	if (!cb)
		return error_from_kernel(-ENOMEM, NULL);
	while (!call->done && err >= 0)
		err = nl_recvmsgs(genl->sk, cb);
	nl_cb_put(cb);
	if (call->done)
		return call->error;
	return error_from_libnl(err);
}

/**
 * rr_genl_call() - one command and its answer
 * @genl: from rr_genl_open()
 * @cmd: SESSION_GET without a session asks for all
 * @req: what goes with it
 * @fn: called for each session in the answer, may be NULL
 * @data: for @fn
 *
 * JOIN of a replay returns only on error.
 */
int rr_genl_call(struct rr_genl *genl, enum rrcrew_cmd cmd, const struct rr_request *req,
		 rr_session_fn fn, void *data)
{
	struct call call = { .fn = fn, .data = data };
	struct nl_msg *msg = request_build(genl, cmd, req);
	int err;

	if (!msg)
		return error_from_kernel(-ENOMEM, NULL);
	err = nl_send_auto(genl->sk, msg);
	nlmsg_free(msg);
	if (err < 0)
		return error_from_libnl(err);
	return call_receive(genl, &call);
}

/* Notices answer no request. */
static int any_seq(struct nl_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	return NL_OK;
}

/**
 * rr_genl_notices() - take the notices that are there
 * @genl: from rr_genl_listen()
 * @fn: called for each
 * @data: for @fn
 *
 * Notices may be lost when many come; who needs to know asks for the session.
 */
int rr_genl_notices(struct rr_genl *genl, rr_session_fn fn, void *data)
{
	struct call call = { .fn = fn, .data = data };
	struct nl_cb *cb = call_callbacks(&call);

	if (!cb)
		return error_from_kernel(-ENOMEM, NULL);
	/* The socket's own setting does not count for another nl_cb. */
	nl_cb_set(cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, any_seq, NULL);
	while (nl_recvmsgs_report(genl->sk, cb) > 0)
		;
	nl_cb_put(cb);
	return 0;
}
