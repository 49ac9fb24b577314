import { expect, test } from "vitest";
import { createHistory } from "../src/history.ts";

test("lines carry time, who and what", () => {
  const history = createHistory();
  history.record(1.5, "n1", "starts");
  expect(history.lines()).toEqual(["1.500 n1 starts"]);
});

test("it keeps the last lines, counts the rest, and the digest covers all", () => {
  const history = createHistory({ linesMax: 3 });
  const other = createHistory({ linesMax: 3 });
  other.record(0, "n", "different");
  for (let n = 0; n < 10; n += 1) {
    history.record(n, "n", `event ${n}`);
    if (n > 0) other.record(n, "n", `event ${n}`);
  }
  expect(history.lines()).toEqual([
    "(7 earlier lines dropped)",
    "7.000 n event 7",
    "8.000 n event 8",
    "9.000 n event 9",
  ]);
  expect(other.lines()).toEqual(history.lines());
  expect(other.digest()).not.toBe(history.digest());
  expect(history.recorded).toBe(10);
});
