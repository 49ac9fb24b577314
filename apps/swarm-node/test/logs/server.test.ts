import { afterEach, describe, expect, it, vi } from "vitest";
import { LOG_REQUEST_TIMEOUT_MS, LOG_STREAMS_MAX } from "../../src/limits.ts";
import { decodeLogLine, encodeLogRequest, type LogRequest } from "../../src/logs/messages.ts";
import { createLogServer, type TaskLogSource } from "../../src/logs/server.ts";
import { createMemoryPair, frameReader } from "../support/memory-pair.ts";

const REQUEST: LogRequest = { taskId: "t".repeat(25), stdout: true, stderr: true, follow: false };

const line = (text: string, timestampMs = 1) =>
  ({ stream: "stdout", timestampMs, text: Buffer.from(text) }) as const;

function lines(...texts: string[]): TaskLogSource {
  return async function* () {
    for (const text of texts) yield await Promise.resolve(line(text));
  };
}

/** Goes on until its signal is aborted, and tells when it has ended. */
function endless(): { readonly source: TaskLogSource; readonly ended: Promise<undefined> } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return {
    ended: promise,
    source: async function* (_request, signal) {
      yield line("first");
      await new Promise((done) => signal.addEventListener("abort", done, { once: true }));
      resolve(undefined);
    },
  };
}

async function open(server: ReturnType<typeof createLogServer>) {
  const { near, far } = await createMemoryPair();
  const accepted = server.accept(far);
  return { near, accepted, read: frameReader(near) };
}

describe("a log server", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("sends the lines that were asked for and closes", async () => {
    const requests: LogRequest[] = [];
    const server = createLogServer((request, signal) => {
      requests.push(request);
      return lines("one", "two")(request, signal);
    });
    const { near, accepted, read } = await open(server);
    await near.send(encodeLogRequest(REQUEST));
    expect(Buffer.from(decodeLogLine((await read())!).text).toString()).toBe("one");
    expect(Buffer.from(decodeLogLine((await read())!).text).toString()).toBe("two");
    expect(await read()).toBeUndefined();
    await accepted;
    expect(requests).toEqual([REQUEST]);
  });

  it("tells why a stream failed", async () => {
    const server = createLogServer(() => {
      throw new TypeError("no such task");
    });
    const { near, read } = await open(server);
    await near.send(encodeLogRequest(REQUEST));
    const frame = await read();
    expect(() => decodeLogLine(frame!)).toThrow("no such task");
    expect(await read()).toBeUndefined();
  });

  it("refuses a request that is none", async () => {
    const { near, read } = await open(createLogServer(lines()));
    await near.send(Buffer.from("garbage"));
    const frame = await read();
    expect(() => decodeLogLine(frame!)).toThrow("a log request that is none");
  });

  it("ends the source when the reader goes", async () => {
    const { source, ended } = endless();
    const { near, accepted, read } = await open(createLogServer(source));
    await near.send(encodeLogRequest(REQUEST));
    await read();
    near.destroy();
    await ended;
    await accepted;
  });

  it("serves a bounded number at once, and another one when a place is free", async () => {
    const server = createLogServer(lines("served"));
    const idle = await Promise.all(Array.from({ length: LOG_STREAMS_MAX }, () => open(server)));
    const refused = await open(server);
    const frame = await refused.read();
    expect(() => decodeLogLine(frame!)).toThrow(`${LOG_STREAMS_MAX} log streams already`);
    await idle[0]!.near.close();
    await idle[0]!.accepted;
    const served = await open(server);
    await served.near.send(encodeLogRequest(REQUEST));
    expect(decodeLogLine((await served.read())!)).toMatchObject({ stream: "stdout" });
    for (const { near, accepted } of idle) {
      near.destroy();
      await accepted;
    }
  });

  it("cuts a reader that does not say what it wants, and frees its place", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { near, accepted } = await open(createLogServer(lines()));
    vi.advanceTimersByTime(LOG_REQUEST_TIMEOUT_MS);
    await accepted;
    expect(await near.closed).toMatchObject({ code: "broken" });
  });

  it("keeps a stream that is followed for longer than a request may take", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { near, accepted, read } = await open(createLogServer(endless().source));
    await near.send(encodeLogRequest(REQUEST));
    await read();
    expect(vi.getTimerCount()).toBe(0);
    near.destroy();
    await accepted;
  });
});
