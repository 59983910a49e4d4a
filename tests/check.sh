#!/bin/sh
# Runs every test, prints what failed, and ends with "N passed, N failed".
set -u
cd "$(dirname "$0")/.."
build=${BUILD:-build}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0
failed=0
one() { # one NAME COMMAND...: a check that passes or fails as a whole
	name=$1
	shift
	if "$@" >"$log" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED $name"
		tail -n 60 "$log"
	fi
}
unit() { # cmocka says how many of its tests passed
	"$1" >"$log" 2>&1
	status=$?
	good=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$log" | head -n 1)
	bad=$(sed -n 's/^\[  FAILED  \] [^0-9]*\([0-9]*\) test.*/\1/p' "$log" | head -n 1)
	[ "$status" = 0 ] || [ "${bad:-0}" != 0 ] || bad=1
	passed=$((passed + ${good:-0}))
	failed=$((failed + ${bad:-0}))
	[ "${bad:-0}" = 0 ] || { echo "FAILED $1"; grep -v '^\[       OK\|^\[ RUN' "$log" | tail -n 60; }
}
# Most of a black-box test is waiting, so that four files run at a time.
black_box() { # pytest in real sockets: BUILD-FOLDER and what to run
	folder=$1
	shift
	DANGOL_BUILD=$folder /usr/bin/python3 -m pytest -q -p no:cacheprovider --tb=short -n 4 --dist loadfile "$@" 2>&1 |
		tee "$log"
	good=$(grep -oE '[0-9]+ passed' "$log" | tail -n 1 | cut -d' ' -f1)
	bad=$(grep -oE '[0-9]+ (failed|error)' "$log" | cut -d' ' -f1 | paste -sd+ | sed 's/^$/0/')
	grep -qE '[0-9]+ (passed|failed|error)' "$log" || bad=1
	passed=$((passed + ${good:-0}))
	failed=$((failed + ${bad:-0}))
}

one layers tests/layers.sh
one 'unit of systemd' tests/units.sh
one 'manual pages' tests/manual.sh
one fuzzing tests/fuzz/run.sh "${FUZZ_SECONDS:-10}"
for dir in "$build" "$build/asan"; do
	for test in "$dir"/tests/test_*; do
		case $test in *.d) ;; *) unit "$test" ;; esac
	done
done
black_box "$build" tests
black_box "$build/asan" tests -m 'not heavy'
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
