# SPDX-License-Identifier: Apache-2.0
# Starting, stopping and looking at the services of this machine.

. "$front/packages.sh"
. "$front/postgres.sh"

# Names in the order in which they are started and migrated, and ports: services/CMakeLists.txt has the list.
service_names() { sed -n '/^set(services/,/^)/s/^\t\([a-z]*\)$/\1/p' "$top/services/CMakeLists.txt"; }
service_ports() { # lines of NAME PORT
	first=${MINZHENG_FIRST_PORT:-$(sed -n 's/^set(first_port \([0-9]*\))$/\1/p' "$top/services/CMakeLists.txt")}
	service_names | awk -v first="$first" '{ print $1, first + NR - 1 }'
}
port_of() { service_ports | awk -v name="$1" '$1 == name { print $2 }'; }

chown_service() { is_root && chown "$run_user:" "$@" || true; }

preset=${MINZHENG_PRESET:-release}

# The programs are copied next to the data: a checkout below /root cannot be entered by the services' user.
install_programs() {
	for program in $(service_names) mz year2024; do
		cmp -s "$top/build/$preset/bin/$program" "$home/bin/$program" || {
			cp "$top/build/$preset/bin/$program" "$home/bin/$program.new"
			mv "$home/bin/$program.new" "$home/bin/$program"
		}
	done
}

mz() {
	prepare_home
	[ -x "$home/bin/mz" ] || die '还没有启动过，请先执行 ./minzheng up'
	MINZHENG_HOME=$home "$home/bin/mz" "$@"
}

# What needs the key file: it belongs to the services' user.
mz_as_service() {
	prepare_home
	[ -x "$home/bin/mz" ] || die '还没有启动过，请先执行 ./minzheng up'
	as_service env MINZHENG_HOME="$home" ${MINZHENG_PASSWORD:+MINZHENG_PASSWORD="$MINZHENG_PASSWORD"} "$home/bin/mz" "$@"
}

service_options() { # NAME: what it is started and migrated with
	echo "--listen=127.0.0.1:$(port_of "$1") --workers=${MINZHENG_WORKERS:-2} --key-file=$home/keys/keys"
	echo "--test-clock=${MINZHENG_TEST_CLOCK:-true}"
	[ "$1" != report ] || echo "--peers=$(peers)"
}

peers() { # whom the report asks: every other service
	service_ports | awk '$1 != "report" { printf "%s%s=127.0.0.1:%s", sep, $1, $2; sep = "," }'
}

service_db() { echo "host=$home/run port=$pg_port dbname=minzheng user=$1"; }

# Runs a command as the services' user with its output at the end of NAME's log.
logged() { # NAME command…
	log=$home/log/$1.log
	shift
	as_service sh -c 'log=$1; shift; exec "$@" >>"$log" 2>&1 </dev/null' sh "$log" "$@"
}

show_log() { # NAME WHAT: its last lines, and the end
	tail -n 5 "$home/log/$1.log" >&2
	die "$2，见 $home/log/$1.log"
}

migrate_services() {
	for name in $(service_names); do
		# shellcheck disable=SC2046
		logged "$name" "$home/bin/$name" migrate $(service_options "$name") --owner-db="$(pg_owner)" ||
			show_log "$name" "$name 的数据库结构没有升级成功"
	done
}

pid_of() { # NAME: empty when it does not run
	pid=$(first_line "$home/run/$1.pid")
	! alive "$pid" || echo "$pid"
}

is_replaced() { # PID: it runs a program that install_programs has put a newer one in the place of
	case $(readlink "/proc/$1/exe") in
	*' (deleted)') return 0 ;;
	*) return 1 ;;
	esac
}

start_service() { # NAME
	pid=$(pid_of "$1")
	if [ -n "$pid" ]; then
		is_replaced "$pid" || return 0
		say "$1 的程序已更新，重新启动"
		stop_service "$1"
	fi
	# shellcheck disable=SC2046
	logged "$1" sh -c 'pidfile=$1; shift; setsid "$@" & echo $! >"$pidfile"' sh "$home/run/$1.pid" "$home/bin/$1" \
		$(service_options "$1") --db="$(service_db "$1")"
}

healthy() { # NAME
	"$home/bin/$1" --health --listen="127.0.0.1:$(port_of "$1")" >/dev/null 2>&1
}

wait_healthy() {
	for name in $(service_names); do
		tries=0
		until [ -n "$(pid_of "$name")" ] && healthy "$name"; do
			[ -n "$(pid_of "$name")" ] && [ $tries -lt 300 ] || show_log "$name" "$name 没有正常启动"
			tries=$((tries + 1))
			sleep 0.1
		done
	done
}

