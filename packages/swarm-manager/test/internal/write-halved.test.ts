import { expect, test } from "vitest";
import { writeHalved } from "../../src/internal/write-halved.ts";

const tooLarge = (): Error => Object.assign(new RangeError("too large"), { code: "too-large" });

test("what is too large goes in halves, in order", async () => {
  const tried: string[] = [];
  const results = await writeHalved([1, 2, 3, 4, 5], (part) => {
    tried.push(part.join(""));
    return part.length > 2 ? Promise.reject(tooLarge()) : Promise.resolve(part.length);
  });
  expect(tried).toEqual(["12345", "12", "345", "3", "45"]);
  expect(results).toEqual([2, 1, 2]);
});

test("one item that is too large, and any other failure, is told", async () => {
  await expect(writeHalved([1, 2], () => Promise.reject(tooLarge()))).rejects.toMatchObject({
    code: "too-large",
  });
  const tried: number[] = [];
  const failing = writeHalved([1, 2], (part) => {
    tried.push(part.length);
    return Promise.reject(new RangeError("other"));
  });
  await expect(failing).rejects.toThrow("other");
  expect(tried).toEqual([2]);
});
