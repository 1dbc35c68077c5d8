# SPDX-License-Identifier: GPL-2.0-only
#
#	make			rrcrew.ko and rrctl
#	make install		both, with manual pages, completion and headers
#	make uninstall
#	make clean
#	make deps		install what building and testing need (Debian)
#	make demo		record and replay a small program in a VM
#	make check		the tests; check-long: those that take long, too
#	make fuzz		fuzz log parser and decoder, FUZZ_SECONDS=60 each
#	make fuzz-coverage	their lines that corpora and unit tests reach
#	make kunit		the KUnit tests only, in a VM
#	make bench		measurements, in a VM
#	make lint		what the sources look like: see selftests/lint
#
# KDIR=DIR	the kernel to build for: its headers or its build directory
# PREFIX=DIR, DESTDIR=DIR	where to install
# KERNELS="stock lockdep"	for kunit: stock (default), lockdep, kasan, kcsan

# The running kernel's headers, else the newest that are installed.
KDIR ?= $(firstword $(wildcard /lib/modules/$(shell uname -r)/build) \
	  $(shell ls -d /lib/modules/*/build 2>/dev/null | sort -Vr))
PREFIX ?= /usr/local
# The makes below run in directories of their own.
override DESTDIR := $(abspath $(DESTDIR))

RRCTL := userland/rrctl
HEADERS := $(wildcard include/uapi/linux/*.h)

# No BTF: it would need the kernel's vmlinux, which headers do not contain.
KBUILD = $(MAKE) -C $(KDIR) M=$(CURDIR) CONFIG_DEBUG_INFO_BTF_MODULES=
KRELEASE = $(shell cut -d'"' -f2 $(KDIR)/include/generated/utsrelease.h)

DEPS := gcc make pkg-config libc6-dev kmod \
	libnl-3-dev libnl-genl-3-dev liblz4-dev libjson-c-dev libelf-dev \
	linux-headers-amd64 qemu-system-x86 \
	clang llvm libclang-rt-dev \
	coreutils cpio util-linux xz-utils zstd \
	$(shell cat selftests/packages.txt)
# linux-source has KUnit and the kernel's scripts. Large, so "make demo" does without.
KUNIT_DEPS := linux-source-6.1
LINT_DEPS := sparse coccinelle shellcheck perl git linux-source-6.1

# To build a kernel.
DEBUG_DEPS := linux-source-6.1 bc bison flex lz4

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
	+$(MAKE) -C $(RRCTL) PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) install
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/include/linux $(HEADERS)

# Of every kernel: the headers that it was built with may be gone.
uninstall:
	for ko in $(DESTDIR)/lib/modules/*/updates/rrcrew.ko*; do \
		test -e "$$ko" || continue; \
		rm -f "$$ko"; \
		dir=$${ko%/updates/*}; \
		$(if $(DESTDIR),:,depmod "$${dir##*/}"); \
	done
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/,sbin/rrctl \
		share/man/man8/rrctl.8 share/man/man5/rrlog.5 \
		share/bash-completion/completions/rrctl \
		$(addprefix include/linux/,$(notdir $(HEADERS))))

clean-module:
	+$(if $(KDIR),$(KBUILD) clean)

TESTS := $(wildcard $(addsuffix /tests/Makefile,kmod kmod/logdev kmod/crew))

clean: clean-module
	+$(MAKE) -C $(RRCTL) clean
	+$(foreach t,$(TESTS),$(MAKE) -C $(dir $t) clean &&) true
	+$(MAKE) -C selftests/prog clean
	+$(MAKE) -C selftests/fuzz clean
	rm -rf selftests/results

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
	+$(MAKE) --no-print-directory all

demo: ready
	selftests/vm/run --timeout 600 -- selftests/demo.sh

kunit: deps
	$(call apt-install,$(KUNIT_DEPS) $(if $(filter-out stock,$(KERNELS)),$(DEBUG_DEPS)))
	selftests/kunit $(KERNELS)

check: ready
	$(call apt-install,$(KUNIT_DEPS))
	selftests/run

check-debug-%: ready
	$(call apt-install,$(DEBUG_DEPS))
	selftests/run --debug-kernel $*

check-debug: check-debug-lockdep

check-long: ready
	$(call apt-install,$(KUNIT_DEPS))
	selftests/run --long
	+$(MAKE) --no-print-directory -k -j1 \
		$(addprefix check-debug-,lockdep kasan kcsan)

fuzz: deps
	+$(MAKE) -C selftests/fuzz fuzz FUZZ_SECONDS=$(or $(FUZZ_SECONDS),60)

fuzz-coverage: deps
	+$(MAKE) -C selftests/fuzz coverage

# Two guests: what one of them loses, the other has.
bench: ready
	mkdir -p selftests/results
	status=0; \
	selftests/vm/run --timeout 1800 --share selftests/results -- \
		selftests/bench/bench --json selftests/results/bench.json || status=1; \
	selftests/vm/run --timeout 3600 --memory 3000 --share selftests/results -- \
		selftests/bench/parallel --json selftests/results/parallel.json || status=1; \
	exit $$status

lint: deps
	$(call apt-install,$(LINT_DEPS))
	selftests/lint

.PHONY: all module rrctl install uninstall clean clean-module deps ready demo kunit check \
	check-debug check-long fuzz fuzz-coverage bench lint
