import { connect } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PATH_PARAMETER_LENGTH_MAX, REQUEST_BODY_BYTES_MAX } from "../../src/limits.ts";
import { type Engine, inactive, openEngine } from "../support/engine.ts";
import { serviceRequest } from "../support/requests.ts";

let engine: Engine;

beforeEach(async () => {
  engine = await openEngine();
});

afterEach(() => engine.close());

const pingHeaders = {
  "api-version": "1.50",
  "docker-experimental": "false",
  ostype: "linux",
  "builder-version": "1",
  "cache-control": "no-cache, no-store, must-revalidate",
  pragma: "no-cache",
  "content-type": "text/plain; charset=utf-8",
};

test.each(["/_ping", "/v1.41/_ping"])("a ping says what is spoken: %s", async (path) => {
  const head = await engine.call("HEAD", path);
  expect(head).toMatchObject({ status: 200, text: "", headers: pingHeaders });
  const get = await engine.call("GET", path);
  expect(get).toMatchObject({ status: 200, text: "OK", headers: pingHeaders });
});

test("a ping says what this node is to the swarm", async () => {
  const swarm = async (): Promise<unknown> =>
    (await engine.call("HEAD", "/_ping")).headers["swarm"];
  expect(await swarm()).toBe("active/manager");
  engine.status = { ...engine.status, controlAvailable: false };
  expect(await swarm()).toBe("active/worker");
  engine.status = inactive;
  expect(await swarm()).toBe("inactive");
});

test("errors are JSON of exactly the type that the command line reads", async () => {
  const answer = await engine.call("GET", "/v1.50/services/nope");
  expect(answer.status).toBe(404);
  expect(answer.headers["content-type"]).toBe("application/json");
  expect(answer.headers["api-version"]).toBe("1.50");
  expect(answer.text).toBe('{"message":"service nope not found"}\n');
});

test.each([
  ["GET", "/nothing"],
  ["GET", "/vX/services"],
  ["GET", "/v1.50"],
  ["GET", "/v1.50/services/"],
  ["PUT", "/services"],
  ["HEAD", "/services"],
  ["GET", "/services/%zz"],
  ["GET", "/events"],
  ["GET", `/services/${"a".repeat(PATH_PARAMETER_LENGTH_MAX + 1)}`],
])("%s %s is no page", async (method, path) => {
  const answer = await engine.call(method, path);
  expect(answer.status).toBe(404);
  expect(answer.headers["content-type"]).toBe("application/json");
  if (method !== "HEAD") expect(answer.json).toEqual({ message: "page not found" });
});

test("doubled slashes are sent to the clean path", async () => {
  const answer = await engine.call("GET", "//v1.50//services?status=true");
  expect(answer.status).toBe(301);
  expect(answer.headers.location).toBe("/v1.50/services?status=true");
});

test("OPTIONS is answered everywhere", async () => {
  const answer = await engine.call("OPTIONS", "/services");
  expect(answer).toMatchObject({ status: 200, text: "" });
});

test("a client that is too old is told so in plain text, one too new in JSON", async () => {
  const old = await engine.call("GET", "/v1.23/services");
  expect(old.status).toBe(400);
  expect(old.headers["content-type"]).toMatch(/^text\/plain/);
  expect(old.text).toBe(
    "client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer" +
      " version\n",
  );
  const young = await engine.call("GET", "/v1.51/services");
  expect(young.status).toBe(400);
  expect(young.json).toEqual({
    message: "client version 1.51 is too new. Maximum supported API version is 1.50",
  });
  expect((await engine.call("GET", "/v1.24/services")).status).toBe(200);
});

test("a URL of more than the limit is refused", async () => {
  const answer = await engine.call("GET", `/services?filters=${"a".repeat(70_000)}`);
  expect(answer.status).toBe(414);
});

const create = "/v1.50/services/create";

test.each([
  ["malformed", "{", /^invalid JSON: /],
  ["followed by more", "{} {}", /^unexpected content after JSON$/],
  ["a list", "[]", /^invalid JSON: field : /],
  ["a text", '"text"', /^invalid JSON: field : /],
  ["of the wrong type", '{"Name":7}', /^invalid JSON: field Name: /],
  ["nested deeply", `{"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}`, /levels deep$/],
  ["empty, which is no service", "", /^mismatched Runtime and \*Spec fields$/],
  ["null, which is no service", "null", /^mismatched Runtime and \*Spec fields$/],
])("a body that is %s", async (_name, body, message) => {
  const answer = await engine.call("POST", create, { body });
  expect(answer.status).toBe(400);
  expect((answer.json as { message: string }).message).toMatch(message);
  expect(await engine.swarm.control.listServices()).toEqual([]);
});

test("a body that is no JSON by its type", async () => {
  const headers = { "Content-Type": "text/plain" };
  const answer = await engine.call("POST", create, { body: "{}", headers });
  expect(answer.status).toBe(400);
  expect(answer.json).toEqual({
    message: "unsupported Content-Type header (text/plain): must be 'application/json'",
  });
  const withCharset = { "Content-Type": "application/json; charset=utf-8" };
  const fine = await engine.call("POST", create, { body: serviceRequest(), headers: withCharset });
  expect(fine.status).toBe(201);
});

test("a key that is a prototype's does no harm", async () => {
  const body = `{"__proto__":{"Name":"evil"},"Labels":{"__proto__":"x"},${JSON.stringify(serviceRequest()).slice(1)}`;
  expect((await engine.call("POST", create, { body })).status).toBe(201);
  expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain("Name");
  expect((await engine.call("GET", "/services/web")).status).toBe(200);
});

test("a body over the limit is answered, not swallowed, and its connection can be used again", async () => {
  const socket = connect(engine.socketPath);
  const heard: string[] = [];
  socket.setEncoding("utf8").on("data", (text: string) => heard.push(text));
  const length = REQUEST_BODY_BYTES_MAX + 100_000;
  socket.write(
    `POST ${create} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`,
  );
  socket.write("x".repeat(length));
  socket.write("GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n");
  await expect.poll(() => heard.join("")).toMatch(/^HTTP\/1\.1 413 [^]*HTTP\/1\.1 200 OK[^]*OK$/);
  socket.destroy();
});

test("a client that hangs up in the middle of a body leaves nothing behind", async () => {
  const socket = connect(engine.socketPath);
  socket.write(
    `POST ${create} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n{"Na`,
  );
  await new Promise<void>((resolve) => socket.end(resolve));
  expect((await engine.call("GET", "/services")).json).toEqual([]);
});

test("bytes that are no HTTP end their connection only", async () => {
  const socket = connect(engine.socketPath);
  socket.end("\u0016\u0003\u0001 not http\r\n\r\n");
  await new Promise((resolve) => socket.once("close", resolve).resume());
  expect((await engine.call("GET", "/_ping")).text).toBe("OK");
});

test("a port that throws is an answer of 500", async () => {
  engine.ports.system.info = () => {
    throw new Error("no machine");
  };
  const answer = await engine.call("GET", "/_ping");
  expect(answer.status).toBe(500);
  expect(answer.json).toEqual({ message: "no machine" });
});
