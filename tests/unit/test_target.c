/* SPDX-License-Identifier: Apache-2.0 */
/* rpc/target.h: what may be connected to, and names resolved on the loop (RPC-37). */
#include "unit.h"

#include <errno.h>
#include <event2/event.h>
#include <string.h>

#include "rpc/target.h"

static void
reads_targets(void **state)
{
	static const struct {
		const char *text;
		size_t n_addresses;
		const char *first, *authority;
	} table[] = {
	    {"unix:/run/x.sock", 1, "unix:/run/x.sock", "localhost"},
	    {"unix:///run/x.sock", 1, "unix:/run/x.sock", "localhost"},
	    {"ipv4:10.0.0.1:50061", 1, "10.0.0.1:50061", "10.0.0.1:50061"},
	    {"ipv4:10.0.0.1:1,10.0.0.2:2", 2, "10.0.0.1:1", "10.0.0.2:2"},
	    {"ipv6:[::1]:50061", 1, "[::1]:50061", "[::1]:50061"},
	    {"127.0.0.1:1", 1, "127.0.0.1:1", "127.0.0.1:1"},
	    {"[::1]:1", 1, "[::1]:1", "[::1]:1"},
	    {"dns:127.0.0.1:1", 1, "127.0.0.1:1", "127.0.0.1:1"},
	    {"dns:///registry.bureau:443", 0, NULL, "registry.bureau:443"},
	    {"registry.bureau:443", 0, NULL, "registry.bureau:443"},
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(table); i++) {
		struct rpc_target target;

		assert_int_equal(rpc_target_parse(table[i].text, &target), 0);
		assert_int_equal(target.addresses.n, table[i].n_addresses);
		assert_int_equal(target.needs_dns, !table[i].n_addresses);
		assert_string_equal(target.authority, table[i].authority);
		if (table[i].first)
			assert_string_equal(target.addresses.at[0].text, table[i].first);
	}
}

static void
refuses_targets(void **state)
{
	static const char *const bad[] = {
	    "",
	    "host",
	    ":1",
	    "host:",
	    "host:port",
	    "host:1x",
	    "::1:50061",
	    "unix:",
	    "ipv4:",
	    "ipv4:a:1",
	    "ipv4:1.2.3.4:1,",
	    "ipv4:[::1]:1",
	    "ipv6:1.2.3.4:1",
	    "host:12345678",
	    "ipv4:1.2.3.4:70000",
	};
	char path[200] = "unix:";

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(bad); i++) {
		struct rpc_target target;

		assert_int_equal(rpc_target_parse(bad[i], &target), -EINVAL);
	}
	memset(path + 5, 'a', sizeof path - 6);
	assert_int_equal(rpc_target_parse(path, &(struct rpc_target){0}), -EINVAL);
}

struct answer {
	size_t n_calls, n;
	struct rpc_address first;
	bool failed;
};

static void
on_resolved(void *data, const struct rpc_address_list *addresses, const char *cause)
{
	struct answer *answer = data;

	answer->n_calls++;
	answer->failed = !addresses;
	if (answer->failed) {
		assert_non_null(cause);
		return;
	}
	answer->n = addresses->n;
	answer->first = addresses->at[0];
}

static void
resolves_on_the_loop_again_and_again(void **state)
{
	struct event_base *base = event_base_new();
	struct answer answer = {0};
	struct rpc_target target;
	struct rpc_resolver *resolver;

	(void)state;
	assert_int_equal(rpc_target_parse("localhost:7", &target), 0);
	resolver = rpc_resolver_new(base, &target, on_resolved, &answer);
	for (size_t i = 1; i <= 2; i++) {
		rpc_resolver_start(resolver);
		while (answer.n_calls < i)
			event_base_loop(base, EVLOOP_ONCE);
		assert_false(answer.failed);
		assert_true(answer.n >= 1);
		assert_non_null(strstr(answer.first.text, ":7"));
	}
	rpc_resolver_free(resolver);
	event_base_loop(base, EVLOOP_NONBLOCK);
	event_base_free(base);
}

static void
a_freed_resolver_says_nothing_more(void **state)
{
	struct event_base *base = event_base_new();
	struct answer answer = {0};
	struct rpc_target target;
	struct rpc_resolver *resolver;

	(void)state;
	assert_int_equal(rpc_target_parse("no-such-name.invalid:7", &target), 0);
	resolver = rpc_resolver_new(base, &target, on_resolved, &answer);
	rpc_resolver_start(resolver);
	rpc_resolver_free(resolver);
	for (int i = 0; i < 5; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
	assert_int_equal(answer.n_calls, 0);
	event_base_free(base);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_targets),
	    cmocka_unit_test(refuses_targets),
	    cmocka_unit_test(resolves_on_the_loop_again_and_again),
	    cmocka_unit_test(a_freed_resolver_says_nothing_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
