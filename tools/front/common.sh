# SPDX-License-Identifier: Apache-2.0
# Words, places and the user that runs things; sourced by every part of the front door.

say() { printf '%s\n' "$*" >&2; }
die() { say "minzheng: $*"; exit 1; }

is_root() { [ "$(id -u)" = 0 ]; }

as_root() { # apt needs root; nothing else does
	if is_root; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "需要 root 权限执行：$*（请以 root 运行，或安装 sudo）"
	fi
}

# PostgreSQL refuses to run as root, and services should not: as root both run as the system user `minzheng`.
run_user=minzheng

as_service() {
	if is_root; then
		setpriv --reuid="$run_user" --regid="$run_user" --clear-groups env HOME="$home" "$@"
	else
		"$@"
	fi
}

# Where everything is kept. As root the folder must be reachable by the services' user, which /root is not.
home=${MINZHENG_HOME:-$top/.minzheng}

prepare_home() {
	if is_root; then
		id "$run_user" >/dev/null 2>&1 ||
			useradd --system --no-create-home --shell /usr/sbin/nologin --user-group "$run_user"
		mkdir -p "$home"
		if ! setpriv --reuid="$run_user" --regid="$run_user" --clear-groups test -x "$(dirname "$home")"; then
			home=/var/lib/minzheng$(printf '%s' "$top" | tr / _)
			say "$run_user 用户进不了 $top，数据改放 $home"
		fi
		mkdir -p "$home"
		chown "$run_user:" "$home"
	fi
	mkdir -p "$home"
	home=$(cd "$home" && pwd)
	as_service mkdir -p "$home/run" "$home/log" "$home/bin" "$home/keys"
	as_service chmod 700 "$home/keys" "$home/run"
}

alive() { # PID, or nothing: it runs, and is of this home; after a crash its number may have gone to another process
	[ -n "$1" ] && grep -aqF "$home/" "/proc/$1/cmdline" 2>/dev/null
}

first_line() { head -n 1 "$1" 2>/dev/null || true; }

free_kb() { df -Pk "$home" | awk 'NR == 2 { print $4 }'; }

# With less PostgreSQL cannot write its log, and a process number cannot even be noted down.
need_room() {
	[ "$(free_kb)" -ge 65536 ] ||
		die "磁盘已满：请清理 $home 所在的磁盘或给它扩容，再执行 ./minzheng up（已确认的数据都在）"
}
