/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target once over every file of the folders it is given, without libFuzzer. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SEED = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
replay_file(const char *folder, const char *name)
{
	static uint8_t seed[MAX_SEED];
	char path[4096];
	uint8_t *copy;
	size_t size;
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	file = fopen(path, "rb");
	if (!file)
		return 0;
	size = fread(seed, 1, sizeof seed, file);
	fclose(file);
	/* A copy of exactly this size, so that reading past its end is seen. */
	copy = malloc(size ? size : 1);
	if (!copy)
		return 0;
	memcpy(copy, seed, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
	return 1;
}

static int
replay_folder(const char *folder)
{
	const struct dirent *entry;
	DIR *dir = opendir(folder);
	int n = 0;

	if (!dir)
		return 0;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			n += replay_file(folder, entry->d_name);
	closedir(dir);
	return n;
}

int
main(int argc, char **argv)
{
	int n = 0;

	for (int i = 1; i < argc; i++)
		if (argv[i][0] != '-')
			n += replay_folder(argv[i]);
	printf("%d seeds\n", n);
	return n > 0 ? 0 : 1;
}
