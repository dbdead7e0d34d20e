import type { URL } from "../web/url.ts";
import { codes } from "./internal/node-errors.ts";
import { availableNames, isAvailable } from "./internal/names.ts";
import { placeholder } from "./internal/unavailable.ts";

let modules: Readonly<Record<string, { default: unknown }>> = {};

/** The built-in modules, once they are all there. */
export function setModules(found: Readonly<Record<string, { default: unknown }>>): void {
  modules = found;
}

function requireBuiltin(specifier: string): unknown {
  if (typeof specifier !== "string") {
    throw new codes.ERR_INVALID_ARG_TYPE("id", "string", specifier);
  }
  const found = Object.hasOwn(modules, specifier) ? modules[specifier] : undefined;
  if (found === undefined) {
    const message =
      `Cannot find module '${specifier}': the sandbox has Node's built-in modules, and what was bundled into the program; ` +
      "name it in an import statement, or in a require() of plain text, so that it is bundled too";
    throw Object.assign(new Error(message), { code: "MODULE_NOT_FOUND", requireStack: [] });
  }
  return found.default;
}

function resolve(specifier: string): string {
  requireBuiltin(specifier);
  return specifier;
}

/** A `require` for built-in modules: the rest has been bundled. */
export function createRequire(_from: string | URL): typeof requireBuiltin & { resolve: typeof resolve; cache: object } {
  const require = (specifier: string): unknown => requireBuiltin(specifier);
  return Object.assign(require, { resolve, cache: {}, extensions: {}, main: undefined });
}

export function isBuiltin(name: unknown): boolean {
  return typeof name === "string" && isAvailable(name);
}

export const builtinModules: string[] = [];

export function fillBuiltinModules(): void {
  builtinModules.push(...availableNames());
}

export default { ...placeholder("module"), builtinModules, createRequire, isBuiltin };
