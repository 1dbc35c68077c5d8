#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Several sessions, and the module's life: loading, unloading, what is left.
# shellcheck disable=SC1091 # in this directory
. "$(dirname "$0")/lib.sh"

LOGS=$T/root/log
MODULE=${RR_MODULE:-$HERE/../rrcrew.ko}

# start N STEPS: record the program that runs for a while; waits until it does
start()
{
	rm -f "lines$1"
	rrctl record -q -o "$LOGS/$1.rr" -- ./outlive "lines$1" "$2" \
		>"$T/tmp/$1.out" 2>"$T/tmp/$1.err" &
	recorder=$!
	wait_for "lines$1" "step 3"
}

# same LOG: replay, compare with what was printed when it was recorded
# shellcheck disable=SC2317 # "is" calls it
same()
{
	replay "$1.rr" -O "$T/tmp/$1.out" -S 0
}

make_root
cp "$PROG/outlive" "$PROG/counter" "$PROG/forks" "$PROG/forktree" "$PROG/big_read" .

# Two recordings at once.
start one 800
first=$recorder
start two 800
second=$recorder
rrctl status >"$T/tmp/status"
is "two recordings run at once" \
	test "$(grep -c 'record, running' "$T/tmp/status")" = 2
rrctl stop >"$T/tmp/stop" 2>&1
is "stop asks which one" test $? = 125
is "rmmod is refused while recording" sh -c '! rmmod rrcrew 2>/dev/null'
wait $first
is "the first ends" test $? = 0
wait $second
is "the second ends" test $? = 0
is "the first replays" same one
is "the second replays" same two

# A recording while a replay runs, and many short ones at a time.
for i in 1 2 3; do
	replay one.rr >/dev/null &
	"$PROG/rrtry" -t "$RR_SECONDS" -o "$T/tmp/p$i.out" -e "$T/tmp/p$i.err" \
		rrctl record -q -o "$LOGS/p$i.rr" -- ./counter 3 1000 &
	first=$!
	"$PROG/rrtry" -t "$RR_SECONDS" -o "$T/tmp/q$i.out" -e "$T/tmp/q$i.err" \
		rrctl record -q -o "$LOGS/q$i.rr" -- ./forktree &
	second=$!
	wait $first
	is "recorded together $i: the first" test $? = 0
	wait $second
	is "recorded together $i: the second" test $? = 0
	sed 's/^/# /' "$T/tmp/p$i.err" "$T/tmp/q$i.err"
	wait
	is "recorded together $i: the first replays" same "p$i"
	is "recorded together $i: the second replays" same "q$i"
done

# Sessions that begin while others end: each with a number and a device of its own.
# shellcheck disable=SC2317 # "is" calls it
hammer()
{
	local i

	for ((i = 0; i < 40; i++)); do
		rrctl record -q -o "$LOGS/h$1.rr" -- /bin/true || return 1
	done
}

for i in 1 2 3 4; do
	hammer $i 2>"$T/tmp/h$i.err" &
	hammers[i]=$!
done
for i in 1 2 3 4; do
	wait "${hammers[i]}"
	is "begun while others end $i: 40 recordings" test $? = 0
	sed 's/^/# /' "$T/tmp/h$i.err"
done

# stop while the program forks: the children that come of it are free, too.
stops=0
for i in 1 2 3 4 5 6 7 8 9 10; do
	rm -f forks.out
	rrctl record -q -o "$LOGS/forks.rr" -- ./forks end >forks.out 2>"$T/tmp/forks.err" &
	recorder=$!
	wait_for forks.out fork
	sleep 0.$((i * 37))
	rrctl stop && stops=$((stops + 1))
	sleep 0.2
	touch end
	wait $recorder
	rm end
	cat forks.out >>forks.all
done
is "stopped while it forks: it was" test $stops -gt 0
is "stopped while it forks: the children work" sh -c 'grep -q fork forks.all && ! grep bad forks.all'

