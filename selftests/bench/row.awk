# SPDX-License-Identifier: GPL-2.0-only
# Reads what parallel found out about one program; prints a row of its table, and
# JSON to the end of the file "json". With "header", what comes before all rows.

function ratio(a, b)
{
	return a > 0 && b > 0 ? sprintf("%.2f", a / b) : "-"
}

function seconds(how)
{
	if (wall[how] != "")
		return sprintf("%.3f", wall[how])
	return late[how] ? ">" patience : "-"
}

# One lane hands nothing over, and says nothing about it.
function counted(what)
{
	return what in count ? count[what] : "-"
}

function print_row()
{
	printf "%-10s %8s %8s %6s %8s %6s | %8s %8s %9s | %8s %8s %8s %8s %8s\n", name,
	       seconds("native"),
	       seconds("record"), ratio(wall["record"], wall["native"]),
	       seconds("replay"), ratio(wall["replay"], wall["record"]),
	       counted("pages"), counted("a"), counted("bytes"),
	       counted("faults"), counted("revokes"), counted("flushes"),
	       counted("async"), counted("times")
}

function print_json(	how, what, out)
{
	out = sprintf("{\"name\": \"%s\", \"lanes\": %d", name, lanes)
	for (how in wall)
		if (wall[how] != "")
			out = out sprintf(", \"%s\": %.6f", how, wall[how])
	for (how in late)
		out = out sprintf(", \"late\": \"%s\"", how)
	for (what in key)
		if (what in count)
			out = out sprintf(", \"%s\": %d", key[what], count[what])
	print (name == first ? "" : ",") out "}" >> json
}

BEGIN {
	split("pages pages a pages_per_second grants grants bytes bytes faults faults revokes revokes " \
	      "flushes flushes async asyncs times denied", words)
	for (i = 1; i in words; i += 2)
		key[words[i]] = words[i + 1]
}

$1 == "time" {
	wall[$2] = $4
}

$1 == "late" {
	late[$2] = 1
}

$1 == "count" {
	count[$2] = $3
}

# A number, then what it is.
$1 == "said" {
	gsub(/[(),:]/, "")
	for (i = 2; i < NF; i++)
		if ($i ~ /^[0-9]+$/)
			count[$(i + 1)] = $i
}

END {
	if (header) {
		printf "\n%-10s %8s %8s %6s %8s %6s | %8s %8s %9s | %8s %8s %8s %8s %8s\n",
		       "", "native", "record", "ratio", "replay", "ratio", "pages",
		       "a second", "log bytes", "faults", "revokes", "flushes", "async",
		       "denied"
		if (json)
			printf "{\"kernel\": \"%s\", \"cpus\": %d, \"mb\": %d, \"results\": [\n",
			       kernel, cpus, mb > json
	} else {
		print_row()
		if (json)
			print_json()
	}
}
