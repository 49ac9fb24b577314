import { expect, test } from "vitest";
import { Single } from "./paper/single.ts";

test("ready and advance take turns", () => {
  const { core } = new Single();
  expect(() => core.advance()).toThrow(expect.objectContaining({ code: "out-of-turn" }));
  core.ready();
  expect(core.hasReady()).toBe(false);
  expect(() => core.ready()).toThrow(expect.objectContaining({ code: "out-of-turn" }));
  core.advance();
});
