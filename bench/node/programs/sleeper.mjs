import { task } from "@capsule/sdk";

export const nap = task({ name: "nap", compute: "LOW", ram: "64MB", timeout: "20m" }, async (seconds) => {
  console.log("asleep");
  await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
});
