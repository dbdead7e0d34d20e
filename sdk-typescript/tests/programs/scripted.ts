// Tasks for the scripted peer (sdk-python/tests/fake_sidecar.py), which answers by the task's name.
import { task } from "@capsule/sdk";

const never = (..._: unknown[]): unknown => undefined;

export const ask = task({ name: "ask" }, never);
export const deaf = task({ name: "deaf" }, never);
export const die = task({ name: "die" }, never);
export const dieOnce = task({ name: "die_once" }, never);
export const echo = task({ name: "echo" }, never);
export const forget = task({ name: "forget" }, never);
export const garbage = task({ name: "garbage" }, never);
export const hang = task({ name: "hang" }, never);
export const hugeInteger = task({ name: "huge_integer" }, never);
export const internal = task({ name: "internal" }, never);
export const notJson = task({ name: "not_json" }, never);
export const option = task({ name: "option" }, never);
export const revoke = task({ name: "revoke" }, never);
export const tooLong = task({ name: "too_long" }, never);
export const truncated = task({ name: "truncated" }, never);
