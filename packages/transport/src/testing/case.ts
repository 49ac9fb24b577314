import { isTransportError } from "../errors.ts";
import type { TransportErrorCode } from "../errors.ts";
import type { Address, Connection, Transport } from "../transport.ts";

/** Two transports that can reach each other, made afresh for each case. */
export interface ComplianceNetwork {
  readonly left: Transport;
  readonly right: Transport;
  /** Where `left` may listen and bind; port 0. */
  readonly leftAddress: Address;
  /** Where `right` may listen and bind; port 0. */
  readonly rightAddress: Address;
  /** The limits in force on both sides, in bytes and frames. Small ones keep the cases fast. */
  readonly limits: {
    readonly frameBytesMax: number;
    readonly datagramBytesMax: number;
    readonly outboundBytesMax: number;
  };
  /** Called when the case is over, after both transports were closed. */
  teardown?(): Promise<void>;
}

/** Makes the network of one case. */
export type ComplianceSetup = () => Promise<ComplianceNetwork>;

/** One property that every transport has. */
export interface ComplianceCase {
  readonly name: string;
  /** Resolves if the property holds, else rejects with {@link ComplianceFailure} or what the transport threw. */
  run(context: { readonly setup: ComplianceSetup }): Promise<void>;
}

/** The transport does not do what the contract says. */
export class ComplianceFailure extends Error {
  override readonly name = "ComplianceFailure";
}

/** How long a case waits for something that must come, in milliseconds. */
const WAIT_MS_MAX = 5_000;

/** Makes a case from a body; both transports are closed behind it. */
export function complianceCase(
  name: string,
  body: (network: ComplianceNetwork) => Promise<void>,
): ComplianceCase {
  return {
    name,
    run: async ({ setup }) => {
      const network = await setup();
      try {
        await body(network);
      } finally {
        await Promise.all([network.left.close(), network.right.close()]);
        await network.teardown?.();
      }
    },
  };
}

/** Fails the case unless the condition holds. */
export function expect(condition: boolean, message: string): asserts condition {
  if (!condition) throw new ComplianceFailure(message);
}

/** Fails the case unless the promise rejects with a TransportError of this code, or one of these. */
export async function expectRejection(
  promise: Promise<unknown>,
  ...codes: readonly TransportErrorCode[]
): Promise<void> {
  const outcome = await within(
    promise.then(
      () => "no error",
      (error: unknown) => (isTransportError(error) ? error.code : String(error)),
    ),
    "a rejection",
  );
  expect(
    (codes as readonly string[]).includes(outcome),
    `expected ${codes.join(" or ")}, got ${outcome}`,
  );
}

/** Fails the case unless the call throws a TransportError of this code. */
export function expectThrow(run: () => void, code: TransportErrorCode): void {
  try {
    run();
  } catch (error) {
    expect(
      isTransportError(error) && error.code === code,
      `expected ${code}, got ${String(error)}`,
    );
    return;
  }
  throw new ComplianceFailure(`expected ${code}, nothing was thrown`);
}

/** Waits for a promise, but not for ever. */
export async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new ComplianceFailure(`${what} did not come within ${WAIT_MS_MAX} ms`)),
    WAIT_MS_MAX,
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Listens at right, dials from left, and gives both ends. */
export async function connectPair(
  network: ComplianceNetwork,
  protocol = "test/1",
): Promise<{ near: Connection; far: Connection; address: Address }> {
  const accepted = Promise.withResolvers<Connection>();
  const listener = await network.right.listen({
    address: network.rightAddress,
    onConnection: accepted.resolve,
  });
  const near = await within(network.left.dial(listener.address, { protocol }), "the dial");
  const far = await within(accepted.promise, "the accepted connection");
  return { near, far, address: listener.address };
}

/** The next frame, or nothing at the end. */
export async function nextFrame(connection: Connection): Promise<Uint8Array | undefined> {
  const result = await within(connection.frames[Symbol.asyncIterator]().next(), "a frame");
  return result.done === true ? undefined : result.value;
}

/** Bytes whose content tells their number and length, so that a mix-up is seen. */
export function pattern(seed: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) bytes[at] = (seed * 31 + at * 7) & 0xff;
  return bytes;
}

/** Whether two byte strings are the same. */
export function sameBytes(left: Uint8Array | undefined, right: Uint8Array): boolean {
  return left?.length === right.length && right.every((byte, at) => left[at] === byte);
}
