<?php
// Takes what dangol.js tells on the shop's own server and hands it to dangold over its socket. Lie it at /dangol/events.
$may = ['page.viewed', 'product.viewed', 'cart.added', 'cart.removed']; // what a browser may say, and no more
$event = json_decode((string)file_get_contents('php://input', false, null, 0, 8192));
$visitor = $event->customer->visitor ?? '';
if (!in_array($event->type ?? '', $may, true) || !is_string($visitor) || !preg_match('/^[0-9a-f]{32}$/D', $visitor)) {
	http_response_code(400);
	exit;
}
// A visitor and nothing else: a browser must not write into a customer of the shop's. No time: ours counts.
$body = json_encode(['source' => 'web', 'id' => (string)($event->id ?? ''), 'type' => $event->type,
	'data' => $event->data ?? new stdClass, 'customer' => ['visitor' => $visitor]], JSON_UNESCAPED_UNICODE);
$socket = @stream_socket_client('unix://' . (getenv('DANGOL') ?: '/run/dangol/dangol.sock'), $number, $why, 2);
if ($socket) {
	stream_set_timeout($socket, 2);
	fwrite($socket, "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n" .
		'Content-Length: ' . strlen($body) . "\r\n\r\n$body");
}
http_response_code($socket ? (int)substr((string)fgets($socket), 9, 3) ?: 503 : 503);
