import type { Connection } from "@waggle/transport";
import { afterEach, describe, expect, it } from "vitest";
import { readTaskLogs } from "../../src/logs/client.ts";
import {
  decodeLogRequest,
  encodeLogFailure,
  encodeLogLine,
  type LogRequest,
  type StreamedLine,
} from "../../src/logs/messages.ts";
import { createMemoryServer, frameReader, type MemoryServer } from "../support/memory-pair.ts";

const REQUEST: LogRequest = { taskId: "t".repeat(25), stdout: true, stderr: true, follow: true };
const line = (text: string): Uint8Array =>
  encodeLogLine({ stream: "stdout", timestampMs: 5, text: Buffer.from(text) });

async function collect(stream: AsyncIterable<StreamedLine>): Promise<string[]> {
  const texts: string[] = [];
  for await (const { text } of stream) texts.push(Buffer.from(text).toString());
  return texts;
}

describe("readTaskLogs", () => {
  let server: MemoryServer | undefined;
  afterEach(() => server?.close());

  /** A node that answers every request as told. */
  async function setup(serve: (connection: Connection, request: LogRequest) => Promise<void>) {
    server = await createMemoryServer((connection) => {
      const answer = async (): Promise<void> => {
        const frame = await frameReader(connection)();
        if (frame !== undefined) await serve(connection, decodeLogRequest(frame));
      };
      answer().catch(() => undefined);
    });
    const abort = new AbortController();
    const { dial, accepted } = server;
    return { abort, accepted, stream: () => readTaskLogs(() => dial(), REQUEST, abort.signal) };
  }

  it("asks for what it wants and gives the lines until the node closes", async () => {
    const requests: LogRequest[] = [];
    const { stream, accepted } = await setup(async (connection, request) => {
      requests.push(request);
      await connection.send(line("one"));
      await connection.send(line("two"));
      await connection.close();
    });
    expect(await collect(stream())).toEqual(["one", "two"]);
    expect(requests).toEqual([REQUEST]);
    await accepted[0]!.closed;
  });

  it("throws the reason that the node gives, after the lines before it", async () => {
    const { stream } = await setup(async (connection) => {
      await connection.send(line("one"));
      await connection.send(encodeLogFailure("disk gone"));
    });
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { text } of stream()) seen.push(Buffer.from(text).toString());
    })();
    await expect(reading).rejects.toMatchObject({ code: "unavailable", message: "disk gone" });
    expect(seen).toEqual(["one"]);
  });

  it("throws when the node is lost in the middle", async () => {
    const { stream } = await setup((connection) => {
      connection.destroy();
      return Promise.resolve();
    });
    await expect(collect(stream())).rejects.toMatchObject({ code: "broken" });
  });

  it("hangs up when it reads garbage", async () => {
    const { stream, accepted } = await setup((connection) => connection.send(Buffer.from("?")));
    await expect(collect(stream())).rejects.toMatchObject({ code: "protocol" });
    await accepted[0]!.closed;
  });

  it("hangs up when its reader stops early", async () => {
    const { stream, accepted } = await setup(async (connection) => {
      await connection.send(line("one"));
      await connection.send(line("two"));
    });
    for await (const { text } of stream()) {
      expect(Buffer.from(text).toString()).toBe("one");
      break;
    }
    await accepted[0]!.closed;
  });

  it("ends without an error when it is aborted, and hangs up", async () => {
    const { stream, accepted, abort } = await setup((connection) => connection.send(line("one")));
    const seen: string[] = [];
    for await (const { text } of stream()) {
      seen.push(Buffer.from(text).toString());
      abort.abort();
    }
    expect(seen).toEqual(["one"]);
    await accepted[0]!.closed;
  });

  it("ends without an error when it is aborted while it dials", async () => {
    const { abort } = await setup(() => Promise.resolve());
    const dial = (signal: AbortSignal): Promise<never> =>
      new Promise((_resolve, reject) =>
        signal.addEventListener("abort", () => reject(new TypeError("dial aborted"))),
      );
    const reading = collect(readTaskLogs(dial, REQUEST, abort.signal));
    abort.abort();
    expect(await reading).toEqual([]);
  });

  it("keeps no connection that comes up just as it is aborted", async () => {
    const { abort, accepted } = await setup(() => Promise.resolve());
    const dial = async (): Promise<Connection> => {
      const connection = await server!.dial();
      abort.abort();
      return connection;
    };
    expect(await collect(readTaskLogs(dial, REQUEST, abort.signal))).toEqual([]);
    await accepted[0]!.closed;
  });

  it("throws what the dial throws", async () => {
    const dial = (): Promise<never> => Promise.reject(new TypeError("no way"));
    const { signal } = new AbortController();
    await expect(collect(readTaskLogs(dial, REQUEST, signal))).rejects.toThrow("no way");
  });
});
