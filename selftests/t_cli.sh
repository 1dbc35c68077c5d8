#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# rrctl as a command: help, errors, exit statuses, what its verbs print.
# shellcheck disable=SC1091 # in this directory
. "$(dirname "$0")/lib.sh"

OUT=$T/tmp/out
ERR=$T/tmp/err
LOG=$T/tmp/cli.rr
NOBODY=65534
MODULE=${RR_MODULE:-$HERE/../rrcrew.ko}

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

# json NAME: what rrctl printed is JSON, an object or one in each line
json()
{
	if have /usr/bin/python3; then
		is "$1" /usr/bin/python3 -c "$2" "$OUT"
	else
		skip "$1" "no python3 here"
	fi
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
for lanes in 0 33; do
	try 125 "record: --lanes $lanes" record --lanes $lanes -o "$LOG" -- true
	says "it says how many there can be" 'lanes.* 1 to 32' "$ERR"
done
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
says "record: says what there is and how to replay it" \
	'^rrctl: recorded [0-9]+ events, .* in [0-9.]+ s; replay with: rrctl replay .*cli\.rr$' \
	"$ERR"
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

# Progress, on a terminal only.
if have script; then
	script -qec "rrctl record -o $LOG -- sleep 3.5" /dev/null \
		>"$OUT" 2>&1 </dev/null
	says "record: progress on a terminal" \
		'recording: [0-9]+ s, [0-9]+ events \([0-9]+/s\), [0-9]' "$OUT"
	script -qec "rrctl record -q -o $LOG -- sleep 3.5" /dev/null \
		>"$OUT" 2>&1 </dev/null
	is "record -q: no progress" sh -c "! grep -q recording '$OUT'"
else
	skip "record: progress on a terminal" "no script(1) here"
fi
record_one -- sleep 3.5
is "record: no progress in a file" sh -c "! grep -q recording: '$ERR'"

# What a log cannot carry.
cp "$PROG/devmem" "$T/run/"
record_one -q -- ./devmem
is "unsound: the program goes on" grep -q '^read' "$OUT"
says "unsound: a warning" '^rrctl: warning: unsound: device memory at 0x' "$ERR"
try 0 "unsound: the log has it" dump --type NOTE "$LOG"
says "unsound: as a note" ' NOTE .*unsound: device memory' "$OUT"
record_one -q -- true
is "unsound: others have none" sh -c "! grep -q unsound '$ERR'"

# What the others print about a log.
record_one -q -- sh -c 'date | cat'
try 0 "info" info "$LOG"
says "info counts the events" '^events +[0-9]' "$OUT"
try 0 "info --json" info --json "$LOG"
json "info --json is JSON" 'import json, sys; json.load(open(sys.argv[1]))["events"]'
try 0 "dump" dump "$LOG"
says "dump names system calls" 'ENTER.*write' "$OUT"
says "dump shows the end" ' END' "$OUT"
try 0 "dump --json" dump --json "$LOG"
json "each line of dump --json is JSON" '
import json, sys
assert [json.loads(line)["type"] for line in open(sys.argv[1])][-1] == "END"'
try 0 "dump --type" dump --type PAGEIN "$LOG"
is "dump --type shows nothing else" sh -c "! grep -v PAGEIN $OUT | grep -q ."
try 0 "record: one lane" record -q --lanes 1 -o "$T/tmp/one.rr" -- true
try 0 "dump --contention: one lane" dump --contention "$T/tmp/one.rr"
says "it says what to do" 'no hand-overs: .*one lane.*--lanes' "$OUT"
try 125 "dump --contention: not of a task" dump --contention --task 1 "$LOG"
try 0 "ps" ps "$LOG"
says "ps lists the processes" 'date' "$OUT"
try 0 "status" status
try 0 "status --json" status --json
json "status --json is JSON" 'import json, sys; json.load(open(sys.argv[1]))'
try 125 "stop: nothing runs" stop
try 125 "stop: no such session" stop 4000000
for verb in replay dump info ps; do
	try 125 "$verb: no such file" $verb /no/such/log
	try 125 "$verb: two files" $verb "$LOG" "$LOG"
	echo "not a log" >"$T/tmp/text"
	try 125 "$verb: not a log" $verb "$T/tmp/text"
done

# Two threads that fight for one page, with their counters in a structure.
"$PROG/rrtry" -o "$OUT" -e "$ERR" rrctl record -q --lanes 2 -o "$T/tmp/lanes.rr" -- \
	"$PROG/race_false" 60000000
is "record: two threads in two lanes" test $? = 0
try 0 "dump --contention" dump --contention "$T/tmp/lanes.rr"
sed -n 2p "$OUT" >"$T/tmp/top"
says "its top page is the program's, taken by both" \
	'^ *[0-9]+ .* 2 1,2 .* rw-  .*/race_false(\+0x[0-9a-f]+| \(\.bss\)): .*\<shared\>' "$T/tmp/top"
says "its last line has the sums" \
	'^[0-9]+ pages contested, [0-9]+ grants, .* a second, [0-9.]+ bytes' "$OUT"
try 0 "dump --contention --json" dump --contention --json --top 3 "$T/tmp/lanes.rr"
json "each line of it is JSON" '
import json, sys
*pages, sums = [json.loads(line) for line in open(sys.argv[1])]
assert len(pages) == 3 and sums["type"] == "summary" and sums["grants"] >= pages[0]["grants"]
assert pages[0]["grants"] >= pages[1]["grants"] and pages[0]["tasks"] == [1, 2]
assert "shared" in [s["name"] for s in pages[0]["symbols"]]'
head -c 100000 "$T/tmp/lanes.rr" >"$T/tmp/lanes-cut.rr"
try 125 "dump --contention: a log that is cut" dump --contention "$T/tmp/lanes-cut.rr"

# The default place.
export RRCREW_DIR=$T/tmp/store
"$PROG/rrtry" -o "$OUT" -e "$ERR" rrctl record -- echo first
"$PROG/rrtry" -o "$OUT" -e "$ERR" rrctl record -- echo second
try 0 "replay: the latest log" replay
is "it is the second" test "$(cat "$OUT")" = second
try 0 "info: the latest log" info

# A reader that goes away: more than a pipe holds, so some of it cannot be written.
"$PROG/rrdamage" generate 300000 1 >"$T/run/text"
record_one -q -- cat "$T/run/text"
timeout 60 rrctl replay -q "$LOG" 2>"$ERR" | head -c 1 >"$OUT"
status=${PIPESTATUS[0]}
is "replay into a closed pipe ends as failed" test "$status" = 125
timeout 60 rrctl replay -q "$LOG" 2>"$ERR" | cat >"$OUT"
is "replay into a pipe: the program's status" test "${PIPESTATUS[0]}" = 0
is "replay into a pipe: all of it" cmp "$OUT" "$T/run/text"

# completed WORD... : sets COMPREPLY as after TAB behind the words, which are
# split as readline does it
completed()
{
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	_rrctl
}

# completes NAME WANTED WORD...: WANTED is offered
completes()
{
	local name=$1 want=$2

	shift 2
	completed "$@"
	case " ${COMPREPLY[*]} " in
	*" $want "*)	ok "completion: $name" ;;
	*)		not_ok "completion: $name" "no $want in: ${COMPREPLY[*]}" ;;
	esac
}

