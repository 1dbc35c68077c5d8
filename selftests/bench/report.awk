# SPDX-License-Identifier: GPL-2.0-only
# Reads what bench measured; prints a table, and JSON to the file "json".

function median(how, what, n,	i, j, t, v)
{
	if (!n)
		return 0
	for (i = 1; i <= n; i++) {
		t = sample[how, what, i]
		for (j = i - 1; j > 0 && v[j] > t; j--)
			v[j + 1] = v[j]
		v[j + 1] = t
	}
	i = int((n + 1) / 2)
	return n % 2 ? v[i] : (v[i] + v[i + 1]) / 2
}

function ratio(a, b)
{
	return b > 0 ? a / b : 0
}

function human(bytes)
{
	if (bytes < 10240)
		return bytes " B"
	return bytes < 10485760 ? sprintf("%d KiB", bytes / 1024) : \
	       sprintf("%d MiB", bytes / 1048576)
}

function report_json(	how, i, out)
{
	out = sprintf("%s\n  {\"name\": \"%s\", \"ok\": %s", rows ? "," : "",
		      name, bad ? "false" : "true")
	for (how in m_wall)
		out = out sprintf(", \"%s\": {\"wall\": %.6f, \"cpu\": %.6f, \"faults\": %d, \"runs\": %d}",
				  how, m_wall[how], m_cpu[how], m_faults[how], n[how])
	for (i in count)
		out = out sprintf(", \"%s\": %d", tolower(i), count[i])
	out = out sprintf(", \"record_ratio\": %.3f, \"replay_ratio\": %.3f",
			  ratio(m_wall["record"], m_wall["native"]),
			  ratio(m_wall["replay"], m_wall["native"]))
	out = out sprintf(", \"record_cpu_ratio\": %.3f, \"replay_cpu_ratio\": %.3f}",
			  ratio(m_cpu["record"], m_cpu["native"]),
			  ratio(m_cpu["replay"], m_cpu["native"]))
	if (json)
		printf "%s", out > json
}

function report(	how, hows, k)
{
	if (!name)
		return
	split("native record replay", hows)
	for (k = 1; k <= 3; k++) {
		how = hows[k]
		m_wall[how] = median(how, "wall", n[how])
		m_cpu[how] = median(how, "cpu", n[how])
		m_faults[how] = median(how, "faults", n[how])
	}
	report_json()
	rows++
	if (n["record"])
		printf "%-10s %8.3f %8.3f %6.2f %8.3f %6.2f | %7.3f %6.2f %6.2f | %7d %7d | %8d %8d %8d %7d %9s%s\n",
		       name, m_wall["native"],
		       m_wall["record"], ratio(m_wall["record"], m_wall["native"]),
		       m_wall["replay"], ratio(m_wall["replay"], m_wall["native"]),
		       m_cpu["native"], ratio(m_cpu["record"], m_cpu["native"]),
		       ratio(m_cpu["replay"], m_cpu["native"]),
		       m_faults["native"], m_faults["record"],
		       count["events"], count["ENTER"], count["PAGEIN"],
		       count["ASYNC"], human(count["bytes"]), bad ? "  FAILED" : ""
	else
		printf "%-10s %8.3f %40s %7.3f%s\n", name, m_wall["native"], "|",
		       m_cpu["native"], bad ? "  FAILED" : ""
	failures += bad
}

BEGIN {
	printf "Medians of %d interleaved runs, seconds; kernel %s, %d CPUs.\n\n",
	       runs, kernel, cpus
	printf "%-10s %8s %8s %6s %8s %6s | %7s %6s %6s | %7s %7s | %8s %8s %8s %7s %9s\n",
	       "", "native", "record", "ratio", "replay", "ratio", "CPU", "record",
	       "replay", "faults", "record", "events", "calls", "page-ins", "async", "log"
	if (json)
		printf "{\"kernel\": \"%s\", \"cpus\": %d, \"results\": [", kernel,
		       cpus > json
}

$1 == "name" {
	report()
	split("", n)
	split("", count)
	split("", sample)
	name = $2
	bad = 0
}

$1 == "count" {
	count[$2] = $3
}

$1 == "native" || $1 == "record" || $1 == "replay" {
	n[$1]++
	sample[$1, "wall", n[$1]] = $3
	sample[$1, "cpu", n[$1]] = $4
	sample[$1, "faults", n[$1]] = $5
	if ($2 != 0)
		bad = 1
}

$1 == "differs" {
	bad = 1
}

END {
	report()
	if (json)
		print "\n]}" > json
	exit failures > 0 || !rows
}
