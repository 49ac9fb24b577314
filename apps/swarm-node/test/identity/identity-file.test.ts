import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type Identity,
  readIdentity,
  removeIdentity,
  writeIdentity,
} from "../../src/identity/identity-file.ts";
import { IDENTITY_FILE_BYTES_MAX } from "../../src/limits.ts";

const WORKER: Identity = {
  version: 1,
  nodeId: "n".repeat(25),
  nodeKey: new Uint8Array(32).fill(7),
  listenAddress: "127.0.0.1:2377",
  advertiseAddress: "127.0.0.1:2377",
  managers: [{ nodeId: "m".repeat(25), raftId: 11, address: "10.0.0.1:2377" }],
};
const MANAGER: Identity = {
  ...WORKER,
  manager: { raftId: 12, swarmSecret: new Uint8Array(32).fill(9) },
};

describe("the identity file", () => {
  let directory: string;
  let path: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "waggle-identity-"));
    path = join(directory, "identity.json");
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const modeOf = async (file: string): Promise<number> => (await stat(file)).mode & 0o777;

  it("is absent on a node that is in no swarm", async () => {
    expect(await readIdentity(directory)).toBeUndefined();
    expect(await readIdentity(join(directory, "missing"))).toBeUndefined();
  });

  it.each([
    ["worker", WORKER],
    ["manager", MANAGER],
  ])("gives back what was written: a %s", async (_what, identity) => {
    await writeIdentity(directory, identity);
    expect(await readIdentity(directory)).toEqual(identity);
    expect(await readdir(directory)).toEqual(["identity.json"]);
  });

  it("holds as many managers as it may read", async () => {
    const managers = Array.from({ length: 1_000 }, (_, index) => ({
      nodeId: "m".repeat(25),
      raftId: Number.MAX_SAFE_INTEGER - index,
      address: "a".repeat(300),
    }));
    await writeIdentity(directory, { ...MANAGER, managers });
    expect((await readIdentity(directory))?.managers).toHaveLength(1_000);
  });

  it("is replaced as a whole", async () => {
    await writeIdentity(directory, MANAGER);
    await writeIdentity(directory, WORKER);
    expect(await readIdentity(directory)).toEqual(WORKER);
  });

  it("is readable by its owner only, also over a leftover that was not", async () => {
    await writeFile(`${path}.new`, "half of an iden", { mode: 0o644 });
    await chmod(`${path}.new`, 0o644);
    await writeIdentity(directory, MANAGER);
    expect(await modeOf(path)).toBe(0o600);
    await writeIdentity(directory, WORKER);
    expect(await modeOf(path)).toBe(0o600);
  });

  it("is not disturbed by what a crash left of a write", async () => {
    await writeIdentity(directory, WORKER);
    await writeFile(`${path}.new`, '{"version":1,');
    expect(await readIdentity(directory)).toEqual(WORKER);
    await writeIdentity(directory, MANAGER);
    expect(await readIdentity(directory)).toEqual(MANAGER);
    expect(await readdir(directory)).toEqual(["identity.json"]);
  });

  it.each([
    ["empty", ""],
    ["cut off", '{"version":1,"nodeId":"nnnn'],
    ["of a later version", JSON.stringify({ ...plain(), version: 2 })],
    ["without a key", JSON.stringify({ ...plain(), nodeKey: undefined })],
    ["with half a key", JSON.stringify({ ...plain(), nodeKey: "BwcHBw==" })],
    ["with another id", JSON.stringify({ ...plain(), nodeId: "../../etc" })],
    ["endless", JSON.stringify(plain()) + " ".repeat(IDENTITY_FILE_BYTES_MAX)],
  ])("that is %s is refused as damaged, and left alone", async (_what, text) => {
    await writeFile(path, text);
    await expect(readIdentity(directory)).rejects.toMatchObject({
      name: "NodeError",
      code: "damaged",
      message: expect.stringContaining(path) as string,
    });
    expect(await readFile(path, "utf8")).toBe(text);
  });

  it("that cannot be read is refused as damaged", async () => {
    await mkdir(path);
    await expect(readIdentity(directory)).rejects.toMatchObject({ code: "damaged" });
  });

  it("leaves no key behind when it is removed, leftovers of a crash included", async () => {
    await writeIdentity(directory, MANAGER);
    await writeFile(`${path}.new`, "with the swarm's secret in it");
    await removeIdentity(directory);
    expect(await readdir(directory)).toEqual([]);
    await removeIdentity(directory);
  });
});

function plain(): Record<string, unknown> {
  return { ...WORKER, nodeKey: Buffer.from(WORKER.nodeKey).toString("base64") };
}
