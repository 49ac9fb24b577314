import { expectTypeOf, test } from "vitest";
import type { StreamConnection } from "../../src/driver/index.ts";

/** What `@waggle/transport` calls a connection, as far as it concerns this package. */
interface TransportConnection {
  readonly protocol: string;
  send(frame: Uint8Array): Promise<void>;
  readonly frames: AsyncIterable<Uint8Array>;
  close(): Promise<void>;
  destroy(reason?: Error): void;
  readonly closed: Promise<Error | undefined>;
}

test("a connection of the transport is a stream of the driver", () => {
  expectTypeOf<TransportConnection>().toExtend<StreamConnection>();
});
