# SPDX-License-Identifier: GPL-2.0-only
# The front door. `make help` lists what there is.

KDIR ?= /lib/modules/$(shell uname -r)/build
BACKEND ?= auto
PRESET ?= release
export BACKEND

.PHONY: all check clean demo format help lint module setup

help:
	@echo 'make demo [BACKEND=auto|kernel|user|vm]  the snull pair, shown and checked (root)'
	@echo 'make check                               every test (root)'
	@echo 'make all                                 the command `vnet`: build/release/cli/vnet'
	@echo 'make module [KDIR=...]                   vnet.ko for the running kernel, or for another'
	@echo 'make lint | format | clean'

demo:
	@tools/demo

check:
	@tests/check

setup:
	@tools/setup build

all: setup
	@cmake --preset $(PRESET) >/dev/null
	@cmake --build build/$(PRESET) --target vnet

module:
	@tools/build-module $(KDIR)

lint:
	@tools/lint

format:
	@git ls-files 'core/*.h' 'core/*.cc' 'user/*.h' 'user/*.cc' 'cli/*.h' 'cli/*.cc' \
		'tests/*.h' 'tests/*.cc' | xargs clang-format-14 -i

clean:
	@rm -rf build
	@if [ -e vnet.mod ]; then make -C $(KDIR) M=$(CURDIR) clean; fi
