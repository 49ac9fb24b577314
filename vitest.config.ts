import { readdirSync } from "node:fs";
import { defineConfig } from "vitest/config";

const roots = ["packages", "apps"].flatMap((dir) =>
  readdirSync(dir).map((name) => `${dir}/${name}`),
);

export default defineConfig({
  ssr: { resolve: { conditions: ["@waggle/source", "node", "import", "module", "default"] } },
  test: {
    isolate: false,
    execArgv: ["--conditions=@waggle/source"],
    testTimeout: 20_000,
    projects: roots.map((root) => ({
      extends: true,
      root,
      test: { name: root.slice(root.indexOf("/") + 1), include: ["test/**/*.test.ts"] },
    })),
  },
});
