#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Threads that race (prog/race_*.c), and some that share less (bench_*.c), on several
# lanes: record, replay in the empty root, compare; with and without --check=full.
# With RR_LONG=1, 100 recordings of each, 3 replays of each recording.
# shellcheck disable=SC1091,SC2153 # in this directory; PROG is lib.sh's
[ "${RR_LONG:-0}" != 1 ] || RR_RUNS=${RR_RUNS:-100}
. "$(dirname "$0")/lib.sh"

# One mode of races, with its variables; returns 1 if it went wrong.
__races_mode()
{
	local r rc log

	: >"$T/tmp/signatures"
	for ((r = 1; r <= runs; r++)); do
		log="$name-$lanes${mode:+-full}-$r.rr"
		clean_run
		cp "$PROG/$prog" .
		record "$log" -- --lanes "$lanes" ${mode:+"$mode"} -- \
			"./$prog" "${args[@]}"
		rc=$?
		if [ $rc != 0 ]; then
			not_ok "$title" "recording $r: exit status $rc" \
				"$(tail -n 3 "$T/tmp/rec.out")"
			show "$log" rec.err
			return 1
		fi
		clean_run
		replays "$log" 0 "$title" "recording $r, " || return
		cksum <"$T/tmp/rec.out" >>"$T/tmp/signatures"
		rm -f "$T/root/log/$log"
	done
	ok "$title"
}

# Of 100 recordings 10 must differ, or the replays would show nothing.
__races_differ()
{
	local n want=$((runs / 10 > 2 ? runs / 10 : 2))

	n=$(sort -u "$T/tmp/signatures" | wc -l)
	is "$title: recordings differ, $n of $runs" test "$n" -ge "$want"
}

# races NAME LANES RUNS -- PROGRAM [ARG...]: one of prog/bin, which ends with 0
races()
{
	local name=$1 lanes=$2 runs=$3 prog=$5 args=("${@:6}") mode title

	wanted "$name" || return 0
	make_root
	for mode in "" --check=full; do
		title="$name, $lanes lanes${mode:+, $mode}"
		__races_mode || continue
		[ "$prog" != race_mixer ] || __races_differ
	done
}

# RR_RACES: only these, NAME or NAME:AMOUNT of work
if [ -n "${RR_RACES:-}" ]; then
	for p in $RR_RACES; do
		IFS=: read -r p amount <<< "$p"
		races "$p" 2 1 -- "$p" ${amount:+"$amount"}
	done
	finish
	exit
fi

# cut_replays NAME: the log that is in cut.rr replays up to its end
cut_replays()
{
	local pid status=

	rrctl replay "$T/tmp/cut.rr" > "$T/tmp/cut.out" 2>&1 &
	pid=$!
	for ((i = 0; i < 1200; i++)); do
		kill -0 "$pid" 2> /dev/null || break
		sleep 0.1
	done
	[ "$i" -lt 1200 ] || status="stands still: $(cat /sys/kernel/debug/rrcrew/sessions)"
	kill "$pid" 2> /dev/null
	wait "$pid"
	status=${status:-$?}
	if [ "$status" != 125 ]; then
		not_ok "$1: replays up to there" "$status"
	else
		is "$1: replays up to there, and says so" \
			grep -q 'log ends at byte' "$T/tmp/cut.out"
	fi
}

# A log that is cut anywhere replays up to there: no lane waits for ever, and a task
# that has just ended does not count as one that may go on.
if wanted cut; then
	make_root
	clean_run
	cp "$PROG/race_cond" "$PROG/race_pool" .
	record whole.rr -- --lanes 2 -- ./race_cond
	bytes=$(stat -c %s "$T/root/log/whole.rr")
	for percent in 30 70 85 97; do
		head -c $((bytes * percent / 100)) "$T/root/log/whole.rr" > "$T/tmp/cut.rr"
		cut_replays "cut at $percent %"
	done
	record whole.rr -- --lanes 2 -- ./race_pool
	all=$(rrctl info "$T/root/log/whole.rr" | awk '$1 == "events" { print $2 }')
	for ((part = 1; part <= 8; part++)); do
		events=$((all * part / 9))
		"$HERE/../userland/rrctl/tests/rrmangle" "$T/root/log/whole.rr" \
			"$T/tmp/cut.rr" --cut "$events"
		cut_replays "cut behind $part/9 of the events"
	done
fi

