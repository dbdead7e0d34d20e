import url from "node-lib:url";

export default url;
