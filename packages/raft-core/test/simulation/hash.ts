const PRIME = 0x01000193;

/** FNV-1a, continued from `start`. */
export function hashBytes(start: number, bytes: Uint8Array): number {
  let hash = start;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, PRIME) >>> 0;
  return hash;
}

export function hashNumber(start: number, value: number): number {
  const low = Math.imul(start ^ (value >>> 0), PRIME);
  return Math.imul(low ^ (low >>> 15) ^ Math.floor(value / 4294967296), 0x85ebca6b) >>> 0;
}

export function hashText(start: number, text: string): number {
  let hash = start;
  for (let at = 0; at < text.length; at += 1)
    hash = Math.imul(hash ^ text.charCodeAt(at), PRIME) >>> 0;
  return hash;
}
