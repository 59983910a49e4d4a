#!/usr/bin/env node
// Hands an event on standard input to dangold, and loses none: README.md says how.
"use strict";
const fs = require("fs"), http = require("http"), path = require("path");
const dangol = process.env.DANGOL || "/run/dangol/dangol.sock";
const spool = process.env.DANGOL_SPOOL || "dangol-spool";

function keep(event) { // written whole, on disk, and only then under its name
	const name = path.join(spool, `${Date.now()}-${process.pid}`);
	const file = fs.openSync(name + ".new", "wx", 0o600);
	fs.writeSync(file, JSON.stringify(event));
	fs.fsyncSync(file);
	fs.closeSync(file);
	fs.renameSync(name + ".new", name + ".json");
	const folder = fs.openSync(spool, "r");
	fs.fsyncSync(folder);
	fs.closeSync(folder);
}

function ask(body) { // [status, answer]; status 0: nobody answered
	return new Promise(done => {
		const headers = { "Content-Type": "application/json", "Content-Length": body.length };
		if (process.env.DANGOL_TOKEN)
			headers.Authorization = "Bearer " + fs.readFileSync(process.env.DANGOL_TOKEN, "utf8").trim();
		const to = dangol.startsWith("/") ? { socketPath: dangol } :
			{ hostname: new URL(dangol).hostname, port: new URL(dangol).port };
		const call = http.request({ ...to, method: "POST", path: "/v1/events", headers, timeout: 10000 }, answer => {
			let text = "";
			answer.on("data", part => text += part);
			answer.on("end", () => done([answer.statusCode, text]));
			answer.on("error", error => done([0, error.message]));
		});
		call.on("timeout", () => call.destroy(new Error("no answer in time")));
		call.on("error", error => done([0, error.message]));
		call.end(body);
	});
}

async function send(file) { // false: stop here, dangold is away
	for (const wait of [1, 2, 0]) {
		const [status, answer] = await ask(fs.readFileSync(file));
		if (status === 202 && answer.includes('"rejected":[]'))
			return fs.rmSync(file, { force: true }), true;
		if ([202, 400, 413].includes(status)) {
			console.error("refused:", answer);
			return fs.renameSync(file, file.replace(/json$/, "refused")), true;
		}
		if (!wait)
			return console.error("kept until dangold answers:", status, answer), false;
		await new Promise(done => setTimeout(done, wait * 1000));
	}
}

async function main() {
	fs.mkdirSync(spool, { recursive: true, mode: 0o700 });
	const text = fs.readFileSync(0, "utf8");
	const event = text.trim() ? JSON.parse(text) : null;
	if (event && !event.id)
		throw new Error("the event has no id: give it the receipt's number");
	if (event)
		keep(event);
	for (const name of fs.readdirSync(spool).filter(name => name.endsWith(".json")).sort())
		if (fs.existsSync(path.join(spool, name)) && !await send(path.join(spool, name)))
			break;
}
main().catch(error => { console.error(error.message); process.exitCode = 1; });
