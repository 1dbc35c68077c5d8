#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A demonstration: record, throw the files away, replay, compare. Run by
# "make demo" in a virtual machine.

make -s -C "$(dirname "$0")/prog" bin/counter bin/rrtry bin/rrdamage || exit 1
# shellcheck disable=SC1091 # in this directory
. "$(dirname "$0")/lib.sh"

bad=0

say()
{
	printf '%s\n' "$@"
}

# do_replay N LOG: replay into $T/tmp/rep.out, compare
do_replay()
{
	if replay "$2" -O "$T/tmp/$2.out" -E "$T/tmp/$2.err" -S 0; then
		sed "s/^/    replay $1:    /; s/\$/   (the same)/" "$T/tmp/rep.out"
	else
		sed "s/^/    /" "$T/tmp/rep.err"
		say "    replay $1 DIFFERS from its recording"
		bad=$((bad + 1))
	fi
}

# do_record N LOG CMD...
do_record()
{
	local n=$1 log=$2 status

	shift 2
	record "$log" -- --check=full -- "$@"
	status=$?
	cp "$T/tmp/rec.out" "$T/tmp/$log.out"
	cp "$T/tmp/rec.err" "$T/tmp/$log.err"
	sed "s/^/    recording $n: /" "$T/tmp/rec.out"
	if [ $status != 0 ]; then
		sed "s/^/    /" "$T/tmp/rec.err"
		say "    recording $n FAILED, exit status $status"
		bad=$((bad + 1))
	fi
}

make_root
say "" "rrcrew on Linux $(uname -r), $(nproc) CPUs" ""
say "1. A race. Four threads add to one counter without a lock; each run loses" \
    "   other updates. Three recordings:" ""
cp "$PROG/counter" .
for i in 1 2 3; do
	do_record $i race$i.rr ./counter
done
say "" "2. Real tools: a pipeline of sh, date, sort, gzip and md5sum over a file." ""
"$PROG/rrdamage" generate 200000 7 >input
# shellcheck disable=SC2016 # for the shell that is recorded
do_record 4 tools.rr sh -c 'echo "$(date +%T.%N) $(sort input | gzip -n | md5sum)"'

rm -rf "$T/run"
mkdir "$T/run"
say "" "3. The program and the input file are deleted now, and the replays run in a" \
    "   root directory that holds only rrctl: no sort, no sh, no libc of theirs." ""
for i in 1 2 3; do
	do_replay $i race$i.rr
done
do_replay 4 tools.rr

say "" "4. Equal output could be luck. These logs were made with --check=full: at each" \
    "   system call and signal the replay compared a digest of all registers and of" \
    "   the memory that could have changed, and stops at the first difference:" ""
for log in race1.rr tools.rr; do
	rrctl info "$T/root/log/$log" |
		grep -E '^(checks|bytes|tasks|events|  ASYNC|  CHECK|  PAGEIN|state)' |
		tr -s ' ' | paste -sd , | sed "s/,/, /g; s/^/    ${log%.rr}: /"
done
say ""
if [ $bad = 0 ]; then
	say "All 4 replays did exactly what was recorded."
else
	say "$bad recordings or replays FAILED."
fi
exit $((bad > 0))
