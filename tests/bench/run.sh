#!/bin/sh
# Builds the references and the load, then measures dangol beside them: figure, reference, ratio.
set -eu
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
mkdir -p "$build/bench"
cc -O2 -g -D_GNU_SOURCE tests/bench/load.c tests/bench/peer.c -o "$build/bench/load"
cc -O2 -g -D_GNU_SOURCE tests/bench/provider.c tests/bench/peer.c -o "$build/bench/provider"
# shellcheck disable=SC2046
cc -O2 -g -D_GNU_SOURCE -I/usr/share/include/llhttp -I/usr/share/include tests/bench/reference.c /usr/share/llhttp/*.c \
	-o "$build/bench/reference" $(pkg-config --cflags --libs libuv libcurl jansson sqlite3)
exec /usr/bin/python3 tests/bench/bench.py "$build" "$@"
