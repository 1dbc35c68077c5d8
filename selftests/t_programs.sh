#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Every program of selftests/prog: record, replay without its files, compare.
# shellcheck disable=SC1091 # in this directory
. "$(dirname "$0")/lib.sh"

# Those that print something else each time, whatever the scheduler does.
for p in time time_static addresses addresses_static addresses_pie counter rdrand \
	 random; do
	rec_prog $p --varies -- $p
done

# Exit statuses other than 0.
for p in segv_die:139 fpe_die:136 ill_die:132 abort_die:134 killed_die:137 \
	 overflow_die:139 sigsys_die:159 exit_threads:42; do
	rec_prog "${p%:*}" --status "${p#*:}" -- "${p%:*}"
done

rec_prog shared_file_disk -- shared_file f
# On an overlay the file that is written is not the file that is mapped.
rec_prog shared_file_overlay -- shared_file /var/tmp/rrtest.shared
"$PROG/rrdamage" generate 20000 1 >"$T/tmp/text"
rec_prog stdin --stdin "$T/tmp/text" -- stdin
rec_prog threads2 -- threads32 2
rec_prog counter8 -- counter 8 1000

# What is not supported says so, so that programs use something else.
if wanted enosys_inside; then
	make_root
	cp "$PROG/enosys" .
	record enosys.rr -- -- ./enosys
	for call in io_uring_setup io_setup userfaultfd iopl ioperm; do
		is "$call fails with ENOSYS" \
			grep -q "^SYS_$call: ENOSYS" "$T/tmp/rec.out"
	done
fi

# Each byte of the output is in the log, whatever call it takes.
if wanted print_splice; then
	make_root
	clean_run
	rrctl record -q -o spliced.rr -- "$PROG/print_splice" | cat >recorded
	rrctl replay spliced.rr | cat >replayed
	is "print_splice: recorded" grep -q "from a pipe" recorded
	is "print_splice: replayed" cmp recorded replayed
fi

# All others, with no argument; not what is made for other tests.
for p in "$PROG"/*; do
	p=${p##*/}
	case $p in
	rr* | *_die | exit_threads | time | time_static | \
	race_* | addresses* | counter | random | rdrand | stdin | victim | witness | outlive | mangleme | \
	devmem | print_splice | bench_*)
		;;
	*)
		rec_prog "$p" -- "$p"
		;;
	esac
done

# In one lane tasks take turns, and are stopped where they compute.
# shellcheck disable=SC2034 # record() takes it
RR_LANES=1
for p in counter futex killsleep procself spin_tight spin threads32 timer yield; do
	rec_rep "one_lane_$p" --before "cp $PROG/$p ." -- "./$p"
done
finish
