/**
 * Writes items together; where they are too much for one log entry, in halves, one after the other.
 *
 * @returns what each write returned, in order.
 * @throws whatever `write` rejects with; also `too-large`, if one item alone is.
 */
export async function writeHalved<T, R>(
  items: readonly T[],
  write: (part: readonly T[]) => Promise<R>,
): Promise<readonly R[]> {
  try {
    return [await write(items)];
  } catch (error) {
    if (items.length < 2 || !isTooLarge(error)) throw error;
  }
  const middle = items.length >> 1;
  const first = await writeHalved(items.slice(0, middle), write);
  return [...first, ...(await writeHalved(items.slice(middle), write))];
}

/** Whether the store refused a transaction for its size. Told by the code: stores of other makes may stand behind. */
export function isTooLarge(error: unknown): error is Error {
  return error instanceof Error && "code" in error && error.code === "too-large";
}
