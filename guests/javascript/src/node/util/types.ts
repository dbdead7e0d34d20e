import types from "node-lib:internal/util/types";

export default types;
