import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeJoinMessage, encodeJoinMessage, type JoinMessage } from "../../src/join/messages.ts";
import { JOIN_MESSAGE_BYTES_MAX } from "../../src/limits.ts";
import { ACCEPTED_MANAGER, ACCEPTED_WORKER, JOIN } from "./messages.ts";

const messages: readonly JoinMessage[] = [
  JOIN,
  ACCEPTED_WORKER,
  ACCEPTED_MANAGER,
  { type: "redirect", address: "10.0.0.1:2377" },
  { type: "refused", code: "unavailable", message: "no leader" },
  { type: "ready" },
  { type: "complete" },
];

function refusedFrame(frame: Uint8Array): void {
  expect(() => decodeJoinMessage(frame)).toThrow(
    expect.objectContaining({ name: "NodeError", code: "protocol" }) as Error,
  );
}

describe("join messages", () => {
  it.each(messages.map((message) => [message.type, message] as const))(
    "come back as they were sent: %s",
    (_type, message) => {
      expect(decodeJoinMessage(encodeJoinMessage(message))).toEqual(message);
    },
  );

  it.each([
    ["no JSON", "join"],
    ["an unknown type", '{"type":"hello"}'],
    ["a join without address", '{"type":"join","availability":"active","hostname":"h"}'],
    ["an availability that does not exist", JSON.stringify({ ...JOIN, availability: "sometimes" })],
    ["an endless hostname", JSON.stringify({ ...JOIN, hostname: "h".repeat(256) })],
    ["an endless address", JSON.stringify({ ...JOIN, address: "a".repeat(301) })],
    ["a key that is not base64", JSON.stringify({ ...ACCEPTED_WORKER, nodeKey: "%%" })],
    [
      "a Raft id of zero",
      JSON.stringify({ ...ACCEPTED_MANAGER, manager: { ...ACCEPTED_MANAGER.manager, raftId: 0 } }),
    ],
  ])("are refused: %s", (_what, text) => refusedFrame(Buffer.from(text)));

  it("over the limit are refused", () => {
    const padded = JSON.stringify({ type: "ready" }) + " ".repeat(JOIN_MESSAGE_BYTES_MAX);
    refusedFrame(Buffer.from(padded));
  });

  it("never throw anything but a refusal, whatever bytes come", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), refusedFrame));
  });
});
