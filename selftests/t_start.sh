#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What rrctl is started with: rights, signals, descriptors, files that are there.
# shellcheck disable=SC1091 # in this directory
. "$(dirname "$0")/lib.sh"

OUT=$T/tmp/out
ERR=$T/tmp/err
LOG=$T/tmp/start.rr
NOBODY=65534

# status NAME WANT CMD...: its exit status
status()
{
	local name=$1 want=$2 got

	shift 2
	"$@" >"$OUT" 2>"$ERR" </dev/null
	got=$?
	if [ $got = "$want" ]; then
		ok "$name"
	else
		not_ok "$name" "status $got, not $want: $*" "$(tail -n 2 "$ERR")"
	fi
}

says()
{
	is "$1" grep -qE -- "$2" "$ERR"
}

# outlives NAME CAUSE REMEDY: the program ran on when its log could not be written any more
outlives()
{
	is "$1: the program runs on" grep -qx "done" "$OUT"
	says "$1: rrctl says why" "cannot write .*: $2: the recording ends here, .*: .*$3"
}

# More of a log than a pipe or the limit holds.
WORK='dd if=/dev/urandom of=/dev/null bs=64k count=64 2>/dev/null; echo done'

# Listens to the module's notices.
cat >"$T/run/listen" <<'EOF'
import socket, struct

def attrs(data):
    while len(data) >= 4:
        size, kind = struct.unpack_from("HH", data)
        yield kind & 0x3fff, data[4:size]
        data = data[size + 3 & ~3:]

sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
name = struct.pack("HH8s", 11, 2, b"rrcrew")
sock.send(struct.pack("IHHIIBBH", 20 + len(name), 16, 1, 1, 0, 3, 1, 0) + name)
family = dict(attrs(sock.recv(65536)[20:]))
group = dict(attrs(dict(attrs(family[7]))[1]))
sock.setsockopt(270, 1, struct.unpack("I", group[2])[0])
EOF

if wanted notices; then
	if [ -x /usr/bin/python3 ]; then
		status "notices: for root" 0 /usr/bin/python3 listen
		status "notices: not for another user" 1 \
			"$PROG/rrtry" -u $NOBODY -e "$ERR.nobody" /usr/bin/python3 "$T/run/listen"
		is "notices: that is the kernel's answer" grep -q PermissionError "$ERR.nobody"
	else
		skip "notices" "no python3 here"
	fi
fi

if wanted pipe; then
	mkfifo "$T/run/fifo"
	head -c 1 "$T/run/fifo" >/dev/null &
	status "pipe: its reader goes away" 125 rrctl record -q -o fifo -- sh -c "$WORK"
	outlives pipe 'Broken pipe' reader
	"$PROG/rrdamage" generate 300000 1 >"$T/run/text"
	rrctl record -q -o "$LOG" -- cat text >/dev/null
	timeout 60 rrctl replay -q "$LOG" 2>"$ERR" | head -c 1 >/dev/null
	is "pipe: what is replayed has no reader" test "${PIPESTATUS[0]}" = 125
	says "pipe: rrctl says why" 'cannot print what the program printed: Broken pipe'
fi

if wanted limit; then
	# Of the file's size, in blocks of 1024 bytes; only a soft one, for rrctl.
	status "limit: of the file's size" 125 bash -c \
		"ulimit -Sf 100; rrctl record -q -o $LOG -- sh -c 'ulimit -f unlimited; $WORK'"
	outlives limit 'File too large' 'ulimit -f'
fi

