#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A replay is no play-back: when one thing in the log is another, with all its
# checksums right, the outcome is another or the replay diverges.
# shellcheck disable=SC1091 # in this directory
. "$(dirname "$0")/lib.sh"

# The module does not know the difference: this is how a log would look if the
# recorded machine had behaved that way. Such a run shows a change when it first
# matters, so a divergence is at the changed event or later, never before.
# In short mode only the kinds of events that differ most: a state that does not
# come is waited for, ten seconds each.
MANGLE=$HERE/../userland/rrctl/tests/rrmangle

# events TYPE: how many of them are in the log
events()
{
	rrctl dump --type "$1" "$T/root/log/$log" | wc -l
}

# find_byte TYPE ADDR: which MEM or PAGEIN holds the byte at ADDR. Sets "event",
# its number as rrmangle counts for --flip-event (from 1, only those that have
# such a byte), "byte", the byte in it, and "drop", its number among all.
find_byte()
{
	local addr=$(($2)) line at len lens=() flat=()

	event=0 byte=0 drop=0
	mapfile -t flat < <(rrctl dump --type "$1" "$T/root/log/$log")
	for line in "${flat[@]}"; do
		len=4096
		case $line in
		*bytes=*)		len=${line##*bytes=} len=${len%% *} ;;
		*' zero'* | *' ref='*)	len=0 ;;
		esac
		lens+=("$len")
		at=${line##*addr=}
		at=$((${at%% *}))
		if ((at <= addr && addr < at + len)); then
			byte=$((addr - at)) drop=${#lens[@]}
		fi
	done
	for len in "${lens[@]:0:drop}"; do
		[ "$len" -le $byte ] || event=$((event + 1))
	done
}

# result CALL: number of the LEAVE that ends the last such call
result()
{
	rrctl dump "$T/root/log/$log" | awk -v call="$1(" '
		$4 == "LEAVE" { n++; if (task == $2) { found = n; task = 0 } }
		$4 == "ENTER" && index($5, call) == 1 { task = $2 }
		END { print found + 0 }'
}

# mangle OPTION...: into mangled.rr. Sets "number", of the changed event
mangle()
{
	if ! "$MANGLE" "$T/root/log/$log" "$T/root/log/mangled.rr" "$@" \
			>"$T/tmp/mangle" 2>&1; then
		not_ok "$name" "rrmangle $*: $(tail -n 1 "$T/tmp/mangle")"
		return 1
	fi
	number=$(sed -n 's/^event //p' "$T/tmp/mangle")
}

# frame ASYNC: events from this one up to the task's next one that is no MEM.
# Without the ASYNC, the signal frame's MEMs look like what another task wrote,
# and others' events are nothing to it.
frame()
{
	rrctl dump "$T/root/log/$log" | awk -v nth="$1" '
		task { events++ }
		task == $2 && $4 != "MEM" { print events; exit }
		$4 == "ASYNC" && ++n == nth { task = $2 }'
}

# diverged NAME: at the changed event or later; at most "within" events later
diverged()
{
	local at

	at=$(sed -n 's/^rrctl: replay diverged from the log at lane 0, task [0-9]*, event \([0-9]*\)$/\1/p' \
		"$T/tmp/rep.err")
	if [ -z "$number" ] || [ -z "$at" ]; then
		not_ok "$1" "no numbers: changed '$number', diverged '$at'" \
			"$(head -n 1 "$T/tmp/rep.err")"
	elif [ "$at" -lt "$number" ]; then
		not_ok "$1" "event $number was changed, $at diverged before it"
	elif [ -n "$within" ] && [ "$at" -gt $((number + within)) ]; then
		not_ok "$1" "event $number was changed, only $at diverged"
	else
		ok "$1"
	fi
}

# changed [-l] [-w EVENTS] NAME OPTION...: mangled this way, the log gives
# another outcome. -l: not in short mode; -w: it diverges there, within so many
# events.
changed()
{
	local name status number within=

	if [ "$1" = -l ]; then
		[ "$RR_LONG" = 1 ] || return 0
		shift
	fi
	if [ "$1" = -w ]; then
		within=$2
		shift 2
	fi
	name=$1
	shift
	mangle "$@" || return
	replay mangled.rr
	status=$?
	case $status in
	124)	diverged "$name" ;;
	125)	not_ok "$name" "exit status $status: $(tail -n 1 "$T/tmp/rep.err")" ;;
	"$recorded")
		if cmp -s "$T/tmp/rep.out" "$T/tmp/rec.out"; then
			not_ok "$name" "the outcome is the same: rrmangle $*"
		else
			ok "$name"
		fi ;;
	*)
		if [ $status -ge 128 ]; then
			not_ok "$name" "exit status $status: $(tail -n 1 "$T/tmp/rep.err")"
		else
			ok "$name"
		fi ;;
	esac
}

