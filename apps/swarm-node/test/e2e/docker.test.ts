import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { ApiTask } from "../../src/cli/api-types.ts";
import type { LocalNode } from "../../src/demo/local-swarm.ts";
import { SLEEPER, startSwarm, type TestSwarm } from "./harness.ts";
import { type CommandResult, type RunningCommand, startCommand } from "./run-command.ts";
import { waitUntil } from "./wait-until.ts";

/** Says which replica it is, on both streams, and goes on saying something. */
const TALKER = [
  process.execPath,
  "-e",
  `console.log("hello from " + process.env.WAGGLE_TASK_SLOT);
   console.error("mode " + process.env.MODE);
   setInterval(() => console.log("still here"), 100);`,
] as const;

/** The oldest version that is common in distributions (Docker 20.10), and the newest that client and node share. */
const API_VERSIONS = ["1.41", "newest"] as const;

let swarm: TestSwarm;
let manager: LocalNode;

beforeAll(async () => {
  await assertDockerCli();
  swarm = await startSwarm({ managers: 1, workers: 1 });
  manager = swarm.managers[0]!;
});

afterAll(() => swarm.stop());

async function assertDockerCli(): Promise<void> {
  try {
    await startCommand("docker", ["--version"]).result;
  } catch (cause) {
    throw new Error("these tests drive the docker command line: apt-get install docker.io", {
      cause,
    });
  }
}

/** Runs docker commands against one node. */
interface Docker {
  start(...args: string[]): RunningCommand;
  /** @throws when the command fails. */
  run(...args: string[]): Promise<string>;
  result(...args: string[]): Promise<CommandResult>;
}

function dockerOf(node: LocalNode, apiVersion = "newest"): Docker {
  const env = {
    // Nothing of the user's own configuration, contexts or credentials counts here.
    DOCKER_CONFIG: join(swarm.directory, "docker-config"),
    DOCKER_CONTEXT: undefined,
    DOCKER_HOST: `unix://${node.socketPath}`,
    DOCKER_API_VERSION: apiVersion === "newest" ? undefined : apiVersion,
  };
  const start = (...args: string[]): RunningCommand => startCommand("docker", args, { env });
  return {
    start,
    result: (...args) => start(...args).result,
    run: async (...args) => {
      const { code, stdout, stderr } = await start(...args).result;
      if (code !== 0) throw new Error(`docker ${args.join(" ")} failed (${code}): ${stderr}`);
      return stdout;
    },
  };
}

