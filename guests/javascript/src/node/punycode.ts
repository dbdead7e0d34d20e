import punycode from "node-lib:punycode";

export default punycode;
