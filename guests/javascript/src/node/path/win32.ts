import path from "../path.ts";

const win32 = path.win32;
export const {
  basename,
  delimiter,
  dirname,
  extname,
  format,
  isAbsolute,
  join,
  matchesGlob,
  normalize,
  parse,
  relative,
  resolve,
  sep,
  toNamespacedPath,
  posix,
} = win32;
export { win32 };
export default win32;
