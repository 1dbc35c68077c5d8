#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A replay is no play-back: when one thing in the log is another, with all its
# checksums right, the outcome is another or the replay diverges.
# shellcheck disable=SC1091 # in this directory
. "$(dirname "$0")/lib.sh"

# The module does not know the difference: this is how a log would look if the
# recorded machine had behaved that way.
MANGLE=$HERE/../userland/rrctl/tests/rrmangle

# Where things are within an event; see rrcrew_log.h.
MEM_DATA=24
PAGEIN_DATA=32
TSC_VALUE=16
LEAVE_AX=16
ASYNC_IP=16
ASYNC_SP=32
ASYNC_AX=48
ASYNC_R12=128

# events TYPE: how many of them are in the log
events()
{
	rrctl dump --type "$1" "$T/root/log/$log" | wc -l
}

# event_at TYPE TEXT: number, from 0, of the last event of TYPE with TEXT in it
event_at()
{
	local line

	line=$(rrctl dump --type "$1" "$T/root/log/$log" | grep -nF "$2" | tail -n 1)
	echo $((${line%%:*} - 1))
}

# changed NAME OPTION...: mangled this way, the log gives another outcome
changed()
{
	local name=$1 status

	shift
	if ! "$MANGLE" "$T/root/log/$log" "$T/root/log/mangled.rr" "$@" \
			>"$T/tmp/mangle" 2>&1; then
		not_ok "$name" "rrmangle $*: $(tail -n 1 "$T/tmp/mangle")"
		return
	fi
	replay mangled.rr
	status=$?
	case $status in
	124)	ok "$name" ;;
	125 | 198 | 199)
		not_ok "$name" "exit status $status: $(tail -n 1 "$T/tmp/rep.err")" ;;
	"$recorded")
		if cmp -s "$T/tmp/rep.out" "$T/tmp/rec.out"; then
			not_ok "$name" "the outcome is the same: rrmangle $*"
		else
			ok "$name"
		fi ;;
	*)	ok "$name" ;;
	esac
}

# begin LOG PROGRAM ARG...: record it, and replay it as it is
begin()
{
	local prog=$2

	log=$1
	shift 2
	cp "$PROG/$prog" "$T/run/"
	record "$log" -- -- "./$prog" "$@"
	recorded=$?
	is "$prog: is recorded" test "$recorded" = 0
	is "$prog: unchanged, replays as recorded" replay "$log" \
		-O "$T/tmp/rec.out" -E "$T/tmp/rec.err" -S "$recorded"
}

if [ ! -x "$MANGLE" ] && ! make -s -C "${MANGLE%/*}" rrmangle >/dev/null 2>&1; then
	skip "changed logs" "no rrmangle: make -C userland/rrctl/tests"
	finish
fi
make_root

"$PROG/rrdamage" generate 8192 3 >"$T/run/input"
begin mangleme.rr mangleme input
buf=$(sed -n 's/^buf 0x//p' "$T/tmp/rec.out")
map=$(sed -n 's/^map 0x//p' "$T/tmp/rec.out")
mem=$(event_at MEM "$buf")
page=$(event_at PAGEIN "$map")
async=$(($(events ASYNC) - 1))
changed "read(): its first byte" --flip-event MEM "$mem" $MEM_DATA
changed "read(): a byte in the middle" --flip-event MEM "$mem" $((MEM_DATA + 1000))
changed "read(): the event is missing" --drop-event MEM "$mem"
changed "a byte of a mapped file's page" \
	--flip-event PAGEIN "$page" $((PAGEIN_DATA + 2000))
changed "a page-in is missing" --drop-event PAGEIN "$page"
changed "async point: instruction pointer" --flip-event ASYNC "$async" $ASYNC_IP
changed "async point: stack pointer" --flip-event ASYNC "$async" $ASYNC_SP
changed "async point: rax" --flip-event ASYNC "$async" $ASYNC_AX
changed "async point: r12" --flip-event ASYNC "$async" $ASYNC_R12
changed "async point: missing" --drop-event ASYNC "$async"

begin time.rr time_static
tsc=$(($(events TSC) / 2))
changed "RDTSC: a byte of its value" --flip-event TSC "$tsc" $TSC_VALUE
changed "RDTSC: the event is missing" --drop-event TSC "$tsc"
mem=$(($(events MEM) / 2))
changed "a clock: the time is missing" --drop-event MEM "$mem"

begin spin.rr spin
async=$(($(events ASYNC) / 2))
changed "forced switch: instruction pointer" --flip-event ASYNC "$async" $ASYNC_IP
changed "forced switch: missing" --drop-event ASYNC "$async"
changed "clone: its result" --flip-event LEAVE \
	"$(event_at LEAVE " $(rrctl dump --type START "$T/root/log/$log" |
		head -n 1 | cut -d ' ' -f 2)")" $LEAVE_AX
finish
