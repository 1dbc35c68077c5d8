# SPDX-License-Identifier: GPL-2.0-only
#
#	make			rrcrew.ko and rrctl
#	make install		both, with manual pages, completion and headers
#	make uninstall
#	make clean
#	make deps		install what building and testing need (Debian)
#	make demo		record and replay a small program in a VM
#	make check		the tests; check-long: those that take long, too
#	make bench		measurements, in a VM
#	make lint		checkpatch, sparse, W=1, shellcheck
#
# KDIR=DIR	the kernel to build for: its headers or its build directory
# PREFIX=DIR, DESTDIR=DIR	where to install

# The running kernel's headers, else the newest that are installed.
KDIR ?= $(firstword $(wildcard /lib/modules/$(shell uname -r)/build) \
	  $(shell ls -d /lib/modules/*/build 2>/dev/null | sort -Vr))
PREFIX ?= /usr/local
BINDIR := $(DESTDIR)$(PREFIX)/sbin
MANDIR := $(DESTDIR)$(PREFIX)/share/man
COMPDIR := $(DESTDIR)$(PREFIX)/share/bash-completion/completions
INCDIR := $(DESTDIR)$(PREFIX)/include/linux

RRCTL := userland/rrctl
PAGES := $(wildcard $(RRCTL)/man/*.[1-8])
HEADERS := $(wildcard include/uapi/linux/*.h)

# No BTF: it would need the kernel's vmlinux, which headers do not contain.
KBUILD = $(MAKE) -C $(KDIR) M=$(CURDIR) CONFIG_DEBUG_INFO_BTF_MODULES=
KRELEASE = $(shell $(MAKE) -s -C $(KDIR) kernelrelease)

DEPS := gcc make pkg-config libc6-dev kmod \
	libnl-3-dev libnl-genl-3-dev liblz4-dev libjson-c-dev \
	linux-headers-amd64 qemu-system-x86 busybox-static \
	cpio xz-utils zstd util-linux gawk python3 gdb strace \
	sparse shellcheck
# Only checkpatch comes from here; a large package, so not for "make check".
LINT_DEPS := linux-source-6.1

SUDO := $(if $(filter-out 0,$(shell id -u)),sudo)

all: module rrctl

module:
	@test -n "$(KDIR)" || { echo "no kernel headers; run make deps" >&2; exit 1; }
	+$(KBUILD) modules

rrctl:
	+$(MAKE) -C $(RRCTL)

install: all
	+$(KBUILD) INSTALL_MOD_PATH=$(DESTDIR) INSTALL_MOD_DIR=updates modules_install
	$(if $(DESTDIR),,depmod $(KRELEASE))
	install -D -m 755 -t $(BINDIR) $(RRCTL)/rrctl
	install -D -m 644 -t $(INCDIR) $(HEADERS)
	for p in $(PAGES); do \
		install -D -m 644 -t $(MANDIR)/man$${p##*.} $$p || exit 1; \
	done
	install -D -m 644 -t $(COMPDIR) $(RRCTL)/completion/rrctl

uninstall:
	rm -f $(DESTDIR)/lib/modules/$(KRELEASE)/updates/rrcrew.ko*
	$(if $(DESTDIR),,depmod $(KRELEASE))
	rm -f $(BINDIR)/rrctl $(COMPDIR)/rrctl
	rm -f $(addprefix $(INCDIR)/,$(notdir $(HEADERS)))
	for p in $(PAGES); do \
		rm -f $(MANDIR)/man$${p##*.}/$${p##*/} || exit 1; \
	done

clean:
	+$(if $(KDIR),$(KBUILD) clean)
	+$(MAKE) -C $(RRCTL) clean

# Asks the network only when something is missing.
define apt-install
	@missing=; for p in $(1); do \
		dpkg-query -W -f '$${db:Status-Status}\n' $$p 2>/dev/null | \
			grep -qx installed || missing="$$missing $$p"; \
	done; \
	test -z "$$missing" || { \
		$(SUDO) apt-get update && \
		DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y \
			--no-install-recommends $$missing; \
	}
endef

deps:
	$(call apt-install,$(DEPS))

# A make of its own after deps: KDIR may have appeared just now.
ready: deps
	+$(MAKE) all

demo: ready
	selftests/vm/run --timeout 600 -- selftests/demo.sh

check: ready
	selftests/run

check-long: ready
	selftests/run --long

bench: ready
	selftests/vm/run --timeout 1800 -- selftests/bench/bench

lint: deps
	$(call apt-install,$(LINT_DEPS))
	selftests/lint

.PHONY: all module rrctl install uninstall clean deps ready demo check \
	check-long bench lint
