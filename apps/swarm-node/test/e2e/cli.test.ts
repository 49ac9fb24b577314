import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { infoSchema, nodeSchema, serviceSchema, taskSchema } from "../../src/cli/api-types.ts";
import { createProgram } from "../../src/cli/program.ts";
import type { LocalNode } from "../../src/demo/local-swarm.ts";
import { startSwarm, type TestSwarm } from "./harness.ts";
import { type CommandResult, type RunningCommand, startCommand } from "./run-command.ts";
import { waitUntil } from "./wait-until.ts";

const MAIN = join(import.meta.dirname, "..", "..", "src", "main.ts");

const REFUSED = 1;
const WRONG_USAGE = 2;
const NO_NODE = 3;

let swarm: TestSwarm;
let manager: LocalNode;
let worker: LocalNode;
/** In no swarm, or back in none, at the start of every test. */
let newcomer: LocalNode;

beforeAll(async () => {
  swarm = await startSwarm({ managers: 1, workers: 1 });
  manager = swarm.managers[0]!;
  worker = swarm.workers[0]!;
  newcomer = await swarm.startNode("newcomer");
});

afterAll(() => swarm.stop());

function startCli(args: readonly string[], env: Record<string, string> = {}): RunningCommand {
  const clean = { WAGGLE_SOCKET: undefined, WAGGLE_DATA_DIR: undefined, ...env };
  return startCommand(process.execPath, ["--conditions=@waggle/source", MAIN, ...args], {
    env: clean,
  });
}

function cli(...args: string[]): Promise<CommandResult> {
  return startCli(args).result;
}

/** Runs a command on a node that is to succeed, and returns what it printed. */
async function on(node: LocalNode, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await startCli(args, { WAGGLE_SOCKET: node.socketPath }).result;
  if (code !== 0) throw new Error(`${args.join(" ")}: exit code ${code}: ${stderr}`);
  return stdout;
}

/** Runs a command on a node that is to be refused, and returns why. */
async function refusedOn(node: LocalNode, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await startCli(args, { WAGGLE_SOCKET: node.socketPath }).result;
  expect({ code, stdout }).toEqual({ code: REFUSED, stdout: "" });
  expect(stderr).toMatch(/^swarm-node: \S/);
  return stderr;
}

async function jsonOn<T>(node: LocalNode, schema: z.ZodType<T>, ...args: string[]): Promise<T> {
  return schema.parse(JSON.parse(await on(node, ...args, "--format", "json")));
}

async function stateOf(node: LocalNode): Promise<string> {
  return (await node.client.get("/info", infoSchema)).Swarm.LocalNodeState;
}

