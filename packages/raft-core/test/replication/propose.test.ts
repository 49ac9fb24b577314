import { expect, test } from "vitest";
import { encodeConfChange } from "../../src/codec/conf-change.ts";
import { nodeId } from "../../src/index.ts";
import type { ConfChange } from "../../src/index.ts";
import { Single } from "../paper/single.ts";

// Found by the simulation: a refused change was counted with its own size and taken off with that of the empty entry.
test("a refused change of the members leaves nothing behind that counts as uncommitted", () => {
  const single = new Single([1], { maxUncommittedBytes: 40 });
  single.core.campaign();
  single.run();
  const impossible: ConfChange = {
    transition: "auto",
    changes: [{ type: "remove", node: nodeId(1) }],
    context: new Uint8Array(100),
  };
  for (let time = 0; time < 3; time += 1) {
    single.core.proposeEntries([{ kind: "conf-change-v2", data: encodeConfChange(impossible) }]);
    single.run();
  }
  // Two in a row fit only when nothing is waiting.
  single.core.propose([new Uint8Array(1)]);
  expect(() => {
    single.core.propose([new Uint8Array(10)]);
  }).toThrow("wait for their commit");
  single.run();
  expect(single.core.status().commit).toBe(single.core.status().lastIndex);
  single.propose("a").propose("b");
  expect(single.core.status().lastIndex).toBe(8);
});
