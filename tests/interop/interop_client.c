/* SPDX-License-Identifier: Apache-2.0 */
/*
 * interop-client TARGET [CASE…]: plays gRPC's interoperability cases against a foreign server:
 * those named, or all that every server has. A line each: "ok NAME" or "not ok NAME: why"; exit 1
 * if any failed.
 */
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "interop_steps.h"

static bool
is_wanted(const struct interop_case *test, char **names)
{
	if (!*names)
		return !test->by_name;
	for (; *names; names++)
		if (!strcmp(*names, test->name))
			return true;
	return false;
}

int
main(int argc, char **argv)
{
	struct suite suite = {.base = event_base_new()};
	int n_failed = 0;

	if (argc < 2 || !suite.base) {
		fprintf(stderr, "usage: interop-client TARGET [CASE…]\n");
		return 2;
	}
	suite.target = argv[1];
	open_channel(&suite);
	for (const struct interop_case *test = interop_cases; test->name; test++) {
		if (!is_wanted(test, argv + 2))
			continue;
		if (test->play(&suite)) {
			printf("ok %s\n", test->name);
			continue;
		}
		printf("not ok %s: %s\n", test->name, suite.why);
		n_failed++;
	}
	rpc_channel_close(suite.channel);
	event_base_loop(suite.base, EVLOOP_NONBLOCK);
	event_base_free(suite.base);
	return n_failed ? 1 : 0;
}
