import debugging from "node-lib:internal/util/debuglog";
import util from "node-lib:util";

// Node does so at its start, by NODE_DEBUG; the environment is not known here before a program is.
debugging.initializeDebugEnv("");

export default util;
