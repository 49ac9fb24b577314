import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { createStreamWriter } from "../../src/http/stream-writer.ts";

/** A response that is full after every write, until it is drained. */
class FullResponse extends EventEmitter {
  readonly written: string[] = [];
  destroyed = false;
  write(bytes: Uint8Array): boolean {
    this.written.push(Buffer.from(bytes).toString());
    return false;
  }
}

function setup() {
  const response = new FullResponse();
  // The part of a response that the writer uses.
  const writer = createStreamWriter(response as unknown as ServerResponse);
  return { response, writer };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("many writers take turns, one write each time there is room, with two listeners in all", async () => {
  const { response, writer } = setup();
  const writes = Array.from({ length: 50 }, (_, index) => writer.write(Buffer.from(`${index}`)));
  for (let written = 1; written <= 50; written++) {
    await settle();
    expect(response.written).toHaveLength(written);
    expect(response.listenerCount("drain") + response.listenerCount("close")).toBe(2);
    response.emit("drain");
  }
  await Promise.all(writes);
  expect(new Set(response.written).size).toBe(50);
});

test("nobody waits for a client that is gone", async () => {
  const { response, writer } = setup();
  const writes = [writer.write(Buffer.from("a")), writer.write(Buffer.from("b"))];
  await settle();
  response.destroyed = true;
  response.emit("close");
  await Promise.all(writes);
  expect(response.written).toEqual(["a"]);
});