if wanted chld; then
	CHLD=$((1 << 16))
	status "SIGCHLD ignored: record" 3 env --ignore-signal=CHLD rrctl record -q \
		-o "$LOG" -- sh -c 'exit 3'
	status "SIGCHLD ignored: replay" 3 env --ignore-signal=CHLD rrctl replay -q "$LOG"
	status "SIGCHLD ignored: record without a shell" 0 env --ignore-signal=CHLD \
		rrctl record -q -o "$LOG" -- grep SigIgn /proc/self/status
	is "SIGCHLD ignored: for the program it still is" \
		test $((0x$(cut -f 2 "$OUT") & CHLD)) = $CHLD
	status "SIGCHLD not ignored: record" 0 \
		rrctl record -q -o "$LOG" -- grep SigIgn /proc/self/status
	is "SIGCHLD not ignored: nor for the program" \
		test $((0x$(cut -f 2 "$OUT") & CHLD)) = 0
fi

# kept NAME: what was in the file still is
kept()
{
	is "$1: the file is as it was" grep -qx before "$LOG"
}

if wanted existing; then
	echo before >"$LOG"
	chmod 644 "$LOG"
	status "existing: no such command" 127 rrctl record -q -o "$LOG" -- no-such-command
	kept "existing, no such command"
	status "existing: not executable" 126 rrctl record -q -o "$LOG" -- "$T"
	kept "existing, not executable"
	head -c 9999999 /dev/zero >>"$LOG"
	status "existing: is overwritten" 0 rrctl record -q -o "$LOG" -- true
	status "existing: nothing of it is left" 0 rrctl info "$LOG"
	is "existing: the log is private" test "$(stat -c %a "$LOG")" = 600
	ln -s "$LOG" own
	status "existing: through a link of one's own" 0 rrctl record -q -o own -- true

	echo before >"$LOG"
	chown -h $NOBODY own
	status "existing: through another user's link" 125 rrctl record -o own -- true
	says "existing, another's link: it says what to do" 'another user.*: remove it or'
	kept "existing, another's link"
	chown $NOBODY "$LOG"
	status "existing: another user's" 125 rrctl record -o "$LOG" -- true
	says "existing, another's: it says what to do" 'another user.*: remove it or'
	kept "existing, another's"
	rm "$LOG"
fi

if wanted no_file; then
	mkfifo fifo2
	cat fifo2 >piped &
	status "no file: a pipe" 0 rrctl record -q -o fifo2 -- true
	wait $!
	status "no file: the log is in it" 0 rrctl info piped
	rrctl record -q -o /dev/stdout -- true | cat >piped
	status "no file: standard output" 0 rrctl info piped
	status "no file: a full disk" 125 rrctl record -q -o /dev/full -- true
	says "no file, a full disk: it says what to do" 'No space left.*: make room'
fi

# sent SIGNAL OPTION: the status of a replay that env(1) starts with OPTION. SIGNAL comes
# while it waits for its reader.
sent()
{
	local pid

	env "$2" rrctl replay -q "$LOG" 2>"$ERR" >fifo3 &
	pid=$!
	exec 3<fifo3
	head -c 1 <&3 >"$OUT"
	kill -s "$1" $pid
	sleep 0.5
	cat <&3 >>"$OUT"
	exec 3<&-
	wait $pid
}

if wanted ignored; then
	mkfifo fifo3
	"$PROG/rrdamage" generate 300000 1 >text
	rrctl record -q -o "$LOG" -- sh -c 'cat text; exit 3' >/dev/null
	for sig in INT HUP; do
		sent $sig --ignore-signal=$sig
		is "ignored: SIG$sig does not end a replay" test $? = 3
		is "ignored, SIG$sig: it prints all" cmp "$OUT" text
		sent $sig --default-signal=$sig
		is "not ignored: SIG$sig ends a replay" test $? = 125
	done
	env --ignore-signal=HUP rrctl record -q -o "$LOG" -- \
		sh -c 'echo begin; (sleep 3; echo end) & exit 3' >"$OUT" 2>"$ERR" &
	pid=$!
	wait_for "$OUT" begin
	sleep 1
	kill -s HUP $pid
	wait $pid
	is "ignored: SIGHUP does not end a recording" test $? = 3
	is "ignored, a recording: all of it" grep -qx end "$OUT"
	status "ignored, a recording: all is recorded" 3 rrctl replay -q "$LOG"
	is "ignored, a recording: all is replayed" grep -qx end "$OUT"
