# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What the test scripts share: TAP output, a scratch directory, and rec_rep.
#
# A test script sources this file first. It then runs in a mount namespace of
# its own, in the scratch directory $T (a tmpfs), which goes away with it.
#
# Environment: RR_LONG=1 selects the full counts; RR_RUNS and RR_REPLAYS
# override them; RR_ONLY is a pattern for the names of tests; RR_KEEP is a
# directory that gets the logs of failed tests; RR_SHORT lists the programs of
# prog/ to run; RR_SECONDS is the time-out of one recording or replay; RR_LANES is
# the number of lanes where a test does not say how many.

set -u

SELF=$(readlink -f "${BASH_SOURCE[1]}")
HERE=${SELF%/*}
PROG=$HERE/prog/bin
export PATH=$PATH:/usr/sbin:/sbin LC_ALL=C

# What kselftest calls SKIP.
skip_all()
{
	echo "1..0 # SKIP $1"
	exit 4
}

[ "$(id -u)" = 0 ] || skip_all "needs root"
[ -e /sys/module/rrcrew ] || skip_all "the module is not loaded; vm/run does that"
command -v rrctl >/dev/null || skip_all "no rrctl on PATH"
[ -x "$PROG/rrtry" ] || skip_all "the programs are not built; run make in $HERE/prog"

if [ -z "${RR_SCRATCH-}" ]; then
	RR_SCRATCH=$(mktemp -d /tmp/rrtest.XXXXXX) || exit 1
	export RR_SCRATCH
	unshare -m "$SELF" "$@"
	rc=$?
	rmdir "$RR_SCRATCH"
	exit $rc
fi

T=$RR_SCRATCH
mount -t tmpfs -o mode=755 rrtest "$T" || exit 1
mkdir "$T/run" "$T/root" "$T/tmp"
cd "$T/run" || exit 1

RR_LONG=${RR_LONG:-0}
if [ "$RR_LONG" = 1 ]; then
	RR_RUNS=${RR_RUNS:-20} RR_REPLAYS=${RR_REPLAYS:-3}
else
	RR_RUNS=${RR_RUNS:-1} RR_REPLAYS=${RR_REPLAYS:-1}
fi
RR_SECONDS=${RR_SECONDS:-300}
RR_ONLY=${RR_ONLY:-*}
RR_KEEP=${RR_KEEP-}

TAP_N=0
TAP_BAD=0

diag()
{
	printf '# %s\n' "$@"
}

# ok NAME | not_ok NAME [WHY...] | skip NAME WHY
ok()
{
	echo "ok $((++TAP_N)) - $1"
}

not_ok()
{
	echo "not ok $((++TAP_N)) - $1"
	TAP_BAD=$((TAP_BAD + 1))
	shift
	[ $# = 0 ] || diag "$@"
}

skip()
{
	echo "ok $((++TAP_N)) - $1 # SKIP $2"
}

# is NAME CMD...: ok if CMD succeeds
is()
{
	local name=$1

	shift
	if "$@"; then ok "$name"; else not_ok "$name" "failed: $*"; fi
}

# wanted NAME: is it selected? (RR_ONLY)
wanted()
{
	# shellcheck disable=SC2254 # a pattern on purpose
	case $1 in $RR_ONLY) return 0 ;; esac
	return 1
}

# A script in which nothing is selected has not failed.
finish()
{
	if [ "$TAP_N" = 0 ] && [ "$RR_ONLY" != '*' ]; then
		echo "1..0 # SKIP nothing matches $RR_ONLY"
		exit 0
	fi
	echo "1..$TAP_N"
	[ "$TAP_BAD" = 0 ] && [ "$TAP_N" -gt 0 ]
	exit
}

# soon CMD...: does it succeed, within a minute or so?
soon()
{
	local i

	for ((i = 0; i < 600; i++)); do
		"$@" && return
		sleep 0.1
	done
	return 1
}

# wait_for FILE PATTERN
wait_for()
{
	soon grep -qs "$2" "$1"
}

# gone NAME: no process has that name
gone()
{
	! grep -qsx "$1" /proc/[0-9]*/comm
}

