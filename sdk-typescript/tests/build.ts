/** Tests that start programs of their own need the package as it is built. */

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export function setup(): void {
  const launcher = fileURLToPath(new URL("../../capsule", import.meta.url));
  execFileSync(launcher, ["build"], { stdio: ["ignore", "inherit", "inherit"] });
}