describe("usage", () => {
  test("every command and option says what it does", async () => {
    let printed = "";
    const program = createProgram({
      out: (text) => (printed += text),
      err: () => undefined,
      env: {},
      signal: new AbortController().signal,
    });
    const seen: string[] = [];
    const visit = (command: Command): void => {
      seen.push(command.name());
      expect(command.description(), command.name()).not.toBe("");
      for (const { flags, description } of command.options)
        expect(description, `${command.name()} ${flags}`).not.toBe("");
      for (const argument of command.registeredArguments)
        expect(argument.description, `${command.name()} ${argument.name()}`).not.toBe("");
      expect(command.helpInformation()).toContain(`Usage: swarm-node`);
      command.commands.forEach(visit);
    };
    visit(program);
    expect(seen).toEqual(
      expect.arrayContaining(["run", "init", "join", "leave", "join-token", "info", "node"]),
    );
    expect(
      seen.filter((name) => name === "ls" || name === "inspect" || name === "rm"),
    ).toHaveLength(6);
    await expect(program.parseAsync(["node", "ls", "--help"], { from: "user" })).rejects.toThrow();
    expect(printed).toContain("list the nodes");
    const real = await cli("service", "create", "--help");
    expect(real).toMatchObject({ code: 0, stderr: "" });
    expect(real.stdout).toContain("--replicas <number>");
  });

  test("wrong usage says why", async () => {
    const wrong: readonly (readonly string[])[] = [
      [],
      ["dance"],
      ["node", "ls", "--colour"],
      ["service", "inspect"],
      ["join", "127.0.0.1:1"],
      ["node", "ls", "--format", "xml"],
      ["join-token", "queen"],
      ["service", "scale", "web=many"],
      ["service", "scale", "web"],
      ["service", "create", "--replicas", "-1", "process", "true"],
      ["service", "create", "--restart-delay", "soon", "process", "true"],
      ["service", "logs", "--tail", "some", "web"],
    ];
    await Promise.all(
      wrong.map(async (args) => {
        const { code, stdout, stderr } = await cli("--socket=/nonexistent/docker.sock", ...args);
        expect({ args, code, stdout }).toEqual({ args, code: WRONG_USAGE, stdout: "" });
        expect(stderr, args.join(" ")).toMatch(/^(error: |Usage: )\S/);
      }),
    );
  });

  test("a node that does not run", async () => {
    const { code, stdout, stderr } = await cli("info", "--data-dir", "/nonexistent");
    expect({ code, stdout }).toEqual({ code: NO_NODE, stdout: "" });
    expect(stderr).toMatch(/no node answers at \/nonexistent\/docker\.sock .*swarm-node run/);
  });

  test("which node is meant can be said in several ways", async () => {
    const id = await swarm.nodeIdOf(manager);
    const { socketPath, dataDirectory } = manager;
    const results = await Promise.all([
      cli("--socket", socketPath, "info"),
      cli("info", `--socket=${socketPath}`),
      cli("--data-dir", dataDirectory, "info"),
      startCli(["info"], { WAGGLE_DATA_DIR: dataDirectory }).result,
      startCli(["info"], { WAGGLE_SOCKET: socketPath, WAGGLE_DATA_DIR: "/nonexistent" }).result,
    ]);
    for (const { code, stdout } of results) {
      expect(code).toBe(0);
      expect(stdout).toContain(`Node:      ${id}\n`);
    }
  });
});

describe("node", () => {
  test("ls, inspect, ps and update", async () => {
    const managerId = await swarm.nodeIdOf(manager);
    const workerId = await swarm.nodeIdOf(worker);
    const table = await on(manager, "node", "ls");
    expect(table).toMatch(/^ID\s+HOSTNAME\s+STATUS\s+AVAILABILITY\s+MANAGER\s+ADDRESS\n/);
    expect(table).toMatch(new RegExp(`${managerId} \\*\\s+.*ready\\s+active\\s+leader`));
    expect(table).toMatch(new RegExp(`${workerId}\\s+.*ready\\s+active\\s`));
    const nodes = await jsonOn(manager, z.array(nodeSchema), "node", "ls");
    expect(nodes.map((node) => node.ID).sort()).toEqual([managerId, workerId].sort());
    const [self] = z
      .array(nodeSchema)
      .parse(JSON.parse(await on(manager, "node", "inspect", "self")));
    expect(self!.ID).toBe(managerId);
    expect(await on(manager, "node", "ps")).toMatch(/^ID\s+NAME/);

    await on(manager, "node", "update", workerId, "--label-add", "zone=a", "--label-add", "x=y=z");
    await on(manager, "node", "update", workerId, "--label-rm", "zone", "--availability", "pause");
    const [changed] = z
      .array(nodeSchema)
      .parse(JSON.parse(await on(manager, "node", "inspect", workerId)));
    expect(changed!.Spec).toMatchObject({ Labels: { x: "y=z" }, Availability: "pause" });
    await on(manager, "node", "update", workerId, "--label-rm", "x", "--availability", "active");
  });

  test("what cannot be done is refused with a reason", async () => {
    const workerId = await swarm.nodeIdOf(worker);
    expect(await refusedOn(manager, "node", "inspect", "nobody")).toContain("nobody not found");
    expect(await refusedOn(manager, "node", "rm", workerId)).toMatch(/is not down/);
    expect(await refusedOn(worker, "node", "ls")).toMatch(/not a swarm manager/);
    expect(await refusedOn(newcomer, "node", "ls")).toMatch(/not a swarm manager/);
  });
});

/** Says which replica it is, then nothing for ever. */
const TALKER = [
  process.execPath,
  "-e",
  `console.log("hello from " + process.env.WAGGLE_TASK_SLOT);
   console.error("a complaint");
   setInterval(() => {}, 1e6);`,
] as const;

