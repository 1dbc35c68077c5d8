#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests of ktap: what must not look green. On this machine; prints TAP.

set -u
shopt -s lastpipe	# expect counts

ktap=$(dirname "$0")/ktap
n=0
bad=0

# expect NAME STATUS COUNTS: the log is on standard input; COUNTS are the passed,
# failed and skipped lines.
expect()
{
	local out status counts result=ok

	out=$("$ktap")
	status=$?
	counts=$(awk '/^ok / && !/# SKIP/ { p++ } /^not ok/ { f++ } /^ok .*# SKIP/ { s++ }
		/^1\.\./ { plan = substr($0, 4) }
		END { printf "%d/%d/%d", p, f, s; if (plan != p + f + s) print " plan" }' \
		<<< "$out")
	if [ $status != "$2" ] || [ "$counts" != "$3" ]; then
		result="not ok"
		bad=1
	fi
	echo "$result $((++n)) - $1"
	[ "$result" = ok ] || echo "# status $status, $counts: ${out//$'\n'/$'\n'# }"
}

# log SUITES LINE...: one suite, "s", of two cases, of which the lines tell
log()
{
	printf '%s\n' "some other line" "KTAP version 1" "1..$1" "    KTAP version 1" \
		"    # Subtest: s" "    1..2" "${@:2}"
}

good=("    ok 1 a" "    ok 2 b" "ok 1 s")

log 1 "${good[@]}" | expect "all pass" 0 2/0/0
log 1 "${good[@]}" | sed 's/^/[   12.345678] /' | expect "with times" 0 2/0/0
log 1 "    ok 1 a" "    ok 2 b # SKIP no such thing" "ok 1 s" |
	expect "a skipped case" 0 1/0/1
log 1 "    ok 1 a" "    not ok 2 b" "not ok 1 s" | expect "a failed case" 1 1/1/0
log 1 "        KTAP version 1" "        # Subtest: a" "        not ok 1 x" "    ok 1 a" \
	"    ok 2 b" "ok 1 s" | expect "parameters are part of their case" 0 2/0/0
expect "an empty log" 1 0/1/0 < /dev/null
echo "ok 1 - something" | expect "a log without KTAP" 1 0/1/0
printf 'KTAP version 1\n1..0\n' | expect "no suite" 1 0/1/0
printf 'KTAP version 1\n1..1\nok 1 s\n' | expect "a suite without tests" 1 0/1/0
log 1 "    ok 1 a" | expect "cut within a suite" 1 1/1/0
log 1 "    ok 1 a" "ok 1 s" | expect "a case is missing" 1 1/1/0
log 2 "${good[@]}" | expect "a suite is missing" 1 2/1/0
log 1 "    ok 1 a" "    ok 2 b" "not ok 1 s" | expect "only the suite failed" 1 2/1/0
log 1 "    not ok 1 a" "    ok 2 b" "ok 1 s" | expect "the suite hides a failure" 1 1/2/0
echo "1..$n"
exit $bad
