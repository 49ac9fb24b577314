import { describe, expect, it } from "vitest";
import { createScreen } from "../../src/demo/screen.ts";
import type { NodeRow, SwarmSnapshot, TaskRow } from "../../src/demo/snapshot.ts";

const node = (id: string, state = "ready"): NodeRow => ({
  id,
  name: `host-${id}`,
  address: "127.0.0.1:1",
  role: "worker",
  state,
});
const task = (id: string, changes: Partial<TaskRow> = {}): TaskRow => ({
  id,
  name: `web.${id}`,
  node: "host-a",
  state: "running",
  pid: 42,
  url: undefined,
  ...changes,
});
const snapshot = (nodes: readonly NodeRow[], tasks: readonly TaskRow[]): SwarmSnapshot => ({
  nodes,
  tasks,
});

function setup(terminal: boolean) {
  let written = "";
  const screen = createScreen({
    terminal,
    out: (text) => {
      written += text;
    },
    signal: new AbortController().signal,
  });
  return {
    screen,
    take: () => {
      const text = written;
      written = "";
      return text;
    },
  };
}

describe("the screen without a terminal", () => {
  it("prints a line per node and task, and then only what changed", () => {
    const { screen, take } = setup(false);
    screen.show(snapshot([node("a"), node("b")], [task("1")]));
    expect(take().split("\n")).toEqual([
      expect.stringMatching(/^node host-a .*worker: ready$/),
      expect.stringMatching(/^node host-b .*worker: ready$/),
      expect.stringMatching(/^task web\.1 .*on host-a: running$/),
      "",
    ]);
    screen.show(snapshot([node("a"), node("b")], [task("1")]));
    expect(take()).toBe("");
    screen.show(snapshot([node("a"), node("b", "down")], [task("1", { url: "http://x/" })]));
    expect(take().split("\n")).toEqual([
      expect.stringMatching(/^node host-b .*: down$/),
      expect.stringMatching(/^task web\.1 .*: running http:\/\/x\/$/),
      "",
    ]);
  });

  it("prints what went and came back anew", () => {
    const { screen, take } = setup(false);
    screen.show(snapshot([], [task("1")]));
    screen.show(snapshot([], []));
    take();
    screen.show(snapshot([], [task("1")]));
    expect(take()).toMatch(/^task web\.1/);
  });

  it("says where no task is placed yet by saying nothing", () => {
    const { screen, take } = setup(false);
    screen.show(snapshot([], [task("1", { node: "", state: "pending" })]));
    expect(take()).toBe("task web.1 1: pending\n");
  });

  it("tells of trouble once, until a manager answers again", () => {
    const { screen, take } = setup(false);
    screen.trouble("refused");
    screen.trouble("refused");
    expect(take()).toBe("no manager answers: refused\n");
    screen.show(snapshot([], []));
    screen.trouble("refused");
    expect(take()).toBe("no manager answers: refused\n");
  });

  it("writes no control characters", () => {
    const { screen, take } = setup(false);
    screen.show(snapshot([node("a")], [task("1")]));
    screen.announce("done");
    screen.trouble("x");
    expect(take()).not.toContain("\u001b");
  });
});

describe("the screen on a terminal", () => {
  /** How many lines the text goes up, and how many it writes. */
  const movesOf = (text: string): { up: number; down: number } => ({
    up: Number(new RegExp("^\\u001b\\[(\\d+)A").exec(text)?.[1] ?? 0),
    down: text.split("\n").length - 1,
  });

  it("draws over what it drew before, however many lines that had", () => {
    const { screen, take } = setup(true);
    screen.show(snapshot([node("a"), node("b")], [task("1"), task("2")]));
    let before = movesOf(take());
    expect(before.up).toBe(0);
    const steps = [
      () => screen.announce("All replicas run.\n\nCtrl-C stops everything."),
      () => screen.show(snapshot([node("a")], [])),
      () => screen.trouble("refused"),
      () => screen.show(snapshot([node("a"), node("b"), node("c")], [task("1")])),
    ];
    for (const step of steps) {
      step();
      const now = movesOf(take());
      expect(now.up).toBe(before.down);
      before = now;
    }
  });

  it("keeps the announcement below the table, and takes trouble away when it is over", () => {
    const { screen, take } = setup(true);
    screen.announce("All replicas run.");
    screen.trouble("refused");
    expect(take()).toContain("no manager answers: refused");
    screen.show(snapshot([node("a")], [task("1", { pid: undefined })]));
    const text = take();
    expect(text.indexOf("host-a")).toBeLessThan(text.indexOf("All replicas run."));
    expect(text).not.toContain("no manager answers");
    expect(text).not.toContain("undefined");
  });
});
