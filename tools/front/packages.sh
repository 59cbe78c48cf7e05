# SPDX-License-Identifier: Apache-2.0
# What must be installed, and how. Debian 12 names; one list a purpose.

build_packages='gcc libc6-dev cmake ninja-build pkg-config protobuf-compiler protobuf-c-compiler perl
	libprotobuf-c-dev libprotobuf-dev libnghttp2-dev libevent-dev libssl-dev libpq-dev libjansson-dev libsodium-dev
	libinih-dev zlib1g-dev libcsv-dev'
run_packages='postgresql-15 util-linux'
bench_packages='python3-grpcio python3-protobuf curl nghttp2-client golang-go make openssl'
test_packages="$bench_packages clang clang-format clang-tidy libclang-rt-14-dev cppcheck libcmocka-dev nginx-light git jq
	python3-pip"

missing_packages() {
	for package; do
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$' || printf '%s ' "$package"
	done
}

install_packages() { # names…: does nothing, and needs no network, when all are there
	missing=$(missing_packages "$@")
	[ -n "$missing" ] || return 0
	say "安装：$missing"
	as_root apt-get update -qq >&2 || say "apt-get update 未成功，用现有的软件包清单继续"
	case " $missing" in
	*" postgresql-15 "*) # its default cluster is not ours to make, and nothing may be started
		as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
			-o Dpkg::Use-Pty=0 postgresql-common </dev/null >&2
		as_root sed -i 's/^#\?create_main_cluster.*/create_main_cluster = false/' \
			/etc/postgresql-common/createcluster.conf ;;
	esac
	# shellcheck disable=SC2086 # a list of names
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 \
		$missing </dev/null >&2 || die "软件包没有装上：$missing（检查网络和 /etc/apt/sources.list）"
}

do_build() {
	preset=${1:-release}
	# shellcheck disable=SC2086
	install_packages $build_packages
	cd "$top"
	[ -f "build/$preset/build.ninja" ] || cmake --preset "$preset" >&2
	cmake --build --preset "$preset" >&2 || die "构建失败，原因见上"
}
