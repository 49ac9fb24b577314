import { readdirSync } from "node:fs";
import { defineConfig } from "vitest/config";

const packages = readdirSync("packages").map((name) => ({ name, root: `packages/${name}` }));

export default defineConfig({
  ssr: { resolve: { conditions: ["@waggle/source", "node", "import", "module", "default"] } },
  test: {
    isolate: false,
    execArgv: ["--conditions=@waggle/source"],
    testTimeout: 20_000,
    // By default one core stays idle: half of a machine that has two.
    maxWorkers: "100%",
    projects: [
      {
        extends: true as const,
        root: "scripts",
        test: { name: "repository", include: ["test/**/*.test.ts"], testTimeout: 60_000 },
      },
      ...packages.map(({ name, root }) => ({
        extends: true as const,
        root,
        test: { name, include: ["test/**/*.test.ts"] },
      })),
      {
        extends: true as const,
        root: "apps/swarm-node",
        test: { name: "swarm-node", include: ["test/**/*.test.ts"], exclude: ["test/e2e/**"] },
      },
      {
        extends: true as const,
        root: "apps/swarm-node",
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
