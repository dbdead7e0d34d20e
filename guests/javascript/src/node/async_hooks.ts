import { placeholder } from "./internal/unavailable.ts";

type Callback = (...args: never[]) => unknown;

/** Runs functions as they are: there is no context of calls that they could be bound to. */
export class AsyncResource {
  readonly type: string;

  constructor(type: string, _options?: unknown) {
    this.type = String(type);
  }

  static bind<F extends Callback>(callback: F, _type?: string, thisArgument?: unknown): F {
    return thisArgument === undefined ? callback : (callback.bind(thisArgument as never) as F);
  }

  bind<F extends Callback>(callback: F, thisArgument?: unknown): F {
    return AsyncResource.bind(callback, undefined, thisArgument);
  }

  runInAsyncScope(callback: (...args: unknown[]) => unknown, thisArgument?: unknown, ...args: unknown[]): unknown {
    return Reflect.apply(callback, thisArgument, args);
  }

  emitDestroy(): this {
    return this;
  }

  asyncId(): number {
    return 1;
  }

  triggerAsyncId(): number {
    return 0;
  }
}

export default {
  ...placeholder("async_hooks"),
  AsyncResource,
  executionAsyncId: () => 1,
  triggerAsyncId: () => 0,
};
