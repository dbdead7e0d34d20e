// In place of the package abort-controller: the sandbox's own.

"use strict";

module.exports = require("../../web/abort.ts");
