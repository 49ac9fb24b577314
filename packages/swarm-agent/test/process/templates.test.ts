import { expect, test } from "vitest";
import { expandTemplates, taskNameOf } from "../../src/process/templates.ts";
import { id, testTask } from "../support/tasks.ts";

const node = { hostname: "host", os: "linux", architecture: "x64" };

test.each([
  ["{{.Service.Name}}/{{.Service.ID}}", `web/${id("service1")}`],
  ["{{ .Node.Hostname }}-{{.Node.ID}}", `host-${id("node1")}`],
  ["{{.Node.Platform.OS}}/{{.Node.Platform.Architecture}}", "linux/x64"],
  ["{{.Task.ID}} {{.Task.Slot}}", `${id("task1")} 3`],
  ["{{.Task.Name}}", `web.3.${id("task1")}`],
  ["{{.Nothing}} {{range .}} {{", "{{.Nothing}} {{range .}} {{"],
])("%s", (text, expanded) => {
  expect(expandTemplates(text, testTask(), node)).toBe(expanded);
});

test("what a placeholder stands for is not expanded again", () => {
  const task = testTask({ service: { name: "{{.Task.ID}}", labels: {} } });
  expect(expandTemplates("{{.Service.Name}}", task, node)).toBe("{{.Task.ID}}");
});

test("a task without a slot is named by its node", () => {
  expect(taskNameOf(testTask({ slot: 0 }))).toBe(`web.${id("node1")}.${id("task1")}`);
});