# What the last divergence's report says, for people.
report()
{
	local line

	for line in '^rrctl: replay diverged from the log at lane 0, task 1, event [0-9]+$' \
		    '^  expected [A-Z]+' '^  got      .' \
		    '^  at       0x[0-9a-f]+:( [0-9a-f]{2})+$' \
		    '^  rip     [0-9a-f]{16}  rflags  [0-9a-f]{16}  rsp'; do
		is "the report of a divergence: $line" grep -qE "$line" "$T/tmp/rep.err"
	done
}

# --hold: the stopped task can be looked at until rrctl is told to go.
hold()
{
	local name="replay --hold" rrctl pid='' i number

	mangle "$@" || return
	# In the background a shell has it ignore SIGINT.
	env --default-signal=INT rrctl replay -q --hold "$T/root/log/mangled.rr" >"$T/tmp/rep.out" \
		2>"$T/tmp/rep.err" &
	rrctl=$!
	for ((i = 0; i < 400; i++)); do
		[ -z "$pid" ] || break
		sleep 0.1
		pid=$(sed -n 's/.*inspect process \([0-9]*\),.*/\1/p' "$T/tmp/rep.err")
	done
	is "$name: it names a process" test -n "$pid"
	# Whatever would end it has had the time to.
	sleep 1
	is "$name: rrctl waits" kill -0 $rrctl
	is "$name: the process is there, stopped" \
		grep -qE '^State:.[SDTt] ' "/proc/${pid:-none}/status"
	is "$name: its mappings can be read" grep -q r-xp "/proc/${pid:-none}/maps"
	kill -INT $rrctl
	for ((i = 0; i < 600; i++)); do
		kill -0 $rrctl 2>/dev/null || break
		sleep 0.1
	done
	kill -9 $rrctl 2>/dev/null
	wait $rrctl
	is "$name: SIGINT ends it, the status is 124" test $? = 124
	is "$name: and the process is gone" test ! -e "/proc/${pid:-self}"
}

# begin LOG PROGRAM ARG...: record it, and replay it as it is
begin()
{
	local prog=$2

	log=$1
	shift 2
	# shellcheck disable=SC2153	# lib.sh sets it
	cp "$PROG/$prog" "$T/run/"
	record "$log" -- -- "./$prog" "$@"
	recorded=$?
	is "$prog: is recorded" test "$recorded" = 0
	is "$prog: unchanged, replays as recorded" replay "$log" \
		-O "$T/tmp/rec.out" -E "$T/tmp/rec.err" -S "$recorded"
}

if [ ! -x "$MANGLE" ] && ! make -s -C "${MANGLE%/*}" rrmangle >/dev/null 2>&1; then
	not_ok "changed logs" "no rrmangle: make -C userland/rrctl/tests"
	finish
fi
make_root

"$PROG/rrdamage" generate 8192 3 >"$T/run/input"
begin mangleme.rr mangleme input
buf=$(sed -n 's/^buf //p' "$T/tmp/rec.out")
map=$(sed -n 's/^map //p' "$T/tmp/rec.out")
async=$(events ASYNC)
find_byte MEM "$buf"
changed "read(): its first byte" --flip-event MEM $event $byte
changed "read(): the event is missing" --drop-event MEM "$drop"
find_byte MEM "$((buf + 1000))"
changed -l "read(): a byte in the middle" --flip-event MEM $event $byte
changed -l "read(): its result" --flip-reg LEAVE "$(result read)" rax
find_byte PAGEIN "$((map + 2000))"
changed "a byte of a mapped file's page" --flip-event PAGEIN $event $byte
changed -w 1 "a page-in is missing" --drop-event PAGEIN "$drop"
report
hold --drop-event PAGEIN "$drop"
changed -w 1 "async point: rip" --flip-reg ASYNC "$async" rip
for reg in rsp rax r12; do
	changed -l -w 1 "async point: $reg" --flip-reg ASYNC "$async" $reg
done
changed -w "$(frame "$async")" "async point: missing" --drop-event ASYNC "$async"

begin time.rr time_static
tsc=$(($(events TSC) / 2))
changed "RDTSC: a byte of its value" --flip-event TSC "$tsc" 0
changed -l -w 1 "RDTSC: the event is missing" --drop-event TSC "$tsc"
[ "$RR_LONG" = 1 ] || finish

begin addresses.rr addresses_static
changed "getpid(): its result" --flip-reg LEAVE "$(result getpid)" rax

# shellcheck disable=SC2034 # record() takes it
RR_LANES=1
begin spin.rr spin
async=$((($(events ASYNC) + 1) / 2))
for reg in rip rsp rbx; do
	changed -w 1 "forced switch: $reg" --flip-reg ASYNC "$async" $reg
done
changed -w "$(frame "$async")" "forced switch: missing" --drop-event ASYNC "$async"
finish
