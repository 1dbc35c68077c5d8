#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A replay is no play-back: when one thing in the log is another, with all its
# checksums right, the outcome is another or the replay diverges.
# shellcheck disable=SC1091 # in this directory
. "$(dirname "$0")/lib.sh"

# The module does not know the difference: this is how a log would look if the
# recorded machine had behaved that way.
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
	replay mangled.rr -t 40
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
	# shellcheck disable=SC2153	# lib.sh sets it
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
buf=$(sed -n 's/^buf //p' "$T/tmp/rec.out")
map=$(sed -n 's/^map //p' "$T/tmp/rec.out")
async=$(events ASYNC)
find_byte MEM "$buf"
changed "read(): its first byte" --flip-event MEM $event $byte
changed "read(): the event is missing" --drop-event MEM "$drop"
find_byte MEM "$((buf + 1000))"
changed "read(): a byte in the middle" --flip-event MEM $event $byte
changed "read(): its result" --flip-reg LEAVE "$(result read)" rax
find_byte PAGEIN "$((map + 2000))"
changed "a byte of a mapped file's page" --flip-event PAGEIN $event $byte
changed "a page-in is missing" --drop-event PAGEIN "$drop"
for reg in rip rsp rax r12; do
	changed "async point: $reg" --flip-reg ASYNC "$async" $reg
done
changed "async point: missing" --drop-event ASYNC "$async"

begin time.rr time_static
tsc=$(($(events TSC) / 2))
changed "RDTSC: a byte of its value" --flip-event TSC "$tsc" 0
changed "RDTSC: the event is missing" --drop-event TSC "$tsc"

begin addresses.rr addresses_static
changed "getpid(): its result" --flip-reg LEAVE "$(result getpid)" rax

begin spin.rr spin
async=$((($(events ASYNC) + 1) / 2))
for reg in rip rsp rbx; do
	changed "forced switch: $reg" --flip-reg ASYNC "$async" $reg
done
changed "forced switch: missing" --drop-event ASYNC "$async"
finish