describe("service", () => {
  let web: string;

  test("create waits until the tasks run", async () => {
    const created = await startCli(
      ["service", "create", "--name=web", "--replicas=2", "--env=A=1", "process", ...TALKER],
      { WAGGLE_SOCKET: manager.socketPath },
    ).result;
    expect(created).toMatchObject({ code: 0 });
    expect(created.stdout).toMatch(/^[0-9a-z]{25}\n$/);
    expect(created.stderr).toMatch(/2 of 2 tasks running\nservice converged\n$/);
    web = created.stdout.trim();
    const again = await refusedOn(manager, "service", "create", "--name=web", "process", "true");
    expect(again).toMatch(/name conflicts/);
  });

  test("ls, ps and inspect", async () => {
    expect(await on(manager, "service", "ls")).toMatch(/ web\s+replicated\s+2\/2\s+process/);
    const [listed] = await jsonOn(manager, z.array(serviceSchema), "service", "ls");
    expect(listed).toMatchObject({ ID: web, Spec: { Name: "web" } });
    expect(await on(manager, "service", "ps", "web")).toMatch(
      /web\.1\s.*\srunning\s+running \d+ seconds? ago\n[^]*web\.2\s/,
    );
    const tasks = await jsonOn(manager, z.array(taskSchema), "service", "ps", "web");
    expect(tasks.map((task) => task.Status.State)).toEqual(["running", "running"]);
    expect(await on(manager, "service", "inspect", web.slice(0, 8))).toContain(`"ID": "${web}"`);
    expect(await refusedOn(manager, "service", "inspect", "bew")).toContain("bew not found");
  });

  test("logs: the whole, the end, and what comes", async () => {
    const logs = await waitUntil(
      "what both tasks say at their start",
      async () => {
        const all = await startCli(["service", "logs", "web"], {
          WAGGLE_SOCKET: manager.socketPath,
        }).result;
        return all.stdout.split("\n").length > 2 && all.stderr.split("\n").length > 2
          ? all
          : undefined;
      },
      { timeoutMs: 10_000 },
    );
    expect(logs.stdout).toMatch(/^[0-9a-z]{12} \| hello from 1$/m);
    expect(logs.stdout).toMatch(/^[0-9a-z]{12} \| hello from 2$/m);
    expect(logs.stderr).toMatch(/^([0-9a-z]{12} \| a complaint\n){2}$/);
    const timed = await on(manager, "service", "logs", "--tail=2", "--timestamps", "web");
    for (const line of timed.trim().split("\n"))
      expect(line).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z [0-9a-z]{12} \| /);

    const follow = startCli(["service", "logs", "-f", "web"], {
      WAGGLE_SOCKET: manager.socketPath,
    });
    await waitUntil(
      "the lines that were there",
      () => (follow.output().split("\n").length > 2 ? true : undefined),
      { timeoutMs: 10_000 },
    );
    await on(manager, "service", "scale", "-d", "web=3");
    await waitUntil(
      "the line of the new task",
      () => (follow.output().includes("hello from 3") ? true : undefined),
      { timeoutMs: 10_000 },
    );
    follow.process.kill("SIGINT");
    expect(await follow.result).toMatchObject({ code: 0 });
    expect(await refusedOn(manager, "service", "logs", "bew")).toContain("bew");
  });

  test("update: labels restart nothing, the environment replaces", async () => {
    await on(manager, "service", "scale", "-d", "web=3");
    const before = await swarm.running(web, 3);
    await on(manager, "service", "update", "-d", "--label", "team=blue", "--replicas=2", "web");
    const relabelled = await swarm.running(web, 2);
    for (const { ID: id } of relabelled) expect(before.some((task) => task.ID === id)).toBe(true);
    await on(manager, "service", "update", "-d", "--env", "B=2", "--env", "A=3", "web");
    await waitUntil(
      "both tasks to be replaced",
      async () => {
        const tasks = await swarm.running(web, 2);
        const old = tasks.some(({ ID: id }) => relabelled.some((task) => task.ID === id));
        return old ? undefined : true;
      },
      { timeoutMs: 20_000 },
    );
    const renewed = await swarm.service(web);
    expect(renewed.Spec.Labels).toEqual({ team: "blue" });
    expect(renewed.Spec.TaskTemplate.ContainerSpec.Env).toEqual(["B=2", "A=3"]);
  });

  test("Ctrl-C ends the waiting, not the service", async () => {
    const waiting = startCli(
      ["service", "create", "--name=nowhere", "--constraint=node.labels.moon==full", "process"],
      { WAGGLE_SOCKET: manager.socketPath },
    );
    await waitUntil("the id", () => (waiting.output() === "" ? undefined : true), {
      timeoutMs: 10_000,
    });
    waiting.process.kill("SIGINT");
    const ended = await waiting.result;
    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(/0 of 1 tasks running[^]*no longer waiting/);
    expect(await on(manager, "service", "ls")).toMatch(/ nowhere\s+replicated\s+0\/1\s/);
  });

  test("rm removes services, of which there must be", async () => {
    expect(await on(manager, "service", "rm", "web", "nowhere")).toBe("web\nnowhere\n");
    expect(await jsonOn(manager, z.array(serviceSchema), "service", "ls")).toEqual([]);
    expect(await refusedOn(manager, "service", "rm", "web")).toContain("web not found");
  });
});

