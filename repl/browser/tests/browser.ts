import { existsSync, mkdirSync, mkdtempSync, renameSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Browser, launch as launchBrowser, type Page } from "puppeteer-core";

const PACKAGE = "@sparticuz/chromium";

export const CHECKOUT = fileURLToPath(new URL("../../..", import.meta.url));

/** Where the browser is unpacked, and screenshots are left to be looked at. */
export const OUTPUT = join(CHECKOUT, "build", "browser");

/** The browser is built for this alone. */
export const IS_SUPPORTED = process.platform === "linux" && process.arch === "x64";

/**
 * Unpacks the browser, with fonts and the libraries that a machine without a desktop lacks. The
 * package does so for the environment it was made for, in the folder for temporary files.
 */
async function unpacked(): Promise<string> {
  const version = createRequire(import.meta.url)("../package.json").devDependencies[PACKAGE];
  const home = join(OUTPUT, `chromium-${version}`);
  if (!existsSync(home)) {
    mkdirSync(OUTPUT, { recursive: true });
    const own = { ...process.env };
    const folder = mkdtempSync(join(OUTPUT, "unpacking-"));
    Object.assign(process.env, { TMPDIR: folder, AWS_LAMBDA_JS_RUNTIME: "nodejs20.x" });
    try {
      const { default: chromium } = await import("@sparticuz/chromium");
      await chromium.executablePath();
    } finally {
      for (const name of Object.keys(process.env)) {
        const before = own[name];
        if (before === undefined) {
          delete process.env[name];
        } else {
          process.env[name] = before;
        }
      }
    }
    renameSync(folder, home);
  }
  return home;
}

export async function launch(): Promise<Browser> {
  const home = await unpacked();
  return launchBrowser({
    executablePath: join(home, "chromium"),
    args: ["--no-sandbox", "--disable-gpu"],
    env: {
      ...process.env,
      LD_LIBRARY_PATH: join(home, "al2023", "lib"),
      FONTCONFIG_PATH: join(home, "fonts"),
    },
    headless: "shell",
  });
}

/** A page of a browser, and all that it had to complain of or wanted to load. */
export class Opened {
  readonly complaints: string[] = [];
  readonly loaded: string[] = [];

  private constructor(readonly page: Page) {}

  static async of(
    browser: Browser,
    file: string,
    scheme: "light" | "dark" = "light",
  ): Promise<Opened> {
    const page = await browser.newPage();
    const opened = new Opened(page);
    page.on("console", (message) => opened.complaints.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => opened.complaints.push(String(error)));
    page.on("dialog", (dialog) => {
      opened.complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("request", (request) => opened.loaded.push(request.url()));
    await page.setViewport({ width: 1280, height: 800 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await page.goto(pathToFileURL(file).href);
    await opened.settle();
    return opened;
  }

  /** Waits until what was done is drawn. */
  async settle(): Promise<void> {
    await this.page.evaluate(
      () =>
        new Promise<void>((drawn) => {
          requestAnimationFrame(() =>
            requestAnimationFrame(() => requestAnimationFrame(() => drawn())),
          );
        }),
    );
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) {
      const [last, ...held] = key === "+" ? [key] : key.split("+").reverse();
      for (const modifier of held) {
        await this.page.keyboard.down(modifier as "Shift");
      }
      await this.page.keyboard.press(last as "Enter");
      for (const modifier of held) {
        await this.page.keyboard.up(modifier as "Shift");
      }
    }
    await this.settle();
  }

  async click(selector: string): Promise<void> {
    await this.page.click(selector);
    await this.settle();
  }

  /** The text of an element; empty if it is not there or hidden. */
  text(selector: string): Promise<string> {
    return this.page.evaluate((wanted) => {
      const element = document.querySelector<HTMLElement>(wanted);
      // biome-ignore lint/performance/useDomNodeTextContent: lines and cells are to stand apart
      return element?.checkVisibility() ? element.innerText : "";
    }, selector);
  }

  /** The names of the rows that are in the document, from the top. */
  rows(): Promise<string[]> {
    return this.page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>(".row")]
        .sort((a, b) => Number(a.ariaRowIndex) - Number(b.ariaRowIndex))
        .map((row) => row.querySelector<HTMLElement>(".label")?.textContent ?? ""),
    );
  }

  /** The name of the row that is chosen. */
  chosen(): Promise<string> {
    return this.page.evaluate(
      () => document.querySelector('.row[aria-selected="true"] .label')?.textContent ?? "",
    );
  }

  /** How wide the bar of a row is, in pixels. */
  barWidth(name: string): Promise<number> {
    return this.page.evaluate((wanted) => {
      const row = [...document.querySelectorAll(".row")].find(
        (each) => each.querySelector(".label")?.textContent === wanted,
      );
      return row?.querySelector(".bar")?.getBoundingClientRect().width ?? -1;
    }, name);
  }
}
