import { describe, expect, test } from "vitest";
import {
  decodeConfChange,
  decodeConfChangeV1,
  decodeConfState,
  decodeEntry,
  decodeHardState,
  decodeMessage,
  decodeSnapshot,
  encodeConfChange,
  encodeConfState,
  encodeEntry,
  encodeHardState,
  encodeMessage,
  encodeSnapshot,
  isCodecError,
} from "../../src/codec/index.ts";

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** Made with the Go runtimes: what gogo wrote up to 3.6, and what protobuf-go writes since. */
const messages: [string, string, string][] = [
  [
    "append",
    "0803100218012005280430093a0908001005180a2201613a0a08001005180b220262634008500058006800",
    "0803100218012005280430093a071005180a2201613a081005180b220262634008",
  ],
  ["append ok", "08041001180220052800300b4000500058006800", "0804100118022005300b"],
  [
    "append refused",
    "08041001180320082804301440005001580e6800",
    "0804100118032008280430145001580e",
  ],
  ["vote", "0805100218012008280630144000500058006800", "080510021801200828063014"],
  [
    "vote for a transfer",
    "080510021801200828063014400050005800621043616d706169676e5472616e736665726800",
    "080510021801200828063014621043616d706169676e5472616e73666572",
  ],
  ["vote granted", "0806100118022008280030004000500058006800", "0806100118022008"],
  ["vote refused", "0806100118042008280030004000500158006800", "08061001180420085001"],
  [
    "heartbeat",
    "080810021801200128003000400b50005800620801000000000000006800",
    "0808100218012001400b62080100000000000000",
  ],
  ["heartbeat answer", "0809100118022001280030004000500058006800", "0809100118022001"],
  [
    "snapshot",
    "08071003180120012800300040004a140a02736d120e0a080801080208032800100b1801500058006800",
    "08071003180120014a140a02736d120e0a080801080208032800100b1801",
  ],
  [
    "propose",
    "0802100118042000280030003a090800100018002201784000500058006800",
    "0802100118043a03220178",
  ],
  ["timeout now", "080e100418012001280030004000500058006800", "080e100418012001"],
  [
    "read",
    "080f100118022000280030003a0b08001000180022036374784000500058006800",
    "080f100118023a052203637478",
  ],
  [
    "read answer",
    "08101002180120012800300b3a0b08001000180022036374784000500058006800",
    "0810100218012001300b3a052203637478",
  ],
];

describe("raftpb vectors", () => {
  test.each(messages)("message: %s", (_name, older, newer) => {
    const message = decodeMessage(hex(newer));
    expect(decodeMessage(hex(older))).toEqual(message);
    expect(toHex(encodeMessage(message))).toBe(newer);
  });

  test.each([
    ["080010021805220568656c6c6f", "10021805220568656c6c6f"],
    ["080010011803", "10011803"],
  ])("entry %s", (older, newer) => {
    const entry = decodeEntry(hex(newer));
    expect(decodeEntry(hex(older))).toEqual(entry);
    expect(toHex(encodeEntry(entry))).toBe(newer);
  });

  test("an entry whose empty data are present", () => {
    expect(decodeEntry(hex("100118032200"))).toEqual(decodeEntry(hex("10011803")));
  });

  test("states", () => {
    for (const text of ["0801080208032800", "08010802080310051801 20042801".replace(" ", "")])
      expect(toHex(encodeConfState(decodeConfState(hex(text))))).toBe(text);
    expect(decodeConfState(hex("0a03010203"))).toEqual(decodeConfState(hex("080108020803")));
    expect(toHex(encodeHardState(decodeHardState(hex("08051002180a"))))).toBe("08051002180a");
    const snapshot = "0a02736d120e0a080801080208032800100b1801";
    expect(toHex(encodeSnapshot(decodeSnapshot(hex(snapshot))))).toBe(snapshot);
    expect(decodeSnapshot(hex("12080a02280010001800"))).toEqual(decodeSnapshot(hex("")));
  });

  test("changes of the members", () => {
    for (const text of ["0800120408001002120408001003", "0802120408031002120408031003", "0800"])
      expect(toHex(encodeConfChange(decodeConfChange(hex(text))))).toBe(text);
    expect(decodeConfChange(hex(""))).toEqual(decodeConfChange(hex("0800")));
    expect(decodeConfChangeV1(hex("10011801"))).toMatchObject({
      transition: "auto",
      changes: [{ type: "remove", node: 1 }],
    });
    expect(decodeConfChangeV1(hex("080010001802")).changes).toEqual([
      { type: "add-voter", node: 2 },
    ]);
  });

  test("ids of 64 bits are refused", () => {
    const text = "080510cdd2918bd2b881cf8e0118c89c94ed9fef88a1fd01200828063014";
    expect(() => decodeMessage(hex(text))).toThrow(
      expect.toSatisfy((error: unknown) => isCodecError(error) && error.code === "unsafe-integer"),
    );
  });
});

test("an election priority is field 16, written unless it is 0", () => {
  const vote = decodeMessage(hex("080510021801200828063014"));
  expect(vote).toMatchObject({ priority: 0 });
  const text = "080510021801200828063014800107";
  expect(toHex(encodeMessage({ ...vote, priority: 7 } as never))).toBe(text);
  expect(decodeMessage(hex(text))).toEqual({ ...vote, priority: 7 });
});
