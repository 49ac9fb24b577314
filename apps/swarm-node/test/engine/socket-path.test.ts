import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { assertSocketFree } from "../../src/engine/socket-path.ts";

describe("assertSocketFree", () => {
  let directory: string;
  let server: Server | undefined;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "waggle-socket-"));
  });
  afterEach(async () => {
    server?.close();
    await rm(directory, { recursive: true, force: true });
  });

  it("agrees to a path that does not exist, in a folder that does not exist either", async () => {
    await assertSocketFree(join(directory, "docker.sock"));
    await assertSocketFree(join(directory, "missing", "docker.sock"));
  });

  it("refuses one on which somebody answers", async () => {
    const path = join(directory, "docker.sock");
    server = createServer((socket) => socket.destroy()).listen(path);
    await once(server, "listening");
    await expect(assertSocketFree(path)).rejects.toMatchObject({
      name: "NodeError",
      code: "unavailable",
      message: expect.stringContaining(`another node serves on ${path}`) as string,
    });
  });

  it("agrees to a file that nobody serves, which may be left of a crash", async () => {
    const path = join(directory, "docker.sock");
    await writeFile(path, "");
    await assertSocketFree(path);
  });

  it("refuses a path that is longer than the system allows, counted in bytes", async () => {
    const name = "ü".repeat(53);
    await expect(assertSocketFree(`/${name}a`)).rejects.toMatchObject({ code: "invalid-argument" });
    await assertSocketFree(`/${name}`);
  });
});
