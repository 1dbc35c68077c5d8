#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A replay of a program that deletes, writes, sends and kills touches nothing.
# shellcheck disable=SC1091 # in this directory
. "$(dirname "$0")/lib.sh"

# Everything about the directory that the program changes.
state()
{
	(cd "$T/place" &&
	 find . -printf '%p %y %m %s %i %n %T@ %C@\n' | sort &&
	 find . -type f -exec md5sum {} + | sort)
}

# What is on its way to the witness arrives.
witness()
{
	sleep 0.5
	cat "$T/tmp/witness"
}

# told WHAT: the witness says so
told()
{
	[ "$(witness)" = "$1" ]
}

prepare()
{
	rm -rf "$T/place"
	mkdir "$T/place"
	(cd "$T/place" &&
	 echo 1 >delete && echo before >append && echo 2 >old && echo 3 >mode &&
	 echo 4 >./time && head -c 4096 /dev/zero >mapped && mkfifo fifo &&
	 chmod 644 mode)
}

make_root
ip link set lo up 2>/dev/null
# The program needs a reader to write into the FIFO: it opens both ends itself.
"$PROG/witness" "$T/tmp/witness" &
WITNESS=$!
soon test -s "$T/tmp/witness"
read -r port pid _ <"$T/tmp/witness"

prepare
cp "$PROG/victim" .
state >"$T/tmp/state.0"
record victim.rr -- -- ./victim "$T/place" "$port" "$pid"
is "the recording succeeds" test $? = 0
head -n 5 "$T/tmp/rec.err" | sed 's/^/# /'
is "the recording deletes, writes, renames" sh -c \
	"cd $T/place && [ ! -e delete ] && [ -s new ] && [ -e renamed ] &&
	 [ -d dir ] && [ -L link ] && [ -e touched ] && grep -q stored mapped"
is "the recording sends a packet, connects and signals" soon told "$port $pid 1 1 1"

# untouched WHEN: replay with the root, the directory, the port and the process
# of the recording in reach
untouched()
{
	state >"$T/tmp/state.1"
	is "$1: the replay is right" \
		"$PROG/rrtry" -t "$RR_SECONDS" -d "$T/run" -o "$T/tmp/rep.out" \
		-e "$T/tmp/rep.err" -O "$T/tmp/rec.out" -E "$T/tmp/rec.err" -S 0 \
		rrctl replay -q "$T/root/log/victim.rr"
	state >"$T/tmp/state.2"
	is "$1: the replay changes no file" cmp "$T/tmp/state.1" "$T/tmp/state.2"
	is "$1: the replay sends, connects and signals nothing" \
		test "$(witness)" = "$port $pid 1 1 1"
}

untouched "files as the recording left them"
prepare
untouched "files as the recording found them"
"$T/run/victim" "$T/place" "$port" "$pid" >/dev/null
is "(what would notice works: without replay it does)" \
	soon told "$port $pid 2 2 2"
state >"$T/tmp/state.3"
is "(and the files)" test -n "$(comm -3 "$T/tmp/state.2" "$T/tmp/state.3")"
is "the replay leaves no process behind" gone victim
kill $WITNESS
finish