# There is no session.
idle()
{
	! rrctl status | grep -qE 'record|replay'
}

have()
{
	command -v "$1" >/dev/null
}

# A root with rrctl, its libraries, /proc, /dev and nothing else: all replays
# happen there, so that no file of the recorded program can be found.
make_root()
{
	local bin lib r=$T/root

	[ -d "$r/proc" ] && return
	mkdir -p "$r/bin" "$r/proc" "$r/dev" "$r/tmp" "$r/log"
	bin=$(command -v rrctl) || { echo "Bail out! no rrctl on PATH"; exit 1; }
	cp "$bin" "$r/bin/rrctl"
	ldd "$bin" 2>/dev/null | grep -o '/[^ ]*' | while read -r lib; do
		mkdir -p "$r${lib%/*}"
		cp -L "$lib" "$r$lib"
	done
	mount -t proc proc "$r/proc" && mount --bind /dev "$r/dev" || exit 1
	chmod 1777 "$r/tmp" "$T/tmp"
}

# replay LOG [rrtry options]: LOG is a name below $T/root/log
replay()
{
	local log=$1

	shift
	"$PROG/rrtry" -t "$RR_SECONDS" -r "$T/root" -o "$T/tmp/rep.out" \
		-e "$T/tmp/rep.err" "$@" /bin/rrctl replay -q "/log/$log"
}

# record LOG [rrtry options] -- [rrctl record options] -- CMD...
record()
{
	local log=$1 opts=()

	shift
	while [ "$1" != -- ]; do
		opts+=("$1")
		shift
	done
	shift
	"$PROG/rrtry" -t "$RR_SECONDS" -d "$T/run" -o "$T/tmp/rec.out" \
		-e "$T/tmp/rec.err" "${opts[@]}" rrctl record -q \
		${RR_LANES:+--lanes "$RR_LANES"} -o "$T/root/log/$log" "$@"
}

keep()
{
	[ -n "$RR_KEEP" ] || return 0
	cp "$T/root/log/$1" "$T"/tmp/re[cp].??? "$RR_KEEP/" 2>/dev/null
	diag "kept as $RR_KEEP/$1"
}

clean_run()
{
	rm -rf "$T/run"
	mkdir "$T/run"
	cd "$T/run" || exit 1
}

# show LOG FILE: what a recording or replay said that went wrong; keeps its log
show()
{
	head -n 12 "$T/tmp/$2" | sed 's/^/# /'
	keep "$1"
}

# replays LOG STATUS NAME WHAT: replay RR_REPLAYS times what record has recorded.
# Returns 1 at the first that differs, having said so.
replays()
{
	local p why

	for ((p = 1; p <= RR_REPLAYS; p++)); do
		why=$(replay "$1" -O "$T/tmp/rec.out" -E "$T/tmp/rec.err" -S "$2") && continue
		not_ok "$3" "$4replay $p differs"
		echo "$why"
		show "$1" rep.err
		return 1
	done
}

