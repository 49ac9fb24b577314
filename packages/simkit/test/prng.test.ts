import fc from "fast-check";
import { expect, test } from "vitest";
import { createRandom } from "../src/prng.ts";

test("the same seed gives the same numbers, to the bit", () => {
  const draw = (seed: number) => {
    const random = createRandom(seed);
    return Array.from({ length: 50 }, () => random.next());
  };
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
  expect(draw(7)).not.toEqual(draw(7 + 2 ** 32));
});

test("the first numbers of seed 1 stay what they are across releases", () => {
  const random = createRandom(1);
  const words = Array.from({ length: 4 }, () => random.next() * 2 ** 32);
  expect(words).toMatchInlineSnapshot(`
    [
      1504522749,
      3834039866,
      1325708257,
      2810907952,
    ]
  `);
});

test("numbers are in range and spread out", () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 1000 }), (seed, below) => {
      const random = createRandom(seed);
      const next = random.next();
      const integer = random.integer(below);
      const fraction = random.range(-1, 1);
      return (
        next >= 0 && next < 1 && integer >= 0 && integer < below && fraction >= -1 && fraction < 1
      );
    }),
  );
  const random = createRandom(3);
  const buckets = new Array<number>(10).fill(0);
  for (let n = 0; n < 10_000; n += 1) buckets[random.integer(10)]! += 1;
  for (const bucket of buckets) expect(Math.abs(bucket - 1000)).toBeLessThan(150);
});

test("chance 0 is never and 1 always", () => {
  const random = createRandom(5);
  for (let n = 0; n < 1000; n += 1) {
    expect(random.chance(0)).toBe(false);
    expect(random.chance(1)).toBe(true);
  }
});

test("shuffle permutes a copy, pick takes an element", () => {
  fc.assert(
    fc.property(fc.nat(), fc.array(fc.integer(), { minLength: 1 }), (seed, list) => {
      const before = [...list];
      const random = createRandom(seed);
      const shuffled = random.shuffle(list);
      expect(list).toEqual(before);
      expect([...shuffled].sort()).toEqual([...list].sort());
      expect(list).toContain(random.pick(list));
    }),
  );
});

test("a fork depends on seed and label only", () => {
  const random = createRandom(9);
  const early = random.fork("disk").next();
  random.next();
  expect(random.fork("disk").next()).toBe(early);
  expect(random.fork("net").next()).not.toBe(early);
  expect(createRandom(10).fork("disk").next()).not.toBe(early);
});

test("refuses bad seeds and bounds", () => {
  expect(() => createRandom(-1)).toThrow("seed");
  expect(() => createRandom(0.5)).toThrow("seed");
  expect(() => createRandom(0).integer(0)).toThrow("bound");
  expect(() => createRandom(0).pick([])).toThrow("empty");
});