describe("membership", () => {
  const address = async (): Promise<string> =>
    (await manager.client.get("/info", infoSchema)).Swarm.RemoteManagers![0]!.Addr;

  test("join as a worker, leave, and node rm", async () => {
    const shown = await on(manager, "join-token", "worker");
    const line = /swarm-node (join --token \S+ \S+)\n/.exec(shown)!;
    const joined = await on(newcomer, ...line[1]!.split(" "));
    const id = /^This node \((\w+)\) joined the swarm as a worker\.\n$/.exec(joined)![1]!;
    expect(await refusedOn(newcomer, ...line[1]!.split(" "))).toMatch(/already part of a swarm/);
    expect(await on(newcomer, "info")).toMatch(/State:\s+active\nNode:\s+\w+\nRole:\s+worker\n/);
    expect(await on(newcomer, "leave")).toBe("Node left the swarm.\n");
    expect(await refusedOn(newcomer, "leave")).toMatch(/not part of a swarm/);
    await waitUntil(
      "the node that left to be removable",
      async () => {
        const { code } = await startCli(["node", "rm", id], { WAGGLE_SOCKET: manager.socketPath })
          .result;
        return code === 0 ? true : undefined;
      },
      { timeoutMs: 15_000 },
    );
    expect(await on(manager, "node", "ls")).not.toContain(id);
  });

  test("tokens that let nobody in", async () => {
    const where = await address();
    const join = (token: string): Promise<string> =>
      refusedOn(newcomer, "join", "--token", token, where);
    const old = (await on(manager, "join-token", "worker", "-q")).trim();
    const asManager = (await on(manager, "join-token", "manager", "-q")).trim();
    const rotated = (await on(manager, "join-token", "worker", "-q", "--rotate")).trim();
    expect(rotated).not.toBe(old);
    expect((await on(manager, "join-token", "manager", "-q")).trim()).toBe(asManager);
    expect(await join(old)).toMatch(/invalid join token: \S+ did not accept it/);
    expect(await join("WGTKN-1-nonsense")).toMatch(/token/);
    expect(await join("SWMTKN-1-of-another-orchestrator")).toMatch(/token/);
    const nobody = ["join", "--token", rotated, "127.0.0.1:1"];
    expect(await refusedOn(newcomer, ...nobody)).toMatch(/no manager answers at 127\.0\.0\.1:1/);
    const nowhere = ["join", "--token", rotated, "not an address"];
    expect(await refusedOn(newcomer, ...nowhere)).toMatch(/invalid remoteAddr "not an address"/);
    expect(await stateOf(newcomer)).toBe("inactive");
    expect(await on(newcomer, "info")).toBe("State:     inactive\n");
  });

  test("init, and the one way out of a swarm of one", async () => {
    const made = await jsonOn(
      newcomer,
      z.object({
        nodeId: z.string(),
        address: z.string(),
        tokens: z.object({ worker: z.string(), manager: z.string() }),
      }),
      ...["init", "--availability", "drain"],
    );
    const token = await jsonOn(
      newcomer,
      z.object({ role: z.literal("worker"), token: z.string(), managers: z.array(z.string()) }),
      ...["join-token", "worker"],
    );
    expect(token).toEqual({
      role: "worker",
      token: made.tokens.worker,
      managers: [made.address],
    });
    const [self] = await jsonOn(newcomer, z.array(nodeSchema), "node", "ls");
    expect(self).toMatchObject({ ID: made.nodeId, Spec: { Availability: "drain" } });
    expect(await refusedOn(newcomer, "init")).toMatch(/already part of a swarm/);
    expect(await refusedOn(newcomer, "leave")).toMatch(/erases all current state.*--force/);
    // A token of another swarm is none of this one's.
    const other = ["join", "--token", made.tokens.worker, await address()];
    await on(newcomer, "leave", "--force");
    expect(await refusedOn(newcomer, ...other)).toMatch(/invalid join token/);
  });
});

