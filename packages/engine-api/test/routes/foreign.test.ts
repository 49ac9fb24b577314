import { afterEach, beforeEach, expect, test } from "vitest";
import { type Engine, inactive, openEngine } from "../support/engine.ts";

let engine: Engine;

beforeEach(async () => {
  engine = await openEngine();
});

afterEach(() => engine.close());

test.each([
  "/containers/json?all=1",
  "/images/json",
  "/networks",
  "/networks/",
  "/plugins",
  "/secrets",
  "/configs",
])("%s is empty", async (path) => {
  expect(await engine.call("GET", `/v1.50${path}`)).toMatchObject({ status: 200, json: [] });
});

test("lists of other shapes are empty too", async () => {
  expect((await engine.call("GET", "/volumes")).json).toEqual({ Volumes: [], Warnings: null });
  expect((await engine.call("GET", "/system/df")).json).toMatchObject({
    Images: [],
    LayersSize: 0,
  });
});

test.each([
  ["/containers/x/json", "No such container: x"],
  ["/images/x/json", "No such image: x:latest"],
  ["/images/a.b:5000/x/y:1/json", "No such image: a.b:5000/x/y:1"],
  ["/images/a.b:5000/x/json", "No such image: a.b:5000/x:latest"],
  ["/networks/x?scope=swarm", "network x not found"],
  ["/networks/a/b", "network a/b not found"],
  ["/volumes/x", "get x: no such volume"],
  ["/plugins/a/b/json", 'plugin "a/b" not found'],
  ["/secrets/x", "secret x not found"],
  ["/configs/x", "config x not found"],
  ["/images/x", "page not found"],
])("nothing is found at %s", async (path, message) => {
  expect(await engine.call("GET", `/v1.50${path}`)).toMatchObject({
    status: 404,
    json: { message },
  });
});

test("images are not looked up", async () => {
  const answer = await engine.call("GET", "/v1.50/distribution/a/b:latest/json");
  expect(answer.status).toBe(404);
});

test.each(["networks", "secrets", "configs", "containers", "images"])(
  "%s cannot be made",
  async (kind) => {
    const answer = await engine.call("POST", `/v1.50/${kind}/create`, { body: { Name: "x" } });
    expect(answer.status).toBe(501);
    expect((answer.json as { readonly message: string }).message).toMatch(
      /^rpc error: code = Unimplemented desc = .* not supported/,
    );
  },
);

test("secrets and configs are the managers' to show", async () => {
  engine.status = inactive;
  for (const path of ["/secrets", "/configs", "/secrets/x", "/configs/x"]) {
    expect((await engine.call("GET", path)).status).toBe(503);
  }
});
