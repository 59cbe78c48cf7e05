/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Put before a service by LD_PRELOAD: whoever asks to die with its parent loses the parent before
 * the kernel has been asked, and says its own pid in the file $MZ_WORKER.
 */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int
prctl(int option, ...)
{
	unsigned long argument;
	va_list list;

	va_start(list, option);
	argument = va_arg(list, unsigned long);
	va_end(list);
	if (option == PR_SET_PDEATHSIG) {
		pid_t parent = getppid();
		FILE *file = fopen(getenv("MZ_WORKER"), "w");

		if (file) {
			fprintf(file, "%d\n", (int)getpid());
			fclose(file);
		}
		kill(parent, SIGKILL);
		while (getppid() == parent)
			usleep(1000);
	}
	return (int)syscall(SYS_prctl, option, argument, 0, 0, 0);
}
