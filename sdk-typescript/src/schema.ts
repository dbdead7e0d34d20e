/**
 * The part of Standard Schema (https://standardschema.dev) that tools use, so that zod, valibot,
 * arktype and others can say what their arguments may be. Copied, as its authors recommend.
 */

/** A schema of any library that follows Standard Schema. */
export interface Schema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => Validated<Output> | Promise<Validated<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

type Validated<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly Issue[] };

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

type Types<S extends Schema> = NonNullable<S["~standard"]["types"]>;

/** The arguments that a list of schemas takes (`input`) or gives (`output`); what may be undefined may be left out. */
export type Arguments<
  S extends readonly Schema[],
  K extends "input" | "output",
> = S extends readonly [infer First extends Schema, ...infer Rest extends readonly Schema[]]
  ? undefined extends Types<First>[K]
    ? [argument?: Types<First>[K], ...rest: Arguments<Rest, K>]
    : [argument: Types<First>[K], ...rest: Arguments<Rest, K>]
  : [];

/** The arguments do not fit their schemas; the message says which and why. */
export class Mismatch extends TypeError {}

/** What the schemas make of the arguments. Throws `Mismatch`. */
export async function validate(
  name: string,
  schemas: readonly Schema[],
  args: readonly unknown[],
): Promise<unknown[]> {
  if (args.length > schemas.length) {
    throw new Mismatch(`${name}() takes ${schemas.length} arguments, not ${args.length}`);
  }
  const values: unknown[] = [];
  for (const [index, schema] of schemas.entries()) {
    const outcome = await schema["~standard"].validate(args[index]);
    if (outcome.issues !== undefined) {
      const [issue] = outcome.issues;
      const path = (issue?.path ?? [])
        .map((part) => `[${JSON.stringify(typeof part === "object" ? part.key : part)}]`)
        .join("");
      throw new Mismatch(`${name}(): args[${index}]${path}: ${issue?.message ?? "does not fit"}`);
    }
    values.push(outcome.value);
  }
  return values;
}
