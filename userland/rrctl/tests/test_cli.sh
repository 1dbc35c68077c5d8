#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# test_cli.sh FIRST: what rrctl says and returns where no module is needed; TAP
# from test number FIRST on.

here=$(cd "$(dirname "$0")" && pwd)
rrctl=$here/../rrctl
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
n=$(($1 - 1))
bad=0
export RRCREW_DIR="$tmp/store"
export LC_ALL=C

# check WHAT STATUS PATTERN CMD...: the exit status, and a line of the output
check()
{
	what=$1 want=$2 pattern=$3
	shift 3
	"$@" >"$tmp/out" 2>&1 </dev/null
	got=$?
	n=$((n + 1))
	if [ $got = "$want" ] && { [ -z "$pattern" ] || grep -q -e "$pattern" "$tmp/out"; }; then
		echo "ok $n - $what"
		return
	fi
	bad=1
	echo "not ok $n - $what"
	echo "# status $got, want $want; pattern: $pattern"
	head -n 20 "$tmp/out" | sed 's/^/# /'
}

"$here/test_logfile" "$tmp/log" || exit 1
"$here/test_contention" 1 "$tmp/contended" || exit 1
head -c 300 "$tmp/log" >"$tmp/cut"
: >"$tmp/empty"
{ cat "$tmp/log"; echo; } >"$tmp/tail"

check "no verb" 125 "Usage: rrctl" "$rrctl"
check "a wrong verb" 125 "no verb 'fly'" "$rrctl" fly
check "help" 0 "Usage: rrctl" "$rrctl" --help
check "version" 0 "^rrctl [0-9]" "$rrctl" --version
for verb in record replay dump info ps status stop; do
	check "help of $verb" 0 "^Usage: rrctl $verb" "$rrctl" "$verb" --help
	check "misuse of $verb" 125 "^Usage: rrctl $verb" "$rrctl" "$verb" --nonsense
done
check "record nothing" 125 "^rrctl: record: no command is given" "$rrctl" record
check "record to a file without a name" 125 "give the name of a file" "$rrctl" record -o '' true
check "record to standard output" 125 "the program has standard output" "$rrctl" record -o - true
check "two logs" 125 "^rrctl: info: more than one log is named" "$rrctl" info a b
check "record with a wrong check" 125 "give 'full' or 'none'" "$rrctl" record --check=some true
for lanes in x '' 0 33 -1 ' 1' 1x 18446744073709551617 -18446744073709551615; do
	check "record with lanes '$lanes'" 125 "give a number of lanes, 1 to 32" \
		"$rrctl" record --lanes="$lanes" true
done
check "dump" 0 "^0 1 7 LEAVE read = 11" "$rrctl" dump "$tmp/log"
check "dump of a pipe" 0 "^0 1 7 LEAVE read = 11" sh -c "cat $tmp/log | $rrctl dump -"
check "dump as JSON" 0 '"type":"MEM","addr":"0x7ffc00020000"' "$rrctl" dump --json "$tmp/log"
check "dump of a task" 0 "^1 2 0 START" "$rrctl" dump --task 2 "$tmp/log"
check "dump of no task" 125 "give the number of a task" "$rrctl" dump --task x "$tmp/log"
check "dump of a type" 0 "^1 2 6 BUS" "$rrctl" dump --type bus "$tmp/log"
check "dump of no type" 125 "no such type" "$rrctl" dump --type horse "$tmp/log"
check "dump of a cut log" 125 "log ends at byte 300 before its END" "$rrctl" dump "$tmp/cut"
check "what is before the cut" 125 "^0 1 0 EXEC" "$rrctl" dump "$tmp/cut"
check "dump of an empty log" 125 "is empty" "$rrctl" dump "$tmp/empty"
check "dump of a long log" 125 "after its END" "$rrctl" dump "$tmp/tail"
check "dump of a script" 125 "not an rrcrew log" "$rrctl" dump "$0"
check "dump of nothing" 125 "No such file" "$rrctl" dump "$tmp/nothing"
check "dump of the latest" 125 "make a log with 'rrctl record'" "$rrctl" dump
check "dump to a full disk" 125 "No space left" sh -c "$rrctl dump $tmp/log >/dev/full"
check "contention" 0 \
	"^ *3  *2  *1  *1  *1  *2 1,2  *1  *401000  *rw-  /no/such/.xc3.xa4+0x1000$" \
	"$rrctl" dump --contention "$tmp/contended"
check "contention behind a file" 0 \
	"^ *1  *1  *0  *0  *1  *1 2  *1  *404000  *rw-  /no/such/.xc3.xa4 (.bss)$" \
	"$rrctl" dump --contention "$tmp/contended"
check "contention, sums" 0 \
	"^2 pages contested, 4 grants, 3 of them exclusive, 8 a second, 48.0 bytes of log each" \
	"$rrctl" dump --contention "$tmp/contended"
check "contention, the top" 1 "" \
	sh -c "$rrctl dump --contention --top 1 $tmp/contended | grep 404000"
check "contention as JSON" 0 '"type":"page","space":"0x1","addr":"0x401000","grants":3,' \
	"$rrctl" dump --contention --json "$tmp/contended"
