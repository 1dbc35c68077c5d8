// SPDX-License-Identifier: GPL-2.0-only
/*
 * PID 1 of the test guest (see "run"): makes the host's root the guest's root,
 * loads the module, runs one command, reports how it ended, powers off.
 *
 * What to do comes in /job, a list of NUL-terminated "key=value" strings:
 *
 *	share=DIR	mount the 9p tag rrshareN, N counting from 0, on DIR
 *	module=FILE	load this module, unload "rrcrew" at the end
 *	deadline=SEC	uptime at which to give up
 *	cwd=DIR  env=NAME=VALUE  arg=STRING	the command, may be repeated
 *
 * The command's output goes to virtio ports 1 and 2. Port 3 takes the result,
 * one line: "exit N", "timeout" or "error TEXT". Everything else that init has
 * to say goes to the console, that is, to the kernel log on the host.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define MAX_STRINGS	4096
#define MAX_SHARES	16
#define RMMOD_SECONDS	60
#define KILL_SECONDS	60
#define EXIT_PORT	0xf4	/* isa-debug-exit */

enum { PORT_OUT = 1, PORT_ERR, PORT_RESULT };

static struct job {
	const char *shares[MAX_SHARES + 1];
	char *args[MAX_STRINGS + 1];
	char *env[MAX_STRINGS + 1];
	const char *module;
	const char *cwd;
	int deadline;
} job = { .cwd = "/", .deadline = INT_MAX };

/* A stream of the command: a pipe from it, and the port to the host. */
struct stream {
	int from;
	int to;
};

static int result_fd = -1;

