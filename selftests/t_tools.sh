#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Programs of the distribution: record, replay where none of their files are.
# Sorting 20 MB with all digests takes more than lib.sh's two minutes.
[ "${RR_LONG:-0}" = 0 ] || RR_SECONDS=${RR_SECONDS:-600}
# shellcheck disable=SC1091 # in this directory
. "$(dirname "$0")/lib.sh"

if [ "$RR_LONG" = 1 ]; then
	TEXT=20000000 PIGZ=16000000 LIST=(/usr/share/doc) STRESS=20
else
	TEXT=1000000 PIGZ=2000000 LIST=(/usr/share/doc/[a-b]*) STRESS=1
fi

# What "make check" runs, like SHORT in lib.sh.
SHORT_TOOLS=" true false date ldd ls sort grep wc tar_gzip shell gcc python pigz sqlite strace
make_j2 stress_pthread stress_mmap stress_sigq "

# tool NAME TOOL [rec_rep arguments]
tool()
{
	local name=$1 tool=$2

	shift 2
	wanted "$name" || return 0
	if [ "$RR_LONG$RR_ONLY" = '0*' ]; then
		case $SHORT_TOOLS in
		*" $name "*) ;;
		*) return 0 ;;
		esac
	fi
	if have "$tool"; then
		rec_rep "$name" "$@"
	else
		skip "$name" "no $tool here"
	fi
}

mkdir "$T/in" "$T/in/tree"
"$PROG/rrdamage" generate "$TEXT" 1 >"$T/in/text"
"$PROG/rrdamage" generate "$PIGZ" 2 >"$T/in/block"
for i in 1 2 3 4 5 6 7 8; do
	"$PROG/rrdamage" generate 20000 "$i" >"$T/in/tree/file$i"
done
cat >"$T/in/prog.c" <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct node { struct node *next; int key; char name[24]; };

static struct node *insert(struct node *head, int key)
{
	struct node *n = malloc(sizeof(*n)), **at = &head;

	while (*at && (*at)->key < key)
		at = &(*at)->next;
	n->key = key;
	snprintf(n->name, sizeof(n->name), "node %d", key);
	n->next = *at;
	*at = n;
	return head;
}

int main(int argc, char **argv)
{
	struct node *head = NULL;
	double sum = 0;

	for (int i = 0; i < 100; i++)
		head = insert(head, i * 7919 % 101);
	for (struct node *n = head; n; n = n->next)
		sum += n->key / (double)(1 + strlen(n->name));
	printf("%s %f %d\n", argv[0], sum, argc);
	return 0;
}
C
cat >"$T/in/all.py" <<'PY'
import os, random, socket, sqlite3, subprocess, sys, tempfile, threading, time

print(time.time(), time.monotonic(), time.perf_counter_ns())
print(random.random(), os.urandom(8).hex(), hash("text"))
print(os.getpid(), os.getppid(), id(object()), sorted(os.environ.items()))
order = []

def run(n):
    for i in range(20):
        order.append(n)
        if i % 5 == 0:
            time.sleep(0.001)

