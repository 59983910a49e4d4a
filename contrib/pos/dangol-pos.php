#!/usr/bin/env php
<?php
// Hands an event on standard input to dangold, and loses none: README.md says how.
$dangol = getenv('DANGOL') ?: '/run/dangol/dangol.sock';
$spool = getenv('DANGOL_SPOOL') ?: 'dangol-spool';
umask(0077);

function keep($spool, $event) // written whole, on disk, and only then under its name
{
	$name = sprintf('%s/%d-%d', $spool, microtime(true) * 1000000, getmypid());
	$file = fopen("$name.new", 'x');
	$text = json_encode($event, JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION);
	return $file && fwrite($file, $text) === strlen($text) && fsync($file) && fclose($file) &&
		rename("$name.new", "$name.json");
}

function ask($dangol, $body) // [status, answer]; status 0: nobody answered
{
	$to = $dangol[0] === '/' ? "unix://$dangol" : 'tcp://' . parse_url($dangol, PHP_URL_HOST) . ':' .
		(parse_url($dangol, PHP_URL_PORT) ?: 80);
	$token = getenv('DANGOL_TOKEN') ? 'Authorization: Bearer ' . trim(file_get_contents(getenv('DANGOL_TOKEN'))) . "\r\n" : '';
	$socket = @stream_socket_client($to, $number, $why, 10);
	if (!$socket)
		return [0, $why];
	stream_set_timeout($socket, 10);
	fwrite($socket, "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{$token}Content-Type: application/json\r\n" .
		'Content-Length: ' . strlen($body) . "\r\n\r\n$body");
	$answer = (string)stream_get_contents($socket);
	return [(int)substr($answer, 9, 3), $answer];
}

function send($dangol, $file) // false: stop here, dangold is away
{
	foreach ([1, 2, 0] as $wait) {
		if (($body = @file_get_contents($file)) === false)
			return true; // another call has sent it
		[$status, $answer] = ask($dangol, $body);
		if ($status === 202 && str_contains($answer, '"rejected":[]'))
			return @unlink($file) || true;
		if (in_array($status, [202, 400, 413], true)) {
			fwrite(STDERR, "refused: $answer\n");
			return rename($file, substr($file, 0, -4) . 'refused');
		}
		sleep($wait);
	}
	fwrite(STDERR, "kept until dangold answers: $answer\n");
	return false;
}

is_dir($spool) || mkdir($spool, 0700, true) || exit(1);
$text = trim(stream_get_contents(STDIN));
$event = $text === '' ? null : json_decode($text, false);
if ($text !== '' && empty($event->id)) {
	fwrite(STDERR, "the event has no id: give it the receipt's number\n");
	exit(1);
}
if ($event && !keep($spool, $event))
	exit(1);
foreach (glob("$spool/*.json") as $file)
	if (!send($dangol, $file))
		break;
