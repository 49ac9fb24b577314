import { execFile, spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BEE, QUEEN } from "./support/swarm.ts";
import { type Engine, line, linesOf, openEngine } from "./support/engine.ts";

const hasDocker = spawnSync("docker", ["--version"]).status === 0;
if (!hasDocker) {
  process.stderr.write(
    "docker is not in PATH, so its command line is not tried: apt-get install docker.io\n",
  );
}

let engine: Engine;

beforeEach(async () => {
  engine = await openEngine();
  engine.swarm.run();
});

afterEach(() => engine.close());

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const versions = ["newest", "1.41"] as const;

describe.runIf(hasDocker).each(versions)("the docker command line, API %s", (api) => {
  const run = async (...args: readonly string[]): Promise<Outcome> => {
    // Nothing of the user's own settings.
    const env = {
      PATH: process.env["PATH"],
      DOCKER_CONFIG: dirname(engine.socketPath),
      ...(api === "newest" ? {} : { DOCKER_API_VERSION: api }),
    };
    const all = ["-H", `unix://${engine.socketPath}`, ...args];
    try {
      return { code: 0, ...(await promisify(execFile)("docker", all, { env, timeout: 15_000 })) };
    } catch (error) {
      const { code, stdout, stderr } = error as Outcome;
      return { code, stdout, stderr };
    }
  };
  /** Docker's words, of a command that succeeds. */
  const docker = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(...args);
    expect(code, stderr).toBe(0);
    return stdout;
  };
  const create = (...args: readonly string[]): Promise<string> =>
    docker("service", "create", "-d", "--no-resolve-image", "--name", "web", ...args);
  /** Until the planners and agents have done what was asked. */
  const untilRunning = (expected: string): Promise<void> =>
    expect
      .poll(() => docker("service", "ls", "--format", "{{.Replicas}}"), { timeout: 10_000 })
      .toBe(`${expected}\n`);

  test("version and info", async () => {
    const version = await docker("version");
    expect(version).toMatch(/Server:.*\n Engine:\n {2}Version: +0\.1\.0\n/);
    expect(version).toMatch(/API version: +1\.50 \(minimum version 1\.24\)/);
    expect(version).toMatch(/Built: +Sun Nov 22 12:00:00 2026/);
    const info = await docker("info");
    expect(info).toMatch(/Swarm: active\n +NodeID: queen0+\n +Is Manager: true/);
    expect(info).toMatch(/Managers: 1\n +Nodes: 2\n/);
    expect(info).toContain("Node Address: 10.0.0.1");
    expect(info).toContain("Total Memory: 2GiB");
  });

  test("nodes", async () => {
    const list = await docker("node", "ls");
    expect(list).toMatch(new RegExp(`${BEE} +bee +Ready +Active +1\\.0\\.0`));
    expect(list).toMatch(new RegExp(`${QUEEN} \\* +queen +Ready +Active +Leader +1\\.0\\.0`));
    expect(await docker("node", "inspect", "self", "--format", "{{.ID}}")).toBe(`${QUEEN}\n`);
    expect(await docker("node", "inspect", "--pretty", "bee")).toContain(
      "Hostname:              \tbee",
    );
    await docker("node", "update", "--availability", "drain", "--label-add", "a=b", "bee");
    const bee = engine.swarm.store.view().get("node", BEE)!;
    expect(bee.spec).toMatchObject({ availability: "drain", labels: { zone: "a", a: "b" } });
    const refused = await run("node", "demote", "queen");
    expect(refused.stderr).toContain("attempting to demote the last manager of the swarm");
  });

  test("a service from its creation to its removal", async () => {
    const id = (await create("--replicas", "2", "process", "sleep", "100")).trim();
    expect(id).toMatch(/^[0-9a-z]{25}$/);
    await untilRunning("2/2");
    const rows = await docker("service", "ps", "web");
    expect(rows).toMatch(/web\.1 +process:latest +(bee|queen) +Running +Running/);
    expect(rows).toMatch(/web\.2 /);
    expect(await docker("service", "inspect", "--pretty", "web")).toMatch(/Parallelism:\t1\n/);
    const [inspected] = JSON.parse(await docker("service", "inspect", "web")) as [
      { Spec: { TaskTemplate: { RestartPolicy: object } } },
    ];
    expect(inspected.Spec.TaskTemplate.RestartPolicy).toEqual({
      Condition: "any",
      Delay: 5_000_000_000,
      MaxAttempts: 0,
    });
    expect(await docker("service", "scale", "-d", "web=3")).toContain("web scaled to 3");
    await untilRunning("3/3");
    expect(await docker("service", "rm", "web")).toBe("web\n");
    expect(await docker("service", "ls", "-q")).toBe("");
  });

  test("an update replaces tasks, and scaling does not", async () => {
    await create(
      "--update-parallelism",
      "0",
      "--update-monitor",
      "100ms",
      "process",
      "sleep",
      "100",
    );
    await untilRunning("1/1");
    const before = (await engine.swarm.control.listTasks()).map((task) => task.id);
    await docker("service", "scale", "-d", "web=2");
    await untilRunning("2/2");
    expect((await engine.swarm.control.listTasks()).map((task) => task.id)).toContain(before[0]);
    await docker("service", "update", "-d", "--env-add", "A=1", "web");
    const images = (): Promise<string> =>
      docker("service", "ps", "web", "-f", "desired-state=running", "-q");
    await expect.poll(images, { timeout: 10_000 }).not.toContain(before[0]!.slice(0, 12));
    // It waits: when it is back, what runs is what the spec before wants.
    await docker("service", "rollback", "--detach=false", "web");
    const running = (await engine.swarm.control.listTasks()).filter(
      (task) => task.desiredState === "running",
    );
    expect(running.map((task) => task.spec.container.env)).toEqual([[], []]);
    const [view] = await engine.swarm.control.listServices();
    expect(view!.service.spec.task.container.env).toEqual([]);
    expect(view!.service.previousSpec?.task.container.env).toEqual(["A=1"]);
  });

  test("a rollback without a spec before is refused", async () => {
    const id = (await create("process", "sleep", "100")).trim();
    const { code, stderr } = await run("service", "rollback", "-d", "web");
    expect(code).toBe(1);
    expect(stderr).toContain(
      `rpc error: code = FailedPrecondition desc = service ${id} does not have a previous spec`,
    );
  });

  test("creation that waits until the service has converged", async () => {
    const said = await docker(
      ...["service", "create", "--detach=false", "--no-resolve-image", "--name", "web"],
      ...["--update-monitor", "100ms", "--replicas", "2", "process", "sleep", "100"],
    );
    expect(said).toContain("Service");
    expect(said).toContain("converged");
  });

  test("logs, each line with its task", async () => {
    await create("process", "sleep", "100");
    await untilRunning("1/1");
    engine.readLogs = () => linesOf([line("buzz"), line("zzub", "stderr")]);
    const { stdout, stderr } = await run("service", "logs", "web");
    expect(stdout).toMatch(/^web\.1\.[0-9a-z]{12}@(bee|queen) +\| buzz\n$/);
    expect(stderr).toMatch(/^web\.1\.[0-9a-z]{12}@(bee|queen) +\| zzub\n$/);
    engine.readLogs = () => {
      throw new Error("node bee is not available");
    };
    const failed = await run("service", "logs", "web");
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain("warning: incomplete log stream");
  });

  test("what is not offered is refused in words", async () => {
    const published = await run("service", "create", "-d", "-p", "80:80", "process", "true");
    expect(published.stderr).toContain("published ports are not supported");
    const global = await run("service", "create", "-d", "--mode", "global", "process", "true");
    expect(global.stderr).toContain("service mode Global is not supported");
    const network = await run("network", "create", "-d", "overlay", "front");
    expect(network.stderr).toContain("networks are not supported");
    expect((await run("inspect", "nothing")).stderr).toMatch(/[Nn]o such object: nothing/);
    expect((await run("swarm", "update", "--autolock=true")).stderr).toContain("AutoLockManagers");
  });

  test("the swarm itself", async () => {
    expect(await docker("swarm", "join-token", "-q", "worker")).toBe("SWMTKN-1-a-w\n");
    const before = (await engine.swarm.control.getCluster()).joinSecrets;
    await docker("swarm", "join-token", "--rotate", "-q", "worker");
    const after = (await engine.swarm.control.getCluster()).joinSecrets;
    expect(after.worker).not.toBe(before.worker);
    expect(after.manager).toBe(before.manager);
    await docker("swarm", "update", "--task-history-limit", "2");
    expect((await engine.swarm.control.getCluster()).spec.taskHistoryLimit).toBe(2);
    expect(await docker("swarm", "init")).toContain(`current node (${QUEEN}) is now a manager`);
    expect(engine.asked).toMatchObject([{ init: { listenAddress: "0.0.0.0:2377" } }]);
  });
});
