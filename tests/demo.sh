#!/bin/sh
# A sample shop from nothing to its messages: a fresh store, 320 customers with a year of orders, a rehearsed clock in
# which a day passes in half a minute, real events through the webhook socket, and the outbox printed.
set -eu
cd "$(dirname "$0")/.."
build=${BUILD:-build}
bin=$(cd "$build" && pwd)
shop=$(mktemp -d "${TMPDIR:-/tmp}/dangol-demo.XXXXXX")
daemon=
finish() {
	[ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
	[ -z "$daemon" ] || wait "$daemon" 2>/dev/null || true
	rm -rf "$shop"
}
trap finish EXIT
trap 'exit 130' INT TERM
export DANGOL_SOCKET="$shop/dangol.sock" LC_ALL="${LC_ALL:-C.UTF-8}"

# Four of the sample rules: an event, a birthday, a cart, and who did not come for long.
mkdir "$shop/rules"
for rule in receipt birthday cart comeback; do
	cp "rules/$rule.rule" "$shop/rules/"
done

cat >"$shop/dangol.conf" <<EOF
shop {
    name "단골커피"  phone "02-123-4567"  address "서울 마포구 독막로 1"
    timezone "Asia/Seoul"  language ko  law korea
    owner sms "010-0000-0000"
}
rules "$shop/rules"   templates "$(pwd)/templates"
store  { path "$shop/dangol.db" }
listen { socket "$shop/dangol.sock" mode 0600 }
limits { quiet 21:00 to 08:00  ads 1 per day }
channel sms          { provider outbox  sender "0212345678"  refuse "080-123-4567"
                       price sms 9원 lms 30원 mms 60원  budget 100,000원 per month }
channel brandmessage { provider outbox }
channel alimtalk     { provider outbox }
EOF

# Names, phones, birthdays (every third lunar, a few a week from the rehearsed day) and orders, the same every time.
awk -v customers="$shop/customers.csv" -v orders="$shop/orders.csv" '
function draw(n) { seed = (seed * 16807) % 2147483647; return seed % n }
BEGIN {
	seed = 20261123
	split("김 이 박 최 정 강 조 윤 장 임 한 오 서 신 권 황 안 송 전 홍", family, " ")
	split("하늘 민준 서연 지우 도윤 서준 하은 지호 예준 수아 은우 다은 시우 유진 지민 현우 소율 준서 나은 태윤", given, " ")
	split("드립백 원두 콜드브루 머그컵 쿠키", goods, " ")
	print "id,name,phone,birthday,birthday_calendar,friend,consent_sms,consent_kakao,consent_data,consent_time" > customers
	print "order,customer,time,total,status,sku,name,category,quantity,price" > orders
	for (i = 1; i <= 320; i++) {
		lunar = i % 3 == 0
		month = 1 + draw(12); day = 1 + draw(28)
		if (i % 80 == 1) { lunar = 0; month = 11; day = 30 }
		if (i % 80 == 3) { lunar = 1; month = 10; day = 22 }
		consent = i % 10 == 7 ? "no" : "yes"
		printf "C%03d,%s%s,010-%04d-%04d,%d-%02d-%02d,%s,%s,%s,%s,%s,2025-10-01T09:00:00+09:00\n", i,
			family[1 + draw(20)], given[1 + draw(20)], 2000 + i, draw(10000), 1960 + draw(40), month, day,
			lunar ? "lunar" : "solar", i % 2 ? "no" : "yes", consent, consent, consent > customers
		n = 1 + draw(6)
		for (k = 0; k < n; k++) {
			d = draw(360); price = (5 + draw(30)) * 1000
			printf "H%d-%d,C%03d,%s,%d,paid,SKU-%d,%s,%s,1,%d\n", i, k, i, day_of(d), price,
				1 + d % 5, goods[1 + d % 5], goods[1 + d % 5], price > orders
		}
	}
}
function day_of(d,   m, y) {		# a day of the year before 2026-11-20
	m = int(d / 30); d = 1 + d % 28
	y = m < 1 ? 2025 : 2026; m = m < 1 ? 12 : m
	if (m > 10) m = 10
	return sprintf("%d-%02d-%02d %02d:30", y, m, d, 9 + d % 10)
}'

echo "== dangold starts on an empty store; its clock is rehearsed: 2026-11-23 in Korea"
"$bin/dangold" -c "$shop/dangol.conf" --clock 2026-11-23T09:40:00+09:00,1 2>"$shop/log" &
daemon=$!
tries=0
until "$bin/dangolctl" status >/dev/null 2>&1; do
	kill -0 "$daemon" 2>/dev/null || { cat "$shop/log" >&2; exit 1; }
	tries=$((tries + 1)); [ $tries -lt 200 ] || { cat "$shop/log" >&2; exit 1; }
	sleep 0.05
done
"$bin/dangolctl" import customers "$shop/customers.csv"
"$bin/dangolctl" import orders "$shop/orders.csv"
# The same store again, a little later and with the clock running fast: days need not be waited for.
kill "$daemon"; wait "$daemon" || true
"$bin/dangold" -c "$shop/dangol.conf" --clock 2026-11-23T09:58:00+09:00,1200 2>"$shop/log" &
daemon=$!
until "$bin/dangolctl" status >/dev/null 2>&1; do
	kill -0 "$daemon" 2>/dev/null || { cat "$shop/log" >&2; exit 1; }
	sleep 0.05
done
echo "== events through $DANGOL_SOCKET: two carts, one of them paid for, and a sale at the till"
"$bin/dangolctl" event cart.added C010 sku=SKU-2 quantity=2 price=18000
"$bin/dangolctl" event cart.added C020 sku=SKU-1 quantity=3 price=12000
"$bin/dangolctl" event order.paid C020 order=A-1 total=36000
"$bin/dangolctl" event order.paid C030 order=A-2 total=23500

# When the cart reminder is there, everything before it has happened too.
field() { # field NAME FILE: the text of one member of a message's file
	sed -n 's/.*"'"$1"'": *"\(\([^"\\]\|\\.\)*\)".*/\1/p' "$2"
}
tries=0
until grep -lq '"rule": *"cart-reminder"' "$shop"/outbox/*.json 2>/dev/null; do
	tries=$((tries + 1))
	[ $tries -lt 400 ] || { echo "the cart reminder did not come" >&2; cat "$shop/log" >&2; exit 1; }
	sleep 0.1
done
echo
echo "== what was sent: to whom, why, and the text"
for file in "$shop"/outbox/*.json; do
	rule=$(field rule "$file")
	occasion=$("$bin/dangolctl" message show "$(field id "$file")" | sed -n 's/^occasion: //p')
	case $rule in
	birthday-coupon) why="7 days before the birthday ($occasion)" ;;
	cart-reminder) why="3 hours after the last cart.added, nothing paid" ;;
	receipt) why="order.paid ($occasion)" ;;
	*) why=$occasion ;;
	esac
	echo "$(field customer "$file") by $(field channel "$file"): rule $rule, $why"
	field text "$file" | sed 's/\\n/\n/g' | sed 's/^/    /'
	echo
done
echo
echo "C020 put things into the cart too, and paid: no reminder went to C020."
echo
"$bin/dangolctl" status
cat <<'EOF'

How to go on:
    README.md, "A first rule in five minutes"
    rules/ and templates/: thirty-one rules to choose from, most of them in Korean, the four that you just saw among them;
    `dangolctl simulate` shows what those of your choice would do
EOF
