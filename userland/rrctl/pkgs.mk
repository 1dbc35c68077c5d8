# SPDX-License-Identifier: GPL-2.0-only
# The libraries of rrctl.
PKGS		:= libnl-genl-3.0 libnl-3.0 liblz4 json-c libelf
RRCTL_CFLAGS	:= $(shell pkg-config --cflags $(PKGS))
RRCTL_LIBS	:= $(shell pkg-config --libs $(PKGS))
