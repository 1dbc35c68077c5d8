// SPDX-License-Identifier: GPL-2.0-only
/* Numbers that the kernel keeps about the process and the machine. */
#include "prog.h"
#include <sched.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <sys/times.h>
#include <sys/utsname.h>

int main(void)
{
	struct rusage ru;
	struct sysinfo si;
	struct utsname un;
	struct statvfs sv;
	struct rlimit rl;
	struct tms tms;
	cpu_set_t set;
	pid_t pid;

	for (volatile int i = 0; i < 100000; i++)
		;
	CHECK(!getrusage(RUSAGE_SELF, &ru));
	printf("user %ld.%06ld faults %ld rss %ld switches %ld %ld\n",
	       (long)ru.ru_utime.tv_sec, (long)ru.ru_utime.tv_usec,
	       ru.ru_minflt, ru.ru_maxrss, ru.ru_nvcsw, ru.ru_nivcsw);
	printf("times %ld", (long)times(&tms));
	printf(" %ld %ld\n", (long)tms.tms_utime, (long)tms.tms_stime);
	CHECK(!sysinfo(&si));
	printf("uptime %ld free %lu procs %u\n", si.uptime, si.freeram, si.procs);
	CHECK(!uname(&un));
	printf("%s %s %s\n", un.nodename, un.release, un.version);
	CHECK(!sched_getaffinity(0, sizeof(set), &set));
	printf("cpus %d of %ld\n", CPU_COUNT(&set), sysconf(_SC_NPROCESSORS_ONLN));
	CHECK(!statvfs(".", &sv));
	printf("free blocks %lu\n", (unsigned long)sv.f_bfree);
	CHECK(!getrlimit(RLIMIT_NOFILE, &rl));
	printf("files %lu, load %d\n", (unsigned long)rl.rlim_cur,
	       getloadavg((double[3]){ 0 }, 3));
	fflush(stdout);
	pid = fork();
	CHECK(pid >= 0);
	if (!pid)
		_exit(0);
	CHECK(wait4(pid, NULL, 0, &ru) == pid);
	printf("child: %ld us, %ld faults\n", (long)ru.ru_stime.tv_usec,
	       ru.ru_minflt);
	return 0;
}
