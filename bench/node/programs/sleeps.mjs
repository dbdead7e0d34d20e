import { task } from "@capsule/sdk";

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export const nap = task({ name: "nap", compute: "LOW", ram: "64MB" }, async (ms) => {
  await sleep(ms);
  return ms;
});

/** So many naps at once, each in a sandbox of its own. */
export const main = task({ name: "main", compute: "LOW", ram: "64MB" }, async (count, ms) => {
  const naps = await Promise.all(Array.from({ length: count }, () => nap(ms)));
  return naps.reduce((total, each) => total + each, 0);
});
