// In place of tr46: the same, but its table of all of Unicode is only built for the first name that needs it.

"use strict";

exports.toASCII = (domain, options) => require("tr46").toASCII(domain, options);
exports.toUnicode = (domain, options) => require("tr46").toUnicode(domain, options);
