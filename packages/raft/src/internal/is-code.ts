/** Whether an error of another package carries one of these codes. */
export function isCode(error: unknown, ...codes: readonly string[]): boolean {
  if (typeof error !== "object" || error === null) return false;
  const code: unknown = Reflect.get(error, "code");
  return typeof code === "string" && codes.includes(code);
}
