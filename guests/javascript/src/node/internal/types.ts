// `util.types`: what a value is, by what only such a value lets be done to it.

import { native } from "../../native.ts";

type Test = (value: unknown) => boolean;

const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

/** A test by a method of the prototype that throws for anything else. */
function brand(method: unknown, ...args: unknown[]): Test {
  const call = Function.prototype.call.bind(method as () => unknown);
  return (value) => {
    if ((typeof value !== "object" && typeof value !== "function") || value === null) {
      return false;
    }
    try {
      call(value, ...args);
      return true;
    } catch {
      return false;
    }
  };
}

function getter(prototype: object, name: PropertyKey): unknown {
  return Object.getOwnPropertyDescriptor(prototype, name)?.get;
}

function prototypeOf(value: object): object {
  return Object.getPrototypeOf(value) as object;
}

const AsyncFunction = prototypeOf(async () => undefined);
const GeneratorFunction = prototypeOf(function* () {});
const AsyncGeneratorFunction = prototypeOf(async function* () {});
const Generator = (GeneratorFunction as { prototype: object }).prototype;
const MapIterator = prototypeOf(new Map().entries());
const SetIterator = prototypeOf(new Set().values());

function inherits(prototype: object): Test {
  return (value) => typeof value === "function" && Object.prototype.isPrototypeOf.call(prototype, value);
}

const isRegExp = brand(getter(RegExp.prototype, "global"));
const isNumberObject = brand(Number.prototype.valueOf);
const isStringObject = brand(String.prototype.valueOf);
const isBooleanObject = brand(Boolean.prototype.valueOf);
const isBigIntObject = brand(BigInt.prototype.valueOf);
const isSymbolObject = brand(Symbol.prototype.valueOf);
const isArrayBuffer = brand(getter(ArrayBuffer.prototype, "byteLength"));
const isSharedArrayBuffer = brand(getter(SharedArrayBuffer.prototype, "byteLength"));

export const isProxy: Test = (value) => native.proxyParts(value) !== undefined;

export const types: Readonly<Record<string, Test>> = {
  isAnyArrayBuffer: (value) => isArrayBuffer(value) || isSharedArrayBuffer(value),
  isArgumentsObject: (value) =>
    typeof value === "object" && value !== null && !(Symbol.toStringTag in value) && tagOf(value) === "Arguments",
  isArrayBuffer,
  isAsyncFunction: (value) => inherits(AsyncFunction)(value) || inherits(AsyncGeneratorFunction)(value),
  isBigIntObject,
  isBooleanObject,
  isBoxedPrimitive: (value) =>
    isNumberObject(value) ||
    isStringObject(value) ||
    isBooleanObject(value) ||
    isBigIntObject(value) ||
    isSymbolObject(value),
  isDataView: brand(getter(DataView.prototype, "byteLength")),
  isDate: brand(Date.prototype.getTime),
  isEventTarget: () => false,
  isExternal: () => false,
  isGeneratorFunction: (value) => inherits(GeneratorFunction)(value) || inherits(AsyncGeneratorFunction)(value),
  isGeneratorObject: (value) =>
    typeof value === "object" && value !== null && Object.prototype.isPrototypeOf.call(Generator, value),
  isMap: brand(getter(Map.prototype, "size")),
  isMapIterator: (value) =>
    typeof value === "object" && value !== null && Object.prototype.isPrototypeOf.call(MapIterator, value),
  isModuleNamespaceObject: (value) =>
    typeof value === "object" &&
    value !== null &&
    Object.getPrototypeOf(value) === null &&
    Object.getOwnPropertyDescriptor(value, Symbol.toStringTag)?.value === "Module",
  isNativeError: (Error as unknown as { isError: Test }).isError,
  isNumberObject,
  isPromise: (value) => native.promiseState(value) !== undefined,
  isProxy,
  isRegExp: (value) => value !== RegExp.prototype && isRegExp(value),
  isSet: brand(getter(Set.prototype, "size")),
  isSetIterator: (value) =>
    typeof value === "object" && value !== null && Object.prototype.isPrototypeOf.call(SetIterator, value),
  isSharedArrayBuffer,
  isStringObject,
  isSymbolObject,
  isWeakMap: brand(WeakMap.prototype.has, {}),
  isWeakSet: brand(WeakSet.prototype.has, {}),
};
