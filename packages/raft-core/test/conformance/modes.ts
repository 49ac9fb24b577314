import { createRandom } from "@waggle/simkit";
import { decodeMessage, encodeMessage } from "../../src/codec/index.ts";
import type { Message } from "../../src/index.ts";
import type { Parcel } from "./interaction/describe-message.ts";
import type { Mode } from "./interaction/environment.ts";

const LOCAL: readonly Parcel["type"][] = [
  "storage-append",
  "storage-append-response",
  "storage-apply",
  "storage-apply-response",
];

function isMessage(parcel: Parcel): parcel is Message {
  return !LOCAL.includes(parcel.type);
}

/** What arrives is what the codec makes of what was sent. */
export function throughCodec(parcel: Parcel): Parcel {
  return isMessage(parcel) ? decodeMessage(encodeMessage(parcel)) : parcel;
}

/** Ways to run a file that must all give the same answers. */
export const MODES: readonly (readonly [string, Mode])[] = [
  ["as it is", {}],
  ["with messages through the codec", { carry: throughCodec }],
  ...[1, 2, 3, 4, 5].map((seed): readonly [string, Mode] => {
    const random = createRandom(seed);
    return [`with random timeouts of seed ${seed}`, { random: () => random.next() }];
  }),
];
