import type { Address } from "../../address.ts";
import type { PacketMessage } from "../../codec/messages.ts";
import type { Context } from "../context.ts";
import { retransmitLimit } from "./queue.ts";

/** Sends messages in one packet, filled up with rumours. */
export function sendPacket(ctx: Context, to: Address, messages: readonly PacketMessage[]): void {
  const { codec } = ctx;
  const parts = messages.map((message) => codec.encodePart(message));
  let usedBytes = codec.packetOverheadBytes;
  for (const part of parts) usedBytes += part.length + codec.partOverheadBytes;
  parts.push(...rumours(ctx, usedBytes));
  ctx.emit({ type: "send-packet", to, bytes: codec.encodePacket(parts) });
}

/** Sends a packet of rumours only, if there are any. */
export function sendRumours(ctx: Context, to: Address): void {
  const parts = rumours(ctx, ctx.codec.packetOverheadBytes);
  if (parts.length === 0) return;
  ctx.emit({ type: "send-packet", to, bytes: ctx.codec.encodePacket(parts) });
}

function rumours(ctx: Context, usedBytes: number): Uint8Array[] {
  const { config, codec, members, queue } = ctx;
  if (queue.size === 0) return [];
  const limit = retransmitLimit(members.activeCount, config.retransmitMultiplier);
  return queue.take(config.packetBytesMax - usedBytes, codec.partOverheadBytes, limit);
}
