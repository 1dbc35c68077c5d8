// SPDX-License-Identifier: GPL-2.0-only
/* Is there an rseq area, and what does the kernel keep in it? */
#include "prog.h"
#include <sys/rseq.h>

int main(void)
{
	volatile struct rseq *r;
	long ret;

	printf("size %u flags %u\n", __rseq_size, __rseq_flags);
	r = (void *)((char *)__builtin_thread_pointer() + __rseq_offset);
	for (int i = 0; i < 3; i++) {
		printf("cpu_id %d start %d\n", (int)r->cpu_id,
		       (int)r->cpu_id_start);
		sleep_ms(1);
	}
	ret = syscall(SYS_rseq, NULL, 32, 1, 0);
	printf("unregister: %ld %s\n", ret, ret ? strerror(errno) : "");
	return 0;
}
