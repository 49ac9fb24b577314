import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FAULTS } from "./faults.ts";

const read = (path: string): string => {
  const url = new URL(path, import.meta.url);
  return existsSync(url) ? readFileSync(url, "utf8") : "";
};
const all = Object.entries(FAULTS).flatMap(([theme, faults]) =>
  faults.map((fault) => ({ theme, ...fault })),
);

test("every place that a fault changes is still there, exactly once", () => {
  const stale = all.flatMap(({ theme, name, edits }) =>
    edits
      .map(([file, search]) => ({
        file,
        search,
        count: read(`../../src/${file}`).split(search).length - 1,
      }))
      .filter(({ count }) => count !== 1)
      .map(
        ({ file, search, count }) =>
          `src/${file} has ${count} times what test/mutations/faults/${theme}.ts names for the fault ` +
          `"${name}":\n    ${search}\n  Name the text that now does this there (it must occur once), commit the ` +
          "same fault in its replacement, and run: pnpm --filter @waggle/raft-core mutations " +
          theme,
      ),
  );
  expect(stale.join("\n")).toBe("");
});

test("every fault has a test of its name, and no name is there twice", () => {
  const missing = all.filter(({ theme, name }) => !read(`./${theme}.test.ts`).includes(`"${name}`));
  expect(missing.map(({ theme, name }) => `${theme}.test.ts: ${name}`)).toEqual([]);
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
});

test("the 28 faults that the reference's own files let pass are among them", () => {
  expect(all.filter(({ missedByGoldens }) => missedByGoldens)).toHaveLength(28);
});
