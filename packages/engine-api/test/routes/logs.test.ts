import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Task } from "@waggle/swarm-state";
import type { LogLine, LogOptions } from "../../src/index.ts";
import { type Engine, line, linesOf, openEngine } from "../support/engine.ts";
import { addTasks, serviceSpec, taskDraft } from "../support/samples.ts";
import { BEE, idOf } from "../support/swarm.ts";

let engine: Engine;
let web: string;

beforeEach(async () => {
  engine = await openEngine();
  const { id } = await engine.swarm.control.createService({ spec: serviceSpec() });
  web = id;
});

afterEach(() => engine.close());

interface Frame {
  readonly stream: number;
  readonly text: string;
}

/** Takes whole frames off the front; lengths must be right, or this goes astray. */
function framesOf(bytes: Buffer): Frame[] {
  const frames: Frame[] = [];
  let at = 0;
  while (at + 8 <= bytes.length) {
    const length = bytes.readUInt32BE(at + 4);
    if (at + 8 + length > bytes.length) break;
    expect(bytes.subarray(at + 1, at + 4)).toEqual(Buffer.alloc(3));
    frames.push({ stream: bytes[at]!, text: bytes.toString("utf8", at + 8, at + 8 + length) });
    at += 8 + length;
  }
  return frames;
}

interface Stream {
  readonly response: IncomingMessage;
  readonly bytes: () => Buffer;
  readonly frames: () => Frame[];
  readonly ended: Promise<unknown>;
}

async function open(path: string): Promise<Stream> {
  const sent = get({ socketPath: engine.socketPath, path, agent: false });
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  response.on("data", (chunk: Buffer) => chunks.push(chunk));
  response.on("error", () => undefined);
  const bytes = (): Buffer => Buffer.concat(chunks);
  const ended = once(response, "close");
  return { response, bytes, frames: () => framesOf(bytes()), ended };
}

