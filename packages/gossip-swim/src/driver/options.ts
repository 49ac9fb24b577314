import type { Address } from "../address.ts";
import type { SwimCodec } from "../codec/codec.ts";
import type { CoreEvent } from "../events.ts";
import type { RandomSource, SwimConfig, SwimPreset } from "../options.ts";
import type { ClockPort, DatagramPort, StreamPort } from "./ports.ts";

export interface SwimDriverOptions {
  /** Unique in the cluster and stable over restarts; 1 to 128 bytes of UTF-8. */
  readonly name: string;
  /** Where others reach this node, by packets and by streams. */
  readonly address: Address;
  /** Opaque bytes for other members; at most 512. Default: none. */
  readonly meta?: Uint8Array;
  readonly datagrams: DatagramPort;
  readonly streams: StreamPort;
  /** Default: the system's. */
  readonly clock?: ClockPort;
  /** Default: `Math.random`. */
  readonly random?: RandomSource;
  /** Default `lan`. */
  readonly preset?: SwimPreset;
  /** Replaces single numbers of the preset. */
  readonly config?: Partial<SwimConfig>;
  /** Default: the format of this package. */
  readonly codec?: SwimCodec;
  /** Told what concerns this node itself: stalls, refutations, a second bearer of its name. Default: nobody. */
  readonly onCoreEvent?: (event: CoreEvent) => void;
  /** Told what a listener or `onCoreEvent` threw; the driver goes on. Default: nobody. */
  readonly onListenerError?: (error: unknown) => void;
}
