import path from "node-lib:path";

export default path;
