import "./first-globals.ts";
import { defineGlobals } from "./define.ts";
import { URL, URLSearchParams } from "./url.ts";

defineGlobals({ URL, URLSearchParams });
