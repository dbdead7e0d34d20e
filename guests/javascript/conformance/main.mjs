// Runs one test of test262 in the sandbox: https://github.com/tc39/test262/blob/main/INTERPRETING.md

const run = globalThis.eval;

/** What became of it: null if it passed. */
export async function main(source, { isAsync, negative }) {
  let done;
  const ended = new Promise((resolve) => {
    done = resolve;
  });
  globalThis.$DONE = (error) => done(error);
  globalThis.$262 = {
    global: globalThis,
    evalScript: (text) => run(text),
    detachArrayBuffer: (buffer) => void buffer.transfer(),
    gc() {
      throw new Error("no gc");
    },
    get agent() {
      throw new Error("no agents");
    },
    createRealm() {
      throw new Error("no realms");
    },
  };
  globalThis.print = () => undefined;
  try {
    run(source);
    const error = isAsync ? await ended : undefined;
    if (error !== undefined) {
      throw error;
    }
  } catch (error) {
    const name = error?.constructor?.name ?? typeof error;
    return name === negative ? null : `${name}: ${error?.message ?? error}`;
  }
  return negative === null ? null : `no ${negative}`;
}
