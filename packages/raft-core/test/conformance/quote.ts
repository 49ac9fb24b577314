const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

/** Bytes as Go's `%q` prints them. */
export function quote(data: Uint8Array): string {
  let text = "";
  for (let at = 0; at < data.length;) {
    const char = decodeAt(data, at);
    if (char === undefined) {
      text += `\\x${hexDigits(data[at] ?? 0, 2)}`;
      at += 1;
    } else {
      text += quoteChar(char);
      at += new TextEncoder().encode(char).length;
    }
  }
  return `"${text}"`;
}

/** The character that begins at `at`; undefined when the bytes there are not UTF-8. */
function decodeAt(data: Uint8Array, at: number): string | undefined {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  for (let length = 1; length <= 4 && at + length <= data.length; length += 1) {
    try {
      return decoder.decode(data.subarray(at, at + length));
    } catch {
      continue;
    }
  }
  return undefined;
}

function quoteChar(char: string): string {
  const escape = ESCAPES[char];
  if (escape !== undefined) return escape;
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x20 || code === 0x7f) return `\\x${hexDigits(code, 2)}`;
  if (/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(char)) return char;
  return code > 0xffff ? `\\U${hexDigits(code, 8)}` : `\\u${hexDigits(code, 4)}`;
}

function hexDigits(value: number, length: number): string {
  return value.toString(16).padStart(length, "0");
}
