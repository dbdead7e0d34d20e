/** How the client behaves when its peer misbehaves: with a scripted peer in the sidecar's place. */

import { describe, expect, test, vi } from "vitest";
import { Capsule } from "../src/client.js";
import {
  InternalError,
  InvalidArguments,
  OptionError,
  SidecarError,
  SidecarLost,
} from "../src/index.js";
import { eventually, Fake, isRunning, sidecarPid } from "./helpers.js";
import * as scripted from "./programs/scripted.js";

test("it starts one peer and loads a program once", async () => {
  const fake = new Fake();
  const echo = scripted.echo.using({ client: fake.client });
  const results = await Promise.all(Array.from({ length: 200 }, (_, number) => echo(number)));
  expect(results).toEqual(Array.from({ length: 200 }, (_, number) => [number]));
  expect(await echo("again")).toEqual(["again"]);
  expect(fake.pids()).toHaveLength(1);
  expect(fake.count("initialize")).toBe(1);
  expect(fake.count("loadProgram")).toBe(1);
});

test("a program that the peer forgot is loaded again", async () => {
  const { client } = new Fake();
  const [echo, forget] = [scripted.echo.using({ client }), scripted.forget.using({ client })];
  await forget();
  expect(await echo(1)).toEqual([1]);
  await forget();
  expect(await echo.map([1, 2])).toEqual([[1], [2]]);
});

describe("a lost peer fails all in flight and is replaced", () => {
  test.each([
    [scripted.die, "exited with 7"],
    [scripted.garbage, "Content-Length"],
    [scripted.tooLong, "exceeds"],
    [scripted.truncated, "99 bytes before"],
    [scripted.notJson, "not JSON"],
  ] as const)("%o", async (broken, reason) => {
    const fake = new Fake();
    const { client } = fake;
    const pid = await sidecarPid(client);
    const waiting = scripted.hang.using({ client })();
    const outcome = expect(waiting).rejects.toThrow(reason);
    await eventually(() => fake.count("hanging") === 1, "the call is in flight");
    const failed = broken.using({ client })();
    await expect(failed).rejects.toThrow(SidecarLost);
    await expect(failed).rejects.toThrow(`process ${pid}`);
    await outcome;
    await expect(waiting).rejects.toThrow(SidecarLost);
    await eventually(() => !isRunning(pid), "it is dead");
    expect(fake.count("runTask"), "nothing was run twice").toBe(2);
    expect(await scripted.echo.using({ client })("again")).toEqual(["again"]);
    expect(fake.pids()).toHaveLength(2);
  });
});

test("a peer that died while idle is replaced unnoticed", async () => {
  const fake = new Fake();
  const echo = scripted.echo.using({ client: fake.client });
  for (let round = 0; round < 5; round++) {
    await echo(1);
    const pid = await sidecarPid(fake.client);
    process.kill(pid, "SIGKILL");
    await eventually(() => !isRunning(pid), "it is dead");
    expect(await echo(2)).toEqual([2]);
  }
  expect(fake.pids()).toHaveLength(6);
});

test("a peer that dies at start is not started for ever", async () => {
  const fake = new Fake("die");
  const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const failed = scripted.echo.using({ client: fake.client })(1);
  await expect(failed).rejects.toThrow(/died 3 times while starting[\s\S]*no engine found/);
  await expect(failed).rejects.toThrow(SidecarError);
  await expect(failed).rejects.not.toThrow(SidecarLost);
  expect(fake.pids()).toHaveLength(3);
  const log = said.mock.calls.map(([text]) => text).join("");
  expect(log).toBe("fake: no engine found\n".repeat(3));
  said.mockRestore();
});

test("another protocol is refused", async () => {
  const fake = new Fake("future");
  const failed = scripted.echo.using({ client: fake.client })(1);
  await expect(failed).rejects.toThrow("speaks protocol 9.9, this package 0.1");
  const [pid = 0] = fake.pids();
  await eventually(() => !isRunning(pid), "it is ended");
});

test("a command that does not exist", async () => {
  const client = new Capsule({ command: "/no/such/sidecar --flag" });
  const failed = scripted.echo.using({ client })(1);
  await expect(failed).rejects.toThrow(
    /^cannot start the sidecar `\/no\/such\/sidecar --flag`: No such file/,
  );
  await expect(failed).rejects.toThrow(SidecarError);
});

test("an answer that is none fails its call only", async () => {
  const fake = new Fake();
  const { client } = fake;
  await expect(scripted.hugeInteger.using({ client })()).rejects.toThrow(
    /answered runTask with what is no answer: result is not an object/,
  );
  expect(await scripted.echo.using({ client })(1)).toEqual([1]);
  expect(fake.pids()).toHaveLength(1);
});

test("JSON-RPC errors have their classes", async () => {
  const { client } = new Fake();
  await expect(scripted.internal.using({ client })()).rejects.toThrow(InternalError);
  const refused = await scripted.option
    .using({ client })()
    .catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(OptionError);
  expect(refused).toMatchObject({
    field: "options.ram",
    value: "abc",
    allowed: "a size",
    where: "p.py:3",
    message: "p.py:3: options.ram: 'abc' is no size",
  });
});

