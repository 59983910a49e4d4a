#!/bin/sh
# Hands an event on standard input to dangold, and loses none: README.md says how.
set -u
dangol=${DANGOL:-/run/dangol/dangol.sock} spool=${DANGOL_SPOOL:-dangol-spool}
umask 077
mkdir -p "$spool" || exit 1

event=$(tr '\n' ' ')
case $event in
*'"id"'*)
	name=$spool/$(date +%s%N)-$$
	printf '%s\n' "$event" >"$name.new" && sync "$name.new" && mv "$name.new" "$name.json" && sync "$spool" || exit 1
	;;
*[!\ ]*)
	echo "the event has no id: give it the receipt's number" >&2
	exit 1
	;;
esac

post() { # post FILE: prints the answer and its status behind
	case $dangol in
	/*) set -- "$1" http://localhost --unix-socket "$dangol" ;;
	*) set -- "$1" "$dangol" -K - ;; # the token on standard input: a process list shows no secret
	esac
	file=$1 to=$2
	shift 2
	{ [ -z "${DANGOL_TOKEN:-}" ] || printf 'header = "Authorization: Bearer %s"\n' "$(cat "$DANGOL_TOKEN")"; } |
		curl -s -m 10 "$@" -H 'Content-Type: application/json' --data-binary "@$file" -w ' %{http_code}' "$to/v1/events"
}

for file in "$spool"/*.json; do
	[ -e "$file" ] || continue
	for wait in 1 2 0; do
		answer=$(post "$file")
		case $answer in
		*'"rejected":[]'*' 202') rm -f "$file" && break ;;
		*' 202' | *' 400' | *' 413') echo "refused: $answer" >&2 && mv "$file" "${file%.json}.refused" && break ;;
		*) [ $wait = 0 ] && echo "kept until dangold answers: $answer" >&2 && exit 0 || sleep $wait ;;
		esac
	done
done
