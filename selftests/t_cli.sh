#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# rrctl as a command: help, errors, exit statuses, what its verbs print.
# shellcheck disable=SC1091 # in this directory
. "$(dirname "$0")/lib.sh"

OUT=$T/tmp/out
ERR=$T/tmp/err
LOG=$T/tmp/cli.rr
NOBODY=65534

# try STATUS NAME ARG...: rrctl ARG... exits with STATUS, and 125, 126 and 127
# come with a message
try()
{
	local want=$1 name=$2 status

	shift 2
	"$PROG/rrtry" -o "$OUT" -e "$ERR" rrctl "$@"
	status=$?
	if [ $status != "$want" ]; then
		not_ok "$name" "rrctl $*: status $status, not $want" \
			"$(tail -n 2 "$ERR")"
	elif [ "$want" -ge 125 ] && [ "$want" -le 127 ] && [ ! -s "$ERR" ]; then
		not_ok "$name" "rrctl $*: no message"
	else
		ok "$name"
	fi
}

says()
{
	is "$1" grep -qiE -- "$2" "$3"
}

try 0 "--help" --help
says "--help lists the verbs" 'record' "$OUT"
try 0 "--version" --version
for verb in record replay dump info ps status stop; do
	try 0 "$verb --help" $verb --help
	says "$verb --help prints its usage" "$verb" "$OUT"
	try 125 "$verb: an unknown option" $verb --no-such-option
done
try 125 "no verb"
try 125 "an unknown verb" frobnicate
says "it names it" frobnicate "$ERR"

record_one()
{
	"$PROG/rrtry" -i "${IN:-/dev/null}" -o "$OUT" -e "$ERR" rrctl record \
		-o "$LOG" "$@"
}

try 125 "record: no command" record -o "$LOG"
try 125 "record: a bad --check" record --check=some -o "$LOG" -- true
try 125 "record: a bad --lanes" record --lanes x -o "$LOG" -- true
try 125 "record: a log that cannot be made" record -o /no/such/dir/x -- true
says "it names the file" /no/such/dir/x "$ERR"
try 127 "record: a program that does not exist" record -o "$LOG" -- /no/such/program
says "it names the program" /no/such/program "$ERR"
try 127 "record: not on the PATH" record -o "$LOG" -- no-such-program
echo text >"$T/run/text"
chmod 644 "$T/run/text"
try 126 "record: a file that is not executable" record -o "$LOG" -- "$T/run/text"
try 126 "record: a directory" record -o "$LOG" -- "$T/run"
is "record: no log is left of these" test ! -e "$LOG"

"$PROG/rrtry" -u $NOBODY -o "$OUT" -e "$ERR" rrctl record -o /tmp/x.rr -- true
is "record: not as another user" test $? = 125
says "it says why" 'permi|root|CAP_SYS_ADMIN|sudo' "$ERR"

for status in 0 1 42 124 255; do
	try $status "record: the program's status $status" \
		record -q -o "$LOG" -- sh -c "exit $status"
	try $status "replay: the program's status $status" replay -q "$LOG"
done
# shellcheck disable=SC2016 # for the shell that is recorded
try 143 "record: a program that a signal ends" record -q -o "$LOG" -- \
	sh -c 'kill $$'
try 143 "replay: it" replay -q "$LOG"

record_one -- sh -c 'echo to stdout; echo to stderr >&2'
is "record: stdout is the program's" test "$(cat "$OUT")" = "to stdout"
says "record: says how to replay" 'rrctl replay .*cli\.rr' "$ERR"
record_one -q -- sh -c 'echo to stdout; echo to stderr >&2'
is "record -q: stderr is the program's" test "$(cat "$ERR")" = "to stderr"
try 0 "replay" replay -q "$LOG"
is "replay: stdout is the program's" test "$(cat "$OUT")" = "to stdout"
is "replay: stderr is the program's" test "$(cat "$ERR")" = "to stderr"
is "record: the log is private" test "$(stat -c %a "$LOG")" = 600

IN=$T/run/text record_one -q -- cat
is "record: standard input is the program's" test "$(cat "$OUT")" = text

"$PROG/rrtry" -u $NOBODY -o "$OUT" -e "$ERR" rrctl replay -q "$LOG"
is "replay: not as another user" test $? = 125
cp "$LOG" "$T/tmp/readable.rr"
chmod 644 "$T/tmp/readable.rr"
"$PROG/rrtry" -u $NOBODY -o "$OUT" -e "$ERR" rrctl replay -q "$T/tmp/readable.rr"
is "replay: not as another user who may read the log" test $? = 125
says "it says why" 'permi|root|CAP_SYS_ADMIN|sudo' "$ERR"
"$PROG/rrtry" -u $NOBODY -o "$OUT" -e "$ERR" rrctl info "$T/tmp/readable.rr"
is "info: as another user" test $? = 0

# What the others print about a log.
record_one -q -- sh -c 'date | cat'
try 0 "info" info "$LOG"
says "info counts the events" '^events +[0-9]' "$OUT"
try 0 "info --json" info --json "$LOG"
! have python3 || is "info --json is JSON" python3 -m json.tool "$OUT" /dev/null
try 0 "dump" dump "$LOG"
says "dump names system calls" 'ENTER.*write' "$OUT"
says "dump shows the end" ' END' "$OUT"
try 0 "dump --json" dump --json "$LOG"
! have python3 || is "each line of dump --json is JSON" python3 -c '
import json, sys
for line in open(sys.argv[1]):
    json.loads(line)["type"]' "$OUT"
try 0 "dump --type" dump --type PAGEIN "$LOG"
is "dump --type shows nothing else" sh -c "! grep -v PAGEIN $OUT | grep -q ."
try 0 "ps" ps "$LOG"
says "ps lists the processes" 'date' "$OUT"
try 0 "status" status
try 0 "status --json" status --json
! have python3 || is "status --json is JSON" python3 -m json.tool "$OUT" /dev/null
try 125 "stop: nothing runs" stop
try 125 "stop: no such session" stop 4000000
for verb in replay dump info ps; do
	try 125 "$verb: no such file" $verb /no/such/log
	try 125 "$verb: two files" $verb "$LOG" "$LOG"
	echo "not a log" >"$T/tmp/text"
	try 125 "$verb: not a log" $verb "$T/tmp/text"
done

# The default place.
export RRCREW_DIR=$T/tmp/store
"$PROG/rrtry" -o "$OUT" -e "$ERR" rrctl record -- echo first
"$PROG/rrtry" -o "$OUT" -e "$ERR" rrctl record -- echo second
try 0 "replay: the latest log" replay
is "it is the second" test "$(cat "$OUT")" = second
try 0 "info: the latest log" info

# A reader that goes away.
rrctl replay -q "$LOG" | true
is "replay into a closed pipe ends" test "${PIPESTATUS[0]}" -lt 192
finish
