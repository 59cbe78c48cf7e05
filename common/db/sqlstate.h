/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Outcomes of SQL: what a SQLSTATE, a lost connection or a full queue means to the caller.
 *
 * One table (sqlstate.c) maps PostgreSQL's SQLSTATE codes (PostgreSQL 15 manual, appendix A) to the
 * few outcomes that a caller treats differently; svc maps those to status codes. Nobody else looks
 * at a SQLSTATE.
 */
#ifndef MZ_DB_SQLSTATE_H
#define MZ_DB_SQLSTATE_H

#include <stdbool.h>

/* X(name, text for people) */
#define DB_OUTCOMES(X)                                                                             \
	X(OK, "成功")                                                                              \
	X(CONFLICT, "与同时进行的操作冲突，请重试")  /* 40001, 40P01: running it again may do */   \
	X(UNIQUE, "记录已存在")                      /* 23505; `constraint` says which rule */     \
	X(FOREIGN_KEY, "引用的记录不存在或仍被引用") /* 23503 */                                   \
	X(CHECK, "数据不符合约束")                   /* 23514 */                                   \
	X(EXCLUSION, "与已有记录的时段重叠")         /* 23P01 */                                   \
	X(NOT_NULL, "缺少必填数据")                  /* 23502 */                                   \
	X(EXPECTATION, "记录已被他人修改")           /* a statement touched another row count */   \
	X(BAD_VALUE, "数据的值无效或超出范围")     /* class 22, or a value that cannot be bound */ \
	X(DENIED, "数据库拒绝访问")                /* 42501, 25006 */                              \
	X(TIMEOUT, "数据库处理超时")               /* 57014, 55P03, or waited past the deadline */ \
	X(BUSY, "请求过多，请稍后再试")            /* a queue of ours is full */                   \
	X(TOO_LARGE, "结果超出本次调用的内存限额") /* the call's arena is used up */               \
	X(UNAVAILABLE, "数据库暂时不可用")         /* class 08, 53, 57P0x, connection lost */      \
	/* 53100 */                                                                                \
	X(DISK_FULL, "数据库所在的磁盘已满，没有办成；请通知系统管理员清理磁盘，再重试")           \
	X(BROKEN, "数据库语句有误") /* everything else: a defect of ours */

enum db_outcome {
#define DB_OUTCOME_ENUM(name, text) DB_##name,
	DB_OUTCOMES(DB_OUTCOME_ENUM)
#undef DB_OUTCOME_ENUM
};

/* Texts live as long as the callback that is given the error, or on the caller's arena. */
struct db_error {
	enum db_outcome outcome;
	char sqlstate[6];       /* "" when the error is not PostgreSQL's */
	const char *label;      /* of the statement, as given to db_stmts_add; NULL for none */
	const char *constraint; /* name of the violated constraint, or NULL */
	const char *text;       /* never NULL */
	/* The answer to a COMMIT was lost: it may or may not have been made (design §7). */
	bool ambiguous;
};

/* The outcome of a five-character code; text is the primary message (NULL allowed). */
enum db_outcome db_outcome_of(const char *sqlstate, const char *text);

/* "UNIQUE", and its text for people. */
const char *db_outcome_name(enum db_outcome outcome);
const char *db_outcome_text(enum db_outcome outcome);

#endif
