// SPDX-License-Identifier: GPL-2.0-only
/* Calls whose effect depends on the device: ioctl on pipes, ptys, sockets. */
#include "prog.h"
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>

int main(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	struct winsize ws = { 24, 80, 0, 0 };
	int p[2], pty, n = -1, s = socket(AF_INET, SOCK_DGRAM, 0);
	char name[64] = "", line[64] = "";
	struct termios t;

	CHECK(!pipe(p) && write(p[1], "seven77", 7) == 7);
	CHECK(!ioctl(p[0], FIONREAD, &n));
	printf("FIONREAD %d\n", n);
	if (s >= 0 && !ioctl(s, SIOCGIFFLAGS, &ifr))
		printf("lo flags %#x\n", ifr.ifr_flags);
	if (s >= 0 && !ioctl(s, SIOCGIFMTU, &ifr))
		printf("lo mtu %d\n", ifr.ifr_mtu);
	pty = posix_openpt(O_RDWR | O_NOCTTY);
	if (pty < 0 || grantpt(pty) || unlockpt(pty) ||
	    ptsname_r(pty, name, sizeof(name)))
		skip("no pseudo terminals");
	printf("pty %s\n", name);
	n = open(name, O_RDWR | O_NOCTTY);
	CHECK(n >= 0 && !ioctl(n, TIOCSWINSZ, &ws));
	memset(&ws, 0, sizeof(ws));
	CHECK(!ioctl(pty, TIOCGWINSZ, &ws) && !tcgetattr(n, &t));
	printf("size %d x %d, modes %#x %#x, erase %d\n", ws.ws_row, ws.ws_col,
	       t.c_iflag, t.c_lflag, t.c_cc[VERASE]);
	CHECK(write(pty, "typed\n", 6) == 6);
	CHECK(read(n, line, sizeof(line)) == 6);
	printf("line %s", line);
	n = read(pty, line, sizeof(line));
	printf("echo %d %#llx\n", n, (unsigned long long)hash(line, n > 0 ? n : 0));
	return 0;
}