describe("run", () => {
  test("a second node on the same data directory is refused", async () => {
    const same = await cli(
      "run",
      "--data-dir",
      newcomer.dataDirectory,
      "--listen-addr=127.0.0.1:0",
    );
    expect(same).toMatchObject({ code: REFUSED, stdout: "" });
    expect(same.stderr).toMatch(/another node serves on .*docker\.sock/);
    for (const node of [newcomer, worker, manager]) {
      const socket = join(swarm.directory, "second.sock");
      const { code, stdout, stderr } = await cli(
        ...["run", "--data-dir", node.dataDirectory, "--socket", socket],
        ...["--listen-addr=127.0.0.1:0", "--log-level=silent"],
      );
      expect({ code, stdout }).toEqual({ code: REFUSED, stdout: "" });
      expect(stderr).toMatch(/data directory .* is in use by another node/);
      await node.client.get("/info", infoSchema);
    }
  });

  test("a port that is taken is named, with what to do", async () => {
    const { RemoteManagers: peers } = (await manager.client.get("/info", infoSchema)).Swarm;
    const directory = join(swarm.directory, "third");
    const run = startCli(["run", "--data-dir", directory, "--listen-addr", peers![0]!.Addr]);
    await waitUntil("the node to be ready", () => (run.output() === "" ? undefined : true), {
      timeoutMs: 10_000,
    });
    expect(run.output()).toBe(
      `swarm-node ready: docker -H unix://${join(directory, "docker.sock")}\n`,
    );
    const refused = await cli("init", "--data-dir", directory);
    expect(refused).toMatchObject({ code: REFUSED, stdout: "" });
    expect(refused.stderr).toMatch(/cannot listen on .* Choose another --listen-addr/);
    run.process.kill("SIGTERM");
    expect(await run.result).toMatchObject({ code: 0 });
  });

  test("a socket that cannot be made ends the node", async () => {
    await worker.stop();
    const file = join(worker.dataDirectory, "identity.json");
    const run = await cli(
      ...["run", "--data-dir", worker.dataDirectory, "--socket", join(file, "docker.sock")],
      ...["--log-level=silent"],
    );
    expect(run).toMatchObject({ code: REFUSED, stdout: "" });
    expect(run.stderr).toContain(file);
    await worker.start();
    expect(await stateOf(worker)).toBe("active");
  });

  test("a damaged identity is refused, and nothing is changed", async () => {
    await worker.stop();
    const file = join(worker.dataDirectory, "identity.json");
    const sound = await readFile(file, "utf8");
    const damaged = sound.slice(0, sound.length / 2);
    await writeFile(file, damaged);
    await expect(worker.start()).rejects.toThrow(/identity\.json does not hold a node's identity/);
    expect(await readFile(file, "utf8")).toBe(damaged);
    const run = await cli("run", "--data-dir", worker.dataDirectory);
    expect(run).toMatchObject({ code: REFUSED, stdout: "" });
    expect(run.stderr).toMatch(/Nothing was changed\. Restore the file from a backup/);
    await writeFile(file, sound);
    await worker.start();
    expect(await stateOf(worker)).toBe("active");
  });
});
