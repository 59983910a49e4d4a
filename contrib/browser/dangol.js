/* Visits and carts of a web shop, told to the shop's own server, which passes them on to dangold (relay.php or relay.js
 * beside this file). Nothing goes anywhere else, and nothing where the browser asks not to be tracked.
 *
 *     <script src="/dangol.js" data-to="/dangol/events" defer></script>
 *
 * tells page.viewed by itself. The shop's own pages tell the rest:
 *
 *     dangol.viewed("B-ETH");
 *     dangol.added("B-ETH", 1, { price: 18000, total: 36000 });
 *
 * A visitor is a random number in a first-party cookie, `dangol_visitor`. Whether the shop may set it, and when, is for
 * the shop's own consent to say: with data-consent="wait" nothing is told or kept until the page calls
 * `dangol.agreed()`; `dangol.refused()` ends it and takes the cookie away. */
(function () {
	"use strict";
	var script = document.currentScript;
	var to = (script && script.dataset.to) || "/dangol/events";
	var waits = !!script && script.dataset.consent === "wait";
	var name = "dangol_visitor", year = 31536000;
	var silent = navigator.globalPrivacyControl === true || navigator.doNotTrack === "1" || window.doNotTrack === "1";

	function random() {
		return Array.from(crypto.getRandomValues(new Uint8Array(16)), function (byte) {
			return byte.toString(16).padStart(2, "0");
		}).join("");
	}

	function keep(value, seconds) {
		document.cookie = name + "=" + value + "; Path=/; Max-Age=" + seconds + "; SameSite=Lax" +
			(location.protocol === "https:" ? "; Secure" : "");
	}

	function visitor() {
		var found = document.cookie.match(/(?:^|; )dangol_visitor=([0-9a-f]{32})/);
		var value = found ? found[1] : random();
		keep(value, year);
		return value;
	}

	function tell(type, data) {
		if (silent || waits)
			return false;
		var event = { id: "web-" + random(), type: type, time: new Date().toISOString(),
			customer: { visitor: visitor() }, data: data };
		var body = JSON.stringify(event);
		/* text/plain: sendBeacon sends it without asking first; it also goes while the page closes. */
		if (navigator.sendBeacon && navigator.sendBeacon(to, body))
			return true;
		fetch(to, { method: "POST", body: body, keepalive: true, credentials: "same-origin" }).catch(function () {});
		return true;
	}

	/* The address without its query and fragment: these hold searches, keys and names. */
	function page() {
		return tell("page.viewed", { url: location.origin + location.pathname });
	}

	window.dangol = {
		page: page,
		viewed: function (sku) {
			return tell("product.viewed", { sku: String(sku) });
		},
		added: function (sku, quantity, more) {
			return tell("cart.added", Object.assign({ sku: String(sku), quantity: quantity || 1 }, more));
		},
		agreed: function () {
			var first = waits;
			waits = false;
			return first && page();
		},
		refused: function () {
			waits = true;
			keep("", 0);
		}
	};
	page();
})();
