import type { Operation, RegisterInput, RegisterOutput } from "../../src/index.ts";

type RegisterOperation = Operation<RegisterInput, RegisterOutput>;

/**
 * Reads a picture of a register's history, a client per line: `|w1--|` writes 1, `|r1-|` reads 1, `|c12t|` sets 2 where 1
 * is expected and did (`f`: did not), `|w1-?` and all after it on the line has an unknown outcome. Columns are time.
 */
export function drawn(picture: string): RegisterOperation[] {
  const operations: RegisterOperation[] = [];
  for (const [row, line] of picture.split("\n").entries())
    for (const found of line.matchAll(/\|(?<what>[wrc])(?<rest>[^|?]*)(?<end>[|?])/gu)) {
      const { what, rest, end } = found.groups as { what: string; rest: string; end: string };
      const { input, output } = meaning(what, rest);
      operations.push({
        client: `client ${row}`,
        input,
        output: end === "?" ? undefined : output,
        calledAt: found.index,
        returnedAt: found.index + found[0].length - 1,
      });
    }
  return operations;
}

function meaning(
  what: string,
  rest: string,
): { readonly input: RegisterInput; readonly output: RegisterOutput } {
  const [first = "", second = "", did = ""] = rest;
  switch (what) {
    case "w":
      return { input: { kind: "write", value: first }, output: true };
    case "r":
      return { input: { kind: "read" }, output: first };
    default:
      return {
        input: { kind: "compare-and-set", expected: first, value: second },
        output: did === "t",
      };
  }
}

/** The definition itself: tries every order of every subset that leaves out operations of unknown outcome only. */
export function existsOrder(operations: readonly RegisterOperation[], initial: string): boolean {
  const go = (left: readonly RegisterOperation[], value: string): boolean => {
    if (left.every(({ output }) => output === undefined)) return true;
    return left.some((next) => {
      const tooEarly = left.some(
        (other) => other !== next && other.output !== undefined && other.returnedAt < next.calledAt,
      );
      const after = tooEarly ? undefined : outcome(value, next);
      return (
        after !== undefined &&
        go(
          left.filter((other) => other !== next),
          after,
        )
      );
    });
  };
  return go(operations, initial);
}

function outcome(value: string, { input, output }: RegisterOperation): string | undefined {
  if (input.kind === "write") return input.value;
  if (input.kind === "read") return output === undefined || output === value ? value : undefined;
  const sets = value === input.expected;
  if (output !== undefined && output !== sets) return undefined;
  return sets ? input.value : value;
}
