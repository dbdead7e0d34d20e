import "./globals.ts";
import { defineGlobals } from "./define.ts";
import { FormData, Headers, Request, Response, fetch } from "./fetch.ts";

defineGlobals({ FormData, Headers, Request, Response, fetch });
