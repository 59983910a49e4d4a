#!/bin/sh
# Layers point down: a file of daemon/ includes only from its own layer and from lower ones; inside a layer there is no
# cycle; the libraries that stand behind one file of ours are included there alone.
set -eu
cd "$(dirname "$0")/.."
rank() {
	case $1 in
	base) echo 1 ;; store) echo 2 ;; language) echo 3 ;; engine) echo 4 ;; delivery) echo 5 ;; door) echo 6 ;;
	*) echo 7 ;;
	esac
}
bad=$(mktemp)
edges=$(mktemp)
trap 'rm -f "$bad" "$edges"' EXIT
for file in $(find daemon -name '*.[ch]'); do
	layer=$(echo "$file" | cut -d/ -f2)
	from=$(rank "$layer")
	self=$(echo "$file" | sed 's|^daemon/||; s|\.[ch]$||')
	sed -n 's/^#include "\([^"]*\)".*/\1/p' "$file" | grep / | while read -r inc; do
		to=$(rank "$(echo "$inc" | cut -d/ -f1)")
		[ "$to" -le "$from" ] || echo "$file includes $inc, which lies above it" >>"$bad"
		other=$(echo "$inc" | sed 's|\.h$||')
		[ "$other" = "$self" ] || echo "$self $other" >>"$edges"
	done
done
only() { # only LIBRARY-HEADER FILE...: included nowhere else
	header=$1
	shift
	for file in $(grep -rlE "^#include <$header>" daemon || true); do
		case " $* " in *" $file "*) ;; *) echo "$file includes <$header>, which belongs to $*" >>"$bad" ;; esac
	done
}
grep -rh '^#ifndef DANGOL_' daemon | sort | uniq -d | sed 's/^#ifndef \(.*\)/\1 guards two headers/' >>"$bad"
only 'sqlite3\.h' daemon/store/db.c
only 'unicode/[a-z]*\.h' daemon/base/calendar.c daemon/base/text.c
only 'iconv\.h' daemon/base/text.c daemon/ctl/import.c daemon/ctl/export.c
only 'openssl/.*\.h' daemon/base/secret.c daemon/delivery/mail/session.c daemon/delivery/mail/session.h
only 'curl/curl\.h' daemon/delivery/httpc.c daemon/delivery/mail/submit.c \
	daemon/delivery/mail/imap.c
only 'sodium\.h' daemon/base/seal.c
only 'qrencode\.h' daemon/base/qr.c
only 'systemd/.*\.h' daemon/dangold.c daemon/door/server.c daemon/service.c
tsort "$edges" >/dev/null 2>>"$bad" || echo "the includes above form a cycle" >>"$bad"
if [ -s "$bad" ]; then
	sort -u "$bad"
	exit 1
fi
echo "layers: $(sort -u "$edges" | wc -l) edges, all downward"
