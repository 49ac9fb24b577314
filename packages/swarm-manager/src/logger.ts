/** Where a manager's parts tell what went wrong and was dealt with: the facts, then the text. Must not throw. */
export interface Logger {
  warn(facts: object, text: string): void;
}

/** Says nothing: the default. */
export const silentLogger: Logger = { warn: () => undefined };
