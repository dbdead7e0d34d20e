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

/** A domain by IDNA alone, without what URLs make of numbers. */
export function idnaToASCII(domain: string): string {
  return /[^\0-\x7f]|xn--/i.test(domain) ? (tr46.toASCII(domain, OPTIONS) ?? "") : domain.toLowerCase();
}

/** A domain as URLs have it; "" if it is not one. */
export const domainToASCII = Object.assign(parsed, { toUnicode });
