import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ServiceLogOptions,
  streamServiceLogs,
} from "../../../src/cli/commands/service-logs.ts";
import type { EngineClient } from "../../../src/cli/engine-client.ts";

const OPTIONS: ServiceLogOptions = {
  service: "web",
  follow: false,
  tail: "all",
  timestamps: false,
};

function frame(stream: number, text: string): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

const details = (task: string): string =>
  `com.docker.swarm.node.id=n,com.docker.swarm.service.id=s,com.docker.swarm.task.id=${task}`;

async function run(chunks: readonly Uint8Array[], changes: Partial<ServiceLogOptions> = {}) {
  const printed = { out: "", err: "" };
  const paths: string[] = [];
  const client: Pick<EngineClient, "stream"> = {
    stream: async function* (path) {
      paths.push(path);
      for (const chunk of chunks) yield await Promise.resolve(chunk);
    },
  };
  const io = {
    out: (text: string) => void (printed.out += text),
    err: (text: string) => void (printed.err += text),
    env: {},
    signal: new AbortController().signal,
  };
  await streamServiceLogs(client as EngineClient, { ...OPTIONS, ...changes }, io);
  return { ...printed, path: paths[0] ?? "" };
}

describe("service logs", () => {
  it("asks for what the flags say", async () => {
    const { path } = await run([], { service: "a/b", follow: true, tail: "10", timestamps: true });
    const url = new URL(path, "http://node");
    expect(url.pathname).toBe("/services/a%2Fb/logs");
    expect(Object.fromEntries(url.searchParams)).toEqual({
      stdout: "1",
      stderr: "1",
      details: "1",
      tail: "10",
      follow: "1",
      timestamps: "1",
    });
  });

  it("prints lines behind their task, on the stream that they were written to", async () => {
    const printed = await run([
      frame(1, `${details("aaaaaaaaaaaaaaaa")} hello  world\n`),
      frame(2, `${details("bbbbbbbbbbbbbbbb")} oops\n`),
    ]);
    expect(printed.out).toBe("aaaaaaaaaaaa | hello  world\n");
    expect(printed.err).toBe("bbbbbbbbbbbb | oops\n");
  });

  it("prints times where they were asked for", async () => {
    const line = `2026-01-02T03:04:05.000000000Z ${details("aaaaaaaaaaaaaaaa")} hello\n`;
    const { out } = await run([frame(1, line)], { timestamps: true });
    expect(out).toBe("2026-01-02T03:04:05.000000000Z aaaaaaaaaaaa | hello\n");
  });

  it("reads frames however they were cut on their way", async () => {
    const bytes = Buffer.concat([
      frame(1, `${details("aaaaaaaaaaaaaaaa")} grüße\n`),
      frame(1, `${details("aaaaaaaaaaaaaaaa")} \n`),
      frame(2, `${details("bbbbbbbbbbbbbbbb")} 2\n`),
    ]);
    const whole = await run([bytes]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length)), async (cuts) => {
        const ends = [...cuts, bytes.length].sort((a, b) => a - b);
        const chunks = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
        expect(await run(chunks)).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });

  it("fails with what the node says of the stream, after the lines before it", async () => {
    await expect(
      run([frame(3, "error from daemon: node n1 is not available\n")]),
    ).rejects.toMatchObject({
      code: "refused",
      message: "error from daemon: node n1 is not available",
    });
  });

  it("gives up on a length that no line has", async () => {
    const header = Buffer.from([1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);
    await expect(run([header])).rejects.toMatchObject({ message: "damaged log stream" });
  });

  it.each(["ten", "-1", "", "1e3", "1234567890"])("refuses a tail of %j", async (tail) => {
    await expect(run([], { tail })).rejects.toThrow("--tail takes a number or all.");
  });
});