# What the module tells of hand-overs while they take place.
if wanted statistics; then
	make_root
	clean_run
	cp "$PROG/race_false" .
	mount -t tracefs none "$T/tmp" 2> /dev/null
	echo 1 > "$T/tmp/events/rrcrew/enable"
	rrctl record -o "$T/root/log/stat.rr" --lanes 2 -- \
		sh -c './race_false; rrctl status --json > status
			cat /sys/kernel/debug/rrcrew/sessions > debugfs' > said 2>&1
	echo 0 > "$T/tmp/events/rrcrew/enable"
	cp "$T/tmp/trace" trace
	umount "$T/tmp"
	is "statistics: tracepoint of a grant" grep -q 'rrcrew_grant: lane=[01] task=' trace
	is "statistics: of a revoke" grep -q 'rrcrew_revoke: lane=[01] task=' trace
	is "statistics: of a stop" grep -q 'rrcrew_force: lane=[01] .* why=' trace
	is "statistics: status counts the waits, and the grants by kind" python3 -c \
		'import json, sys
s = json.load(sys.stdin)["sessions"][0]
sys.exit(not (len(s["waits"]) == 16 and
              0 < sum(s["waits"]) <= s["grants"] + s["pageins"] and
              0 < s["exclusive"] <= s["grants"] <= s["pages"] and
              s["migratory"] <= s["exclusive"] and 0 < s["async_ns"] and
              s["handover_bytes"] < s["raw_bytes"]))' \
		< status
	is "statistics: debugfs has the counters" grep -Eq '^  grants +[1-9]' debugfs
	is "statistics: and who computes where" grep -Eq '^    task [0-9]+ pid [0-9]+: call' debugfs
	is "statistics: record says so at the end" grep -q '2 lanes: [0-9]* pages handed over' said
	is "statistics: and what it cost" grep -Eq '[0-9]+ grants: .* [0-9.]+ bytes a page' said
	rrctl info "$T/root/log/stat.rr" > counts
	is "statistics: info, bytes by type" grep -Eq '^  GRANT +[0-9]+, bytes [0-9]+' counts
	is "statistics: and those of a page" \
		grep -Eq '^pages +[0-9]+ handed over, [0-9.]+ bytes each' counts
fi

# Who computes on without what others took is stopped, or a replay would be serial.
if wanted overdue; then
	make_root
	clean_run
	cp "$PROG/race_overdue" .
	rrctl record -o overdue.rr --lanes 2 -- ./race_overdue > rec.out 2> said
	is "overdue: is stopped" grep -q ' [1-9][0-9]* forced' said
	rrctl replay -q overdue.rr > rep.out
	is "overdue: and replays" cmp -s rec.out rep.out
fi

# Who needs what only lane 0 may use goes there, and back.
if wanted visit; then
	make_root
	clean_run
	cp "$PROG/race_visit" .
	record visit.rr -- --lanes 2 -- ./race_visit
	rrctl dump "$T/root/log/visit.rr" > dumped
	is "visit: there" grep -Eq '^1 .* MOVE lane=0' dumped
	is "visit: and back" grep -Eq '^0 .* MOVE lane=1' dumped
fi

for p in "$PROG"/race_*; do
	p=${p##*/}
	[ "$p" = race_mixer ] || races "$p" 2 "$RR_RUNS" -- "$p"
done

# A file system that writes into the process's pages itself, past all tables.
if [ "$(df --output=fstype "${RR_KEEP:-.}" | tail -n 1)" = 9p ]; then
	races race_file_9p 2 "$((RR_RUNS > 3 ? RR_RUNS : 3))" -- race_file 400 "$RR_KEEP"
else
	skip race_file_9p "\$RR_KEEP is not on 9p: run it with selftests/run"
fi

# Of the benchmarks those with threads; less work, for a page moves at each barrier.
races bench_lu 2 "$RR_RUNS" -- bench_lu 128
races bench_mutex 2 "$RR_RUNS" -- bench_mutex 500
races bench_radix 2 "$RR_RUNS" -- bench_radix 10000
races bench_stencil 2 "$RR_RUNS" -- bench_stencil 64 10

# That recordings differ shows in several only.
several=$((RR_RUNS > 5 ? RR_RUNS : 5))
races race_mixer 2 "$several" -- race_mixer 3000000
races race_mixer 4 "$several" -- race_mixer 2000000 4
# One lane writes its answers in another way.
races race_answers 1 1 -- race_answers
# Who has the lane waits for who has it not.
races race_count 1 1 -- race_count
# Who was forked has no event yet.
races fork_write 1 1 -- fork_write

# More threads than lanes, or as many; several processes.
for p in race_64 race_cond race_fork race_mmap race_pool race_rwlock race_shm race_straddle \
	race_visit; do
	races $p 4 "$RR_RUNS" -- $p
done
[ "$RR_LONG" != 1 ] || races race_pool_10000 2 1 -- race_pool 10000
finish
