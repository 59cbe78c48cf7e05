/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/options.h"

#define OPTION(field, ...) CONFIG_OPTION(struct options, field, __VA_ARGS__)

static const struct config_option table[] = {
    OPTION(config, STRING, "config", NULL, 0, 0, "配置文件（ini）", "configuration file (ini)"),
    OPTION(help, BOOL, "help", NULL, 0, 0, "显示本说明", "show this text"),
    OPTION(listen, STRING, "listen", "127.0.0.1:50060", 1, 200, "监听地址和端口",
	   "address and port to listen on"),
    OPTION(workers, INT, "workers", "2", 1, 64, "工作进程数", "worker processes"),
    OPTION(metrics_port, INT, "metrics-port", "0", 0, 65535,
	   "Prometheus 指标的端口；0 为监听端口加 1000",
	   "port of the Prometheus metrics; 0: listening port + 1000"),
    OPTION(db, STRING, "db", "host=/run/postgresql dbname=minzheng", 1, 1000,
	   "数据库连接串（服务自己的角色）", "connection string of the service's own role"),
    OPTION(owner_db, STRING, "owner-db", NULL, 0, 0, "数据库连接串（属主，仅 migrate 使用）",
	   "connection string of the owner, for migrate only"),
    OPTION(db_shared, INT, "db-shared", "2", 1, 64, "每个工作进程的共用读连接数",
	   "shared read connections a worker"),
    OPTION(db_leased, INT, "db-leased", "8", 1, 256, "每个工作进程的事务连接数上限",
	   "transaction connections a worker, at most"),
    OPTION(key_file, STRING, "key-file", NULL, 0, 0, "密钥文件（权限须为 0600）",
	   "key file, mode 0600"),
    OPTION(tls_certificate, STRING, "tls-certificate", NULL, 0, 0, "TLS 证书文件（PEM）；空为明文",
	   "TLS certificate (PEM); none: plain text"),
    OPTION(tls_key, STRING, "tls-key", NULL, 0, 0, "TLS 私钥文件（PEM）", "TLS private key (PEM)"),
    OPTION(tls_client_ca, STRING, "tls-client-ca", NULL, 0, 0,
	   "客户端证书的签发机构（PEM）；给出即要求客户端证书",
	   "CA of client certificates (PEM); when given they are required"),
    OPTION(cors_origin, STRING, "cors-origin", NULL, 0, 0, "允许的浏览器来源，* 为全部",
	   "allowed browser origin, * for all"),
    OPTION(log_level, STRING, "log-level", "info", 1, 10,
	   "日志级别 debug info warning error；调试构建在 debug 级打印每次调用的 SQL 和用时",
	   "log level: debug info warning error; a debug build prints the SQL and timings of calls "
	   "at debug"),
    OPTION(call_timeout_ms, DURATION, "call-timeout", "30s", 100, 3600000, "一次调用最长用时",
	   "longest time of a call"),
    OPTION(drain_ms, DURATION, "drain", "10s", 0, 600000, "停止时等待进行中调用的时间",
	   "time for running calls when stopping"),
    OPTION(peers, STRING, "peers", "", 0, 2000, "要询问的其他服务，名称=地址，逗号分隔",
	   "other services to ask, name=address, separated by commas"),
    OPTION(tenants, STRING, "tenants", "1", 1, 200, "本进程办理定时任务和事件的区县编号，逗号分隔",
	   "districts whose jobs and events this process takes care of, with commas"),
    OPTION(test_clock, BOOL, "test-clock", "false", 0, 0,
	   "允许有 clock.set 权限的调用者指定业务时间（仅供样例与测试）",
	   "callers with clock.set may set the business clock (samples and tests only)"),
    OPTION(check, BOOL, "check", "false", 0, 0, "核对 SQL、契约与数据库结构后退出",
	   "compare SQL, contract and schema, then leave"),
    OPTION(health, BOOL, "health", "false", 0, 0, "询问正在运行的服务是否健康后退出",
	   "ask the running service whether it is healthy, then leave"),
    CONFIG_END,
};

enum config_result
options_load(struct options *options, int *argc, char **argv, struct arena *arena,
	     struct buf *message)
{
	return config_load(table, options, argc, argv, arena, message);
}
