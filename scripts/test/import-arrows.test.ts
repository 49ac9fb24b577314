import { ESLint } from "eslint";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { arrows } from "../import-arrows.ts";

const root = resolve(import.meta.dirname, "..", "..");
const eslint = new ESLint({ cwd: root });

/** Rules that `source` breaks when it stands in that file. */
async function brokenRules(file: string, source: string): Promise<string[]> {
  const [result] = await eslint.lintText(source, { filePath: resolve(root, file) });
  return (result?.messages ?? []).map((message) => message.ruleId ?? message.message);
}

const IMPORTS = "@typescript-eslint/no-restricted-imports";
const core = "packages/raft-core/src/ids.ts";

test.each([
  [
    core,
    'import { createRandom } from "@waggle/simkit";\nexport const x: unknown = createRandom;\n',
  ],
  [core, 'import { openSync } from "node:fs";\nexport const x: unknown = openSync;\n'],
  [
    "packages/gossip-swim/src/core/swim.ts",
    'import type { Connection } from "@waggle/transport";\nexport type X = Connection;\n',
  ],
  [
    "packages/raft/src/node.ts",
    'import { formatAddress } from "@waggle/transport";\nexport const x: unknown = formatAddress;\n',
  ],
  [
    "packages/engine-api/src/ports.ts",
    'import { ControlError } from "@waggle/swarm-manager";\nexport const x: unknown = ControlError;\n',
  ],
  [
    "packages/transport/src/address.ts",
    'import { VERSION } from "@waggle/swarm-node";\nexport const x: unknown = VERSION;\n',
  ],
])("a forbidden arrow from %s fails", async (file, source) => {
  expect(await brokenRules(file, source)).toContain(IMPORTS);
});

test("types may be imported where values may not", async () => {
  const source = 'import type { Address } from "@waggle/transport";\nexport type X = Address;\n';
  expect(await brokenRules("packages/raft/src/node.ts", source)).not.toContain(IMPORTS);
});

test.each(["Date.now()", "Math.random()", "setTimeout(() => undefined, 1)", "process.pid"])(
  "a core may not use %s",
  async (expression) => {
    const broken = await brokenRules(core, `export const x: unknown = ${expression};\n`);
    expect(broken.some((rule) => /^no-restricted-(globals|properties)$/.test(rule))).toBe(true);
  },
);

test("no package may be imported that the table does not know", () => {
  for (const { values, types } of Object.values(arrows)) {
    for (const name of [...values, ...types]) expect(Object.keys(arrows)).toContain(name);
  }
});
