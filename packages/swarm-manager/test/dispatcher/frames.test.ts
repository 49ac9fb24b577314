import { decodeDispatcherMessage, SESSION_MESSAGE_BYTES_MAX } from "@waggle/swarm-state";
import type { DispatcherMessage, Task } from "@waggle/swarm-state";
import { describe, expect, test } from "vitest";
import { framesOf } from "../../src/dispatcher/frames.ts";
import { idOf, task } from "../support/samples.ts";

/** Tasks of which each takes at least `bytes`. */
const tasks = (count: number, bytes = 0): Task[] =>
  Array.from({ length: count }, (_, at) => {
    const draft = task(`t${at}x`, "n1");
    const labels = bytes > 0 ? { fill: "x".repeat(bytes) } : {};
    const meta = { version: 1, createdAtMs: 1, updatedAtMs: 1 };
    return { ...draft, ...meta, service: { name: "web", labels } };
  });

const parts = (message: DispatcherMessage) => {
  const frames = [...framesOf(message)];
  for (const frame of frames) expect(frame.length).toBeLessThanOrEqual(SESSION_MESSAGE_BYTES_MAX);
  return frames.map((frame) => {
    const part = decodeDispatcherMessage(frame);
    if (part.type !== "assignments") throw new TypeError(part.type);
    return part;
  });
};

const idsOf = (messages: readonly { readonly tasks: readonly Task[] }[]) =>
  messages.flatMap((message) => message.tasks.map(({ id }) => id));

describe("assignments", () => {
  test("that fit go in one frame", () => {
    const all = parts({ type: "assignments", mode: "complete", tasks: tasks(3) });
    expect(all.map((part) => [part.tasks.length, "more" in part])).toEqual([[3, false]]);
  });

  test.each([
    ["bytes", tasks(90, 100_000)],
    ["tasks", tasks(2_500)],
  ])("with too many %s go in several, of which all but the last say so", (_, set) => {
    const all = parts({ type: "assignments", mode: "complete", tasks: set });
    expect(all.length).toBeGreaterThan(1);
    expect(all.map((part) => part.mode === "complete" && part.more === true)).toEqual(
      all.map((_part, at) => at < all.length - 1),
    );
    expect(idsOf(all)).toEqual(set.map(({ id }) => id));
  });

  test("that are changes name what is removed once", () => {
    const set = tasks(90, 100_000);
    const removedTaskIds = [idOf("gone")];
    const all = parts({ type: "assignments", mode: "incremental", tasks: set, removedTaskIds });
    expect(all.length).toBeGreaterThan(1);
    expect(idsOf(all)).toEqual(set.map(({ id }) => id));
    const removed = all.flatMap((part) => (part.mode === "incremental" ? part.removedTaskIds : []));
    expect(removed).toEqual(removedTaskIds);
  });
});
