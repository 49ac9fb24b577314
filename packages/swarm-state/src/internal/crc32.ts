/** CRC-32 (IEEE 802.3, reflected), fed piece by piece. */
export class Crc32 {
  #state = 0xffffffff;
  readonly #table: Uint32Array = crcTable();

  update(bytes: Uint8Array): void {
    let state = this.#state;
    const table = this.#table;
    for (const byte of bytes) state = (state >>> 8) ^ (table[(state ^ byte) & 0xff] ?? 0);
    this.#state = state;
  }

  /** The sum so far, unsigned. */
  get value(): number {
    return (this.#state ^ 0xffffffff) >>> 0;
  }
}

function crcTable(): Uint32Array {
  const table = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
    table[byte] = sum;
  }
  return table;
}
