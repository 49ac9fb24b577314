import type { StateEntry, StateMessage } from "../../codec/messages.ts";
import type { Context } from "../context.ts";
import type { MemberRecord } from "../members/record.ts";

/** All that this node knows, itself first; if that exceeds the limit, a random part of it. */
export function stateFrame(ctx: Context, reply: boolean): StateMessage {
  const { members, codec, config } = ctx;
  let leftBytes = config.streamBytesMax - codec.stateOverheadBytesMax;
  const entries: StateEntry[] = [];
  const put = (record: MemberRecord): boolean => {
    const entry = entryOf(record);
    leftBytes -= codec.entryBytes(entry);
    if (leftBytes < 0) return false;
    entries.push(entry);
    return true;
  };
  put(members.local);
  const start = Math.floor(ctx.random.next() * members.size);
  for (let n = 0; n < members.size; n += 1) {
    const record = members.all()[(start + n) % members.size];
    if (record !== undefined && record !== members.local && !put(record)) break;
  }
  return { type: "state", reply, from: ctx.localName, entries };
}

function entryOf(record: MemberRecord): StateEntry {
  const { name, incarnation, address, meta, state } = record;
  return { name, incarnation, address, meta, state };
}
