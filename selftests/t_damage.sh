#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Logs that are cut, damaged, foreign, and recordings that are cut short.
# shellcheck disable=SC1091 # in this directory
. "$(dirname "$0")/lib.sh"

if [ "$RR_LONG" = 1 ]; then CUTS=100 FLIPS=1000; else CUTS=10 FLIPS=20; fi

LOGS=$T/root/log

# refused NAME LOG [PATTERN]: 125, with a message (that matches)
refused()
{
	local status

	replay "$2"
	status=$?
	if [ $status != 125 ]; then
		not_ok "$1" "exit status $status: $(tail -n 1 "$T/tmp/rep.err")"
	elif ! grep -qiE -- "${3:-.}" "$T/tmp/rep.err"; then
		not_ok "$1" "no message about it: $(tail -n 1 "$T/tmp/rep.err")"
	else
		ok "$1"
	fi
}

prefix()
{
	"$PROG/rrdamage" prefix "$1" "$2"
}

# The program writes nothing on standard error, so all there is from rrctl.
cuts()
{
	local i at bad=0 status

	for ((i = 0; i < CUTS; i++)); do
		at=$((SIZE * i / CUTS + (i * 37) % 11))
		[ $i = $((CUTS - 1)) ] && at=$((SIZE - 1))
		"$PROG/rrdamage" cut "$LOGS/whole.rr" "$LOGS/cut.rr" $at
		replay cut.rr -t 40
		status=$?
		if [ $status != 125 ] || [ ! -s "$T/tmp/rep.err" ] ||
		   ! prefix "$T/tmp/rep.out" "$T/tmp/whole.out"; then
			diag "cut at $at of $SIZE: status $status," \
			     "$(tail -n 1 "$T/tmp/rep.err")"
			bad=$((bad + 1))
		fi
		wc -c <"$T/tmp/rep.out" >>"$T/tmp/lengths"
	done
	is "a log cut at $CUTS places replays up to the cut and says so" \
		test $bad = 0
	is "the later the cut, the more it prints" sort -nc "$T/tmp/lengths"
	is "the last cut prints something" test "$(tail -n 1 "$T/tmp/lengths")" -gt 0
}

flips()
{
	local i at bad=0 status

	for ((i = 0; i < FLIPS; i++)); do
		case $i in
		0)	at=0 ;;
		1)	at=8 ;;
		2)	at=127 ;;
		3)	at=128 ;;
		4)	at=$((SIZE - 1)) ;;
		*)	at=$(((SIZE * i / FLIPS + i * 7919) % SIZE)) ;;
		esac
		"$PROG/rrdamage" flip "$LOGS/whole.rr" "$LOGS/flip.rr" $at $((1 << i % 8))
		replay flip.rr -t 40
		status=$?
		if [ $status != 125 ] || ! grep -qE \
			'byte|not an rrcrew log|version|header|damaged' "$T/tmp/rep.err" ||
		   ! prefix "$T/tmp/rep.out" "$T/tmp/whole.out"; then
			diag "byte $at of $SIZE: status $status," \
			     "$(tail -n 1 "$T/tmp/rep.err")"
			bad=$((bad + 1))
		fi
	done
	is "a flipped bit at $FLIPS places is refused with a message" test $bad = 0
}

foreign()
{
	"$PROG/rrdamage" header "$LOGS/whole.rr" "$LOGS/x.rr" 8 9
	refused "a log of a newer major version" x.rr version
	"$PROG/rrdamage" header "$LOGS/whole.rr" "$LOGS/x.rr" 10 99
	refused "a log of a newer minor version" x.rr version
	"$PROG/rrdamage" header "$LOGS/whole.rr" "$LOGS/x.rr" 39 255
	refused "a log that needs features of another CPU" x.rr feature
	cp "$SELF" "$LOGS/x.rr"
	refused "a text file" x.rr
	: >"$LOGS/x.rr"
	refused "an empty file" x.rr
	head -c 100000 /dev/zero >"$LOGS/x.rr"
	refused "zeros" x.rr
	rm "$LOGS/x.rr"
	refused "no file" x.rr 'no such file'
	mkdir "$LOGS/x.rr"
	refused "a directory" x.rr
	rmdir "$LOGS/x.rr"
	cat "$LOGS/whole.rr" "$LOGS/whole.rr" >"$LOGS/x.rr"
	replay x.rr
	is "a log with something behind its end is refused" test $? = 125
	is "and it says where" grep -q 'END' "$T/tmp/rep.err"
}

# wait_for SECONDS FILE TEXT
killed_recorder()
{
	local status

	clean_run
	cp "$PROG/outlive" .
	rrctl record -q -o "$LOGS/killed.rr" -- ./outlive lines 400 \
		>"$T/tmp/rec.out" 2>"$T/tmp/rec.err" &
	wait_for lines "step 10"
	is "the program runs" grep -q "step 10" lines
	kill -9 $!
	wait $! 2>/dev/null
	is "kill -9 of rrctl: the program lives on and finishes" wait_for lines "done"
	is "kill -9 of rrctl: each step is there once" \
		test "$(grep -c step lines)" = 400
	refused "kill -9 of rrctl: the log replays as far as it goes" killed.rr \
		'ends at byte'
	# Complete ones: wc counts newlines.
	is "kill -9 of rrctl: it prints what was recorded before" \
		test "$(wc -l <"$T/tmp/rep.out")" -ge 1
	diag "it printed $(wc -l <"$T/tmp/rep.out") lines"
	is "kill -9 of rrctl: what it printed was so" prefix "$T/tmp/rep.out" lines
	rrctl status >"$T/tmp/status" 2>&1
	status=$?
	is "kill -9 of rrctl: no session is left" \
		sh -c "[ $status = 0 ] && ! grep -q running '$T/tmp/status'"
}

full_disk()
{
	local status

	clean_run
	mkdir "$T/tmp/small"
	if ! mount -t tmpfs -o size=64k rrtest "$T/tmp/small"; then
		not_ok "no room for the log" "cannot mount a small tmpfs"
		return
	fi
	cp "$PROG/bigread" .
	"$PROG/rrtry" -t "$RR_SECONDS" -o "$T/tmp/rec.out" -e "$T/tmp/rec.err" \
		rrctl record -q -o "$T/tmp/small/x.rr" -- ./bigread
	status=$?
	is "no room for the log: the program finishes" \
		test "$(wc -l <"$T/tmp/rec.out")" = 2
	is "no room for the log: an error with a message" \
		sh -c "[ $status = 125 ] && grep -qi 'no space' '$T/tmp/rec.err'"
	umount "$T/tmp/small"
}

make_root
cp "$PROG/forktree" .
record whole.rr -- -- ./forktree
is "the log to damage is recorded" test $? = 0
cp "$T/tmp/rec.out" "$T/tmp/whole.out"
is "the whole log replays" replay whole.rr -O "$T/tmp/whole.out" -S 0
SIZE=$("$PROG/rrdamage" size "$LOGS/whole.rr")
cuts
flips
foreign
killed_recorder
full_disk
finish
