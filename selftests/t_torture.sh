#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Random programs (prog/torture.c): record, replay, compare; every other one with
# --check=full, in 1, 2 and 4 lanes in turn, or RR_LANES. One line for all that went
# well, one for each seed that did not.
#
# RR_SEED is the first seed, RR_PROGRAMS how many there are, RR_TORTURE the seconds
# after which no further one begins. By hand, on programs nobody has seen:
#
#	RR_SEED=$RANDOM RR_TORTURE=3600 RR_PROGRAMS=100000 t_torture.sh
# shellcheck disable=SC1091 # in this directory
. "$(dirname "$0")/lib.sh"

if [ "$RR_LONG" = 1 ]; then
	RR_PROGRAMS=${RR_PROGRAMS:-5000} RR_TORTURE=${RR_TORTURE:-14400}
else
	RR_PROGRAMS=${RR_PROGRAMS:-40} RR_TORTURE=${RR_TORTURE:-60}
fi
RR_SEED=${RR_SEED:-1}

# torture SEED: returns 1, having said so, if it goes wrong
torture()
{
	local seed=$1 log=torture-$1.rr mode rc lanes=(1 2 4)

	mode=(--lanes "${RR_LANES:-${lanes[seed % 3]}}")
	[ $((seed % 2)) = 0 ] || mode+=(--check=full)
	clean_run
	cp "$PROG/torture" .
	record "$log" -- "${mode[@]}" -- ./torture "$seed"
	rc=$?
	if [ $rc != 0 ]; then
		not_ok "torture $seed ${mode[*]}" "recording: exit status $rc"
		show "$log" rec.err
		return 1
	fi
	clean_run
	replays "$log" 0 "torture $seed ${mode[*]}" "" || return 1
	rm -f "$T/root/log/$log"
}

if wanted torture; then
	make_root
	began=$SECONDS good=0
	for ((seed = RR_SEED; seed < RR_SEED + RR_PROGRAMS; seed++)); do
		[ $((SECONDS - began)) -lt "$RR_TORTURE" ] || break
		torture "$seed" && good=$((good + 1))
	done
	is "random programs, seeds $RR_SEED to $((seed - 1)): $good replay" \
		test "$good" -gt 0
fi
finish
