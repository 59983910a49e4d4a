#!/bin/sh
# The systemd files: verified without a word, exposure at most 2.0.
set -eu
cd "$(dirname "$0")/.."
build=${BUILD:-build}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
make -s install DESTDIR="$tmp" PREFIX=/usr BUILD="$build" >/dev/null
units=$tmp/usr/lib/systemd/system
# The program of this build stands in for the installed one, and its pages for the installed pages.
sed -i "s|^ExecStart=/usr/bin/|ExecStart=$tmp/usr/bin/|" "$units/dangold.service"
said=$(MANPATH="$tmp/usr/share/man" systemd-analyze verify --man=no "$units/dangold.service" "$units/dangold.socket" 2>&1)
[ -z "$said" ] || { echo "$said"; exit 1; }
systemd-analyze security --offline=true --threshold=20 "$units/dangold.service" | tail -n 1