stop_service() { # NAME
	pid=$(pid_of "$1")
	[ -n "$pid" ] || { rm -f "$home/run/$1.pid"; return 0; }
	kill -TERM "$pid" 2>/dev/null || true
	tries=0
	while kill -0 "$pid" 2>/dev/null && [ $tries -lt 300 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	kill -KILL "$pid" 2>/dev/null || true
	rm -f "$home/run/$1.pid"
}

prepare_programs() {
	# shellcheck disable=SC2086
	install_packages $build_packages $run_packages
	do_build "$preset"
	prepare_home
	need_room
	install_programs
}

do_up() {
	sample=yes
	case ${1:-} in
	--no-sample) sample=no ;;
	'') ;;
	*) die "up 不认识“$1”" ;;
	esac
	prepare_programs
	[ -f "$home/keys/keys" ] || as_service "$home/bin/mz" keys create "$home/keys/keys"
	pg_start
	migrate_services
	for name in $(service_names); do start_service "$name"; done
	wait_healthy
	[ $sample = no ] || . "$front/sample.sh"
}

do_down() {
	case ${1:-} in
	'' | --purge) ;;
	*) die "down 不认识“$1”" ;;
	esac
	prepare_home
	for name in $(service_names | sed '1!G;h;$!d'); do stop_service "$name"; done
	[ ! -d "$home/pg" ] || pg_stop
	[ -n "${1:-}" ] || return 0
	say "删除 $home 中的数据库和密钥：其中的身份证号、账号等密文此后再也不能解开"
	rm -rf "$home/pg" "$home/keys" "$home/run" "$home/sample" "$home/bin" "$home/log"
}

do_status() {
	case ${1:-} in
	'') form=text ;;
	--json) form=json ;;
	*) die "status 不认识“$1”" ;;
	esac
	prepare_home
	for name in $(service_names); do
		pid=$(pid_of "$name") state=停止 up=false
		[ -z "$pid" ] || state=不健康
		[ -n "$pid" ] && healthy "$name" && state=健康 up=true
		if [ $form = json ]; then
			printf '{"service":"%s","address":"127.0.0.1:%s","pid":%s,"healthy":%s,"version":"%s"}\n' \
				"$name" "$(port_of "$name")" "${pid:-null}" $up "$(version)"
		else
			printf '%-10s 127.0.0.1:%-6s %-8s %s\n' "$name" "$(port_of "$name")" "${pid:--}" "$state"
		fi
	done
	if [ $form = text ]; then
		if pg_running; then
			echo "postgres   $home/run:$pg_port $(head -n 1 "$home/pg/postmaster.pid") 运行"
		else
			echo 'postgres   停止'
		fi
	fi
}

version() { sed -n 's/^project(minzheng VERSION \([0-9.]*\).*/\1/p' "$top/CMakeLists.txt"; }

do_token() {
	[ $# = 1 ] || die '用法：./minzheng token 账号（样本账号见 README）'
	mz token "$1"
}

do_doctor() {
	problems=0
	problem() { problems=$((problems + 1)); printf '%s\n  处理：%s\n' "$1" "$2"; }
	prepare_home
	# shellcheck disable=SC2086
	missing=$(missing_packages $build_packages $run_packages)
	[ -z "$missing" ] || problem "缺软件包：$missing" './minzheng up 会安装'
	[ "$(free_kb)" -gt 2097152 ] || problem "$home 所在磁盘剩余不足 2 GB" '清理磁盘，或用 MINZHENG_HOME 换到别处'
	[ -d "$home/pg" ] || problem '还没有数据库' './minzheng up'
	[ ! -d "$home/pg" ] || pg_running || problem 'PostgreSQL 没有运行' "./minzheng up；日志 $home/log/postgres.log"
	[ ! -d "$home/pg" ] || [ -f "$home/keys/keys" ] || problem '密钥文件不见了，密文解不开' '从备份恢复 keys/，见 README“备份”'
	for name in $(service_names); do
		healthy "$name" || problem "$name 没有运行或不健康" "./minzheng up；日志 $home/log/$name.log"
	done
	nghttp2=$(dpkg-query -W -f '${Version}' libnghttp2-14 2>/dev/null || echo 0)
	dpkg --compare-versions "$nghttp2" ge 1.52.0-1+deb12u3 ||
		problem "libnghttp2-14 $nghttp2 有已知漏洞（CVE-2026-27135）" 'apt-get update && apt-get install libnghttp2-14'
	[ $problems = 0 ] && echo '没有发现问题'
	[ $problems = 0 ]
}
