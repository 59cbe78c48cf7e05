/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of google.protobuf.Timestamp and Duration, as their .proto files state them. */
#ifndef MZ_JSON_JSON_TIME_H
#define MZ_JSON_JSON_TIME_H

#define JSON_DAY_S          86400
#define JSON_TIME_MIN_S     (-62135596800) /* 0001-01-01T00:00:00Z, a whole day */
#define JSON_TIME_MAX_S     253402300799   /* 9999-12-31T23:59:59Z */
#define JSON_DURATION_MAX_S 315576000000
#define JSON_MAX_NANOS      999999999

#endif
