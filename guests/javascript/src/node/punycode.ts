import punycode from "node-lib:punycode";

export const {
  decode,
  encode,
  toASCII,
  toUnicode,
  ucs2,
  version,
} = punycode;
export default punycode;
