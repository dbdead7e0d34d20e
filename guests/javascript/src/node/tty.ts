import { placeholder } from "./internal/unavailable.ts";

export default { ...placeholder("tty"), isatty: () => false };
