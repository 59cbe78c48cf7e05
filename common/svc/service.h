/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Service: everything a program is made of, as one constant.
 *
 * cmake/service.cmake writes it from services/NAME/ alone: its schema, queries.sql, indicators.sql,
 * the decisions of methods.c and the contract proto/minzheng/NAME/v1/. The one main() runs it.
 */
#ifndef MZ_SVC_SERVICE_H
#define MZ_SVC_SERVICE_H

#include <protobuf-c/protobuf-c.h>
#include <stddef.h>

#include "svc/method.h"

struct svc_file {
	const char *name;          /* "0001_tables.sql" */
	const unsigned char *data; /* a NUL follows the last byte, so text is a C string */
	const unsigned char *end;
};

struct svc_service {
	const char *name; /* "relief": also the schema and the database role */
	const char *version;
	const struct svc_decision *decisions;               /* ended by SVC_END */
	const ProtobufCServiceDescriptor *const *contracts; /* ended by NULL */
	struct svc_file descriptors;                        /* a FileDescriptorSet with comments */
	struct svc_file queries, indicators;                /* data NULL when there is none */
	const struct svc_file *schema; /* in order; ended by one without a name */
};

/* The service of this program. */
extern const struct svc_service svc_program;

#endif