check "contention, sums as JSON" 0 '"type":"summary","lanes":2,"pages":2,"grants":4,' \
	"$rrctl" dump --contention --json "$tmp/contended"
check "contention of a cut log" 125 "^0 pages contested" "$rrctl" dump --contention "$tmp/cut"
check "contention of a long log" 125 "after its END" "$rrctl" dump --contention "$tmp/tail"
check "contention of a task" 125 "^rrctl: dump: --contention is of all tasks" "$rrctl" dump --contention --task 1 "$tmp/log"
check "contention of a type" 125 "^Usage" "$rrctl" dump --contention --type MEM "$tmp/log"
check "the top of what" 125 "^rrctl: dump: --top is for --contention" "$rrctl" dump --top 3 "$tmp/log"
for top in x '' 0 -1 1x; do
	check "contention, the top '$top'" 125 "give a number of pages" \
		"$rrctl" dump --contention --top="$top" "$tmp/log"
done
check "info" 0 "^state     complete" "$rrctl" info "$tmp/log"
check "info as JSON" 0 '"events":36,' "$rrctl" info --json "$tmp/log"
odd=$tmp/$(printf 'a\033[2J\377')
cp "$tmp/log" "$odd"
check "info of an odd name" 0 '^log .*/a\\x1b\[2J\\xff$' "$rrctl" info "$odd"
check "info of an odd name as JSON" 0 '"log":"[^"]*/a\\\\x1b\[2J\\\\xff"' "$rrctl" info --json "$odd"
cp "$tmp/empty" "$odd"
check "an odd name that is empty" 125 '/a\\x1b\[2J\\xff is empty' "$rrctl" info "$odd"
check "an odd name that is not there" 125 '/a\\x1b\[2J\\xff.x: No such' "$rrctl" info "$odd.x"
check "an odd verb" 125 "no verb 'a.x1b\[2J'" "$rrctl" "$(printf 'a\033[2J')"
check "info of a cut log" 125 "^state     truncated" "$rrctl" info "$tmp/cut"
check "ps" 0 "2      1    1         0 SIGSEGV  .* cat" "$rrctl" ps "$tmp/log"
check "ps as JSON" 0 '"task":2,"parent":1,' "$rrctl" ps --json "$tmp/log"
# Small logs that would take hours, or all memory.
"$here/rrforks" chain 100000 0 >"$tmp/chain" || exit 1
"$here/rrforks" wide 100000 0 >"$tmp/wide" || exit 1
"$here/rrforks" wide 20000 20000 >"$tmp/copies" || exit 1
check "ps of a long chain" 0 "^100000  99999 .*- \{64\}sh$" \
	timeout 60 "$rrctl" ps "$tmp/chain"
check "ps of many children" 0 "^100000      1 .*-  *sh$" timeout 60 "$rrctl" ps "$tmp/wide"
check "ps of a long chain as JSON" 0 '"parent":99999,.*"comm":"sh"' \
	timeout 60 "$rrctl" ps --json "$tmp/chain"
check "contention of many copies" 0 "^places of some processes are not known" \
	timeout 60 sh -c "ulimit -v 4000000; $rrctl dump --contention $tmp/copies"
check "contention of many copies as JSON" 0 '"places_known":false' \
	timeout 60 sh -c "ulimit -v 4000000; $rrctl dump --contention --json $tmp/copies"
check "info without standard output" 125 "standard output: Bad file descriptor" \
	sh -c "$rrctl info $tmp/log >&-"
check "info of closed standard input" 125 "cannot read standard input: Bad file descriptor" \
	sh -c "$rrctl info - <&-"
check "info without standard error" 0 "^state     complete" sh -c "$rrctl info $tmp/log 2>&-"
check "replay of a script" 125 "not an rrcrew log" "$rrctl" replay "$0"
check "replay of an empty log" 125 "is empty" "$rrctl" replay "$tmp/empty"
check "replay of a device" 125 "not a regular file" "$rrctl" replay /dev/null
check "replay of a pipe" 125 "not a regular file" sh -c "cat $tmp/log | $rrctl replay -"
check "replay of a script as standard input" 125 "not an rrcrew log" \
	sh -c "$rrctl replay - <$0"
if ! [ -d /sys/module/rrcrew ]; then
	check "status without the module" 125 "not loaded: modprobe" "$rrctl" status
	check "stop without the module" 125 "not loaded: modprobe" "$rrctl" stop
	check "replay without the module" 125 "not loaded: modprobe" "$rrctl" replay "$tmp/log"
	check "record without the module" 125 "not loaded: modprobe" \
		"$rrctl" record -o "$tmp/kept" true
	check "its file is not made" 2 "" ls "$tmp/kept"
fi
check "mangled" 0 "" "$here/rrmangle" "$tmp/log" "$tmp/mangled" --flip-reg LEAVE 2 rax
check "seen in the dump" 0 "LEAVE read = 10" "$rrctl" dump "$tmp/mangled"
check "nothing to mangle" 1 "no such event" \
	"$here/rrmangle" "$tmp/log" "$tmp/mangled" --flip-event MEM 2 0
check "counts" 0 "PAGEIN 6" "$here/rrmangle" "$tmp/log" --list
echo "1..$n"
exit $bad
