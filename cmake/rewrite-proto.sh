#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# rewrite-proto.sh IN OUT: the copy of a .proto file that protoc-c 1.4.1 can take (cmake/proto.cmake).
#  - proto3 `optional T name = N …;` becomes `oneof _name { T name = N …; }`: same bytes, same JSON, presence by _name_case
#  - a file option gives short C names: `Application`, not `Minzheng__Relief__V1__Application`
set -eu
mkdir -p "$(dirname "$2")"
case $1 in
*/google/protobuf/*) prefix='' ;;
*) prefix='import "protobuf-c/protobuf-c.proto"; option (pb_c_file).c_package = "";' ;;
esac
perl -0pe '
	s{^(\s*)optional\s+([\w.]+)\s+(\w+)(\s*=[^;]*;)}{$1oneof _$3 { $2 $3$4 }}mg if /^syntax\s*=\s*"proto3"/m;
	s{^(package\s+[\w.]+;)}{$1 '"$prefix"'}m;
' "$1" >"$2.new"
mv "$2.new" "$2"
