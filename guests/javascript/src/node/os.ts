import { constants } from "./internal/os-constants.ts";
import { native } from "../native.ts";
import { process } from "./internal/process.ts";

/** What is told of the machine: nothing of the real one. */
const RAM = 256 * 1024 * 1024;

const os = {
  EOL: "\n",
  arch: () => process.arch,
  availableParallelism: () => 1,
  constants,
  cpus: () => [],
  devNull: "/dev/null",
  endianness: () => "LE",
  freemem: () => Math.max(0, RAM - native.memory()),
  getPriority: () => 0,
  homedir: () => "/",
  hostname: () => "capsule",
  loadavg: () => [0, 0, 0],
  machine: () => process.arch,
  networkInterfaces: () => ({}),
  platform: () => process.platform,
  release: () => "",
  setPriority: () => undefined,
  tmpdir: () => "/tmp",
  totalmem: () => RAM,
  type: () => "WASI",
  uptime: () => process.uptime(),
  userInfo: () => ({ uid: 0, gid: 0, username: "capsule", homedir: "/", shell: null }),
  version: () => "",
};

export default os;