# Blocks of the log
queued()
{
	sed -n 's/.*queued_max *//p' /sys/kernel/debug/rrcrew/sessions
}

# shellcheck disable=SC2317 # "is" calls it
lags()
{
	[ "$(queued)" -gt 128 ]
}

# What one call writes may be more than what may wait for a reader that lags.
rrctl record -q --lanes 2 -o "$LOGS/big.rr" -- ./big_read go \
	>"$T/tmp/big.out" 2>"$T/tmp/big.err" &
recorder=$!
wait_for "$T/tmp/big.out" written
kill -STOP $recorder
touch go
is "a reader lags: it is waited for" soon lags
# Time for more, if it is not waited for.
sleep 3
queue=$(queued)
kill -CONT $recorder
wait $recorder
is "a reader lags: also inside a call" test "$queue" -lt 192
is "a reader lags: the log replays" same big

# stop: the program goes on.
start three 600
rrctl stop
is "stop ends the only session" test $? = 0
is "the stopped program goes on to its end" wait_for linesthree "done"
wait $recorder
is "its rrctl ends with its status" test $? = 0
is "it ran each step once" test "$(grep -c step linesthree)" = 600
replay three.rr
is "its log replays as far as it goes" sh -c "[ $? = 125 ] || [ $? = 0 ]"
is "and prints what was so" \
	"$PROG/rrdamage" prefix "$T/tmp/rep.out" "$T/tmp/three.out"

# A program that was recorded is an ordinary one afterwards.
start four 1000
rrctl stop
# Not at once: the recorder has to read the rest of the log, each thread to enter
# the kernel once more.
unload()
{
	local i

	for ((i = 0; i < 100; i++)); do
		rmmod rrcrew 2>"$T/tmp/rmmod" && return
		sleep 0.1
	done
	sed 's/^/# /' "$T/tmp/rmmod"
	return 1
}
is "rmmod works while a program lives on that was recorded" unload
is "and before that program has ended" sh -c '! grep -q done linesfour'
is "no trace of the module is left" sh -c \
	'! grep -q ^rrcrew /proc/modules && ! ls /dev/rrcrew* 2>/dev/null &&
	 ! grep -q "\[rrcrew\]" /proc/kallsyms'
is "the program goes on without the module" wait_for linesfour "done"
wait
is "it ran each step once" test "$(grep -c step linesfour)" = 1000

# Without the module.
rrctl record -q -o "$LOGS/x.rr" -- true 2>"$T/tmp/err"
is "no module: recording fails" test $? = 125
is "no module: it says what to do" grep -q 'modprobe rrcrew' "$T/tmp/err"
rrctl replay -q "$LOGS/one.rr" 2>"$T/tmp/err"
is "no module: replaying fails" test $? = 125
is "no module: it says what to do" grep -q 'modprobe rrcrew' "$T/tmp/err"
rrctl info "$LOGS/one.rr" >"$T/tmp/info"
is "no module: info works" test $? = 0

# And again.
for i in 1 2 3; do
	insmod "$MODULE" || { not_ok "insmod"; break; }
	record again.rr -- -- ./counter 2 500
	is "loaded again $i: a program is recorded" test $? = 0
	is "loaded again $i: and replayed" \
		replay again.rr -O "$T/tmp/rec.out" -S 0
	[ $i = 3 ] || rmmod rrcrew
done

# Replays that end early leave nobody.
# shellcheck disable=SC2317 # "soon" calls it
replays_five()
{
	! gone outlive
}

start five 100
wait
rrctl replay -q "$LOGS/five.rr" >/dev/null 2>&1 &
soon replays_five
kill -9 $!
wait
is "kill -9 of a replay leaves no process" soon gone outlive
is "and no session" soon idle

dmesg >"$T/tmp/dmesg"
is "the kernel did not complain" sh -c \
	"! grep -E 'WARNING|BUG:|Oops|INFO: (task|rcu)|general protection' $T/tmp/dmesg"
finish
