import type { Logger } from "../../src/logger.ts";

/** A logger that writes nothing and keeps the texts of warnings and errors. */
export function createSilentLogger(): Logger & { readonly texts: string[] } {
  const texts: string[] = [];
  const keep = (_facts: object, text: string): void => {
    texts.push(text);
  };
  return { debug: () => undefined, info: () => undefined, warn: keep, error: keep, texts };
}
