# SPDX-License-Identifier: Apache-2.0
# Which files are ours to judge; sourced by the gates.
cd "$(dirname "$0")/../.." || exit 1

c_files() { # C sources and headers that we write, tracked or new
	git ls-files -co --exclude-standard -- 'common/*.[ch]' 'services/*.[ch]' 'tools/*.[ch]' 'tests/*.[ch]' 'examples/*.[ch]'
}

verdict() { # NAME PROBLEMS: one line, after the problems
	if [ -z "$2" ]; then
		echo "ok $1"
	else
		printf '%s\nnot ok %s\n' "$2" "$1"
		exit 1
	fi
}
