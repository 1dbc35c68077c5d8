# SPDX-License-Identifier: GPL-2.0-only
"""coverage.py MIN FILE...: reads what "llvm-cov export -summary-only" prints.
Prints a line for each FILE, a path below the top of the tree; fails if one is
missing or has less than MIN percent of its lines covered."""

import json
import os
import sys

minimum, wanted = float(sys.argv[1]), sys.argv[2:]
top = os.path.realpath("../..")
files = {os.path.relpath(os.path.realpath(f["filename"]), top): f["summary"]["lines"]
         for f in json.load(sys.stdin)["data"][0]["files"]}
bad = False
for name in wanted:
    lines = files.get(name, {"percent": 0, "covered": 0, "count": 0})
    print("%6.2f %% %5d of %5d  %s" %
          (lines["percent"], lines["covered"], lines["count"], name))
    bad = bad or lines["percent"] < minimum
sys.exit(bad)
