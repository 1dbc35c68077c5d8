// SPDX-License-Identifier: GPL-2.0-only
/*
 * rrtry [-t SECONDS] [-r ROOT] [-d DIR] [-u UID] [-i IN] [-o OUT] [-e ERR]
 *	 [-O OUT] [-E ERR] [-S STATUS] CMD [ARG...]
 *
 * Runs a command in another root (-r), directory and user, with its standard
 * streams in files and an end to our patience (-t, default 120). Exits with the
 * command's status; 198 if it could not be run or killed, 199 after the time.
 *
 * With -O, -E or -S it compares what it got with what these files and this
 * status say, prints each difference and exits 0 or 1. One process instead of
 * a dozen small ones: an exec costs some 80 ms in an emulated guest.
 */
#include "prog.h"
#include <glob.h>
#include <limits.h>
#include <sys/stat.h>

#define FAILED	198
#define TIMEOUT	199

static const char *root, *dir, *in = "/dev/null", *out, *err, *want_out, *want_err;
static int seconds = 120, want_status = -1, uid = -1;

static void redirect(int to, const char *path, int flags)
{
	int fd = path ? open(path, flags, 0666) : -1;

	if (path && (fd < 0 || dup2(fd, to) < 0)) {
		perror(path);
		_exit(FAILED);
	}
	if (fd > 2)
		close(fd);
}

static void child(char **argv)
{
	setsid();
	redirect(0, in, O_RDONLY);
	redirect(1, out, O_WRONLY | O_CREAT | O_TRUNC);
	redirect(2, err, O_WRONLY | O_CREAT | O_TRUNC);
	if ((root && (chroot(root) || chdir("/"))) || (dir && chdir(dir)) ||
	    (uid >= 0 && (setgid(uid) || setuid(uid)))) {
		perror(root ? root : dir);
		_exit(FAILED);
	}
	execvp(argv[0], argv);
	perror(argv[0]);
	_exit(FAILED);
}

static int wait_for(pid_t pid, int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };
	sigset_t set;
	int st;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (;;) {
		uint64_t start = now_ns(), left;

		if (waitpid(pid, &st, WNOHANG) == pid)
			return WIFSIGNALED(st) ? 128 + WTERMSIG(st) : WEXITSTATUS(st);
		if (sigtimedwait(&set, NULL, &ts) < 0 && errno == EAGAIN)
			return -1;
		left = ts.tv_sec * 1000000000ull + ts.tv_nsec;
		start = now_ns() - start;
		left = start < left ? left - start : 0;
		ts.tv_sec = left / 1000000000;
		ts.tv_nsec = left % 1000000000;
	}
}

static void show_file(const char *dir, const char *name)
{
	char path[600], line[200];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		printf("#     %s", line);
	if (f)
		fclose(f);
}

/* Where in the kernel are the tasks that do not end? */
static void show_group(pid_t group)
{
	char dir[600];
	glob_t found;

	if (glob("/proc/[0-9]*/task/[0-9]*", GLOB_NOSORT, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		pid_t pid = atoi(found.gl_pathv[i] + strlen("/proc/"));

		if (getpgid(pid) != group)
			continue;
		snprintf(dir, sizeof(dir), "%s", found.gl_pathv[i]);
		printf("#   %s\n", dir);
		show_file(dir, "comm");
		show_file(dir, "wchan");
		printf("\n");
		show_file(dir, "syscall");
		show_file(dir, "stack");
	}
	globfree(&found);
}

static int run(char **argv)
{
	int status;
	sigset_t set;
	pid_t pid;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		sigprocmask(SIG_UNBLOCK, &set, NULL);
		child(argv);
	}
	status = wait_for(pid, seconds * 1000);
	if (status >= 0)
		return status;
	printf("# no end after %d s: %s\n", seconds, argv[0]);
	show_group(pid);
	kill(-pid, SIGKILL);
	if (wait_for(pid, 10000) < 0) {
		printf("# and it could not be killed\n");
		return FAILED;
	}
	return TIMEOUT;
}

static char *load(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY);
	struct stat st;
	char *data;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st)) {
		perror(path);
		exit(FAILED);
	}
	data = malloc(st.st_size + 1);
	CHECK(data);
	for (*len = 0; (n = read(fd, data + *len, st.st_size - *len)) > 0;)
		*len += n;
	data[*len] = 0;
	close(fd);
	return data;
}

static void show(const char *what, const char *data, size_t len, size_t at)
{
	size_t end;

	while (at && data[at - 1] != '\n' && at > 1 && len - at < 200)
		at--;
	for (end = at; end < len && end < at + 200 && data[end] != '\n'; end++)
		;
	printf("#   %s: %.*s\n", what, (int)(end - at), data + at);
}

static int compare(const char *name, const char *got, const char *want)
{
	size_t n, m, i;
	char *a, *b;

	if (!got || !want)
		return 0;
	a = load(got, &n);
	b = load(want, &m);
	if (n == m && !memcmp(a, b, n))
		return 0;
	for (i = 0; i < n && i < m && a[i] == b[i]; i++)
		;
	printf("# %s differs at byte %zu (%zu bytes, recorded %zu)\n", name, i, n, m);
	show("recorded", b, m, i);
	show("replayed", a, n, i);
	return 1;
}

int main(int argc, char **argv)
{
	int opt, status, bad;

	while ((opt = getopt(argc, argv, "+t:r:d:u:i:o:e:O:E:S:")) != -1) {
		switch (opt) {
		case 't':
			seconds = atoi(optarg);
			break;
		case 'r':
			root = optarg;
			break;
		case 'd':
			dir = optarg;
			break;
		case 'u':
			uid = atoi(optarg);
			break;
		case 'i':
			in = optarg;
			break;
		case 'o':
			out = optarg;
			break;
		case 'e':
			err = optarg;
			break;
		case 'O':
			want_out = optarg;
			break;
		case 'E':
			want_err = optarg;
			break;
		case 'S':
			want_status = atoi(optarg);
			break;
		default:
			return FAILED;
		}
	}
	if (optind == argc)
		return FAILED;
	status = run(argv + optind);
	if (!want_out && !want_err && want_status < 0)
		return status;
	bad = compare("standard output", out, want_out) +
	      compare("standard error", err, want_err);
	if (want_status >= 0 && status != want_status) {
		printf("# exit status %d, recorded %d\n", status, want_status);
		bad = 1;
	}
	return bad > 0;
}
