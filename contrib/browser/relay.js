// Takes what dangol.js tells on the shop's own server and hands it to dangold over its socket. In a shop that runs on
// Express: `app.post("/dangol/events", require("./relay"))`, before any body parser. By itself: `node relay.js PORT`.
"use strict";
const http = require("http");
const socketPath = process.env.DANGOL || "/run/dangol/dangol.sock";
const may = ["page.viewed", "product.viewed", "cart.added", "cart.removed"]; // what a browser may say, and no more

function relay(request, response) {
	let body = "";
	request.on("data", part => (body += part).length > 8192 && request.destroy());
	request.on("end", () => {
		const answer = status => response.writeHead(status).end();
		try {
			const { id, type, data, customer } = JSON.parse(body);
			if (!may.includes(type) || typeof customer.visitor !== "string" || !/^[0-9a-f]{32}$/.test(customer.visitor))
				return answer(400);
			// A visitor and nothing else: a browser must not write into a customer of the shop's. No time: ours counts.
			const event = JSON.stringify({ source: "web", id: String(id), type, data, customer: { visitor: customer.visitor } });
			const call = http.request({ socketPath, method: "POST", path: "/v1/events",
				headers: { "Content-Type": "application/json" } }, from => answer(from.resume().statusCode));
			call.on("error", () => answer(503));
			call.end(event);
		} catch { answer(400); }
	});
}
module.exports = relay;
if (require.main === module)
	http.createServer(relay).listen(Number(process.argv[2] || 8090), "127.0.0.1");
