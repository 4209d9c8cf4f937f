// The page that pages of clients keep in a frame, to ask whether somebody is still signed in (OpenID Connect Session Management 1.0
// §3.2). Written for browsers of any age.
(function () {
  "use strict";
  var cookie = document.currentScript.getAttribute("data-cookie") + "=";

  function root(number, power) {
    return Math.floor((Math.pow(number, power) % 1) * 0x100000000) | 0;
  }

  function primes(count) {
    var found = [];
    for (var number = 2; found.length < count; number++) {
      if (found.every(function (prime) { return number % prime; })) { found.push(number); }
    }
    return found;
  }

  function turn(word, bits) {
    return (word >>> bits) | (word << (32 - bits));
  }

  // SHA-256 (FIPS 180-4) of a text of ASCII, as base64url. `crypto.subtle` is not everywhere.
  function digest(text) {
    var first = primes(64);
    var constants = first.map(function (prime) { return root(prime, 1 / 3); });
    var hash = first.slice(0, 8).map(function (prime) { return root(prime, 1 / 2); });
    var bits = text.length * 8, words = [], index;
    text += "\x80";
    while (text.length % 64 !== 56) { text += "\x00"; }
    for (index = 0; index < text.length; index++) { words[index >> 2] |= text.charCodeAt(index) << (24 - 8 * (index % 4)); }
    words.push(0, bits);
    for (var block = 0; block < words.length; block += 16) {
      var w = words.slice(block, block + 16), s = hash.slice();
      for (index = 0; index < 64; index++) {
        if (index > 15) {
          var a = w[index - 15], b = w[index - 2];
          a = turn(a, 7) ^ turn(a, 18) ^ (a >>> 3);
          b = turn(b, 17) ^ turn(b, 19) ^ (b >>> 10);
          w[index] = (w[index - 16] + a + w[index - 7] + b) | 0;
        }
        var big = turn(s[4], 6) ^ turn(s[4], 11) ^ turn(s[4], 25);
        var one = (s[7] + big + ((s[4] & s[5]) ^ (~s[4] & s[6])) + constants[index] + w[index]) | 0;
        var small = turn(s[0], 2) ^ turn(s[0], 13) ^ turn(s[0], 22);
        var two = (small + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]))) | 0;
        s = [(one + two) | 0, s[0], s[1], s[2], (s[3] + one) | 0, s[4], s[5], s[6]];
      }
      for (index = 0; index < 8; index++) { hash[index] = (hash[index] + s[index]) | 0; }
    }
    var bytes = "";
    for (index = 0; index < 32; index++) { bytes += String.fromCharCode((hash[index >> 2] >>> (24 - 8 * (index % 4))) & 255); }
    return btoa(bytes).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
  }

  function browserState() {
    var pairs = document.cookie.split("; ");
    for (var index = 0; index < pairs.length; index++) {
      if (pairs[index].indexOf(cookie) === 0) { return pairs[index].slice(cookie.length); }
    }
    return "";
  }

  function judge(message, origin) {
    var parts = typeof message === "string" ? message.split(" ") : [];
    var salt = (parts[1] || "").split(".")[1];
    if (parts.length !== 2 || !parts[0] || !salt || !/^[\x21-\x7e]+ [\x21-\x7e]+$/.test(message)) { return "error"; }
    var state = digest([parts[0], origin, browserState(), salt].join(" ")) + "." + salt;
    return state === parts[1] ? "unchanged" : "changed";
  }

  window.addEventListener("message", function (event) {
    // A page without an origin of its own is nobody's.
    if (event.source && event.origin !== "null") { event.source.postMessage(judge(event.data, event.origin), event.origin); }
  });
})();