test("large messages arrive whole among small ones", async () => {
  const echo = scripted.echo.using({ client: new Fake().client });
  const texts = [1, 5_000_000, 2, 70_000, 3, 4096, 1_000_000].map((size) => "x".repeat(size));
  expect(await echo.map([...texts, ...texts])).toEqual([...texts, ...texts].map((text) => [text]));
});

test("a message beyond the protocol's limit is refused before it is sent", async () => {
  const echo = scripted.echo.using({ client: new Fake().client });
  await expect(echo("x".repeat(64 * 1024 * 1024))).rejects.toThrow(InvalidArguments);
  expect(await echo(1)).toEqual([1]);
});

test("what a killed peer had not read yet is run by the next", async () => {
  const fake = new Fake();
  const { client } = fake;
  const pid = await sidecarPid(client);
  const calls = [scripted.deaf.using({ client })()];
  await eventually(() => fake.count("deaf") === 1, "it has stopped reading");
  const echo = scripted.echo.using({ client });
  calls.push(...Array.from({ length: 3 }, () => echo("x".repeat(500_000))));
  const outcomes = Promise.allSettled(calls);
  await new Promise((resolve) => setImmediate(resolve));
  process.kill(pid, "SIGKILL");
  const [deaf, ...echoes] = await outcomes;
  expect(deaf).toMatchObject({ status: "rejected", reason: expect.any(SidecarLost) });
  for (const each of echoes) {
    expect(each).toMatchObject({ status: "fulfilled" });
  }
  expect(fake.count("runTask"), "nothing was run twice").toBe(4);
});

describe("a signal", () => {
  test("cancels the request, and the call rejects with its reason", async () => {
    const fake = new Fake();
    const { client } = fake;
    const abort = new AbortController();
    const waiting = scripted.hang.using({ client, signal: abort.signal })();
    await eventually(() => fake.count("hanging") === 1, "the call is in flight");
    const reason = new Error("enough");
    abort.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(await scripted.echo.using({ client })(1)).toEqual([1]);
    expect(fake.count("$/cancelRequest")).toBe(1);
  });

  test("that has aborted already sends nothing", async () => {
    const fake = new Fake();
    const call = scripted.hang.using({ client: fake.client, signal: AbortSignal.abort() });
    await expect(call()).rejects.toThrow("aborted");
    await expect(call.envelope()).rejects.toThrow("aborted");
    expect(fake.lines()).toEqual([]);
  });

  test("ends the wait for a peer that is starting", async () => {
    const fake = new Fake("mute");
    const abort = new AbortController();
    const waiting = scripted.echo.using({ client: fake.client, signal: abort.signal })();
    await eventually(() => fake.count("initialize") === 1, "the peer was asked to start");
    abort.abort();
    await expect(waiting).rejects.toThrow("aborted");
    await fake.client.close();
    const [pid = 0] = fake.pids();
    expect(isRunning(pid)).toBe(false);
  });

  test("that is used for thousands of calls keeps none of them", async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const { addEventListener: add, removeEventListener: remove } = signal;
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++;
      add.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--;
      remove.apply(signal, args);
    };
    const echo = scripted.echo.using({ client: new Fake().client, signal });
    await Promise.all(Array.from({ length: 2000 }, (_, number) => echo(number)));
    expect(listeners).toBe(0);
  });
});

test("a failed map cancels what still runs", async () => {
  const fake = new Fake();
  const { client } = fake;
  const hang = scripted.hang.using({ client });
  await expect(hang.map([1, 2, Symbol("s")])).rejects.toThrow(/args\[0\] has type symbol/);
  await scripted.echo.using({ client })();
  await eventually(
    () => fake.count("$/cancelRequest") === fake.count("hanging"),
    "all that ran was cancelled",
  );
});

test("a map of many keeps a thousand under way", async () => {
  const fake = new Fake();
  const echo = scripted.echo.using({ client: fake.client });
  const items = Array.from({ length: 5000 }, (_, number) => number);
  expect(await echo.map(items)).toEqual(items.map((item) => [item]));
  expect(await echo.map([])).toEqual([]);
});

test("closing ends the peer in good order", async () => {
  const fake = new Fake();
  const { client } = fake;
  const pid = await sidecarPid(client);
  await client.close();
  expect(fake.lines().slice(-2)).toEqual(["shutdown", "exit"]);
  expect(isRunning(pid)).toBe(false);
  await client.close();
  expect(await scripted.echo.using({ client })(1), "the next call starts another").toEqual([1]);
});

test("closing fails what is in flight", async () => {
  const fake = new Fake();
  const waiting = scripted.hang.using({ client: fake.client })();
  const outcome = expect(waiting).rejects.toThrow(SidecarLost);
  await eventually(() => fake.count("hanging") === 1, "the call is in flight");
  await fake.client.close();
  await outcome;
});

test("closing does not wait for ever", async () => {
  const { client } = new Fake("stubborn");
  const pid = await sidecarPid(client);
  await client.close();
  expect(isRunning(pid)).toBe(false);
});

test("await using closes", async () => {
  const fake = new Fake();
  const pid = await sidecarPid(fake.client);
  {
    await using client = fake.client;
    expect(await scripted.echo.using({ client })(1)).toEqual([1]);
  }
  expect(isRunning(pid)).toBe(false);
});
