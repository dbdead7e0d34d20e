import util from "node-lib:util";

export default util;
