import { task } from "@capsule/sdk";

export const main = task({ name: "main", compute: "LOW", ram: "64MB", timeout: "30s" }, (name = "world") => `Hello, ${name}!`);