# One mode of rec_rep; its variables are rec_rep's.
__rec_rep_mode()
{
	local r log rc first=''
	local title="$name${mode:+, $mode}"

	for ((r = 1; r <= RR_RUNS; r++)); do
		log="$name${mode:+-full}-$r.rr"
		clean_run
		[ ${#inputs[@]} = 0 ] || cp -a "${inputs[@]}" "$T/run/"
		[ -z "$before" ] || eval "$before"
		record "$log" -i "$stdin" -- ${mode:+"$mode"} -- "${cmd[@]}"
		rc=$?
		if [ $rc = 77 ] && [ "$status" != 77 ]; then
			skip "$title" "$(tail -n 1 "$T/tmp/rec.out")"
			return
		fi
		if [ $rc != "$status" ]; then
			not_ok "$title" "recording $r: exit status $rc, expected $status"
			show "$log" rec.err
			return
		fi
		if [ "$native" = 1 ] && ! cmp "$T/tmp/rec.out" "$T/tmp/native.out"; then
			not_ok "$title" "recording $r printed other than without recording"
			return
		fi
		clean_run
		replays "$log" "$status" "$title" "recording $r, " || return
		if [ "$varies" = 1 ]; then
			[ -f "$T/tmp/last.out" ] && first=1 &&
				cmp -s "$T/tmp/last.out" "$T/tmp/rec.out" && same=$((same + 1))
			cp "$T/tmp/rec.out" "$T/tmp/last.out"
			pairs=$((pairs + ${first:-0}))
		fi
		rm -f "$T/root/log/$log"
	done
	ok "$title"
}

# rec_rep NAME [--stdin FILE] [--inputs "FILE..."] [--before SHELL]
#	[--status N] [--native] [--varies] -- CMD...
#
# Records CMD in an empty directory that holds copies of the inputs, with and
# without --check=full, RR_RUNS times each; deletes the directory; replays each
# log RR_REPLAYS times in the empty root: standard output, standard error and
# exit status must be the recorded ones.
#
# --before runs in the directory before each recording; --native: the recording
# prints what the program prints without rrctl; --varies: recordings must not
# all print the same, or the test would show nothing.
rec_rep()
{
	local name=$1 stdin=/dev/null before='' status=0 native=0 varies=0
	local same=0 pairs=0 mode
	local inputs=() cmd

	shift
	while [ "$1" != -- ]; do
		case $1 in
		--stdin) stdin=$2 && shift ;;
		--inputs) read -ra inputs <<<"$2" && shift ;;
		--before) before=$2 && shift ;;
		--status) status=$2 && shift ;;
		--native) native=1 ;;
		--varies) varies=1 ;;
		*) echo "Bail out! rec_rep $name: $1?" && exit 1 ;;
		esac
		shift
	done
	shift
	cmd=("$@")
	wanted "$name" || return 0
	make_root
	rm -f "$T/tmp/last.out"
	if [ "$native" = 1 ]; then
		clean_run
		[ ${#inputs[@]} = 0 ] || cp -a "${inputs[@]}" "$T/run/"
		[ -z "$before" ] || eval "$before"
		"$PROG/rrtry" -t "$RR_SECONDS" -d "$T/run" -i "$stdin" \
			-o "$T/tmp/native.out" -e "$T/tmp/native.err" "${cmd[@]}"
	fi
	for mode in "" --check=full; do
		__rec_rep_mode
	done
	if [ "$varies" = 1 ] && [ "$pairs" -gt 0 ]; then
		is "$name: recordings differ from each other" \
			test "$same" -lt "$pairs"
	fi
}

# The programs that "make check" runs; "make check-long" runs all.
SHORT="${RR_SHORT:-abort_die addresses addresses_pie addresses_static alias bigread clone cow
efault enosys exit_threads fnstenv forktree fpe fpe_die fpu futex growsdown ill jit ldt made_room madvise
main_exits mmap no_frame overflow
overflow_die partial pi_mutex pkey poll posix_ipc prctl process_vm procself random
rdrand recursion restored ro_shared robust rseq rusage scm segv segv_die shared_anon shm_unlinked shared_file shared_file_overlay sigbus
signalfd signals sleep sockets spawn spin splice stdin strings sysv threads32 time
time_static timer tls watchpoint yield counter spin_tight interval step rewrite}"

# rec_prog NAME [options of rec_rep] -- PROGRAM ARG...: one of prog/bin, copied
rec_prog()
{
	local name=$1 opts=() prog

	if [ "${RR_LONG:-0}" = 0 ] && [ "$RR_ONLY" = '*' ]; then
		case " ${SHORT//$'\n'/ } " in
		*" $name "*) ;;
		*) return 0 ;;
		esac
	fi

	shift
	while [ "$1" != -- ]; do
		opts+=("$1")
		shift
	done
	prog=$2
	shift 2
	rec_rep "$name" "${opts[@]}" --before "cp $PROG/$prog ." -- "./$prog" "$@"
}
