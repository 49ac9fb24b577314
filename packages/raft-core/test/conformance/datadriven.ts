/** One argument of a directive: `key`, `key=value` or `key=(value, value)`. */
export interface Argument {
  readonly key: string;
  readonly values: readonly string[];
}

/** One case of a data-driven file: a directive, its input, and what it must answer. */
export interface Case {
  /** Line of the directive, from 1. */
  readonly line: number;
  readonly command: string;
  readonly args: readonly Argument[];
  readonly input: string;
  readonly expected: string;
  /** Line at which `expected` begins. */
  readonly expectedLine: number;
  /** Line after the expectation. */
  readonly endLine: number;
}

/** A file that does not follow the grammar. */
export class DataDrivenError extends Error {
  override readonly name = "DataDrivenError";
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** The text of a data-driven file in which every case answers what `run` says. */
export function rewriteCases(text: string, run: (test: Case) => string): string {
  const lines = text.split("\n");
  const out: string[] = [];
  let next = 0;
  for (const test of parseCases(text)) {
    out.push(...lines.slice(next, test.expectedLine - 1));
    if (lines[test.expectedLine - 2] !== SEPARATOR) out.push(SEPARATOR);
    out.push(...answerLines(run(test)));
    next = test.endLine - 1;
    if (next < lines.length && lines[next] !== "") out.push("");
  }
  return [...out, ...lines.slice(next)].join("\n");
}

function answerLines(answer: string): readonly string[] {
  if (answer === "") return [];
  const lines = withFinalNewline(answer).slice(0, -1).split("\n");
  if (!lines.some((line) => line.trim() === "")) return lines;
  return [SEPARATOR, ...lines, SEPARATOR, SEPARATOR];
}

/** The form in which answers are compared. */
export function withFinalNewline(answer: string): string {
  return answer === "" || answer.endsWith("\n") ? answer : `${answer}\n`;
}

/** Splits a data-driven file into its cases. @throws DataDrivenError. */
export function parseCases(text: string): readonly Case[] {
  return new Reader(text).cases();
}

const SEPARATOR = "----";

class Reader {
  readonly #lines: readonly string[];
  #next = 0;

  constructor(text: string) {
    const lines = text.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
    if (lines.at(-1) === "") lines.pop();
    this.#lines = lines;
  }

  cases(): readonly Case[] {
    const cases: Case[] = [];
    for (;;) {
      const line = this.#take();
      if (line === undefined) return cases;
      const directive = line.trim();
      if (directive === "" || directive.startsWith("#")) continue;
      cases.push(this.#case(directive));
    }
  }

  #take(): string | undefined {
    const line = this.#lines[this.#next];
    if (line !== undefined) this.#next += 1;
    return line;
  }

  #case(first: string): Case {
    const line = this.#next;
    let directive = first;
    while (directive.endsWith("\\"))
      directive = `${directive.slice(0, -1)} ${(this.#take() ?? "").trim()}`;
    const { command, args } = parseDirective(directive, line);
    const input: string[] = [];
    for (;;) {
      const next = this.#take();
      if (next === undefined || next === SEPARATOR) break;
      input.push(next);
    }
    const expectedLine = this.#next + 1;
    const { expected, lines } = this.#expected();
    const endLine = expectedLine + lines;
    return { line, command, args, input: input.join("\n").trim(), expected, expectedLine, endLine };
  }

  #expected(): { readonly expected: string; readonly lines: number } {
    if (this.#lines[this.#next] === SEPARATOR) return this.#expectedWithBlankLines();
    let expected = "";
    for (let lines = 0; ; lines += 1) {
      const line = this.#take();
      if (line === undefined || line.trim() === "") return { expected, lines };
      expected += `${line}\n`;
    }
  }

  /** A doubled separator begins a block that may hold blank lines; another doubled one ends it. */
  #expectedWithBlankLines(): { readonly expected: string; readonly lines: number } {
    const begin = this.#next;
    this.#next += 1;
    let expected = "";
    for (;;) {
      const line = this.#take();
      if (line === undefined) throw new DataDrivenError(begin, "an expectation without its end");
      if (line === SEPARATOR && this.#lines[this.#next] === SEPARATOR) {
        this.#next += 1;
        const lines = this.#next - begin;
        const after = this.#take();
        if (after !== undefined && after.trim() !== "")
          throw new DataDrivenError(this.#next, "no blank line after an expectation");
        return { expected, lines };
      }
      expected += `${line}\n`;
    }
  }
}

function parseDirective(
  directive: string,
  line: number,
): { readonly command: string; readonly args: readonly Argument[] } {
  const space = directive.indexOf(" ");
  if (space < 0) return { command: directive, args: [] };
  const args: Argument[] = [];
  let rest = directive.slice(space).trimStart();
  while (rest !== "") {
    const { argument, length } = parseArgument(rest, line);
    args.push(argument);
    rest = rest.slice(length).trimStart();
  }
  return { command: directive.slice(0, space), args };
}

function parseArgument(
  text: string,
  line: number,
): { readonly argument: Argument; readonly length: number } {
  const key = /^[^ =]*/u.exec(text)?.[0] ?? "";
  if (key === "") throw new DataDrivenError(line, `an argument without a name: ${text}`);
  if (text[key.length] !== "=") return { argument: { key, values: [] }, length: key.length };
  const from = key.length + 1;
  if (text[from] !== "(") {
    const value = /^[^ ]*/u.exec(text.slice(from))?.[0] ?? "";
    return { argument: { key, values: [value] }, length: from + value.length };
  }
  const { values, length } = parseList(text.slice(from), line);
  return { argument: { key, values }, length: from + length };
}

/** Values between parentheses; those inside of a value belong to it. */
function parseList(
  text: string,
  line: number,
): { readonly values: readonly string[]; readonly length: number } {
  const values: string[] = [];
  let depth = 0;
  let value = "";
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? "";
    if (char === "(") depth += 1;
    if (char === ")") depth -= 1;
    if (depth === 0) return { values: [...values, value], length: at + 1 };
    if (depth === 1 && char === ",") {
      values.push(value);
      value = "";
      while (text[at + 1] === " ") at += 1;
    } else if (!(depth === 1 && char === "(")) value += char;
  }
  throw new DataDrivenError(line, `a list without its end: ${text}`);
}