# shellcheck source=/dev/null
. "$HERE/../userland/rrctl/completion/rrctl"
# What bash-completion would bring: the place of the recorded command
_command_offset()
{
	COMPREPLY=("command-at-$1")
}
completes "verbs" record rrctl re
completes "--check=" full rrctl record --check =
completes "--check=f" full rrctl record --check = f
completes "--check f" full rrctl record --check f
completes "an option after --check=full" --lanes rrctl record --check = full --l
completes "an option after --lanes=2" -o rrctl record --lanes = 2 -
completes "a command after --check=full" sleep rrctl record --check = full slee
completes "after the command" command-at-5 rrctl record --check = full ls -
completes "after the command and --lanes 2" command-at-4 rrctl record --lanes 2 ls -
completes "after --" command-at-6 rrctl record --lanes = 2 -- ls ''
completes "an option of dump" --contention rrctl dump --con
completes "types" PAGEIN rrctl dump --type = PAG

# Without the module.
is "rmmod" rmmod rrcrew
try 125 "no module: record" record -o "$T/tmp/none.rr" -- true
says "it says what to do" 'modprobe rrcrew' "$ERR"
is "no log is left of it" test ! -e "$T/tmp/none.rr"
try 125 "no module: replay" replay -q "$LOG"
says "it says what to do" 'modprobe rrcrew' "$ERR"
try 125 "no module: status" status
says "it says what to do" 'modprobe rrcrew' "$ERR"
try 0 "no module: info" info "$LOG"
is "insmod" insmod "$MODULE"
try 0 "with the module again: record" record -q -o "$LOG" -- true
finish
