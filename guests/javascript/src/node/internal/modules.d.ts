// Libraries without types of their own, as far as they are used here.

declare module "node-lib:*" {
  // Node's own files (vendor/node) are JavaScript; what they export has the types of Node's public modules where it matters.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  const exports: any;
  export default exports;
}
