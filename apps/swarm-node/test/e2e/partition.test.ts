import { afterAll, beforeAll, expect, test } from "vitest";
import { infoSchema, nothing as nodesSchema } from "../../src/cli/api-types.ts";
import { startSwarm, type TestSwarm } from "./harness.ts";
import { waitUntil } from "./wait-until.ts";

let swarm: TestSwarm;

beforeAll(async () => {
  swarm = await startSwarm({ managers: 3, workers: 0, lab: true });
});

afterAll(() => swarm.stop());

test("a leader that is cut off is replaced, refuses writes, and follows again when healed", async () => {
  const service = await swarm.createService("kept", 0);
  const old = await swarm.leader();
  swarm.cut(old);
  const others = swarm.managers.filter((manager) => manager !== old);
  const majority = others[0]!;
  const next = await waitUntil(
    "the majority to choose another leader",
    async () => {
      const nodes = (await majority.client.get("/nodes", nodesSchema)) as {
        ID: string;
        ManagerStatus?: { Leader?: boolean };
      }[];
      const leader = nodes.find((node) => node.ManagerStatus?.Leader === true)?.ID;
      return leader === undefined || leader === (await swarm.nodeIdOf(old)) ? undefined : leader;
    },
    { timeoutMs: 15_000 },
  );
  expect(next).not.toBe(await swarm.nodeIdOf(old));
  await expect(old.client.get(`/services/${service}`, nodesSchema)).rejects.toThrow();

  swarm.heal(old);
  await waitUntil(
    "the healed manager to answer with the swarm's state again",
    async () => {
      await old.client.get(`/services/${service}`, nodesSchema);
      const info = await old.client.get("/info", infoSchema);
      return info.Swarm.ControlAvailable ? true : undefined;
    },
    { timeoutMs: 15_000 },
  );
});