fi

if wanted closed; then
	rrctl record -q -o "$LOG" -- sh -c 'echo out; echo err >&2; exit 3' >/dev/null 2>&1
	status "closed: standard output of a replay" 125 \
		sh -c "timeout 60 rrctl replay -q $LOG >&-"
	says "closed, a replay: rrctl says why" \
		'cannot print what the program printed: Bad file descriptor'
	status "closed: all of a replay" 125 sh -c "timeout 60 rrctl replay -q $LOG <&- >&- 2>&-"
	status "closed: standard input of a recording" 1 \
		sh -c "timeout 60 rrctl record -q -o $LOG -- cat <&-"
	says "closed: the program finds it closed" 'cat: .*Bad file descriptor'
	status "closed: all of a recording" 3 sh -c \
		"timeout 60 rrctl record -o $LOG -- sh -c 'sleep 0.1; exit 3' <&- >&- 2>&-"
fi

# with CAPS CMD...: as root who has only these capabilities, or all but these
with()
{
	local caps=$1

	shift
	setpriv --inh-caps="$caps" --bounding-set="$caps" "$@"
}

# nobody CAPS CMD...: as another user who has these
nobody()
{
	local caps=$1

	shift
	setpriv --reuid $NOBODY --regid $NOBODY --clear-groups \
		--inh-caps="-all,$caps" --ambient-caps="$caps" "$@"
}

if wanted capabilities; then
	status "CAP_SYS_ADMIN alone: record" 0 \
		with -all,+sys_admin rrctl record -q -o "$LOG" -- true
	status "CAP_SYS_ADMIN alone: replay" 0 with -all,+sys_admin rrctl replay -q "$LOG"
	status "CAP_SYS_ADMIN alone: status" 0 with -all,+sys_admin rrctl status
	for verb in "record -o $LOG.not true" "replay $LOG" status stop; do
		# shellcheck disable=SC2086 # words
		status "all but CAP_SYS_ADMIN: ${verb%% *}" 125 with -sys_admin rrctl $verb
		says "all but CAP_SYS_ADMIN, ${verb%% *}: rrctl says so" 'permission denied.*CAP_SYS_ADMIN'
	done
	mkdir -m 777 "$T/run/all"
	status "another user: CAP_SYS_ADMIN" 125 \
		nobody +sys_admin rrctl record -o "$T/run/all/log" -- true
	says "another user, CAP_SYS_ADMIN: what else it takes" '/dev/rrcrew.*CAP_DAC_OVERRIDE'
	status "another user: CAP_SYS_ADMIN, status" 0 nobody +sys_admin rrctl status
	status "another user: and CAP_DAC_OVERRIDE" 0 \
		nobody +sys_admin,+dac_override rrctl record -q -o "$T/run/all/log" -- true
	status "another user: replay" 0 \
		nobody +sys_admin,+dac_override rrctl replay -q "$T/run/all/log"
fi

# What record says of the replay is a command that works.
if wanted names; then
	for name in plain -dash 'a b' "it's" $'new\nline\\'; do
		rm -f -- "$name"
		rrctl record -o "$name" -- true 2> said
		hint=$(sed -n 's/.*replay with: rrctl replay //p' said)
		status "names: replay $hint" 0 bash -c "rrctl replay -q $hint"
	done
	status "names: standard input, if it is a file" 0 sh -c 'rrctl replay -q - < ./-dash'
fi

if wanted namespace; then
	status "another network namespace" 125 unshare -n rrctl status
	says "another network namespace: it says what to do" \
		'is loaded, but .* network namespace: .*nsenter -t 1 -n'
	status "another network namespace: that helps" 0 \
		unshare -n nsenter -t 1 -n rrctl record -q -o "$LOG" -- true
fi
finish
