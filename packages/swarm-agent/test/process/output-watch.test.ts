import { expect, onTestFinished, test } from "vitest";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { watchOutput } from "../../src/process/output-watch.ts";
import { createManualClock, settle } from "../support/clock.ts";
import type { ManualClock } from "../support/clock.ts";
import { testFolder } from "../support/folder.ts";

interface Setup {
  readonly clock: ManualClock;
  readonly folder: string;
  readonly looks: () => number;
}

async function setup(more: () => boolean = () => false): Promise<Setup> {
  const clock = createManualClock();
  const folder = await testFolder();
  let looks = 0;
  const watch = watchOutput({
    directory: folder,
    clock,
    collect: () => {
      looks += 1;
      return Promise.resolve(more());
    },
  });
  onTestFinished(() => watch.close());
  return { clock, folder, looks: () => looks };
}

test("output is looked at soon after a notice, once for many", async () => {
  const { clock, folder, looks } = await setup();
  await clock.advance(50);
  const before = looks();
  for (const name of ["a", "b", "c"]) await writeFile(join(folder, name), "x");
  await expect
    .poll(
      async () => {
        await clock.advance(50);
        return looks();
      },
      { interval: 5 },
    )
    .toBeGreaterThan(before);
});

test("without a notice there is a slow look", async () => {
  const { clock, looks } = await setup();
  await clock.advance(50);
  const before = looks();
  await clock.advance(2_050);
  expect(looks()).toBe(before + 2);
});

test("as long as there is more, looks follow each other", async () => {
  const { clock, looks } = await setup(() => true);
  await clock.advance(500);
  expect(looks()).toBe(10);
});

test("closed, it does nothing any more", async () => {
  const clock = createManualClock();
  const watch = watchOutput({
    directory: await testFolder(),
    clock,
    collect: () => Promise.resolve(false),
  });
  await clock.advance(50);
  watch.close();
  await settle();
  expect(clock.pending()).toBe(0);
});