function pids(tasks: readonly ApiTask[]): (number | undefined)[] {
  return tasks.map((task) => task.Status.ContainerStatus?.PID);
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

describe.each(API_VERSIONS)("docker, API %s", (apiVersion) => {
  let docker: Docker;
  let web: string;
  beforeAll(() => {
    docker = dockerOf(manager, apiVersion);
  });

  test("version and info", async () => {
    const version = await docker.run("version", "--format", "{{.Server.Platform.Name}}");
    expect(version).toBe("Waggle\n");
    const used = await docker.run("version", "--format", "{{.Client.APIVersion}}");
    if (apiVersion !== "newest") expect(used.trim()).toBe(apiVersion);
    const info = await docker.run("info");
    expect(info).toMatch(/Swarm: active/);
    expect(info).toContain(`NodeID: ${await swarm.nodeIdOf(manager)}`);
    expect(info).toMatch(/Is Manager: true\n[^]*Managers: 1\n\s*Nodes: 2\n/);
  });

  test("node ls, inspect, ps and update", async () => {
    const listed = lines(
      await docker.run("node", "ls", "--format", "{{.ID}} {{.Status}} {{.ManagerStatus}}"),
    );
    const [managerId, workerId] = await Promise.all(swarm.nodes.map((n) => swarm.nodeIdOf(n)));
    expect(listed.map((line) => line.trim()).sort()).toEqual(
      [`${managerId} Ready Leader`, `${workerId} Ready`].sort(),
    );
    const [self] = JSON.parse(await docker.run("node", "inspect", "self")) as [
      { ID: string; ManagerStatus: { Leader: boolean } },
    ];
    expect(self).toMatchObject({ ID: managerId, ManagerStatus: { Leader: true } });
    expect(await docker.run("node", "inspect", "--pretty", workerId!)).toMatch(/State:\s+Ready/);
    await docker.run("node", "update", "--label-add", "disk=ssd", workerId!);
    const labels = await docker.run("node", "inspect", "-f", "{{.Spec.Labels.disk}}", workerId!);
    expect(labels).toBe("ssd\n");
    await docker.run("node", "update", "--label-rm", "disk", workerId!);
    expect((await docker.result("node", "inspect", "nobody")).stderr).toContain("nobody");
  });

  test("service create, ls, ps and inspect", async () => {
    const created = await docker.run(
      ...["service", "create", "-d", "--name", "web", "--replicas", "3", "--env", "MODE=first"],
      ...["--update-monitor", "1s", "process", ...TALKER],
    );
    web = lines(created).at(-1)!;
    const tasks = await swarm.running(web, 3);
    expect(await docker.run("service", "ls", "--format", "{{.Name}} {{.Mode}} {{.Replicas}}")).toBe(
      "web replicated 3/3\n",
    );
    const listed = await docker.run("service", "ps", "web", "--format", "{{.Name}} {{.Node}}");
    const nodes = lines(listed).map((line) => line.split(" ")[1]);
    expect(new Set(nodes)).toEqual(
      new Set((await swarm.listNodes()).map((n) => n.Description?.Hostname)),
    );
    const shown = await docker.run("service", "ps", "--no-trunc", "-q", "web");
    expect(lines(shown).sort()).toEqual(tasks.map((task) => task.ID).sort());
    const [inspected] = JSON.parse(await docker.run("service", "inspect", "web")) as [unknown];
    expect(inspected).toMatchObject({
      ID: web,
      Spec: {
        Name: "web",
        Mode: { Replicated: { Replicas: 3 } },
        TaskTemplate: { ContainerSpec: { Args: [...TALKER], Env: ["MODE=first"] } },
        UpdateConfig: { Monitor: 1e9 },
      },
    });
    const pretty = await docker.run("service", "inspect", "--pretty", "web");
    expect(pretty).toMatch(/Name:\s+web\n/);
    expect(pretty).toMatch(/Replicas:\s+3\n/);
    expect(pretty).toMatch(/Env:\s+MODE=first/);
    const again = await docker.result("service", "create", "-d", "--name", "web", "process", "x");
    expect(again).toMatchObject({ code: 1 });
    expect(again.stderr).toMatch(/name conflicts with an existing object/);
  });

  test("scale keeps what runs", async () => {
    const before = pids(await swarm.running(web, 3));
    await docker.run("service", "scale", "-d", "web=5");
    const grown = await swarm.running(web, 5);
    expect(pids(grown).slice(0, 3)).toEqual(before);
    await docker.run("service", "scale", "-d", "web=3");
    expect(pids(await swarm.running(web, 3)).every((pid) => pids(grown).includes(pid))).toBe(true);
  });

  test("a change of labels restarts nothing", async () => {
    const before = pids(await swarm.running(web, 3));
    await docker.run("service", "update", "-d", "--label-add", "team=blue", "web");
    expect(await docker.run("service", "inspect", "-f", "{{.Spec.Labels.team}}", "web")).toBe(
      "blue\n",
    );
    // A change that does replace tasks comes after it: nothing of the first may be left over by then.
    await docker.run("service", "scale", "-d", "web=4");
    const after = await swarm.running(web, 4);
    expect(pids(after)).toEqual(expect.arrayContaining(before));
    await docker.run("service", "scale", "-d", "web=3");
    await swarm.running(web, 3);
  });

  test("a change of the environment replaces one task after the other", async () => {
    const before = await swarm.running(web, 3);
    await docker.run("service", "update", "-d", "--env-add", "MODE=second", "web");
    const done = await waitUntil(
      "the update to be completed",
      async () => {
        const { UpdateStatus: status } = await swarm.service(web);
        return status?.State === "completed" ? true : undefined;
      },
      { timeoutMs: 20_000, describe: async () => JSON.stringify(await swarm.service(web)) },
    );
    expect(done).toBe(true);
    const after = await swarm.running(web, 3);
    expect(pids(after).some((pid) => pids(before).includes(pid))).toBe(false);
    // A task was stopped only when the one that was replaced before it had its successor running.
    const all = await swarm.tasks(web);
    const stopped = before.map((task) => {
      const old = all.find(({ ID: id }) => id === task.ID)!;
      const next = after.find(({ Slot: slot }) => slot === task.Slot)!;
      return { stoppedAt: old.Status.Timestamp, followedAt: next.Status.Timestamp };
    });
    stopped.sort((a, b) => a.stoppedAt.localeCompare(b.stoppedAt));
    expect(stopped[1]!.stoppedAt >= stopped[0]!.followedAt).toBe(true);
    expect(stopped[2]!.stoppedAt >= stopped[1]!.followedAt).toBe(true);
    const history = await docker.run("service", "ps", "web", "--format", "{{.DesiredState}}");
    expect(lines(history).filter((state) => state === "Shutdown").length).toBeGreaterThanOrEqual(3);
  });

  test("logs: tail, timestamps, follow", async () => {
    const said = await waitUntil(
      "a line of each task",
      async () => {
        const { stdout, stderr } = await docker.result("service", "logs", "--raw", "web");
        const all = [1, 2, 3].every((slot) => stdout.includes(`hello from ${slot}\n`));
        return all && lines(stderr).filter((line) => line === "mode second").length === 3
          ? true
          : undefined;
      },
      { timeoutMs: 10_000 },
    );
    expect(said).toBe(true);
    const tasks = await swarm.running(web, 3);
    const [task] = tasks;
    const tail = lines(
      await docker.run("service", "logs", "--tail", "2", "--timestamps", task!.ID),
    );
    expect(tail).toHaveLength(2);
    for (const line of tail) expect(line).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z web\.1\.\w+@\S+\s+\|/);

    const follow = docker.start("service", "logs", "--follow", "--tail", "0", "web");
    await waitUntil(
      "new lines of all three tasks",
      () =>
        tasks.every(({ ID: id }) => follow.output().includes(id.slice(0, 12))) ? true : undefined,
      { timeoutMs: 10_000, describe: () => Promise.resolve(follow.output()) },
    );
    follow.process.kill("SIGINT");
    await follow.result;
    expect(pids(await swarm.running(web, 3))).toEqual(pids(tasks));
  });

  test("rm ends the tasks", async () => {
    const before = pids(await swarm.running(web, 3));
    expect(await docker.run("service", "rm", "web")).toBe("web\n");
    expect(await docker.run("service", "ls", "-q")).toBe("");
    await waitUntil(
      "the processes to be gone",
      () => (before.some((pid) => pid !== undefined && isRunning(pid)) ? undefined : true),
      { timeoutMs: 15_000 },
    );
    expect((await docker.result("service", "logs", "web")).stderr).toContain("web");
    expect((await docker.result("service", "rm", "web")).code).toBe(1);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("attached create and update wait until the tasks are stable", async () => {
  const docker = dockerOf(manager);
  const created = await docker.run(
    ...["service", "create", "--name", "attached", "--replicas", "2", "--update-monitor", "1s"],
    ...["process", ...SLEEPER],
  );
  expect(created).toMatch(/overall progress: 2 out of 2 tasks/);
  expect(created).toMatch(/converged/);
  const updated = await docker.run("service", "update", "--env-add", "A=1", "attached");
  expect(updated).toMatch(/converged/);
  expect(await docker.run("service", "scale", "attached=1")).toMatch(/converged/);
  await docker.run("service", "rm", "attached");
});

test("an image that needs a container engine is refused by the node, with what to do", async () => {
  const docker = dockerOf(manager);
  const created = await docker.run("service", "create", "-d", "--name", "engine", "nginx:alpine");
  const refused = await waitUntil(
    "a rejected task",
    async () => {
      const tasks = await swarm.tasks(lines(created).at(-1)!);
      return tasks.find((task) => task.Status.State === "rejected");
    },
    { timeoutMs: 10_000 },
  );
  expect(refused.Status.Err).toMatch(/no container engine/);
  const shown = await docker.run("service", "ps", "--no-trunc", "engine");
  expect(shown).toMatch(/Rejected.*image "nginx:alpine" cannot run here; use the image name/);
  await docker.run("service", "rm", "engine");
});

describe("docker swarm", () => {
  let docker: Docker;
  let loner: Docker;
  let address: string;
  beforeAll(async () => {
    docker = dockerOf(manager);
    loner = dockerOf(await swarm.startNode("loner"));
    const shown = await docker.run("info", "--format", "{{json .Swarm.RemoteManagers}}");
    address = z.array(z.object({ Addr: z.string() })).parse(JSON.parse(shown))[0]!.Addr;
  });

  test("a node in no swarm says so", async () => {
    expect(await loner.run("info", "--format", "{{.Swarm.LocalNodeState}}")).toBe("inactive\n");
    const refused = await loner.result("node", "ls");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/not a swarm manager/);
    expect((await loner.result("swarm", "leave")).stderr).toMatch(/not part of a swarm/);
  });

  test("join with the worker's token, leave, and node rm", async () => {
    const text = await docker.run("swarm", "join-token", "worker");
    const command = /docker swarm join --token (\S+) (\S+)/.exec(text)!;
    expect(command[2]).toBe(address);
    expect(await loner.run("swarm", "join", "--token", command[1]!, command[2]!)).toMatch(
      /joined a swarm as a worker/,
    );
    const id = (await loner.run("info", "--format", "{{.Swarm.NodeID}}")).trim();
    expect(await docker.run("node", "ls", "-q")).toContain(id);
    expect((await docker.result("node", "rm", id)).stderr).toMatch(/is not down/);
    const refused = await loner.result("node", "ls");
    expect(refused.stderr).toMatch(/not a swarm manager/);
    expect(await loner.run("swarm", "leave")).toMatch(/Node left the swarm/);
    await waitUntil(
      "the node that left to be down, so that it can be removed",
      async () => ((await docker.result("node", "rm", id)).code === 0 ? true : undefined),
      { timeoutMs: 15_000 },
    );
    expect(await docker.run("node", "ls", "-q")).not.toContain(id);
  });

  test("a rotated token no longer lets anybody in", async () => {
    const old = (await docker.run("swarm", "join-token", "-q", "worker")).trim();
    const fresh = (await docker.run("swarm", "join-token", "-q", "--rotate", "worker")).trim();
    expect(fresh).not.toBe(old);
    const refused = await loner.result("swarm", "join", "--token", old, address);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/invalid join token/);
    expect(await loner.run("info", "--format", "{{.Swarm.LocalNodeState}}")).toBe("inactive\n");
  });

  test("init makes a swarm of one; only --force ends it", async () => {
    expect(await loner.run("swarm", "init")).toMatch(/is now a manager[^]*docker swarm join/);
    expect(lines(await loner.run("node", "ls", "-q"))).toHaveLength(1);
    expect((await loner.result("swarm", "init")).stderr).toMatch(/already part of a swarm/);
    const kept = await loner.result("swarm", "leave");
    expect(kept.code).toBe(1);
    expect(kept.stderr).toMatch(/Removing the last manager erases all current state of the swarm/);
    expect(await loner.run("swarm", "leave", "--force")).toMatch(/Node left the swarm/);
    expect(await loner.run("info", "--format", "{{.Swarm.LocalNodeState}}")).toBe("inactive\n");
  });
});
