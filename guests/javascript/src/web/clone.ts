// https://html.spec.whatwg.org/multipage/structured-data.html

import clone from "core-js-pure/actual/structured-clone";

export const structuredClone: (value: unknown, options?: { transfer?: ArrayBuffer[] }) => unknown = clone;
