import { expect, onTestFinished, test } from "vitest";
import { appendFile, mkdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LogLine, LogOptions } from "../../../src/executor.ts";
import { createLogCollector } from "../../../src/process/logs/collector.ts";
import type { CollectorLimits, LogCollector } from "../../../src/process/logs/collector.ts";
import { readLog } from "../../../src/process/logs/read-log.ts";
import { createManualClock } from "../../support/clock.ts";
import type { ManualClock } from "../../support/clock.ts";
import { collectAll, testFolder } from "../../support/folder.ts";
import { describeLine, never } from "../../support/processes.ts";

interface Setup {
  readonly folder: string;
  readonly clock: ManualClock;
  readonly collector: LogCollector;
  readonly write: (text: string, stream?: string) => Promise<void>;
  readonly rawSize: () => Promise<number>;
}

async function setup(limits: Partial<CollectorLimits> = {}, folder?: string): Promise<Setup> {
  const root = folder ?? (await testFolder());
  await mkdir(join(root, "log"), { recursive: true });
  const clock = createManualClock();
  const collector = createLogCollector({
    directory: join(root, "log"),
    stdout: join(root, "stdout"),
    stderr: join(root, "stderr"),
    clock,
    limits,
  });
  onTestFinished(() => collector.close());
  return {
    folder: root,
    clock,
    collector,
    write: (text, stream = "stdout") => appendFile(join(root, stream), text),
    rawSize: async () => (await stat(join(root, "stdout"))).size,
  };
}

function read(collector: LogCollector, options: Partial<LogOptions> = {}): Promise<LogLine[]> {
  const all = { stdout: true, stderr: true, follow: false, signal: never };
  return collectAll(readLog({ collector, options: { ...all, ...options }, ended: () => true }));
}

async function texts(
  collector: LogCollector,
  options: Partial<LogOptions> = {},
): Promise<string[]> {
  return (await read(collector, options)).map(describeLine);
}

test("lines with stream and time; tail, times and streams are filters", async () => {
  const { collector, clock, write } = await setup();
  await write("one\n");
  await collector.collect();
  await clock.advance(10);
  await write("two\n", "stderr");
  await collector.collect();
  await clock.advance(10);
  await write("three\nfour\n");
  const lines = await read(collector);
  expect(lines.map(({ timestampMs }) => timestampMs)).toEqual([
    1_000_000, 1_000_010, 1_000_020, 1_000_020,
  ]);
  expect(await texts(collector, { tail: 2 })).toEqual(["stdout three", "stdout four"]);
  expect(await texts(collector, { tail: 0 })).toEqual([]);
  expect(await texts(collector, { stdout: false })).toEqual(["stderr two"]);
  expect(await texts(collector, { sinceMs: 1_000_010, untilMs: 1_000_020 })).toEqual([
    "stderr two",
  ]);
  await expect(texts(collector, { tail: -1 })).rejects.toMatchObject({ code: "logs-invalid" });
});

test("bytes that are no text survive", async () => {
  const { collector, folder } = await setup();
  const bytes = Buffer.from([0xff, 0x00, 0xfe]);
  await writeFile(join(folder, "stdout"), Buffer.concat([bytes, Buffer.from("\n\u{feff}é\n")]));
  const [binary, text] = await read(collector);
  expect(Buffer.from(binary!.text)).toEqual(bytes);
  expect(Buffer.from(text!.text).toString()).toBe("\u{feff}é");
});

test("what a failed attempt left in the log is no part of it", async () => {
  const { collector, folder, write } = await setup();
  await write("one\n");
  await collector.collect();
  await appendFile(join(folder, "log", "current.jsonl"), '{"s":"stdout","t":1,"m":"tw');
  await write("two\n");
  expect(await texts(collector)).toEqual(["stdout one", "stdout two"]);
});

test("a collector that ends right after a rotation doubles no line", async () => {
  const first = await setup({ fileBytesMax: 100 });
  await first.write("one\n");
  await first.collector.collect();
  const blocked = join(first.folder, "log", "state.json.new");
  await mkdir(blocked);
  await first.write(`${"x".repeat(90)}\n`);
  await expect(first.collector.collect()).rejects.toMatchObject({ code: "EISDIR" });
  await rm(blocked, { recursive: true });
  const second = await setup({ fileBytesMax: 100 }, first.folder);
  expect(await texts(second.collector)).toEqual(["stdout one", `stdout ${"x".repeat(90)}`]);
});

test("the log is rotated and keeps its newer half", async () => {
  const { collector, write, folder } = await setup({ fileBytesMax: 500 });
  for (let line = 0; line < 40; line += 1) {
    await write(`line ${line}\n`);
    await collector.collect();
  }
  const kept = await texts(collector);
  expect(kept.at(-1)).toBe("stdout line 39");
  expect(kept.length).toBeGreaterThan(10);
  expect(kept.length).toBeLessThan(25);
  expect((await stat(join(folder, "log", "current.jsonl"))).size).toBeLessThanOrEqual(500);
});

