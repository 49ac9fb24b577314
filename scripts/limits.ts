// Gathers every `limits.ts` into docs/LIMITS.md, so that the page cannot drift from the code.
//   node scripts/limits.ts           writes the page
//   node scripts/limits.ts --check   fails when the page is not what the code says
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const page = join(root, "docs", "LIMITS.md");

interface Limit {
  readonly name: string;
  readonly value: string;
  readonly text: string;
}

/** Every exported constant with the comment before it; one that follows another directly shares its comment. */
function limitsOf(source: string): Limit[] {
  const groups = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*((?:export const [^;]+;\n?)+)/g;
  const constants = /export const (\w+)(?::[^=]+)?\s*=\s*([^;]+);/g;
  return [...source.matchAll(groups)].flatMap(([, comment = "", group = ""]) =>
    [...group.matchAll(constants)].map(([, name = "", value = ""], index) => ({
      name,
      value: value.replace(/\s+/g, " ").trim(),
      text:
        index === 0
          ? comment
              .replace(/^\s*\*/gm, "")
              .replace(/\s+/g, " ")
              .trim()
          : "(with the one above)",
    })),
  );
}

function exportsOf(source: string): number {
  return [...source.matchAll(/^export const /gm)].length;
}

function render(): string {
  const files = globSync("{packages,apps}/*/src/**/limits.ts", { cwd: root }).sort();
  const sections = files.map((file) => {
    const source = readFileSync(join(root, file), "utf8");
    const limits = limitsOf(source);
    if (limits.length !== exportsOf(source)) {
      throw new Error(`${file}: every exported limit needs a comment that says why and what then`);
    }
    const rows = limits.map(
      ({ name, value, text }) => `| \`${name}\` | \`${value}\` | ${text.replaceAll("|", "\\|")} |`,
    );
    const title = file
      .replace(/^(packages|apps)\//, "")
      .replace("/src/", ": ")
      .replace(/^([^:]+): limits\.ts$/, "$1");
    return [
      `## ${title.replace(/\/?limits\.ts$/, "")}`,
      "",
      "| limit | value | what it bounds, and what happens there |",
      "| --- | --- | --- |",
      ...rows,
    ].join("\n");
  });
  return [
    "# Limits",
    "",
    "Everything that grows has a limit. This page is made from the `limits.ts` of every package by `node scripts/limits.ts`,",
    "and `npm test` fails when it is out of date. Limits that are options have these values as their defaults.",
    "",
    `${sections.join("\n\n")}\n`,
  ].join("\n");
}

const text = render();
if (!process.argv.includes("--check")) writeFileSync(page, text);
else if (readFileSync(page, "utf8") !== text) {
  console.error("docs/LIMITS.md is not what the code says: run `node scripts/limits.ts`");
  process.exitCode = 1;
}
