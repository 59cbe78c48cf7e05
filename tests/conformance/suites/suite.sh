# SPDX-License-Identifier: Apache-2.0
# What suites share; sourced. A suite ends with one line: `N passed, N failed`, or `skipped: why`.
set -u
here=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d)
children=''
passed=0 failed=0
limit_s=30 # of a case

clean_up() {
	for child in $children; do
		kill "$child" 2>/dev/null && wait "$child" 2>/dev/null
	done
	rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

skip() {
	echo "skipped: $*"
	exit 0
}

need() { # COMMAND PACKAGE
	command -v "$1" >/dev/null || skip "$1 is not installed (Debian: $2)"
}

go_tools() { # NAME…: sets tools to the folder they are in
	tools=$("$here/go-tools" "$@" 2>"$scratch/go-tools") || skip "$(tail -n 1 "$scratch/go-tools")"
}

check() { # NAME COMMAND…: one case; it passes when the command does
	name=$1
	shift
	if timeout $limit_s "$@" >"$scratch/case" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "not ok $name"
		tail -n 100 "$scratch/case" | sed 's/^/    /'
	fi
}

ends() {
	echo "$passed passed, $failed failed"
	[ "$failed" = 0 ]
}

make_certificate() { # cert.pem and key.pem of localhost, in $scratch
	"$here/../support/make-certificate" "$scratch" >"$scratch/openssl" 2>&1 ||
		skip "openssl cannot make a certificate: $(tail -n 1 "$scratch/openssl")"
}

serve() { # [OPTION…]: starts our interop-server; sets server, port
	serve_program interop-server "$@"
}

serve_program() { # NAME [OPTION…]
	program=$1
	shift
	: >"$scratch/port"
	"$PROGRAMS/interop/$program" 127.0.0.1:0 "$@" >"$scratch/port" 2>"$scratch/server" &
	server=$!
	children="$children $server"
	tries=100
	until [ -s "$scratch/port" ]; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] && kill -0 $server || { cat "$scratch/server"; echo '0 passed, 1 failed'; exit 1; }
		sleep 0.05
	done
	port=$(head -n 1 "$scratch/port")
}

stop_server() { # counts a case: it drains, ends by itself and has found nothing to complain about
	kill -TERM "$server"
	check 'ends on SIGTERM' tail --pid="$server" -f /dev/null
	wait "$server"
	check 'ends well' test $? = 0
	check 'has nothing to complain of' sh -c '! grep -Ev "^[a-z_]+ [0-9]+$" "$1"' sh "$scratch/server"
}
