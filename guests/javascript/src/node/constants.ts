import { constants as fs } from "./fs/arguments.ts";
import { constants as os } from "./internal/os-constants.ts";

export default { ...os.errno, ...os.priority, ...os.signals, ...fs };
