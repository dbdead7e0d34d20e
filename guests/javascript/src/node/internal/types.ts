// `util.types`: what a value is inside, by the engine's own knowledge.

import { native } from "../../native.ts";

type Test = (value: unknown) => boolean;

const { kindOf } = native;

function is(...kinds: readonly string[]): Test {
  if (kinds.length === 1) {
    const [kind] = kinds;
    return (value) => kindOf(value) === kind;
  }
  const all = new Set<string | undefined>(kinds);
  return (value) => all.has(kindOf(value));
}

export const types = {
  isAnyArrayBuffer: is("ArrayBuffer", "SharedArrayBuffer"),
  isArgumentsObject: is("Arguments"),
  isArrayBuffer: is("ArrayBuffer"),
  isAsyncFunction: is("AsyncFunction", "AsyncGeneratorFunction"),
  isBigIntObject: is("BigInt"),
  isBooleanObject: is("Boolean"),
  isBoxedPrimitive: is("Number", "String", "Boolean", "BigInt", "Symbol"),
  isDataView: is("DataView"),
  isDate: is("Date"),
  isEventTarget: () => false,
  isExternal: () => false,
  isGeneratorFunction: is("GeneratorFunction", "AsyncGeneratorFunction"),
  isGeneratorObject: is("Generator", "AsyncGenerator"),
  isMap: is("Map"),
  isMapIterator: is("Map Iterator"),
  isModuleNamespaceObject: is("Module"),
  isNativeError: is("Error"),
  isNumberObject: is("Number"),
  isPromise: is("Promise"),
  isProxy: (value: unknown) => native.proxyParts(value) !== undefined,
  isRegExp: is("RegExp"),
  isSet: is("Set"),
  isSetIterator: is("Set Iterator"),
  isSharedArrayBuffer: is("SharedArrayBuffer"),
  isStringObject: is("String"),
  isSymbolObject: is("Symbol"),
  isWeakMap: is("WeakMap"),
  isWeakSet: is("WeakSet"),
} satisfies Readonly<Record<string, Test>>;
