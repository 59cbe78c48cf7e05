# SPDX-License-Identifier: Apache-2.0
# The private PostgreSQL: its data, socket and log lie in $home; no TCP port, and no other PostgreSQL is ever touched.

pg_bin() {
	for dir in /usr/lib/postgresql/*/bin; do
		[ -x "$dir/postgres" ] && found=$dir
	done
	[ -n "${found:-}" ] || die '没有找到 PostgreSQL，请先执行 ./minzheng up'
	echo "$found"
}

pg_port=54329

# Role `owner` owns every schema and is used by `migrate` alone; services log in as the role named like their schema.
pg_owner() {
	echo "host=$home/run port=$pg_port dbname=minzheng user=owner passfile=$home/keys/owner.pgpass"
}

pg_running() { alive "$(first_line "$home/pg/postmaster.pid")"; }

pg_make() {
	secret=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
	(umask 077; printf '*:*:*:owner:%s\n' "$secret" >"$home/keys/owner.pgpass.new"; printf '%s\n' "$secret" >"$home/keys/owner.new")
	chown_service "$home/keys/owner.pgpass.new" "$home/keys/owner.new"
	as_service "$(pg_bin)/initdb" -D "$home/pg.new" -U owner --pwfile="$home/keys/owner.new" -E UTF8 --locale=C.UTF-8 \
		--auth-local=scram-sha-256 --auth-host=reject >"$home/log/initdb.log" 2>&1 || {
		tail -n 5 "$home/log/initdb.log" >&2
		die "建不了数据库，见 $home/log/initdb.log"
	}
	cat >>"$home/pg.new/postgresql.conf" <<EOF
listen_addresses = ''
port = $pg_port
max_connections = 120
shared_buffers = 96MB
work_mem = 8MB
maintenance_work_mem = 64MB
max_wal_size = 2GB
wal_compression = lz4
jit = off
# All of a district fits into the page cache, and two cores serve many short calls: prefer an index, start no helpers.
random_page_cost = 1.1
max_parallel_workers_per_gather = 0
log_min_duration_statement = 2000
# Tables that an import fills from nothing outgrow the plans that were made for them: look every few seconds.
autovacuum_naptime = 3s
autovacuum_analyze_threshold = 500
autovacuum_analyze_scale_factor = 0.2
timezone = 'UTC'
EOF
	cp "$front/pg_hba.conf" "$home/pg.new/pg_hba.conf"
	rm -f "$home/keys/owner.new"
	mv "$home/keys/owner.pgpass.new" "$home/keys/owner.pgpass"
	mv "$home/pg.new" "$home/pg"
}

# The socket's folder is told at each start: a home that was copied or moved starts where it now is.
pg_launch() {
	as_service "$(pg_bin)/pg_ctl" -D "$home/pg" -l "$home/log/postgres.log" -o "-k $home/run" -w -t 600 start >/dev/null
}

pg_wait() { # one that runs may be recovering: from a crash of one of its processes it does by itself
	tries=0
	until "$(pg_bin)/pg_isready" -q -h "$home/run" -p "$pg_port"; do
		tries=$((tries + 1))
		[ $tries -lt 600 ] || die "PostgreSQL 没有在几分钟内恢复，见 $home/log/postgres.log"
		sleep 0.2
	done
}

pg_start() {
	! pg_running || { pg_wait && return; }
	[ -d "$home/pg" ] || pg_make
	[ "${#home}" -le 85 ] || die "目录名太长，放不下套接字：$home（用 MINZHENG_HOME 换一个短的）"
	tries=0
	until pg_launch; do
		# One that was killed stays a process until somebody has buried it, and leaves children, which hold its shared
		# memory until they have finished what they were at.
		tries=$((tries + 1))
		[ $tries -lt 120 ] && tail -n 10 "$home/log/postgres.log" | grep -q 'shared memory block\|another postmaster' || {
			tail -n 5 "$home/log/postgres.log" >&2
			die "PostgreSQL 没有启动，见 $home/log/postgres.log"
		}
		sleep 1
	done
	owner_sql postgres -c "SELECT FROM pg_database WHERE datname = 'minzheng'" | grep -q '(1 row)' ||
		owner_sql postgres -c 'CREATE DATABASE minzheng' >/dev/null
}

owner_sql() { # DATABASE psql-options…
	database=$1
	shift
	as_service env PGPASSFILE="$home/keys/owner.pgpass" "$(pg_bin)/psql" -X -q -v ON_ERROR_STOP=1 -h "$home/run" -p "$pg_port" \
		-U owner -d "$database" "$@"
}

pg_stop() {
	pg_running || return 0
	as_service "$(pg_bin)/pg_ctl" -D "$home/pg" -m fast -w -t 60 stop >/dev/null || say 'PostgreSQL 没有在 60 秒内停下'
}