static double uptime(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void sleep_ms(int ms)
{
	poll(NULL, 0, ms);
}

static void write_all(int fd, const char *buf, size_t len)
{
	while (len) {
		ssize_t n = write(fd, buf, len);

		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			return;
		buf += n;
		len -= n;
	}
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	write_all(fd, text, strlen(text));
	close(fd);
}

static void __attribute__((noreturn)) power_off(void)
{
	sync();
	/* The last bytes of the console are still in the UART's FIFO. */
	tcdrain(STDOUT_FILENO);
	sleep_ms(20);
	if (!ioperm(EXIT_PORT, 4, 1))
		outl(0, EXIT_PORT);
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

static void __attribute__((noreturn, format(printf, 1, 2)))
finish(const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	printf("vm: %.2f %s\n", uptime(), line);
	if (result_fd >= 0)
		dprintf(result_fd, "%s\n", line);
	power_off();
}

static void job_add(char **list, char *value)
{
	int i = 0;

	while (list[i])
		i++;
	if (i == MAX_STRINGS)
		finish("error too many arguments");
	list[i] = value;
}

static void job_add_share(const char *value)
{
	int i = 0;

	while (job.shares[i])
		i++;
	if (i == MAX_SHARES)
		finish("error too many shares");
	job.shares[i] = value;
}

static void job_set(char *entry)
{
	char *value = strchr(entry, '=');

	if (!value)
		finish("error bad job entry %s", entry);
	*value++ = '\0';
	if (!strcmp(entry, "arg"))
		job_add(job.args, value);
	else if (!strcmp(entry, "env"))
		job_add(job.env, value);
	else if (!strcmp(entry, "share"))
		job_add_share(value);
	else if (!strcmp(entry, "module"))
		job.module = value;
	else if (!strcmp(entry, "cwd"))
		job.cwd = value;
	else if (!strcmp(entry, "deadline"))
		job.deadline = atoi(value);
	else
		finish("error unknown job entry %s", entry);
}

static void job_read(void)
{
	int fd = open("/job", O_RDONLY | O_CLOEXEC);
	struct stat st = { 0 };
	ssize_t len;
	char *buf;

	if (fd < 0 || fstat(fd, &st))
		finish("error cannot read /job");
	buf = malloc(st.st_size + 1);
	len = buf ? read(fd, buf, st.st_size) : -1;
	close(fd);
	if (len < 0 || len != st.st_size)
		finish("error cannot read /job");
	buf[len] = '\0';
	for (char *p = buf; p < buf + len; ) {
		char *next = p + strlen(p) + 1;

		job_set(p);
		p = next;
	}
	if (!job.args[0])
		finish("error no command");
}

static int load_module(const char *path, const char *params)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return -1;
	ret = syscall(SYS_finit_module, fd, params, 0);
	close(fd);
	return ret;
}

/* The files are named so that their order is the order of dependence. */
static void load_modules(void)
{
	struct dirent **names;
	char path[PATH_MAX];
	int n = scandir("/modules", &names, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		if (names[i]->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/modules/%s", names[i]->d_name);
		if (load_module(path, "") && errno != EEXIST)
			printf("vm: %s: %s\n", path, strerror(errno));
	}
}

static void mkdirs(const char *path)
{
	char buf[PATH_MAX];

	snprintf(buf, sizeof(buf), "%s", path);
	for (char *p = buf + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		mkdir(buf, 0755);
		*p = '/';
	}
	mkdir(buf, 0755);
}

static void must_mount(const char *what, const char *where, const char *type,
		       unsigned long flags, const char *options)
{
	/* A virtio device may still be on its way. */
	for (int tries = 0; tries < 3000; tries++) {
		if (!mount(what, where, type, flags, options))
			return;
		sleep_ms(20);
	}
	finish("error cannot mount %s on %s: %s", what, where, strerror(errno));
}

static void mount_basics(void)
{
	static const char * const dirs[] = {
		"/proc", "/sys", "/dev", "/host", "/scratch", "/root"
	};

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		mkdir(dirs[i], 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
}

static void use_console(void)
{
	int fd = open("/dev/console", O_RDWR);

	if (fd >= 0) {
		dup2(fd, STDIN_FILENO);
		dup2(fd, STDOUT_FILENO);
		dup2(fd, STDERR_FILENO);
		if (fd > STDERR_FILENO)
			close(fd);
	}
	setvbuf(stdout, NULL, _IONBF, 0);
}

static void mount_root(void)
{
	must_mount("tmpfs", "/scratch", "tmpfs", 0, "mode=755,size=75%");
	must_mount("rrroot", "/host", "9p", MS_RDONLY,
		   "trans=virtio,version=9p2000.L,msize=512000,cache=loose");
	mkdir("/scratch/upper", 0755);
	mkdir("/scratch/work", 0755);
	must_mount("overlay", "/root", "overlay", 0,
		   "lowerdir=/host,upperdir=/scratch/upper,workdir=/scratch/work");
}

static void enter_root(void)
{
	static const char * const moved[] = { "/proc", "/sys", "/dev" };
	char path[64];

	for (size_t i = 0; i < sizeof(moved) / sizeof(moved[0]); i++) {
		snprintf(path, sizeof(path), "/root%s", moved[i]);
		mkdir(path, 0755);
		must_mount(moved[i], path, NULL, MS_MOVE, NULL);
	}
	/*
	 * Make it the root of the mount namespace, too: setns(), unshare()
	 * and pivot_root() do not work from a plain chroot.
	 */
	if (chdir("/root") || mount(".", "/", NULL, MS_MOVE, NULL) ||
	    chroot(".") || chdir("/"))
		finish("error cannot enter the root: %s", strerror(errno));
}

static void mount_rest(void)
{
	mkdir("/tmp", 01777);
	mkdir("/run", 0755);
	mkdir("/dev/shm", 01777);
	mkdir("/dev/pts", 0755);
	mkdir("/dev/mqueue", 0755);
	mount("devpts", "/dev/pts", "devpts", 0, "mode=620,ptmxmode=666");
	mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
	mount("mqueue", "/dev/mqueue", "mqueue", 0, NULL);
	mount("tmpfs", "/run", "tmpfs", 0, "mode=755");
	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL);
	symlink("/proc/self/fd", "/dev/fd");
	symlink("fd/0", "/dev/stdin");
	symlink("fd/1", "/dev/stdout");
	symlink("fd/2", "/dev/stderr");
}

/*
 * cache=mmap: reads and writes go to the host at once, and shared mappings
 * still work (cache=none refuses them).
 */
static void mount_shares(void)
{
	char tag[16];

	for (int i = 0; job.shares[i]; i++) {
		snprintf(tag, sizeof(tag), "rrshare%d", i);
		mkdirs(job.shares[i]);
		must_mount(tag, job.shares[i], "9p", 0,
			   "trans=virtio,version=9p2000.L,msize=512000,cache=mmap");
	}
}

static void loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	ifr.ifr_flags = IFF_UP | IFF_RUNNING | IFF_LOOPBACK;
	ioctl(fd, SIOCSIFFLAGS, &ifr);
	close(fd);
}

/*
 * Scheduling, timers and the rest of the kernel have races that somebody called
 * harmless: only now, so that they do not slow down the boot.
 */
static void look_for_races(void)
{
	write_file("/sys/kernel/debug/kcsan", "on\n");
}

/*
 * The kernel booted quietly; from here on its log must be complete, and what
 * hangs must not wait for the time limit.
 */
static void tune_kernel(void)
{
	write_file("/proc/sys/kernel/printk", "7 4 1 7\n");
	write_file("/proc/sys/kernel/hung_task_timeout_secs", "60\n");
	write_file("/proc/sys/kernel/hung_task_panic", "1\n");
	write_file("/proc/sys/kernel/softlockup_panic", "1\n");
	write_file("/proc/sys/kernel/sysrq", "1\n");
	/*
	 * Telling of a signal that kills, the kernel prints the code at hand,
	 * and CONFIG_DEBUG_VM is astonished that CR3 is a lane's meanwhile.
	 */
	write_file("/proc/sys/debug/exception-trace", "0\n");
	sethostname("rrcrew-vm", strlen("rrcrew-vm"));
	loopback_up();
}

/* The node is /dev/vport<index of the virtio device>p<port>. */
static int open_port(int nr)
{
	char pattern[32];
	glob_t found;
	int fd = -1;

	snprintf(pattern, sizeof(pattern), "/dev/vport*p%d", nr);
	for (int tries = 0; tries < 3000 && fd < 0; tries++) {
		if (!glob(pattern, 0, NULL, &found))
			fd = open(found.gl_pathv[0], O_WRONLY | O_CLOEXEC);
		globfree(&found);
		if (fd < 0)
			sleep_ms(20);
	}
	if (fd < 0)
		finish("error no virtio port %d", nr);
	return fd;
}

static void __attribute__((noreturn)) exec_command(int out, int err)
{
	sigset_t none;
	int null = open("/dev/null", O_RDONLY);

	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	close(null);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	umask(022);
	if (chdir(job.cwd))
		fprintf(stderr, "vm: %s: %s\n", job.cwd, strerror(errno));
	environ = job.env;
	execvp(job.args[0], job.args);
	dprintf(STDERR_FILENO, "vm: %s: %s\n", job.args[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static pid_t start_command(struct stream *out, struct stream *err)
{
	int out_pipe[2], err_pipe[2];
	pid_t pid;

	if (pipe2(out_pipe, O_CLOEXEC) || pipe2(err_pipe, O_CLOEXEC))
		finish("error pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		finish("error fork: %s", strerror(errno));
	if (!pid)
		exec_command(out_pipe[1], err_pipe[1]);
	close(out_pipe[1]);
	close(err_pipe[1]);
	out->from = out_pipe[0];
	err->from = err_pipe[0];
	return pid;
}

/* Copy what is there; at the end of the stream forget it. */
static void copy_stream(struct stream *s)
{
	static char buf[65536];
	ssize_t n = read(s->from, buf, sizeof(buf));

	if (n > 0) {
		write_all(s->to, buf, n);
	} else if (!n || errno != EINTR) {
		close(s->from);
		s->from = -1;
	}
}

/* Wait up to @ms for output or a dead child, and copy the output. */
static void poll_streams(struct stream *s, int sigfd, int ms)
{
	struct signalfd_siginfo info;
	struct pollfd fds[] = {
		{ .fd = s[0].from, .events = POLLIN },
		{ .fd = s[1].from, .events = POLLIN },
		{ .fd = sigfd, .events = POLLIN },
	};

	if (poll(fds, 3, ms) <= 0)
		return;
	for (int i = 0; i < 2; i++)
		if (fds[i].revents)
			copy_stream(&s[i]);
	if (fds[2].revents && read(sigfd, &info, sizeof(info)) < 0)
		return;
}

/* Reap everybody who is dead. True when @pid was among them. */
static bool reap(pid_t pid, int *status)
{
	bool found = false;
	pid_t dead;
	int st;

	while ((dead = waitpid(-1, &st, WNOHANG)) > 0) {
		if (dead == pid) {
			*status = st;
			found = true;
		}
	}
	return found;
}

/*
 * Ask the kernel where everybody is, for the log. Those who are blocked come
 * last, because the end of the log is what "run" shows.
 */
static void dump_tasks(void)
{
	write_file("/proc/sysrq-trigger", "l");
	write_file("/proc/sysrq-trigger", "t");
	write_file("/proc/sysrq-trigger", "w");
}

static bool have_children(void)
{
	return !waitid(P_ALL, 0, &(siginfo_t){}, WEXITED | WNOHANG | WNOWAIT);
}

/* Orphans become our children, so no children means no processes. */
static void kill_rest(struct stream *s, int sigfd)
{
	double end = uptime() + KILL_SECONDS;
	int status;

	kill(-1, SIGKILL);
	while (uptime() < end) {
		reap(0, &status);
		if (!have_children() && s[0].from < 0 && s[1].from < 0)
			return;
		poll_streams(s, sigfd, 50);
	}
	printf("vm: processes are left that do not die\n");
	dump_tasks();
}

static int run_command(void)
{
	struct stream s[2] = {
		{ .to = open_port(PORT_OUT) },
		{ .to = open_port(PORT_ERR) },
	};
	sigset_t mask;
	int status = 0;
	int sigfd;
	pid_t pid;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	sigfd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);

	pid = start_command(&s[0], &s[1]);
	while (!reap(pid, &status)) {
		if (uptime() >= job.deadline) {
			dump_tasks();
			finish("timeout");
		}
		poll_streams(s, sigfd, 500);
	}
	kill_rest(s, sigfd);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* In a child, because the module's exit function may never return. */
static int unload_in_child(void)
{
	double end = uptime() + RMMOD_SECONDS;

	while (syscall(SYS_delete_module, "rrcrew", O_NONBLOCK)) {
		if (errno == ENOENT)
			break;
		if (uptime() > end)
			return errno;
		sleep_ms(100);
	}
	return 0;
}

static void unload_module(void)
{
	double end = uptime() + RMMOD_SECONDS + 2;
	int status = -1;
	pid_t pid = fork();

	if (!pid)
		_exit(unload_in_child());
	while (!reap(pid, &status)) {
		if (uptime() > end) {
			dump_tasks();
			finish("error rmmod rrcrew did not end in %d seconds",
			       RMMOD_SECONDS);
		}
		sleep_ms(20);
	}
	if (WIFEXITED(status) && WEXITSTATUS(status)) {
		dump_tasks();
		finish("error rmmod rrcrew: %s", strerror(WEXITSTATUS(status)));
	}
	if (!WIFEXITED(status))
		finish("error rmmod rrcrew was killed");
}

/* To the console, from where it gets into the log. */
static void show_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char buf[4096];
	ssize_t n;

	while (fd >= 0 && (n = read(fd, buf, sizeof(buf))) > 0)
		write_all(STDOUT_FILENO, buf, n);
	close(fd);
}

/*
 * Only debug kernels have it. An object counts when it is five seconds old and
 * did not change between two scans. Afterwards the module is gone, and with it
 * the names of its functions; so those that nobody refers to are looked for
 * while it is there, too.
 */
static void scan_for_leaks(void)
{
	static const char path[] = "/sys/kernel/debug/kmemleak";

	if (access(path, W_OK))
		return;
	write_file(path, "scan");
	sleep_ms(6000);
	write_file(path, "scan");
	show_file(path);
}

/*
 * QEMU 7.2 with a thread for each CPU keeps, now and then, a CPU on an INT3 that the
 * kernel has taken back. Loading and unloading the module patches the context switch,
 * its first session what it hooks: in there that CPU hangs for ever. One that is off
 * line cannot. t_sessions loads and unloads with all of them.
 */
static void other_cpus(const char *online)
{
	glob_t found;

	if (!glob("/sys/devices/system/cpu/cpu[1-9]*/online", 0, NULL, &found))
		for (size_t i = 0; i < found.gl_pathc; i++)
			write_file(found.gl_pathv[i], online);
	globfree(&found);
}

/* With the first session; hooks_idle keeps them. */
static void install_hooks(void)
{
	pid_t pid = fork();

	if (!pid) {
		environ = job.env;
		execlp("rrctl", "rrctl", "record", "-q", "-o", "/dev/null", "--", "true", NULL);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
}

int main(void)
{
	int status;

	mount_basics();
	use_console();
	load_modules();
	result_fd = open_port(PORT_RESULT);
	job_read();
	mount_root();
	enter_root();
	mount_rest();
	mount_shares();
	tune_kernel();
	look_for_races();
	/* "report" takes what comes from here on for ours. */
	printf("vm: %.2f booted\n", uptime());
	if (job.module) {
		other_cpus("0");
		if (load_module(job.module, "hooks_idle=86400"))
			finish("error cannot load %s: %s", job.module, strerror(errno));
		install_hooks();
		other_cpus("1");
	}
	printf("vm: %.2f command starts\n", uptime());
	status = run_command();
	scan_for_leaks();
	if (job.module) {
		other_cpus("0");
		unload_module();
		scan_for_leaks();
	}
	finish("exit %d", status);
}
