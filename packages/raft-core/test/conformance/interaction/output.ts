import { LEVELS } from "./log-lines.ts";
import type { Level } from "./log-lines.ts";

/** What a case answers: text and log lines, from a level on. At NONE nothing is kept, not even text. */
export class Output {
  level: Level = "DEBUG";
  #text = "";

  take(): string {
    const text = this.#text;
    this.#text = "";
    return text;
  }

  write(text: string): void {
    if (this.level !== "NONE") this.#text += text;
  }

  log(level: Level, text: string): void {
    if (LEVELS.indexOf(level) >= LEVELS.indexOf(this.level)) this.write(`${level} ${text}\n`);
  }

  /** Runs `body` and indents every line that it writes. */
  indented(body: () => void): void {
    const before = this.take();
    try {
      body();
    } finally {
      const lines = this.take().split("\n");
      if (lines.at(-1) === "") lines.pop();
      this.#text = before + lines.map((line) => `  ${line}\n`).join("");
    }
  }
}

/** A command that failed; its text belongs to the answer. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}
