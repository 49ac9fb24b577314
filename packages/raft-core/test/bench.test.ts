import { execFileSync, spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";

const BENCH = new URL("../bench/bench.ts", import.meta.url).pathname;
/** Without a collection before each burst of calls, which would take longer than all the rest. */
const NODE = ["--conditions=@waggle/source", BENCH];

function refusal(...flags: string[]): { status: number | null; stderr: string; stdout: string } {
  const { status, stderr, stdout } = spawnSync(process.execPath, [...NODE, ...flags], {
    encoding: "utf8",
  });
  return { status, stderr, stdout };
}

// Each test starts a process of its own: milliseconds of work, and seconds on a machine that does a lot else.
describe("the benchmark", { timeout: 60_000 }, () => {
  test("runs every row and prints one JSON document", () => {
    const out = execFileSync(process.execPath, [...NODE, "--json", "--time-ms", "1"], {
      encoding: "utf8",
    });
    const report = JSON.parse(out) as { results: Record<string, unknown>[] };
    expect(report).toMatchObject({ node: process.versions.node, clock: "wall" });
    for (const row of report.results) {
      expect(row["operationsPerSecond"], String(row["name"])).toBeGreaterThan(0);
      expect(row["bytesPerOperation"], String(row["name"])).toBeGreaterThanOrEqual(0);
    }
    expect(report.results.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["quorum commit index, 64 voters", "three members, batches of 512"]),
    );
  });

  test("takes a part of the rows, and the processor's time", () => {
    const flags = ["--json", "--cpu", "--time-ms", "1", "--filter", "batches of 1"];
    const out = execFileSync(process.execPath, [...NODE, ...flags], { encoding: "utf8" });
    expect(JSON.parse(out)).toMatchObject({
      clock: "cpu",
      // Nobody waits for anybody: two for the leader and two for each follower.
      results: [{ name: "three members, batches of 1", details: { readysPerProposal: 6 } }],
    });
  });

  test.each([["--jsn"], ["--time-ms", "0"], ["--filter", "no such row"], ["row"]])(
    "refuses %s %s with a usage line",
    (...flags) => {
      expect(refusal(...flags)).toMatchObject({
        status: 2,
        stdout: "",
        stderr: expect.stringContaining("usage: bench") as string,
      });
    },
  );

  test("says how it is used", () => {
    expect(refusal("--help")).toMatchObject({
      status: 0,
      stderr: "",
      stdout: expect.stringMatching(/^usage: bench/u) as string,
    });
  });
});
