import type { ServerResponse } from "node:http";

/** Writes to a response no faster than its client reads, for any number of writers at once. */
export interface StreamWriter {
  /** Resolves when there is room for more, or when the client is gone; what is written then goes nowhere. */
  write(bytes: Uint8Array): Promise<void>;
}

/** To be made once per response: it listens to it. */
export function createStreamWriter(response: ServerResponse): StreamWriter {
  let full: PromiseWithResolvers<undefined> | undefined;
  const release = (): void => {
    full?.resolve(undefined);
    full = undefined;
  };
  response.on("drain", release);
  response.on("close", release);
  return {
    write: async (bytes) => {
      // All writers wake at once; the first of them may fill the buffer again.
      while (full !== undefined) await full.promise;
      if (response.destroyed || response.write(bytes)) return;
      full ??= Promise.withResolvers<undefined>();
      await full.promise;
    },
  };
}
