#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# program.sh OUT NAME VERSION FOLDER CONTRACT.proto…: writes the `struct svc_service` of a service (common/svc/service.h).
set -eu
out=$1 name=$2 version=$3 folder=$4
shift 4

# AidService -> aid_service, as protoc-c does it
contracts=$(sed -n 's/^service \([A-Za-z0-9]*\).*/\1/p' "$@" | sed 's/\([A-Z]\)/_\1/g; s/^_//' | tr A-Z a-z)
schema=$(cd "$folder" && ls schema/*.sql 2>/dev/null | sed 's,schema/,,; s/\.sql$//' || true)

has() { [ -e "$folder/$1" ]; }
file() { # NAME SYMBOL: a struct svc_file
	printf '{"%s", %s, %s_end}' "$1" "$2" "$2"
}
declare_bytes() { # SYMBOL…
	for symbol; do printf 'extern const unsigned char %s[], %s_end[];\n' "$symbol" "$symbol"; done
}
optional() { # FIELD FILE SYMBOL
	if has "$2"; then printf '\t.%s = %s,\n' "$1" "$(file "$2" "$3")"; fi
}

exec >"$out"
echo '/* Written by cmake/program.sh; see common/svc/service.h. */'
echo '#include "svc/service.h"'
declare_bytes svc_descriptors
if has queries.sql; then declare_bytes svc_queries; fi
if has indicators.sql; then declare_bytes svc_indicators; fi
for stem in $schema; do declare_bytes "svc_schema_$stem"; done
for contract in $contracts; do echo "extern const ProtobufCServiceDescriptor ${contract}__descriptor;"; done

echo 'static const ProtobufCServiceDescriptor *const contracts[] = {'
for contract in $contracts; do echo "	&${contract}__descriptor,"; done
printf '\tNULL,\n};\n'
if ! has methods.c; then echo 'const struct svc_decision svc_methods[] = {SVC_END};'; fi
echo 'static const struct svc_file schema[] = {'
for stem in $schema; do printf '\t%s,\n' "$(file "$stem.sql" "svc_schema_$stem")"; done
printf '\t{0},\n};\n'
cat <<END
const struct svc_service svc_program = {
	.name = "$name",
	.version = "$version",
	.decisions = svc_methods,
	.contracts = contracts,
	.schema = schema,
	.descriptors = $(file "$name.binpb" svc_descriptors),
$(optional queries queries.sql svc_queries)
$(optional indicators indicators.sql svc_indicators)
};
END
