/** Calls tasks through Capsule's own SDK. */
import { serve } from "./calls.mjs";

await serve(async (program, task) => (await import(`./programs/${program}.mjs`))[task]);
