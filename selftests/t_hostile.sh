#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A log may be made to harm whoever replays it: what no recorder writes is
# refused, and the machine is as it was.
# shellcheck disable=SC1091 # in this directory
. "$(dirname "$0")/lib.sh"

HOSTILE=$HERE/../userland/rrctl/tests/rrhostile

make_root
cp "$PROG/forktree" .
record good.rr -- -- ./forktree
is "a program is recorded" test $? = 0

# refused KIND: the replay fails, with a message, and in reasonable time
refused()
{
	local kind=$1 status

	if ! "$HOSTILE" "$T/root/log/good.rr" "$T/root/log/bad.rr" "$kind"; then
		not_ok "$kind" "rrhostile failed"
		return
	fi
	replay bad.rr -t 30
	status=$?
	case $status in
	124 | 125)
		is "$kind" grep -q '^rrctl: ' "$T/tmp/rep.err" ;;
	*)
		not_ok "$kind" "exit status $status" "$(tail -n 1 "$T/tmp/rep.err")" ;;
	esac
}

for kind in $("$HOSTILE" --kinds); do
	refused "$kind"
done

is "the log as it was replays" replay good.rr -O "$T/tmp/rec.out" -S 0
is "no replayed process is left" soon gone forktree
is "no session is left" soon idle
is "the module can be unloaded" rmmod rrcrew
insmod "$HERE/../rrcrew.ko"
finish
