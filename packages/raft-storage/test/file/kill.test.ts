import { expect, it } from "vitest";
import { withDirectory } from "../directory.ts";
import { killRounds } from "./kill-rounds.ts";

it("a store whose process is killed 10 times holds every acknowledged entry", () =>
  withDirectory(async (directory) => {
    expect(await killRounds(directory, { rounds: 10, seed: 1 })).toBeGreaterThan(10);
  }));
