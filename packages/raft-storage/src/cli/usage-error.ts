/** Wrong use of the command; its message is for the user. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
