import { task } from "@capsule/sdk";

export const ask = task({ name: "ask" }, (..._: unknown[]): unknown[] => []);
