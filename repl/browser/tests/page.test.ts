import { copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { IS_SUPPORTED, launch, Opened, OUTPUT } from "./browser.js";
import { capsule, pageOf, Store } from "./traces.js";

const HOSTILE = `</script><script>window.pwned = 1</script><img src=x onerror="alert(1)"><b>'"\u2028`;

function projectFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "capsule-run-"));
  mkdirSync(join(folder, ".capsule"), { mode: 0o700 });
  return folder;
}

/** An agent that searches twice and fails to sum up. */
function agent(): Store {
  const store = new Store();
  const limits = {
    "capsule.limit.ram": "128MB",
    "capsule.origin.ram": "ceiling, capsule.toml:5",
    "capsule.limit.timeout": "5m",
  };
  const root = store.add("research-42", {
    kind: "workflow",
    duration: 1000,
    status: "error",
    attributes: { "capsule.spans": 9, "error.type": "task_error", "error.message": "no sources" },
  });
  for (const [i, start] of [100, 200].entries()) {
    const task = store.add(`search ${i}`, {
      parent: root,
      start,
      duration: 300,
      attributes: limits,
    });
    const attempt = store.add("attempt 1", {
      parent: task,
      kind: "attempt",
      start,
      duration: 300,
      attributes: {
        "capsule.queue_ns": 30e6,
        "capsule.instantiate_ns": 1e6,
        "capsule.fuel.used": 410_000_000,
      },
      events: [
        {
          at: start + 50,
          name: "capsule.output",
          attributes: {
            "capsule.output.stream": "stderr",
            "capsule.output.offset": 0,
            "capsule.output.text": `careful ${i}`,
          },
        },
      ],
    });
    store.add("GET", {
      parent: attempt,
      kind: "http",
      start: start + 60,
      duration: 100,
      attributes: { "url.full": "https://api.example.com/cats", "http.response.body.size": 48_211 },
    });
  }
  const sum = store.add("sum up", {
    parent: root,
    start: 600,
    duration: 300,
    status: "error",
    attributes: { "error.type": "task_error", "error.message": "no sources" },
  });
  for (const number of [1, 2]) {
    store.add(`attempt ${number}`, {
      parent: sum,
      kind: "attempt",
      start: 500 + 100 * number,
      duration: 100,
      status: "error",
      attributes: { "error.type": "task_error", "error.message": "no sources" },
      events: [
        {
          at: 690,
          name: "exception",
          attributes: {
            "exception.type": "ValueError",
            "exception.stacktrace": "File main.py, line 7",
          },
        },
      ],
    });
  }
  return store;
}

