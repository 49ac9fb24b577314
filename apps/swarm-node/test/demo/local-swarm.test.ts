import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createLocalNode, formSwarm } from "../../src/demo/local-swarm.ts";

describe("a node as a process of its own", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "waggle-local-"));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it("says what it printed when it ends at its start, and is then gone", async () => {
    const script = 'console.error("out of luck"); process.exit(1)';
    const launcher = [process.execPath, "-e", script, "--"];
    const node = createLocalNode({ name: "one", directory, launcher });
    await expect(node.start()).rejects.toMatchObject({
      name: "NodeError",
      code: "unavailable",
      message: expect.stringMatching(/node one ended at its start:\n.*out of luck/s) as string,
    });
    await node.stop();
    expect(node.pid).toBeUndefined();
    await node.client.close();
  });

  it("can be stopped although it could not be started", async () => {
    const launcher = [join(directory, "no such program")];
    const node = createLocalNode({ name: "one", directory, launcher });
    await expect(node.start()).rejects.toMatchObject({ code: "unavailable" });
    node.signal("SIGTERM");
    await node.stop();
    await node.exited();
    await node.client.close();
  });

  it("is needed to form a swarm", async () => {
    await expect(formSwarm([], [])).rejects.toMatchObject({ code: "invalid-argument" });
  });
});
