import { renderTable, shortId } from "../cli/output.ts";
import type { DemoIo } from "./demo.ts";
import type { SwarmSnapshot } from "./snapshot.ts";

/** Where the demo's state is shown: redrawn in place on a terminal, else one line per change. */
export interface Screen {
  show(snapshot: SwarmSnapshot): void;
  /** Text that stays below the table. */
  announce(text: string): void;
  trouble(text: string): void;
}

export function createScreen(io: DemoIo): Screen {
  return io.terminal ? new TerminalScreen(io.out) : new LineScreen(io.out);
}

const CLEAR_TO_END = "\u001b[0J";
const CLEAR_LINE_END = "\u001b[K";

class TerminalScreen implements Screen {
  readonly #out: (text: string) => void;
  #linesShown = 0;
  #announcement = "";
  #trouble = "";
  #table = "";

  constructor(out: (text: string) => void) {
    this.#out = out;
  }

  show(snapshot: SwarmSnapshot): void {
    this.#trouble = "";
    this.#table = tables(snapshot);
    this.#draw();
  }

  announce(text: string): void {
    this.#announcement = text;
    this.#draw();
  }

  trouble(text: string): void {
    this.#trouble = `no manager answers: ${text}`;
    this.#draw();
  }

  #draw(): void {
    const text = ["", this.#table, this.#announcement, this.#trouble].join("\n");
    const lines = text.trimEnd().split("\n");
    const up = this.#linesShown > 0 ? `\u001b[${this.#linesShown}A\r` : "";
    this.#out(`${up}${lines.map((line) => line + CLEAR_LINE_END).join("\n")}\n${CLEAR_TO_END}`);
    this.#linesShown = lines.length;
  }
}

class LineScreen implements Screen {
  readonly #out: (text: string) => void;
  readonly #shown = new Map<string, string>();
  #trouble = "";

  constructor(out: (text: string) => void) {
    this.#out = out;
  }

  show(snapshot: SwarmSnapshot): void {
    this.#trouble = "";
    const lines = new Map<string, string>();
    for (const node of snapshot.nodes) {
      lines.set(
        node.id,
        `node ${node.name} ${shortId(node.id)} ${node.address} ${node.role}: ${node.state}`,
      );
    }
    for (const task of snapshot.tasks) {
      const where = task.node === "" ? "" : ` on ${task.node}`;
      lines.set(
        task.id,
        `task ${task.name} ${shortId(task.id)}${where}: ${task.state} ${task.url ?? ""}`.trimEnd(),
      );
    }
    for (const [key, line] of lines) {
      if (this.#shown.get(key) !== line) this.#out(`${line}\n`);
      this.#shown.set(key, line);
    }
    for (const key of [...this.#shown.keys()]) {
      if (!lines.has(key)) this.#shown.delete(key);
    }
  }

  announce(text: string): void {
    this.#out(`${text}\n`);
  }

  trouble(text: string): void {
    if (this.#trouble !== text) this.#out(`no manager answers: ${text}\n`);
    this.#trouble = text;
  }
}

function tables(snapshot: SwarmSnapshot): string {
  const nodes = renderTable(
    ["NODE", "ID", "ADDRESS", "ROLE", "STATE"],
    snapshot.nodes.map((node) => [
      node.name,
      shortId(node.id),
      node.address,
      node.role,
      node.state,
    ]),
  );
  const tasks = renderTable(
    ["TASK", "ID", "NODE", "STATE", "PID", "URL"],
    snapshot.tasks.map((task) => [
      task.name,
      shortId(task.id),
      task.node,
      task.state,
      String(task.pid ?? ""),
      task.url ?? "",
    ]),
  );
  return `${nodes}\n${tasks}`;
}
