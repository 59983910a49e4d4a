#!/bin/sh
# Runs the fuzz targets, two at a time, each for so many seconds: run.sh SECONDS [TARGET...]. What they found before
# stands in found/TARGET and is tried first. Ends with a name and an input for each that fails.
set -eu
cd "$(dirname "$0")/../.."
build=${BUILD:-build}/fuzz
seconds=$1
shift
[ $# -gt 0 ] || set -- lexer parser check template sealed hook csv
rm -rf "$build/seeds"
mkdir -p "$build/seeds/rules" "$build/seeds/template" "$build/seeds/sealed" "$build/seeds/hook" "$build/seeds/csv" "$build/crashes"

# Seeds: every golden rule and the sample shop's; templates behind the byte that chooses their channel.
for file in tests/golden/good/*.rule tests/golden/bad/*.rule rules/*.rule; do
	cp "$file" "$build/seeds/rules/$(basename "$(dirname "$file")")-$(basename "$file")"
done
for file in templates/* tests/fuzz/seeds/all.*; do
	case $file in
	*.sms) byte=0 ;; *.email) byte=1 ;; *.alimtalk) byte=2 ;; *.brandmessage) byte=3 ;; *.push) byte=4 ;; *) byte=5 ;;
	esac
	{ printf "\\$byte"; cat "$file"; } >"$build/seeds/template/$(basename "$file")"
done
printf '{"phone":"010-1234-5678","total":100,"items":[{"name":"a","sku":"b"}],"address":{"x":[1,"]"]}}' \
	>"$build/seeds/sealed/event"
printf '{"~":"~","\\ud734\\ub300\\ud3f0":"\\u0030101234567","x":["a@b.kr",null,true,-1.5e3]}' >"$build/seeds/sealed/marks"
# A byte for the system, a line for headers that name a topic, a line for the others, a body.
n=0
for file in tests/fuzz/seeds/*.json; do
	for byte in 0 1 2 3 4 5 6 7 8; do
		{ printf "\\00$byte"; printf 'orders/create\nv1,AAAA\n'; cat "$file"; } >"$build/seeds/hook/$n"
		n=$((n + 1))
	done
done
# A byte for the separator, one for where it is cut.
printf '\000\002\357\273\277id,"na""me"\r\n1,"a\nb",=x\n\n2,\n' >"$build/seeds/csv/commas"
printf '\001\004id\tname\r1\t"a' >"$build/seeds/csv/tabs"
printf '\002\001id;name;"x;y"\n;;\n" a";-1;+2\n' >"$build/seeds/csv/semicolons"
# Words of the language, and the marks of templates; bytes beyond ASCII as libFuzzer wants them.
{
	sed -n 's/^ *{W_[A-Z_]*, [A-Z], \(.*\), \(true\|false\)},*$/\1/p' daemon/language/words.c | grep -o '"[^"]*"'
	sed -n 's/^ *{\("[^"]*"\), \("[^"]*"\), NAME_[A-Z]*},*$/\1\n\2/p' daemon/language/words.c
	sed -n 's/^ *{\("[a-z.]*"\), \("[^"]*"\),.*$/\1\n\2/p' daemon/store/event.c
	printf '"%s"\n' '#{' '#{if ' '#{for ' '#{end}' '#{else}' '|default ' '|won' '|date' 'coupon.code' 'unsubscribe'
} | LC_ALL=C awk 'BEGIN { for (i = 128; i < 256; i++) hex[sprintf("%c", i)] = sprintf("\\x%02x", i) }
	{ out = ""; for (i = 1; i <= length($0); i++) { c = substr($0, i, 1); out = out (c in hex ? hex[c] : c) } print out }
' >"$build/words.dict"

fuzz() { # TARGET: its log, and the end of it where it failed
	kind=rules
	[ "$1" = template ] && kind=template
	[ "$1" = sealed ] && kind=sealed
	[ "$1" = hook ] && kind=hook
	[ "$1" = csv ] && kind=csv
	found=
	[ ! -d "tests/fuzz/found/$1" ] || found=tests/fuzz/found/$1
	mkdir -p "$build/corpus/$1"
	if ! "$build/fuzz_$1" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=8192 \
		-dict="$build/words.dict" -artifact_prefix="$build/crashes/$1-" -print_final_stats=1 \
		"$build/corpus/$1" "$build/seeds/$kind" $found >"$build/$1.log" 2>&1; then
		echo "FAILED $1"
		grep -v '^#\|NEW_FUNC' "$build/$1.log" | tail -n 40
		return 1
	fi
	sed -n 's/^stat::number_of_executed_units: */'"$1"': inputs tried: /p' "$build/$1.log"
}
status=0
while [ $# -gt 0 ]; do
	fuzz "$1" & first=$!
	if [ $# -gt 1 ]; then
		shift
		fuzz "$1" || status=1
	fi
	shift
	wait "$first" || status=1
done
exit $status
