import querystring from "node-lib:querystring";

export default querystring;
