/** What a workflow's journal tells people and `capsule resume` of the program that runs it. */

import { existsSync, realpathSync } from "node:fs";
import { dirname, sep } from "node:path";

/**
 * `root`, `file`, `folder` and `command` of `openWorkflow`. The program is the main module; where
 * that is a package's (a test runner, a server) it is `caller`, the file that opens the workflow,
 * and where there is none it is the current folder.
 */
export function whereabouts(caller: string | undefined): Record<string, unknown> {
  const [node = process.execPath, main, ...args] = process.argv;
  const file = [main, caller].find(isOwn) ?? null;
  const folder = process.cwd();
  return {
    root: file === null ? folder : dirname(file),
    file,
    folder,
    command:
      main === undefined || file === null ? null : [node, ...process.execArgv, main, ...args],
  };
}

function isOwn(file: string | undefined): file is string {
  return (
    file !== undefined &&
    existsSync(file) &&
    !realpathSync(file).includes(`${sep}node_modules${sep}`)
  );
}