describe.skipIf(!IS_SUPPORTED)("the page of a trace", () => {
  let browser: Browser;
  let page: string;

  beforeAll(async () => {
    browser = await launch();
    page = agent().page();
  });

  afterAll(async () => {
    await browser?.close();
  });

  test("tells what ran, and shows it as a tree", async () => {
    for (const scheme of ["light", "dark"] as const) {
      const opened = await Opened.of(browser, page, scheme);
      expect(await opened.text("h1")).toBe("research-42");
      expect(await opened.text("#outcome")).toBe("failed");
      expect(await opened.text("#facts")).toMatch(/took\s+1 s/);
      expect(await opened.text("#failures")).toContain(
        "sum up: ValueError: no sources (attempt 2)",
      );
      // an only attempt is told with its task
      expect(await opened.rows()).toEqual([
        "research-42",
        "search 0",
        "GET api.example.com/cats",
        "search 1",
        "GET api.example.com/cats",
        "sum up",
        "attempt 1",
        "attempt 2",
      ]);
      const back = await opened.page.evaluate(
        () => getComputedStyle(document.body).backgroundColor,
      );
      expect(back).toBe(scheme === "light" ? "rgb(255, 255, 255)" : "rgb(20, 24, 31)");
      await opened.page.screenshot({ path: join(OUTPUT, `trace-${scheme}.png`) });
      expect(opened.complaints).toEqual([]);
      expect(opened.loaded).toHaveLength(1);
      await opened.page.close();
    }
  });

  test("shows all about a row in its details, and in short where the mouse is", async () => {
    const opened = await Opened.of(browser, page);
    await opened.page.hover("#row-1 .label");
    const hint = await opened.text("#hint");
    expect(hint).toContain("4.1e8");
    expect(hint).toContain("128MB  (ceiling, capsule.toml:5)");

    await opened.click("#row-1 .label");
    expect(await opened.text("#hint")).toBe("");
    const details = await opened.text("#details");
    expect(details).toContain("careful 0");
    expect(details).toMatch(/ram\s+128MB\s+ceiling, capsule\.toml:5/);
    expect(details).toMatch(/timeout\s+5m\s+default/);
    expect(details).toMatch(/waited for a core\s+30 ms/);

    await opened.click("#row-7 .label");
    expect(await opened.text("#details")).toContain("File main.py, line 7");
    expect(await opened.text("#details")).not.toContain("careful");
    expect(opened.complaints).toEqual([]);
    await opened.page.close();
  });

  test("finds names, attributes and output", async () => {
    const opened = await Opened.of(browser, page);
    await opened.press("/");
    await opened.page.type("#query", "Careful 1");
    await opened.settle();
    expect(await opened.text("#matches")).toBe("1 match");
    await opened.press("Enter");
    expect(await opened.chosen()).toBe("search 1");

    await opened.press("Escape", "/");
    await opened.page.type("#query", "no sources");
    await opened.press("Enter", "Enter");
    expect(await opened.text("#matches")).toBe("2 of 4");
    expect(await opened.chosen()).toBe("sum up");
    await opened.press("Shift+Enter");
    expect(await opened.chosen()).toBe("research-42");

    await opened.press("Escape", "/");
    await opened.page.type("#query", "nothing of the kind");
    await opened.settle();
    expect(await opened.text("#matches")).toBe("no match");
    await opened.page.close();
  });

  test("zooms by buttons, keys, wheel and dragging", async () => {
    const opened = await Opened.of(browser, page);
    const width = () => opened.barWidth("GET api.example.com/cats");
    const all = await width();
    await opened.page.focus("#rows");
    await opened.press("ArrowDown", "ArrowDown");
    await opened.click("#zoom-in");
    const twice = await width();
    expect(twice / all).toBeCloseTo(2, 1);
    await opened.click("#fit");
    expect(await width()).toBeCloseTo(all, 0);

    await opened.page.focus("#rows");
    await opened.press("+");
    expect((await width()) / all).toBeCloseTo(2, 1);
    await opened.press("-");
    expect(await width()).toBeCloseTo(all, 0);
    await opened.press("z");
    const lane = await opened.page.evaluate(
      () => document.getElementById("ruler")?.clientWidth ?? 0,
    );
    expect(await width()).toBeGreaterThan(lane * 0.8);
    await opened.press("0");

    const ruler = await opened.page.evaluate(() => {
      const { left, top } = (
        document.getElementById("ruler") as HTMLElement
      ).getBoundingClientRect();
      return { left, top };
    });
    await opened.page.mouse.move(ruler.left + 0.2 * lane, 400);
    await opened.page.keyboard.down("Control");
    await opened.page.mouse.wheel({ deltaY: -300 });
    await opened.page.keyboard.up("Control");
    await opened.settle();
    expect((await width()) / all).toBeGreaterThan(2);
    await opened.press("0");

    // in the ruler: to the first half of the time
    await opened.page.mouse.move(ruler.left + 1, ruler.top + 10);
    await opened.page.mouse.down();
    await opened.page.mouse.move(ruler.left + lane / 2, ruler.top + 10, { steps: 5 });
    await opened.page.mouse.up();
    await opened.settle();
    expect((await width()) / all).toBeCloseTo(2, 1);

    // over the bars: earlier and later
    const left = () =>
      opened.page.evaluate(
        () => document.querySelector("#row-1 .bar")?.getBoundingClientRect().left ?? 0,
      );
    const before = await left();
    await opened.page.mouse.move(ruler.left + 200, 600);
    await opened.page.mouse.down();
    await opened.page.mouse.move(ruler.left + 150, 600, { steps: 5 });
    await opened.page.mouse.up();
    await opened.settle();
    expect((await left()) - before).toBeCloseTo(-50, -1);
    expect(opened.complaints).toEqual([]);
    await opened.page.close();
  });

  test("can be used by the keyboard alone", async () => {
    const opened = await Opened.of(browser, page);
    await opened.page.focus("#rows");
    await opened.press("ArrowDown");
    expect(await opened.chosen()).toBe("search 0");
    expect(await opened.text("#hint")).toContain("search 0");
    const active = await opened.page.evaluate(
      () =>
        document.getElementById(
          document.getElementById("rows")?.getAttribute("aria-activedescendant") ?? "",
        )?.ariaLabel,
    );
    expect(active).toBe("task search 0, ok, 300 ms");

    await opened.press("ArrowLeft");
    expect(await opened.rows()).toHaveLength(7);
    await opened.press("ArrowRight", "ArrowRight");
    expect(await opened.chosen()).toBe("GET api.example.com/cats");
    await opened.press("ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowLeft");
    expect(await opened.chosen()).toBe("research-42");
    expect(await opened.rows()).toEqual(["research-42"]);

    await opened.press("f");
    expect(await opened.chosen()).toBe("attempt 1");
    await opened.press("Enter");
    expect(await opened.text("#details")).toContain("no sources");
    await opened.press("Escape");
    expect(await opened.text("#details")).toBe("");
    await opened.press("Home", "End");
    expect(await opened.chosen()).toBe("attempt 2");
    const names = await opened.page.evaluate(() =>
      [...document.querySelectorAll("button, input")]
        .filter(
          (each) => (each.getAttribute("aria-label") ?? each.textContent?.trim() ?? "") === "",
        )
        .map((each) => each.id),
    );
    expect(names).toEqual([]);
    await opened.page.close();
  });

  test("is smooth with 5,000 spans: only what is in sight is drawn", async () => {
    const store = new Store();
    const root = store.add("big", {
      kind: "workflow",
      duration: 10_000,
      attributes: { "capsule.spans": 5000 },
    });
    for (let i = 0; i < 1000; i++) {
      const task = store.add(`task ${i}`, { parent: root, start: i * 10, duration: 9 });
      for (let j = 0; j < 4; j++) {
        store.add(`call ${i}.${j}`, { parent: task, kind: "tool", start: i * 10 + j, duration: 1 });
      }
    }
    const opened = await Opened.of(browser, store.page());
    const drawn = () => opened.page.evaluate(() => document.querySelectorAll(".row").length);
    const count = () =>
      opened.page.evaluate(() => document.getElementById("rows")?.getAttribute("aria-rowcount"));
    expect(await count()).toBe("1001");
    expect(await drawn()).toBeLessThan(100);
    await opened.click("#expand");
    expect(await count()).toBe("5001");
    expect(await drawn()).toBeLessThan(100);
    await opened.page.focus("#rows");
    await opened.press("End");
    expect(await opened.chosen()).toBe("call 999.3");
    expect(await drawn()).toBeLessThan(100);
    await opened.click("#collapse");
    expect(await opened.chosen()).toBe("big");
    await opened.page.type("#query", "call 777.2");
    await opened.press("Enter");
    expect(await opened.text("#matches")).toBe("1 of 1");
    expect(await opened.chosen()).toBe("call 777.2");
    await opened.page.screenshot({ path: join(OUTPUT, "trace-5000.png") });
    expect(opened.complaints).toEqual([]);
    await opened.page.close();
  });

  test("says where failures began: what was caught did not fail what caught it", async () => {
    const store = new Store();
    const failure = (message: string) => ({
      status: "error",
      attributes: { "capsule.spans": 3, "error.type": "task_error", "error.message": message },
    });
    const root = store.add("main", failure("the model is away"));
    store.add("handled", { parent: root, ...failure("no answer") });
    const other = store.add("other", failure("TaskError: inner: out of luck"));
    store.add("inner", { parent: other, ...failure("out of luck") });
    const opened = await Opened.of(browser, store.page());
    expect((await opened.text("#failures")).split("\n")).toEqual([
      "main: task_error: the model is away",
      "inner: task_error: out of luck",
      "handled: task_error: no answer",
    ]);
    await opened.page.close();
  });

  test("leaves out the pause before a workflow was gone on with", async () => {
    const store = new Store();
    const day = 86_400_000;
    store.add("before", { kind: "workflow", duration: 500, attributes: { "capsule.spans": 1 } });
    store.add("after", {
      kind: "workflow",
      start: day,
      duration: 500,
      attributes: { "capsule.spans": 1 },
    });
    const opened = await Opened.of(browser, store.page());
    expect(await opened.text("#ruler")).toContain("1 d 0 h pause");
    expect(await opened.text("#facts")).toMatch(/took\s+1 s/);
    const lane = await opened.page.evaluate(
      () => document.getElementById("ruler")?.clientWidth ?? 0,
    );
    expect(await opened.barWidth("after")).toBeGreaterThan(lane * 0.4);
    await opened.page.close();
  });

  test("takes nothing in a trace for markup", async () => {
    const store = new Store();
    const root = store.add(HOSTILE, {
      status: "error",
      attributes: { "capsule.spans": 2, "error.message": HOSTILE, [HOSTILE]: HOSTILE },
      events: [
        { at: 0, name: HOSTILE, attributes: { [HOSTILE]: HOSTILE } },
        { at: 0, name: "capsule.output", attributes: { "capsule.output.text": HOSTILE } },
        { at: 0, name: "exception", attributes: { "exception.stacktrace": HOSTILE } },
      ],
    });
    store.add("__proto__", {
      parent: root,
      kind: "\\u003cb>",
      attributes: { __proto__: "x", constructor: HOSTILE },
    });
    const opened = await Opened.of(browser, store.page());
    await opened.page.hover("#row-0 .label");
    await opened.click("#row-0 .label");
    expect(await opened.text("h1")).toBe(HOSTILE.replace("\u2028", "\u2028"));
    expect(await opened.text("#details")).toContain("<img src=x onerror=");
    const made = await opened.page.evaluate(() => ({
      pwned: "pwned" in window,
      elements: document.querySelectorAll("img, b, iframe, body script:not([type])").length,
    }));
    expect(made).toEqual({ pwned: false, elements: 1 }); // the page's own script
    expect(opened.complaints).toEqual([]);
    expect(opened.loaded).toHaveLength(1);
    await opened.page.close();
  });

  test("shows a real run", async () => {
    const folder = projectFolder();
    writeFileSync(
      join(folder, "main.py"),
      `from capsule import task

@task(name=${JSON.stringify("<b>inner</b>")}, max_retries=1)
def inner(n):
    print("<i>working</i>", n)
    if n == 2:
        raise ValueError("<u>two</u>")
    return n

@task(name="main")
def main():
    for n in (1, 2):
        try:
            inner(n)
        except Exception as error:
            print("failed:", type(error).__name__)
    return "done"
`,
    );
    capsule(folder, "run", "main.py");
    const { traces } = JSON.parse(capsule(folder, "trace", "ls", "--json"));
    const opened = await Opened.of(browser, pageOf(folder, traces[0].trace_id));
    expect(await opened.text("h1")).toBe("main");
    expect(await opened.text("#outcome")).toBe("succeeded");
    expect(await opened.rows()).toEqual([
      "main",
      "<b>inner</b>",
      "<b>inner</b>",
      "attempt 1",
      "attempt 2",
    ]);
    await opened.click("#row-3 .label");
    const details = await opened.text("#details");
    expect(details).toContain("<i>working</i> 2");
    expect(details).toContain("<u>two</u>");
    expect(details).toContain("main.py");
    expect(opened.complaints).toEqual([]);
    await opened.page.close();
  });

  test("shows an agent's work as in docs/images", async () => {
    const folder = projectFolder();
    copyFileSync(new URL("programs/research.py", import.meta.url), join(folder, "research.py"));
    const words = ["--task", "research", "ocean currents", "--id", "research-42"];
    capsule(folder, "run", "research.py", ...words);
    const file = pageOf(folder, "research-42");
    for (const scheme of ["light", "dark"] as const) {
      const opened = await Opened.of(browser, file, scheme);
      expect(await opened.text("#failures")).toContain("forum does not answer (attempt 3)");
      await opened.page.setViewport({ width: 1280, height: 720 });
      await opened.click("#failures button");
      expect(await opened.text("#details")).toContain("ConnectionError");
      await opened.page.screenshot({ path: join(OUTPUT, `agent-${scheme}.png`) });
      expect(opened.complaints).toEqual([]);
      await opened.page.close();
    }
  });
});
