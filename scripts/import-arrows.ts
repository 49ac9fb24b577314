interface Arrows {
  readonly values: readonly string[];
  readonly types: readonly string[];
}

// Who may import whom: the arrows of docs/ARCHITECTURE.md. `values` may be imported freely, `types` with
// `import type` only. What is not listed is forbidden.
export const arrows: Readonly<Record<string, Arrows>> = {
  "raft-core": { values: [], types: [] },
  "raft-storage": { values: ["raft-core"], types: [] },
  raft: { values: ["raft-core"], types: ["raft-storage", "transport"] },
  "gossip-swim": { values: [], types: [] },
  transport: { values: [], types: [] },
  "swarm-state": { values: [], types: [] },
  "swarm-manager": { values: ["swarm-state"], types: [] },
  "swarm-agent": { values: ["swarm-state"], types: [] },
  "swarm-identity": { values: [], types: [] },
  "engine-api": { values: [], types: ["swarm-state", "swarm-manager"] },
  simkit: { values: [], types: [] },
};

/** Rooms that compute and do nothing else: no platform module, clock, randomness or process. */
export const coreRooms: readonly string[] = [
  "packages/raft-core/src/**/*.ts",
  "packages/raft-storage/src/*.ts",
  "packages/raft-storage/src/memory/**/*.ts",
  "packages/gossip-swim/src/*.ts",
  "packages/gossip-swim/src/core/**/*.ts",
  "packages/gossip-swim/src/codec/**/*.ts",
  "packages/transport/src/*.ts",
  "packages/transport/src/framing/**/*.ts",
  "packages/swarm-state/src/**/*.ts",
  "packages/swarm-manager/src/planner/**/*.ts",
  "packages/simkit/src/**/*.ts",
];

interface Pattern {
  readonly group: readonly string[];
  readonly allowTypeImports?: boolean;
  readonly message: string;
}

/** One `no-restricted-imports` setting per package. */
export function restrictedImports(
  name: string,
  { core }: { readonly core: boolean },
): ["error", { patterns: Pattern[] }] {
  const { values, types } = arrows[name] ?? { values: [], types: [] };
  const others = Object.keys(arrows).filter((other) => other !== name && !values.includes(other));
  const patterns = others.map((other): Pattern => ({
    group: [`@waggle/${other}`, `@waggle/${other}/*`],
    allowTypeImports: types.includes(other),
    message: types.includes(other)
      ? `${name} may import types of ${other} only: use import type.`
      : `${name} may not import ${other}: see docs/ARCHITECTURE.md.`,
  }));
  patterns.push({ group: ["@waggle/swarm-node"], message: "Nothing imports the app." });
  if (core) {
    patterns.push({ group: ["node:*"], message: "A core has no platform: take a port instead." });
  }
  return ["error", { patterns }];
}
