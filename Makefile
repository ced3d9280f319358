# SPDX-License-Identifier: GPL-2.0
#
# procdump: live cores of running processes. "make help" lists the targets.

KDIR    ?= /lib/modules/$(shell uname -r)/build
KERNEL  ?= 6.12
DESTDIR ?=
prefix  ?= /usr/local

# Where kernels look for modules that did not come with them.
moddir = $(DESTDIR)/lib/modules/$(KREL)/updates
dkmsdir = $(DESTDIR)/usr/src/procdump-$(VERSION)
VERSION = $(shell sed -n 's/^VERSION ?= //p' userland/Makefile)
KREL   = $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' $(KDIR)/include/generated/utsrelease.h)

all: driver userland

help:
	@echo 'make              the driver for the running kernel (or KDIR=) and procdumpctl'
	@echo 'make install      both, with man pages (DESTDIR=, prefix=, KDIR=); uninstall'
	@echo 'make dkms         have DKMS build the driver for each kernel (DESTDIR=, KDIR=)'
	@echo 'make deb          Debian packages of all of it, the driver for DKMS, in build/deb'
	@echo
	@echo 'As root on a Debian machine; what is missing is installed:'
	@echo 'make demo         dump a busy server in a virtual machine, show what it saw'
	@echo 'make test         all tests on Linux 6.12, on 6.1 those most likely to differ,'
	@echo '                  and a few on debug kernels (KASAN, lockdep), built once;'
	@echo '                  TEST_MORE=1: more, as in CI; TEST_MINUTES=N'
	@echo 'make test-full    all on each of these, stress with KCSAN; hours'
	@echo 'make test-quick   a few minutes: one kernel'
	@echo 'make bench        what a process sees of its dumps, and how fast they are (KERNEL=6.12)'
	@echo 'make shell        a virtual machine with the driver (KERNEL=6.12)'
	@echo 'make clean'

driver:
	$(MAKE) -C driver KDIR=$(KDIR)

userland:
	$(MAKE) -C userland O=$(CURDIR)/build/userland

install: all
	$(MAKE) -C userland O=$(CURDIR)/build/userland install DESTDIR=$(DESTDIR) prefix=$(prefix)
	install -D -m 644 build/driver/$(KREL)/procdump.ko $(moddir)/procdump.ko
	$(if $(DESTDIR),,depmod $(KREL) && ldconfig)

uninstall:
	@test -n '$(KREL)' || { echo 'no headers in $(KDIR): give KDIR=, of the kernel to remove the module from' >&2; exit 1; }
	$(MAKE) -C userland O=$(CURDIR)/build/userland uninstall DESTDIR=$(DESTDIR) prefix=$(prefix)
	rm -f $(moddir)/procdump.ko
	$(if $(DESTDIR),,depmod $(KREL) && ldconfig)

dkms:
	install -d $(dkmsdir)/driver $(dkmsdir)/uapi/linux
	install -m 644 driver/*.[ch] driver/Kbuild driver/Makefile $(dkmsdir)/driver
	install -m 644 uapi/linux/procdump.h $(dkmsdir)/uapi/linux
	sed 's/@version@/$(VERSION)/' packaging/dkms.conf >$(dkmsdir)/dkms.conf
	$(if $(DESTDIR),,dkms install procdump/$(VERSION) -k $(KREL))

deb:
	rm -rf build/deb
	mkdir -p build/deb/procdump-$(VERSION)
	cp -r Makefile LICENSE driver uapi userland man packaging build/deb/procdump-$(VERSION)
	cp -r packaging/debian build/deb/procdump-$(VERSION)
	cd build/deb/procdump-$(VERSION) && dpkg-buildpackage -b -us -uc

demo:
	tests/run demo

test:
	tests/run all

test-full:
	tests/run full

test-quick:
	tests/run quick

bench:
	tests/run bench $(KERNEL)

shell:
	tests/run shell $(KERNEL)

clean:
	rm -rf build

.PHONY: all help driver userland install uninstall dkms deb demo test test-full test-quick bench shell clean
