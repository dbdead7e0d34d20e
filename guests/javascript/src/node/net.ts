import { placeholder } from "./internal/unavailable.ts";

// The patterns of Node's lib/internal/net.js.
const v4Segment = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]\\d|\\d)";
const v4 = `(?:${v4Segment}\\.){3}${v4Segment}`;
const v6Segment = "(?:[0-9a-fA-F]{1,4})";
const IPV4 = new RegExp(`^${v4}$`);
const IPV6 = new RegExp(
  `^(?:(?:${v6Segment}:){7}(?:${v6Segment}|:)|` +
    `(?:${v6Segment}:){6}(?:${v4}|:${v6Segment}|:)|` +
    `(?:${v6Segment}:){5}(?::${v4}|(?::${v6Segment}){1,2}|:)|` +
    `(?:${v6Segment}:){4}(?:(?::${v6Segment}){0,1}:${v4}|(?::${v6Segment}){1,3}|:)|` +
    `(?:${v6Segment}:){3}(?:(?::${v6Segment}){0,2}:${v4}|(?::${v6Segment}){1,4}|:)|` +
    `(?:${v6Segment}:){2}(?:(?::${v6Segment}){0,3}:${v4}|(?::${v6Segment}){1,5}|:)|` +
    `(?:${v6Segment}:){1}(?:(?::${v6Segment}){0,4}:${v4}|(?::${v6Segment}){1,6}|:)|` +
    `(?::(?:(?::${v6Segment}){0,5}:${v4}|(?::${v6Segment}){1,7}|:)))(?:%[0-9a-zA-Z-.:]{1,})?$`,
);

export function isIPv4(text: unknown): boolean {
  return IPV4.test(`${text}`);
}

export function isIPv6(text: unknown): boolean {
  return IPV6.test(`${text}`);
}

export function isIP(text: unknown): 0 | 4 | 6 {
  return isIPv4(text) ? 4 : isIPv6(text) ? 6 : 0;
}

export default { ...placeholder("net"), isIP, isIPv4, isIPv6 };
