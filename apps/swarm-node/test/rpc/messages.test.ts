import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RPC_MESSAGE_BYTES_MAX } from "../../src/limits.ts";
import { decodeRpcRequest, decodeRpcResponse, encodeRpc } from "../../src/rpc/messages.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);

describe("RPC messages", () => {
  it("come back as they were sent, whatever plain data they carry", () => {
    fc.assert(
      fc.property(fc.nat(), fc.string({ maxLength: 64 }), fc.jsonValue(), (id, method, params) => {
        const plain: unknown = JSON.parse(JSON.stringify(params));
        expect(decodeRpcRequest(encodeRpc({ id, method, params }))).toEqual({
          id,
          method,
          params: plain,
        });
        expect(decodeRpcResponse(encodeRpc({ id, result: params }))).toEqual({ id, result: plain });
      }),
    );
  });

  it("carry a failure by name, code and text", () => {
    const error = { name: "ControlError", code: "not-found", message: "node x not found" };
    expect(decodeRpcResponse(encodeRpc({ id: 3, error }))).toEqual({ id: 3, error });
  });

  it("are an error where a message has both a result and an error", () => {
    const error = { name: "E", code: "c", message: "m" };
    const frame = bytes(JSON.stringify({ id: 1, result: 5, error }));
    expect(decodeRpcResponse(frame)).toEqual({ id: 1, error });
  });

  it.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["no object", "7"],
    ["no id", '{"method":"m"}'],
    ["a negative id", '{"id":-1,"method":"m"}'],
    ["a broken id", '{"id":1.5,"method":"m"}'],
    ["no method", '{"id":1}'],
    ["a method of endless length", `{"id":1,"method":"${"m".repeat(65)}"}`],
  ])("are refused as requests: %s", (_what, text) => {
    expect(() => decodeRpcRequest(bytes(text))).toThrow(
      expect.objectContaining({ name: "NodeError", code: "protocol" }) as Error,
    );
  });

  it("are refused as answers when they are none", () => {
    expect(() => decodeRpcResponse(bytes('{"id":"1","result":1}'))).toThrow(
      expect.objectContaining({ code: "protocol" }) as Error,
    );
    expect(() => decodeRpcResponse(bytes('{"id":-1}'))).toThrow(
      expect.objectContaining({ code: "protocol" }) as Error,
    );
  });

  it("never throw anything but a refusal, whatever bytes come", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (frame) => {
        try {
          decodeRpcRequest(frame);
        } catch (error) {
          expect(error).toMatchObject({ name: "NodeError", code: "protocol" });
        }
      }),
    );
  });

  it("over the limit are neither written nor read", () => {
    const params = "x".repeat(RPC_MESSAGE_BYTES_MAX);
    expect(() => encodeRpc({ id: 1, method: "m", params })).toThrow(
      expect.objectContaining({ code: "invalid-argument" }) as Error,
    );
    const frame = Buffer.alloc(RPC_MESSAGE_BYTES_MAX + 1, 0x20);
    expect(() => decodeRpcRequest(frame)).toThrow("oversized message");
  });
});
