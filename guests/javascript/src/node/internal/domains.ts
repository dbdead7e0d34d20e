import { URL } from "../../web/url.ts";
import tr46 from "../../web/tr46.cjs";

const OPTIONS = { checkBidi: true, checkJoiners: true, useSTD3ASCIIRules: false };

function parsed(domain: string): string {
  try {
    return new URL(`ws://${domain}`).hostname;
  } catch {
    return "";
  }
}

function toUnicode(domain: string): string {
  const ascii = parsed(domain);
  return ascii.includes("xn--") ? tr46.toUnicode(ascii, OPTIONS).domain : ascii;
}

/** A domain as URLs have it; "" if it is not one. */
export const domainToASCII = Object.assign(parsed, { toUnicode });
