// SPDX-License-Identifier: GPL-2.0-only
/*
 * victim DIR PORT PID: does everything a replay must not do to the machine. It
 * deletes DIR/delete, writes DIR/new and DIR/append, renames DIR/old, makes a
 * directory and a link, changes a mode and a time, writes through a shared
 * mapping of DIR/mapped and into the FIFO DIR/fifo, sends UDP and TCP to PORT,
 * signals PID.
 */
#include "prog.h"
#include <arpa/inet.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>

static void files(void)
{
	int fd;
	char *m;

	CHECK(!unlink("delete"));
	fd = open("new", O_CREAT | O_WRONLY | O_EXCL, 0600);
	CHECK(fd >= 0 && write(fd, "new\n", 4) == 4);
	fd = open("append", O_WRONLY | O_APPEND);
	CHECK(fd >= 0 && write(fd, "more\n", 5) == 5);
	CHECK(!ftruncate(fd, 3));
	CHECK(!rename("old", "renamed") && !mkdir("dir", 0700));
	CHECK(!symlink("nowhere", "link") && !chmod("mode", 0600));
	CHECK(!utimensat(AT_FDCWD, "time", (struct timespec[2]){ { 5, 0 }, { 6, 0 } }, 0));
	fd = open("mapped", O_RDWR);
	m = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(m != MAP_FAILED);
	strcpy(m, "stored");
	CHECK(!msync(m, 4096, MS_SYNC));
	fd = open("fifo", O_RDWR);
	CHECK(fd >= 0 && write(fd, "into the fifo\n", 14) == 14);
}

static void network(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	CHECK(sendto(s, "packet", 6, 0, (void *)&a, sizeof(a)) == 6);
	s = socket(AF_INET, SOCK_STREAM, 0);
	CHECK(!connect(s, (void *)&a, sizeof(a)));
	CHECK(write(s, "stream", 6) == 6);
}

int main(int argc, char **argv)
{
	pid_t pid;

	CHECK(argc == 4 && !chdir(argv[1]));
	files();
	network(atoi(argv[2]));
	CHECK(!kill(atoi(argv[3]), SIGUSR1));
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		execlp("touch", "touch", "touched", NULL);
		_exit(1);
	}
	reap(pid, "touch");
	printf("done\n");
	return 0;
}
