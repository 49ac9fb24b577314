import { lstat, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createEngineApi } from "../src/index.ts";
import { call, type Engine, openEngine } from "./support/engine.ts";
import { serviceSpec } from "./support/samples.ts";

let engine: Engine;
let directory: string;

beforeEach(async () => {
  engine = await openEngine();
  directory = await mkdtemp(join(tmpdir(), "engine-"));
});

afterEach(async () => {
  await engine.close();
  await rm(directory, { recursive: true });
});

test("the socket is for its owner and group, and goes when the API is closed", async () => {
  const path = join(directory, "a", "b", "docker.sock");
  const api = createEngineApi(engine.ports);
  await api.listen(path);
  expect(((await lstat(path)).mode & 0o777).toString(8)).toBe("660");
  await expect(api.listen(path)).rejects.toMatchObject({ message: "this API listens already" });
  expect((await call(path, { method: "GET", path: "/_ping" })).text).toBe("OK");
  await api.close();
  await api.close();
  await expect(lstat(path)).rejects.toMatchObject({ code: "ENOENT" });
  await api.listen(path);
  await api.close();
});

test("a socket that was left behind is replaced", async () => {
  const path = join(directory, "docker.sock");
  const left = createServer();
  await new Promise<void>((resolve) => left.listen(path, resolve));
  const api = createEngineApi(engine.ports);
  await api.listen(path);
  expect((await call(path, { method: "GET", path: "/_ping" })).text).toBe("OK");
  await api.close();
  await new Promise((resolve) => left.close(resolve));
});

test("a file that is no socket is left alone", async () => {
  const path = join(directory, "letter");
  await writeFile(path, "dear");
  const api = createEngineApi(engine.ports);
  await expect(api.listen(path)).rejects.toMatchObject({ code: "EADDRINUSE" });
  expect(await readFile(path, "utf8")).toBe("dear");
  await api.close();
});

test("closing ends streams that are under way", async () => {
  const path = join(directory, "docker.sock");
  const api = createEngineApi(engine.ports);
  await api.listen(path);
  const { id } = await engine.swarm.control.createService({ spec: serviceSpec() });
  const sent = get({ socketPath: path, path: `/services/${id}/logs?follow=1&stdout=1` });
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  const ended = once(response, "error");
  await api.close();
  expect(await ended).toMatchObject([{ code: "ECONNRESET" }]);
});
