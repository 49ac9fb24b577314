import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { afterEach, beforeEach, expect, test } from "vitest";
import { serviceSchema } from "../../src/cli/api-types.ts";
import { createEngineClient } from "../../src/cli/engine-client.ts";
import { type RunningCommand, startCommand } from "./run-command.ts";
import { waitUntil } from "./wait-until.ts";

const START = resolve(import.meta.dirname, "..", "..", "..", "..", "scripts", "start.ts");

/** The demo's temporary directory; its path also marks its processes. */
let temporary: string;
let demo: RunningCommand;

beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), "waggle-demo-test-"));
  demo = startCommand(process.execPath, ["--conditions=@waggle/source", START], {
    env: { TMPDIR: temporary },
    timeoutMs: 60_000,
  });
});

afterEach(async () => {
  demo.process.kill("SIGKILL");
  await demo.result;
  for (const { pid } of processesLeft()) killIfThere(pid);
  await rm(temporary, { recursive: true, force: true });
});

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself in between.
  }
}

interface ProcessLeft {
  readonly pid: number;
  readonly command: string;
}

/** All processes that know the demo's directory, by their environment, arguments or working directory. */
function processesLeft(): ProcessLeft[] {
  const left: ProcessLeft[] = [];
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const command = readFileSync(`/proc/${entry}/cmdline`, "latin1").replaceAll("\0", " ");
      const environment = readFileSync(`/proc/${entry}/environ`, "latin1");
      const known = command + environment + readlinkSync(`/proc/${entry}/cwd`);
      if (known.includes(temporary)) left.push({ pid: Number(entry), command });
    } catch {
      // It ended by itself in between.
    }
  }
  return left;
}

function urls(): string[] {
  return [...new Set(demo.output().match(/http:\/\/127\.0\.0\.1:\d+\//g))];
}

async function untilRunning(): Promise<string[]> {
  await waitUntil(
    "the demo to say how to drive it",
    () => (demo.output().includes("Ctrl-C stops everything") ? true : undefined),
    { timeoutMs: 40_000, describe: () => Promise.resolve(demo.output()) },
  );
  expect(urls()).toHaveLength(3);
  return urls();
}

async function untilNothingRuns(): Promise<void> {
  await waitUntil(
    "all processes of the demo to be gone",
    () => (processesLeft().length === 0 ? true : undefined),
    { timeoutMs: 30_000, describe: () => Promise.resolve(JSON.stringify(processesLeft())) },
  );
}

test("a swarm whose replicas answer, and nothing of it after Ctrl-C", async () => {
  const replicas = await untilRunning();
  const answers = await Promise.all(
    replicas.map(async (url) => (await fetch(url, { headers: { connection: "close" } })).text()),
  );
  const slots = answers.map((text) => /^Hello from replica (\d), process \d+: GET \/$/m.exec(text));
  expect(slots.map((found) => found?.[1]).sort()).toEqual(["1", "2", "3"]);

  const socket = /docker -H unix:\/\/(\S+) service ls\n/.exec(demo.output())![1]!;
  const client = createEngineClient(socket);
  const services = await client.get("/services", z.array(serviceSchema));
  await client.close();
  expect(services.map((service) => service.Spec.Name)).toEqual(["hello"]);
  // Five nodes, three tasks and the demo itself, at the least.
  expect(processesLeft().length).toBeGreaterThanOrEqual(9);

  demo.process.kill("SIGINT");
  const { code, stdout, stderr } = await demo.result;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/stopped; nothing was left behind\n$/);
  expect(processesLeft()).toEqual([]);
  expect(await readdir(temporary)).toEqual([]);
});

test("Ctrl-C while it starts leaves nothing either", async () => {
  await waitUntil("the first node", () => (demo.output().includes("node") ? true : undefined), {
    timeoutMs: 20_000,
  });
  demo.process.kill("SIGINT");
  const { code, stdout, stderr } = await demo.result;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).not.toContain("Ctrl-C stops everything");
  expect(processesLeft()).toEqual([]);
  expect(await readdir(temporary)).toEqual([]);
});

test("when the demo is killed, its nodes stop by themselves, and their tasks with them", async () => {
  const replicas = await untilRunning();
  demo.process.kill("SIGKILL");
  await demo.result;
  await untilNothingRuns();
  for (const url of replicas) await expect(fetch(url)).rejects.toThrow();
});
