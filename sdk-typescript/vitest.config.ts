import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: {
    // as users write it, without building first
    alias: { "@capsule/sdk": fileURLToPath(new URL("src/index.ts", import.meta.url)) },
  },
  test: {
    globalSetup: ["tests/build.ts"],
    include: ["tests/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
  },
});
