# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034 # variables for those who source this
# What bench and parallel share: which programs, and reading rrctl's JSON.

here=$(cd "${BASH_SOURCE[0]%/*}" && pwd -P)
prog=$here/../prog/bin
only=${RR_ONLY:-*}
json=
names=()
failed=0

# Not gawk: that of Debian 12 frees a value of report.awk twice.
awk=$(command -v mawk || command -v awk)

# prepare BYTES PROGRAM...: builds programs; $dir is a directory with a text
prepare()
{
	local bytes=$1

	shift
	make -s -C "$here/../prog" bin/rrtime bin/rrtry bin/rrdamage \
		"${@/#/bin/}" || exit 1
	dir=$(mktemp -d)
	trap 'rm -rf "$dir"' EXIT
	"$prog/rrdamage" generate "$bytes" 1 >"$dir/text"
}

# bench NAME TOOL CMD...
bench()
{
	local name=$1 tool=$2

	shift 2
	# shellcheck disable=SC2254 # a pattern on purpose
	case $name in $only) ;; *) return ;; esac
	if ! command -v "$tool" >/dev/null; then
		echo "bench: $name: no $tool here" >&2
		return
	fi
	names+=("$name")
	printf '%s\0' "$@" >"$dir/$name.cmd"
}

# With --only a mistake, with RR_ONLY perhaps meant for the other programs.
any_selected()
{
	[ ${#names[@]} = 0 ] || return 0
	echo "bench: nothing matches $only"
	[ -n "${RR_ONLY:-}" ] || exit 1
	return 1
}

# number KEY FILE: from one JSON object on one line
number()
{
	local n

	n=$(grep -o "\"$1\": *[0-9]*" "$2" 2>/dev/null | head -n 1)
	n=${n##*[: ]}
	echo "${n:-0}"
}
