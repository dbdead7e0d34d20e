import assert from "node-lib:assert";

export default assert;
