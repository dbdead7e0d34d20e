import querystring from "node-lib:querystring";

export const {
  decode,
  encode,
  escape,
  parse,
  stringify,
  unescape,
  unescapeBuffer,
} = querystring;
export default querystring;
