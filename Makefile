# SPDX-License-Identifier: GPL-2.0-only
# The front door. `make help` lists what there is.

KDIR ?= /lib/modules/$(shell uname -r)/build
BACKEND ?= auto
PRESET ?= release
export BACKEND

PREFIX ?= /usr/local
SHARE = $(PREFIX)/share
MODULES ?= /lib/modules/$(shell uname -r)
# Where `ip` looks for link_KIND.so.
IP_LIB_DIR ?= /usr/lib/$(shell gcc -print-multiarch)/ip

.PHONY: all bench check clean demo format generate help install lint module setup

help:
	@echo 'make demo [BACKEND=auto|kernel|user|vm]  the snull pair, shown and checked (root)'
	@echo 'make check                               every test (root)'
	@echo 'make bench [KERNEL=6.12|6.1] [SCENARIO=...] exact instructions beside veth and netkit; the command beside ip; accuracy'
	@echo 'make all                                 the command `vnet` and the plugin of `ip`: build/release/cli/'
	@echo 'make module [KDIR=...]                   vnet.ko for the running kernel, or for another'
	@echo 'make install [PREFIX=/usr/local]          what of both has been built; with `vnet` its completion and man pages'
	@echo 'make generate                             what is made of spec/: headers, tables, reference; with `vnet` built, of man pages'
	@echo 'make lint | format | clean'

demo:
	@tools/demo

check:
	@tests/check

bench: all
	@bench/cli
	@bench/delay-line
	@bench/user
	@bench/vm/run --kernel $(or $(KERNEL),6.12) $(SCENARIO)

setup:
	@tools/setup build

all: setup
	@cmake --preset $(PRESET) >/dev/null
	@cmake --build build/$(PRESET) --target vnet link_vnet

module:
	@tools/build-module $(KDIR)

install:
	@if [ -e build/release/cli/vnet ]; then \
		install -D -m 755 build/release/cli/vnet $(DESTDIR)$(PREFIX)/bin/vnet && \
		install -D -m 644 packaging/completions/vnet.bash $(DESTDIR)$(SHARE)/bash-completion/completions/vnet && \
		install -D -m 644 packaging/completions/_vnet $(DESTDIR)$(SHARE)/zsh/site-functions/_vnet && \
		install -D -m 644 -t $(DESTDIR)$(SHARE)/man/man8 packaging/man/*.8; fi
	@if [ -e build/release/cli/link_vnet.so ]; then \
		install -D -m 644 build/release/cli/link_vnet.so $(DESTDIR)$(IP_LIB_DIR)/link_vnet.so; fi
	@if [ -e vnet.ko ]; then \
		install -D -m 644 vnet.ko $(DESTDIR)$(MODULES)/updates/vnet.ko && \
		{ [ -n "$(DESTDIR)" ] || depmod -a; }; fi

generate: setup
	@tools/generate $(addprefix --command ,$(wildcard build/release/cli/vnet))

lint:
	@tools/lint

format:
	@git ls-files 'core/*.h' 'core/*.cc' 'lib/*.h' 'lib/*.cc' 'user/*.h' 'user/*.cc' 'cli/*.h' 'cli/*.cc' \
		'tests/*.h' 'tests/*.cc' 'bench/*.h' 'bench/*.cc' | xargs clang-format-14 -i

clean:
	@rm -rf build
	@if [ -e vnet.mod ]; then make -C $(KDIR) M=$(CURDIR) clean; fi