test("raw output is cut once it was collected, and nothing is lost", async () => {
  const { collector, write, rawSize } = await setup({ rawTruncateBytes: 20 });
  for (let line = 0; line < 10; line += 1) {
    await write(`line ${line}\n`);
    await collector.collect();
    expect(await rawSize()).toBeLessThan(30);
  }
  expect(await texts(collector)).toHaveLength(10);
});

test("more output than may wait is dropped, and the log says so", async () => {
  const { collector, write } = await setup({ rawBytesMax: 100 });
  await write("x".repeat(101));
  expect(await texts(collector)).toEqual([
    "stderr [waggle: 101 bytes of output dropped: written faster than read]",
  ]);
  await write("next\n");
  expect((await texts(collector)).at(-1)).toBe("stdout next");
});

test("a task that empties its own output file is read from its new beginning", async () => {
  const { collector, write, folder } = await setup();
  await write("one\n");
  await collector.collect();
  await truncate(join(folder, "stdout"));
  await write("2\n");
  expect(await texts(collector)).toEqual(["stdout one", "stdout 2"]);
});

test("a restart goes on where the last one stopped", async () => {
  const first = await setup();
  await first.write("one\ntw");
  await first.collector.collect();
  await first.collector.close();
  const second = await setup({}, first.folder);
  await second.write("o\nthree");
  expect(await texts(second.collector)).toEqual(["stdout one", "stdout two"]);
  await second.collector.collect({ final: true });
  expect(await texts(second.collector)).toEqual(["stdout one", "stdout two", "stdout three"]);
});

test("lines that were written but not recorded before a crash are not doubled", async () => {
  const first = await setup();
  await first.write("one\n");
  await first.collector.collect();
  const state = await readFile(join(first.folder, "log", "state.json"));
  await first.write("two\n");
  await first.collector.collect();
  await first.collector.close();
  await writeFile(join(first.folder, "log", "state.json"), state);
  const second = await setup({}, first.folder);
  expect(await texts(second.collector)).toEqual(["stdout one", "stdout two"]);
});

test("a crash in the middle of a rotation loses nothing", async () => {
  const first = await setup({ fileBytesMax: 60 });
  await first.write("one\n");
  await first.collector.collect();
  await first.collector.close();
  const log = (name: string): string => join(first.folder, "log", name);
  await writeFile(log("previous.jsonl"), await readFile(log("current.jsonl")));
  await rm(log("current.jsonl"));
  const second = await setup({ fileBytesMax: 60 }, first.folder);
  await second.write("two\n");
  expect(await texts(second.collector)).toEqual(["stdout one", "stdout two"]);
});

test("damaged records are passed over", async () => {
  const { collector, write, folder } = await setup();
  await write("one\n");
  await collector.collect();
  await appendFile(join(folder, "log", "current.jsonl"), '{"s":"stdout"\n[]\nnull\n7\n{"s":"x"}\n');
  await write("two\n");
  await collector.collect();
  expect(await texts(collector)).toEqual(["stdout one", "stdout two"]);
});

test("following gives what comes, over rotations, until the end", async () => {
  const { collector, write } = await setup({ fileBytesMax: 300 });
  await write("line 0\nline 1\n");
  let ended = false;
  const options = { stdout: true, stderr: true, follow: true, tail: 1, signal: never };
  const seen: string[] = [];
  const following = (async (): Promise<void> => {
    for await (const line of readLog({ collector, options, ended: () => ended })) {
      seen.push(describeLine(line));
    }
  })();
  await expect.poll(() => seen.length, { interval: 1 }).toBe(1);
  for (let line = 2; line < 30; line += 1) {
    await write(`line ${line}\n`);
    await collector.collect();
    await expect.poll(() => seen.at(-1), { interval: 1 }).toBe(`stdout line ${line}`);
  }
  ended = true;
  collector.poke();
  await following;
  expect(seen).toEqual(Array.from({ length: 29 }, (_, line) => `stdout line ${line + 1}`));
});

test("a follower ends with its signal", async () => {
  const { collector, write } = await setup();
  await write("one\n");
  const abort = new AbortController();
  const options = { stdout: true, stderr: true, follow: true, signal: abort.signal };
  const seen: string[] = [];
  for await (const line of readLog({ collector, options, ended: () => false })) {
    seen.push(describeLine(line));
    abort.abort();
  }
  expect(seen).toEqual(["stdout one"]);
});

test("one look takes a bounded number of lines, the last look takes all", async () => {
  const { collector, write } = await setup({ linesPerLookMax: 1 });
  await write("x\n".repeat(100_000));
  expect(await collector.collect()).toBe(true);
  expect((await texts(collector)).length).toBeLessThan(100_000);
  expect(await collector.collect({ final: true })).toBe(false);
  expect(await texts(collector)).toHaveLength(100_000);
});
