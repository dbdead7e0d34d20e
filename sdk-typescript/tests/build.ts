/** Tests that start programs of their own need the package as it is built. */

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export function setup(): void {
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  execFileSync("npm", ["run", "--silent", "build"], {
    cwd,
    stdio: ["ignore", "inherit", "inherit"],
  });
}
