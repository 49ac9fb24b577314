import fc from "fast-check";
import { expect, test } from "vitest";
import { BroadcastQueue, retransmitLimit } from "../../../src/core/dissemination/queue.ts";

const part = (length: number, tag = 0) => new Uint8Array(length).fill(tag);

test("how often each node sends a rumour", () => {
  const limits = [1, 5, 9, 10, 99, 100, 1000].map((n) => retransmitLimit(n, 4));
  expect(limits).toEqual([4, 4, 4, 8, 8, 12, 16]);
});

test("a newer rumour about the same member takes the place of the older", () => {
  const queue = new BroadcastQueue();
  queue.put("a", part(5, 1));
  queue.take(100, 0, 4);
  queue.put("a", part(5, 2));
  expect(queue.take(100, 0, 4)).toEqual([part(5, 2)]);
  expect(queue.size).toBe(1);
});

test("those sent least often go first, and what does not fit is passed over", () => {
  const queue = new BroadcastQueue();
  queue.put("old", part(10, 1));
  queue.take(10, 0, 4);
  queue.put("big", part(50, 2));
  queue.put("new", part(10, 3));
  expect(queue.take(10, 0, 4)).toEqual([part(10, 3)]);
  expect(queue.take(12, 2, 4)).toHaveLength(1);
});

test("every rumour is sent exactly as often as the limit says, then reported finished", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 12, max: 60 }),
      (names, limit, budget) => {
        const queue = new BroadcastQueue();
        const finished: string[] = [];
        const sent = new Map<number, number>();
        queue.onFinished = (name) => finished.push(name);
        names.forEach((name, index) => queue.put(name, part(10, index + 1)));
        for (let turn = 0; turn < 1000 && queue.size > 0; turn += 1) {
          const parts = queue.take(budget, 2, limit);
          expect(parts.length * 12).toBeLessThanOrEqual(budget);
          for (const each of parts) sent.set(each[0]!, (sent.get(each[0]!) ?? 0) + 1);
        }
        expect([...sent.values()]).toEqual(names.map(() => limit));
        expect([...finished].sort()).toEqual([...names].sort());
      },
    ),
  );
});