/** A source that gives what tests push, until it is ended or aborted. */
function createSource() {
  const lines: LogLine[] = [];
  const seen: { task: Task; options: LogOptions }[] = [];
  let isEnded = false;
  let wake = (): void => undefined;
  async function* read(task: Task, options: LogOptions): AsyncGenerator<LogLine> {
    seen.push({ task, options });
    const { signal } = options;
    signal.addEventListener("abort", () => wake());
    while (!signal.aborted) {
      const next = lines.shift();
      if (next !== undefined) yield next;
      else if (isEnded) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  return {
    read,
    seen,
    push: (next: LogLine) => {
      lines.push(next);
      wake();
    },
    end: () => {
      isEnded = true;
      wake();
    },
  };
}

test("one frame is one whole line, with its length in bytes", async () => {
  await addTasks(engine.swarm.store, taskDraft("one", web));
  engine.readLogs = () => linesOf([line("büzz"), line("zzub", "stderr"), line("")]);
  const stream = await open("/v1.50/services/web/logs?stdout=1&stderr=1&tail=all");
  await stream.ended;
  expect(stream.response.statusCode).toBe(200);
  expect(stream.response.headers["content-type"]).toBe("application/vnd.docker.multiplexed-stream");
  expect(stream.frames()).toEqual([
    { stream: 1, text: "büzz\n" },
    { stream: 2, text: "zzub\n" },
    { stream: 1, text: "\n" },
  ]);
});

test("timestamps and details stand before the text", async () => {
  await addTasks(engine.swarm.store, taskDraft("one", web));
  engine.readLogs = () => linesOf([line("buzz")]);
  const stream = await open(`/tasks/${idOf("one")}/logs?stdout=1&timestamps=1&details=1`);
  await stream.ended;
  const [frame] = stream.frames();
  expect(frame!.text).toBe(
    `2026-11-18T11:06:40.304000000Z com.docker.swarm.node.id=${BEE},com.docker.swarm.service.id=${web},` +
      `com.docker.swarm.task.id=${idOf("one")} buzz\n`,
  );
});

test("what is asked for is passed on", async () => {
  await addTasks(
    engine.swarm.store,
    taskDraft("one", web),
    taskDraft("unassigned", web, { nodeId: "" }),
    taskDraft("foreign", idOf("other")),
  );
  const source = createSource();
  source.end();
  engine.readLogs = source.read;
  const query = "stdout=1&stderr=0&tail=7&since=1795000000.5&follow=0";
  await (
    await open(`/services/web/logs?${query}`)
  ).ended;
  expect(source.seen.map(({ task }) => task.id)).toEqual([idOf("one")]);
  expect(source.seen[0]!.options).toMatchObject({
    stdout: true,
    stderr: false,
    follow: false,
    tail: 7,
    sinceMs: 1_795_000_000_500,
  });
});

test.each([
  ["stdout=0&stderr=0", 500, "Bad parameters: you must choose at least one stream"],
  ["stdout=1&tail=-1", 500, "negative tail values not supported"],
  ["stdout=1&tail=abc", 500, 'tail value must be a positive integer or "all"'],
  ["stdout=1&since=yesterday", 400, 'invalid value for "since": yesterday'],
])("%s is refused", async (query, status, message) => {
  const answer = await engine.call("GET", `/services/web/logs?${query}`);
  expect(answer).toMatchObject({ status, json: { message } });
});

test("nothing of that name", async () => {
  for (const kind of ["service", "task"]) {
    const answer = await engine.call("GET", `/${kind}s/none/logs?stdout=1`);
    expect(answer).toMatchObject({ status: 404, json: { message: `${kind} none not found` } });
  }
});

test.each([
  ["/v1.41", false, "application/vnd.docker.raw-stream", "\u0001\0\0\0\0\0\0\u0005buzz\n"],
  ["/v1.50", true, "application/vnd.docker.raw-stream", "buzz\n"],
])("API %s, terminal %s", async (version, tty, type, bytes) => {
  const spec = serviceSpec("own");
  const container = { ...spec.task.container, tty };
  const { id } = await engine.swarm.control.createService({
    spec: { ...spec, task: { ...spec.task, container } },
  });
  await addTasks(engine.swarm.store, taskDraft("one", id));
  engine.readLogs = () => linesOf([line("buzz")]);
  const stream = await open(`${version}/services/own/logs?stdout=1`);
  await stream.ended;
  expect(stream.response.headers["content-type"]).toBe(type);
  expect(stream.bytes().toString()).toBe(bytes);
});

test("a task that cannot be read does not hide the others", async () => {
  await addTasks(engine.swarm.store, taskDraft("one", web), taskDraft("two", web));
  engine.readLogs = (task) => {
    if (task.id === idOf("one")) throw new Error("node bee is\nnot available");
    return linesOf([line("buzz")]);
  };
  const stream = await open("/services/web/logs?stdout=1");
  await stream.ended;
  expect(stream.frames()).toEqual([
    { stream: 1, text: "buzz\n" },
    {
      stream: 3,
      text:
        "Error grabbing logs: rpc error: code = Unknown desc = warning: incomplete log stream. some logs could not be" +
        ` retrieved for the following reasons: task ${idOf("one")} on node ${BEE}: node bee is not available\n`,
    },
  ]);
});

test("a follower hears at once, and its source ends when it goes", async () => {
  await addTasks(engine.swarm.store, taskDraft("one", web));
  const source = createSource();
  engine.readLogs = source.read;
  // The headers come before the first line.
  const stream = await open("/services/web/logs?stdout=1&follow=1");
  source.push(line("first"));
  await expect.poll(stream.frames).toHaveLength(1);
  source.push(line("second"));
  await expect.poll(stream.frames).toHaveLength(2);
  expect(source.seen[0]!.options.signal.aborted).toBe(false);
  stream.response.destroy();
  await expect.poll(() => source.seen[0]!.options.signal.aborted).toBe(true);
});

test("a follower hears tasks that come later, and ends with the service", async () => {
  await addTasks(engine.swarm.store, taskDraft("one", web));
  const tails: (number | undefined)[] = [];
  engine.readLogs = (task, options) => {
    tails.push(options.tail);
    return linesOf([line(task.id)]);
  };
  const stream = await open("/services/web/logs?stdout=1&follow=1&tail=3");
  await expect.poll(stream.frames).toHaveLength(1);
  await addTasks(engine.swarm.store, taskDraft("two", web));
  await expect.poll(stream.frames, { timeout: 5_000 }).toHaveLength(2);
  // The end of a task's output means nothing to one who came before it began.
  expect(tails).toEqual([3, undefined]);
  await engine.swarm.control.removeService({ id: web });
  await stream.ended;
  expect(stream.response.complete).toBe(true);
});

test("a follower of one task ends with its output", async () => {
  await addTasks(engine.swarm.store, taskDraft("one", web));
  const source = createSource();
  engine.readLogs = source.read;
  const stream = await open(`/tasks/${idOf("one")}/logs?stdout=1&follow=1`);
  source.push(line("buzz"));
  source.end();
  await stream.ended;
  expect(stream.frames()).toEqual([{ stream: 1, text: "buzz\n" }]);
});

test("a slow reader holds its sources, not the memory", async () => {
  await addTasks(engine.swarm.store, ...["a", "b", "c"].map((name) => taskDraft(name, web)));
  const linesEach = 400;
  const text = "x".repeat(64 * 1024);
  let given = 0;
  engine.readLogs = async function* () {
    for (let number = 0; number < linesEach; number++) {
      given += 1;
      yield await Promise.resolve(line(text));
    }
  };
  const sent = get({ socketPath: engine.socketPath, path: "/services/web/logs?stdout=1" });
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  // Nobody reads: what was given stops growing, far from the end.
  let before = -1;
  await expect
    .poll(() => {
      const isStill = given > 0 && given === before;
      before = given;
      return isStill;
    })
    .toBe(true);
  expect(given).toBeLessThan(linesEach);
  let length = 0;
  for await (const chunk of response) length += (chunk as Buffer).length;
  expect(length).toBe(3 * linesEach * (8 + text.length + 1));
});
