// In place of tr46: the same, but its table of all of Unicode is only built for the first name that needs it.

"use strict";

// biome-ignore lint/correctness/noUndeclaredDependencies: whatwg-url, which asks for it, chooses the version
const tr46 = () => require("tr46");

exports.toASCII = (domain, options) => tr46().toASCII(domain, options);
exports.toUnicode = (domain, options) => tr46().toUnicode(domain, options);
