import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { createEngineClient, type EngineClient } from "../../src/cli/engine-client.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const answering =
  (status: number, body: string): Answer =>
  (_request, response) => {
    response.writeHead(status).end(body);
  };

describe("the client of a node's API", () => {
  let directory: string | undefined;
  let server: Server | undefined;
  let client: EngineClient | undefined;
  afterEach(async () => {
    await client?.close();
    server?.close();
    server?.closeAllConnections();
    server = undefined;
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  });

  async function setup(answer?: Answer): Promise<EngineClient> {
    directory = await mkdtemp(join(tmpdir(), "waggle-client-"));
    const path = join(directory, "docker.sock");
    if (answer !== undefined) {
      server = createServer(answer).listen(path);
      await once(server, "listening");
    }
    client = createEngineClient(path);
    return client;
  }

  it("gives what it was answered, as far as that is what was asked for", async () => {
    const node = await setup(answering(200, '{"ID":"x","More":1}'));
    expect(await node.get("/nodes/x", z.object({ ID: z.string() }))).toEqual({ ID: "x" });
  });

  it("sends a body as JSON, and none without one", async () => {
    const bodies: string[] = [];
    const node = await setup((request, response) => {
      void text(request).then((body) => {
        bodies.push(`${request.method ?? ""} ${request.headers["content-type"] ?? "-"} ${body}`);
        response.end();
      });
    });
    expect(await node.post("/a", { n: 1 }, z.unknown())).toBeUndefined();
    await node.post("/a", undefined, z.unknown());
    await node.delete("/a");
    expect(bodies).toEqual(['POST application/json {"n":1}', "POST - ", "DELETE - "]);
  });

  it("says what the node said when it refuses", async () => {
    const node = await setup(answering(409, '{"message":"node is already part of a swarm"}'));
    await expect(node.post("/swarm/init", {}, z.unknown())).rejects.toMatchObject({
      name: "EngineClientError",
      code: "refused",
      status: 409,
      message: "node is already part of a swarm",
    });
  });

  it.each([
    ["plain text", "page not found\n", "page not found"],
    ["nothing", "", "the node gave no reason"],
    ["other JSON", '{"error":1}', '{"error":1}'],
  ])("makes the best of a refusal that is %s", async (_what, body, message) => {
    const node = await setup(answering(500, body));
    await expect(node.get("/x", z.unknown())).rejects.toMatchObject({ code: "refused", message });
  });

  it.each([
    ["no JSON", "<html>"],
    ["other JSON", '{"Id":1}'],
    ["nothing", ""],
  ])("says that it does not understand an answer that is %s", async (_what, body) => {
    const node = await setup(answering(200, body));
    await expect(node.get("/nodes/x", z.object({ ID: z.string() }))).rejects.toMatchObject({
      name: "EngineClientError",
      code: "refused",
      message: expect.stringContaining("was not understood") as string,
    });
  });

  it("says where it looked when no node answers", async () => {
    const node = await setup();
    await expect(node.get("/info", z.unknown())).rejects.toMatchObject({
      name: "EngineClientError",
      code: "unreachable",
      status: 0,
      message: expect.stringContaining(`${directory ?? "?"}/docker.sock`) as string,
    });
  });

  it("says so when the node goes away within an answer", async () => {
    const node = await setup((_request, response) => {
      response.writeHead(200, { "content-length": "100" }).write("{");
      setImmediate(() => response.destroy());
    });
    await expect(node.get("/info", z.unknown())).rejects.toMatchObject({
      name: "EngineClientError",
      code: "unreachable",
    });
  });

  it("streams what comes until the node ends it", async () => {
    const node = await setup((_request, response) => {
      response.write("one ");
      response.end("two");
    });
    expect(await readAll(node.stream("/logs", new AbortController().signal))).toBe("one two");
  });

  it("ends a stream without an error when it is aborted: before, at first, and in the middle", async () => {
    const abort = new AbortController();
    const node = await setup((_request, response) => {
      response.write("one");
    });
    let seen = "";
    for await (const chunk of node.stream("/logs", abort.signal)) {
      seen += Buffer.from(chunk).toString();
      abort.abort();
    }
    expect(seen).toBe("one");
    expect(await readAll(node.stream("/logs", abort.signal))).toBe("");
  });

  it("throws what the node says when it refuses a stream", async () => {
    const node = await setup(answering(404, '{"message":"service x not found"}'));
    const { signal } = new AbortController();
    await expect(readAll(node.stream("/logs", signal))).rejects.toMatchObject({
      code: "refused",
      status: 404,
      message: "service x not found",
    });
  });
});

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<string> {
  let all = "";
  for await (const chunk of stream) all += Buffer.from(chunk).toString();
  return all;
}
