/* SPDX-License-Identifier: Apache-2.0 */
/*
 * year2024: writes the files of the sample year into a folder (README.md).
 *
 *     year2024 [--seed N] [--scale PERCENT] DIVISIONS OUT
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "world.h"

static void
usage(FILE *out)
{
	fputs("用法：year2024 [--seed N] [--scale PERCENT] 行政区划清单 输出目录\n\n"
	      "生成样本年的导入文件和逐日业务（README.md）。同一种子在任何机器上生成同样的文件。\n"
	      "  --seed N         随机种子，默认 2024\n"
	      "  --scale PERCENT  规模，默认 100（即总结所印数字）；1 到 200\n",
	      out);
}

static long
number_of(const char *text, long low, long high)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(text, &end, 10);
	if (errno || end == text || *end || number < low || number > high)
		errx(2, "“%s”不是 %ld 到 %ld 的整数", text, low, high);
	return number;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"seed", required_argument, NULL, 's'},
	    {"scale", required_argument, NULL, 'c'},
	    {"help", no_argument, NULL, 'h'},
	    {0},
	};
	static struct world world;
	long seed = 2024, percent = 100;
	struct check_count checks = {0};
	int option;
	struct calls *calls;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'h') {
			usage(stdout);
			return 0;
		}
		if (option == '?') {
			usage(stderr);
			return 2;
		}
		if (option == 's')
			seed = number_of(optarg, 0, 1000000000);
		else
			percent = number_of(optarg, 1, 200);
	}
	if (argc - optind != 2) {
		usage(stderr);
		return 2;
	}
	if (mkdir(argv[optind + 1], 0777) && errno != EEXIST)
		err(1, "建不了目录 %s", argv[optind + 1]);
	world_make(&world, (uint64_t)seed, (int)percent, argv[optind]);
	write_registry_files(&world, argv[optind + 1]);
	write_relief_files(&world, argv[optind + 1]);
	write_other_lines(&world, argv[optind + 1]);
	calls = calls_new();
	add_applications(&world, calls, &checks);
	add_checks(&world, calls, world.recipe.checks_households - checks.households,
		   world.recipe.checks_persons - checks.persons);
	add_year_of_relief(&world, calls);
	calls_write(calls, argv[optind + 1]);
	world_free(&world);
	return 0;
}
