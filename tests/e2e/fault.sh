# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# For tests that want the driver with faults, see tests/modules/faults: . fault.sh
# behind lib.sh. It takes the driver's place until the test ends.

fault_ko=$build/faults/$(uname -r)/procdump.ko
[[ -e $fault_ko ]] || bail "$fault_ko is missing: make -C tests/modules/faults"

fault_unload() {
	rmmod procdump
	insmod "$ko"
}

rmmod procdump || bail 'the driver does not unload'
end_hooks+=(fault_unload)
insmod "$fault_ko" || bail 'the driver with faults does not load'

# The driver holds no memory. What ends late may have some for a moment.
nothing_held() {
	local held

	held=$(<"$parameters/held")
	(( held == 0 ))
}