threads = [threading.Thread(target=run, args=(n,)) for n in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(order)
out = subprocess.run(["/bin/sh", "-c", "echo $$; exit 3"], capture_output=True)
print(out)
db = sqlite3.connect(os.path.join(tempfile.mkdtemp(dir="."), "db"))
db.execute("create table t (n integer, r real)")
with db:
    db.executemany("insert into t values (?, ?)",
                   ((i, random.random()) for i in range(200)))
print(db.execute("select count(*), sum(n), sum(r) from t").fetchone())
print(sqlite3.sqlite_version, sys.version)
a, b = socket.socketpair()
a.sendall(b"over a socket")
print(b.recv(100), {str(n) for n in range(5)})
sys.exit(4)
PY

cat >"$T/in/go.go" <<'GO'
package main

import (
	"fmt"
	"sync"
)

func main() {
	var wg sync.WaitGroup
	var mu sync.Mutex
	order := []int{}
	ch := make(chan int, 4)

	for i := 0; i < 4; i++ {
		wg.Add(1)
		go func(me int) {
			defer wg.Done()
			for j := 0; j < 100; j++ {
				mu.Lock()
				order = append(order, me)
				mu.Unlock()
				ch <- me
			}
		}(i)
	}
	go func() { wg.Wait(); close(ch) }()
	for me := range ch {
		fmt.Print(me)
	}
	fmt.Println(order)
}
GO

tool true true -- true
tool false false --status 1 -- false
# Its 32-bit loader is refused as if the kernel could not run it.
tool ldd ldd -- ldd /bin/ls
tool date date -- date +%s.%N
tool ls ls -- ls -lR "${LIST[@]}"
tool ls_numeric ls --inputs "$T/in/tree" -- ls -lan --full-time tree
tool sort sort --native --inputs "$T/in/text" -- sort text
tool sort_parallel sort --native --inputs "$T/in/text" -- \
	sort --parallel=4 -S 200K -T . text
tool grep grep --native --inputs "$T/in/tree $T/in/text" -- grep -rc needle .
tool wc wc --native --stdin "$T/in/text" -- wc
tool tar_gzip tar --native --inputs "$T/in/tree" -- \
	sh -c 'tar --mtime=@0 -cf - tree | gzip -n | tee out | wc -c; md5sum <out'
# shellcheck disable=SC2016 # for the shell that is recorded
tool shell bash --inputs "$T/in/tree" -- bash -c '
	for f in tree/*; do
		read -r line <"$f"
		echo "$$ $BASHPID $RANDOM $line $(wc -c <"$f")"
	done
	(exit 7) & wait $!
	echo $? >&2
	trap "echo trapped" USR1
	kill -USR1 $$'
tool gcc gcc --inputs "$T/in/prog.c" --native -- \
	sh -c 'gcc -O2 -o prog prog.c && ./prog && gcc -O2 -S -o - prog.c'
tool python /usr/bin/python3 --status 4 --varies --inputs "$T/in/all.py" -- \
	/usr/bin/python3 all.py
tool pigz pigz --native --inputs "$T/in/block" -- \
	sh -c 'pigz -p4 -c block | gzip -dc | md5sum'
tool pigz_output pigz --native --inputs "$T/in/block" -- pigz -nT -p4 -c block
tool sqlite sqlite3 -- sqlite3 db \
	'create table t(a); insert into t values(random()),(2); select * from t;'
# shellcheck disable=SC2016 # for the shell that is recorded
tool strace strace --inputs "$T/in/tree" -- sh -c '
	strace -f -o trace -e trace=openat,execve,write sh -c "cat tree/* | wc -c"
	grep -c "^[0-9]* *[a-z]*(" trace
	strace -o trace -e inject=getppid:retval=4711 -e trace=getppid sh -c "echo \$PPID"'
tool gdb gdb --inputs "$T/in/prog.c" -- sh -c '
	gcc -g -O0 -o prog prog.c
	gdb -q -batch -ex "break main" -ex "break insert" -ex run -ex continue -ex bt \
		-ex next -ex stepi -ex "info registers rip" -ex finish -ex delete \
		-ex continue ./prog'
tool openssl openssl -- openssl speed -seconds 1 md5
tool perl perl -- perl -e 'print time, " $$ ", rand, " ", join(",", keys %ENV), "\n"'
tool busybox busybox --inputs "$T/in/tree" -- busybox sh -c 'busybox md5sum tree/*'

# Several threads or processes at the same time, in as many lanes as there are CPUs.
mkdir "$T/in/make"
for i in 1 2 3 4 5 6; do
	echo "int f$i(int x) { return x * $i; }" >"$T/in/make/f$i.c"
done
printf '%s\n' 'all: f1.o f2.o f3.o f4.o f5.o f6.o' '	cat $^ | cksum' \
	'%.o: %.c' '	gcc -O2 -c $< -o $@' >"$T/in/make/Makefile"
tool make_j2 make --inputs "$T/in/make" -- make -C make -j2
tool xz xz --native --inputs "$T/in/block" -- xz -0 -T2 --block-size=256KiB -c block
tool zstd zstd --native --inputs "$T/in/block" -- zstd -q -T2 -B1MiB -c block
tool pbzip2 pbzip2 --native --inputs "$T/in/block" -- pbzip2 -p2 -c block
for i in clone context fork fp-error futex get kill madvise malloc memfd mmap mprotect mremap \
	mutex pipe pthread remap sem shm shm-sysv sigfpe sigq sigrt sigsegv signal sleep timer \
	vfork vm vma; do
	tool stress_$i stress-ng -- stress-ng --$i 2 -t "$STRESS"
done
tool java java -- java -version
tool go go --inputs "$T/in/go.go" --before 'go build -o go go.go' -- ./go
finish
