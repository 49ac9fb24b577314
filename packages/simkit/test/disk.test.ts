import fc from "fast-check";
import { expect, test } from "vitest";
import { createSimulatedDisk } from "../src/disk.ts";
import { createRandom } from "../src/prng.ts";

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const text = (data: Uint8Array | undefined) => String.fromCharCode(...(data ?? []));

test("a crash loses what was not synced and keeps what was", () => {
  const disk = createSimulatedDisk({ random: createRandom(1) });
  disk.append("log", bytes("one"));
  disk.sync("log");
  disk.append("log", bytes("two"));
  disk.write("new", 0, bytes("x"));
  expect(text(disk.read("log"))).toBe("onetwo");
  expect(disk.isDirty("log")).toBe(true);
  expect(disk.crash()).toEqual(["log", "new"]);
  expect(text(disk.read("log"))).toBe("one");
  expect(text(disk.read("new"))).toBe("");
  expect(disk.crash()).toEqual([]);
});

test("synced bytes before the first change survive any crash, and the same seed crashes alike", () => {
  const faults = fc.record({
    loseUnsynced: fc.constantFrom(0, 0.5),
    tear: fc.constantFrom(0, 0.5, 1),
  });
  fc.assert(
    fc.property(fc.nat(), faults, fc.nat(600), fc.nat(600), (seed, plan, synced, unsynced) => {
      const run = () => {
        const disk = createSimulatedDisk({ random: createRandom(seed), faults: plan });
        disk.append("f", new Uint8Array(synced).fill(1));
        disk.sync("f");
        disk.append("f", new Uint8Array(unsynced).fill(2));
        disk.crash();
        return disk.read("f")!;
      };
      const after = run();
      expect(after.subarray(0, synced).every((byte) => byte === 1)).toBe(true);
      expect(after.length).toBeGreaterThanOrEqual(synced);
      expect(after.length).toBeLessThanOrEqual(synced + unsynced);
      expect(run()).toEqual(after);
    }),
  );
});

test("a torn write leaves part of the bytes, some of them damaged", () => {
  const outcomes = new Set<string>();
  for (let seed = 0; seed < 50; seed += 1) {
    const faults = { loseUnsynced: 0, tear: 0.5 };
    const disk = createSimulatedDisk({ random: createRandom(seed), faults });
    disk.append("f", new Uint8Array(64).fill(7));
    disk.crash();
    const after = disk.read("f")!;
    outcomes.add(after.length < 64 ? "short" : "whole");
    outcomes.add(after.every((byte) => byte === 7) ? "clean" : "damaged");
  }
  expect(outcomes).toContain("short");
  expect(outcomes).toContain("damaged");
});

test("an unsynced truncation survives a crash, or does not", () => {
  const lengths = new Set<number>();
  for (let seed = 0; seed < 50; seed += 1) {
    const disk = createSimulatedDisk({
      random: createRandom(seed),
      faults: { loseUnsynced: 0, tear: 0 },
    });
    disk.append("f", bytes("abcdef"));
    disk.sync("f");
    disk.truncate("f", 2);
    disk.crash();
    const after = text(disk.read("f"));
    expect("abcdef".startsWith(after)).toBe(true);
    lengths.add(after.length);
  }
  expect([...lengths].sort()).toEqual([2, 6]);
});

test("truncate, rename, remove and list", () => {
  const disk = createSimulatedDisk({ random: createRandom(1) });
  disk.append("a", bytes("abcdef"));
  disk.truncate("a", 2);
  disk.sync("a");
  disk.rename("a", "b");
  expect(disk.list()).toEqual(["b"]);
  expect(text(disk.read("b"))).toBe("ab");
  disk.remove("b");
  expect(disk.exists("b")).toBe(false);
  expect(disk.read("b")).toBeUndefined();
  expect(() => disk.sync("b")).toThrow("no such file");
  expect(() => disk.write("c", 1, bytes("x"))).toThrow("outside");
});

test("what a reader got does not change by later writes", () => {
  const disk = createSimulatedDisk({ random: createRandom(1) });
  disk.append("a", bytes("abc"));
  const before = disk.read("a")!;
  disk.write("a", 0, bytes("x"));
  expect(text(before)).toBe("abc");
});
