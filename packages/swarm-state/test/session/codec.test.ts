import fc from "fast-check";
import { expect, test } from "vitest";
import { isSessionCodecError } from "../../src/errors.ts";
import { SESSION_MESSAGE_BYTES_MAX } from "../../src/limits.ts";
import type { TaskStatus, Task } from "../../src/objects/task.ts";
import {
  decodeAgentMessage,
  decodeDispatcherMessage,
  encodeAgentMessage,
  encodeDispatcherMessage,
} from "../../src/session/codec.ts";
import type { AgentMessage, DispatcherMessage } from "../../src/session/messages.ts";
import { idOf, nodeDraft, taskDraft } from "../objects.ts";

const description = nodeDraft("n1", "höst").description!;
const status: TaskStatus = {
  state: "running",
  timestampMs: 1,
  appliedAtMs: 0,
  message: "läuft 🐝",
  error: "",
  container: { containerId: "c", pid: 7, exitCode: undefined },
};
const task: Task = { ...taskDraft("t1"), version: 3, createdAtMs: 1, updatedAtMs: 2 };

const agentMessages: AgentMessage[] = [
  { type: "hello", nodeId: idOf("n1"), description },
  { type: "status", sequence: 1, statuses: [{ taskId: idOf("t1"), status }] },
  { type: "description", description },
  { type: "bye" },
];
const dispatcherMessages: DispatcherMessage[] = [
  { type: "accepted", sessionId: "x", managers: [{ nodeId: idOf("n1"), address: "h:1" }] },
  { type: "refused", fatal: true, reason: "removed" },
  { type: "assignments", mode: "complete", tasks: [task] },
  { type: "assignments", mode: "complete", tasks: [task], more: true },
  { type: "assignments", mode: "incremental", tasks: [task], removedTaskIds: [idOf("t2")] },
  { type: "status-acknowledged", sequence: 9 },
  { type: "managers", managers: [] },
];

test("every message comes back as it was sent", () => {
  for (const message of agentMessages)
    expect(decodeAgentMessage(encodeAgentMessage(message))).toEqual(message);
  for (const message of dispatcherMessages)
    expect(decodeDispatcherMessage(encodeDispatcherMessage(message))).toEqual(message);
});

test("a field of a later release is kept", () => {
  const message = { type: "bye", newer: { a: [1] } } as const;
  expect(decodeAgentMessage(encodeAgentMessage(message))).toEqual(message);
});

test("messages of the other side, of another format, too long or without a field are refused by code", () => {
  const code = (run: () => unknown): string => {
    try {
      run();
    } catch (error) {
      return isSessionCodecError(error) ? error.code : "foreign error";
    }
    return "accepted";
  };
  const bye = encodeAgentMessage({ type: "bye" });
  expect(code(() => decodeDispatcherMessage(bye))).toBe("malformed");
  expect(code(() => decodeAgentMessage(bye.with(0, 2)))).toBe("unsupported-version");
  expect(code(() => decodeAgentMessage(new Uint8Array()))).toBe("malformed");
  expect(code(() => decodeAgentMessage(new Uint8Array(SESSION_MESSAGE_BYTES_MAX + 1)))).toBe(
    "too-large",
  );
  const half = { type: "status", sequence: 1 } as unknown as AgentMessage;
  expect(code(() => encodeAgentMessage(half))).toBe("malformed");
  const huge = { type: "status", sequence: 1, statuses: [] as unknown[] };
  for (let i = 0; i < 100; i++)
    huge.statuses.push({ taskId: idOf("t1"), status: { ...status, error: "e".repeat(50_000) } });
  expect(code(() => encodeAgentMessage(huge as unknown as AgentMessage))).toBe("too-large");
  const cyclic: Record<string, unknown> = { type: "bye" };
  cyclic["self"] = cyclic;
  expect(code(() => encodeAgentMessage(cyclic as unknown as AgentMessage))).toBe("malformed");
  const deep = new TextEncoder().encode(
    `\u0001{"type":"bye","x":${"[".repeat(1e5)}${"]".repeat(1e5)}}`,
  );
  expect(code(() => decodeAgentMessage(deep))).toBe("malformed");
});

test("decoding is total: random and mutated bytes give a message or a SessionCodecError", () => {
  const valid = [
    ...agentMessages.map((message) => encodeAgentMessage(message)),
    ...dispatcherMessages.map((message) => encodeDispatcherMessage(message)),
  ];
  const mutated = fc
    .tuple(
      fc.constantFrom(...valid),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }),
      fc.nat(),
    )
    .map(([data, edits, cut]) => {
      const copy = data.slice(
        0,
        1 + (cut % data.length) * (cut % 2) + data.length * ((cut + 1) % 2),
      );
      for (const [at, byte] of edits) copy[1 + (at % copy.length)] = byte;
      return copy;
    });
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 64 })), (data) => {
      for (const decode of [decodeAgentMessage, decodeDispatcherMessage])
        try {
          decode(data);
        } catch (error) {
          expect(isSessionCodecError(error)).toBe(true);
        }
    }),
    { numRuns: 1_000 },
  );
});
