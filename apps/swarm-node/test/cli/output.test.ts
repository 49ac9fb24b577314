import { describe, expect, it } from "vitest";
import {
  collect,
  formatAge,
  formatOption,
  renderJson,
  renderTable,
  shortId,
} from "../../src/cli/output.ts";

describe("output", () => {
  it("has tables in columns, without frames and blanks at the ends", () => {
    const rows = [
      ["a1", "web"],
      ["b22222", ""],
    ];
    expect(renderTable(["ID", "NAME"], rows)).toBe("ID      NAME\na1      web\nb22222\n");
    expect(renderTable(["ID", "NAME"], [])).toBe("ID  NAME\n");
  });

  it("has no colours that would disturb a script", () => {
    expect(renderTable(["ID"], [["x"]])).not.toContain("\u001b");
  });

  it("has JSON that can be read back", () => {
    expect(JSON.parse(renderJson({ a: [1] }))).toEqual({ a: [1] });
  });

  it("shortens ids as docker does", () => {
    expect(shortId("abcdefghijklmnopqrstuvwxy")).toBe("abcdefghijkl");
    expect(shortId("abc")).toBe("abc");
  });

  it.each([
    [-5_000, "0 seconds"],
    [999, "0 seconds"],
    [1_000, "1 second"],
    [59_999, "59 seconds"],
    [60_000, "1 minute"],
    [3_599_999, "59 minutes"],
    [3_600_000, "1 hour"],
    [86_399_999, "23 hours"],
    [86_400_000, "1 day"],
    [100 * 86_400_000, "100 days"],
  ])("says %d ms as %s", (ageMs, text) => expect(formatAge(ageMs)).toBe(text));

  it("collects an option's values in their order", () => {
    expect(collect("b", collect("a", []))).toEqual(["a", "b"]);
  });

  it("offers table and JSON, table unless told otherwise", () => {
    const option = formatOption();
    expect(option.argChoices).toEqual(["table", "json"]);
    expect(option.defaultValue).toBe("table");
  });
});
