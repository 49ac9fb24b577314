import type { Item } from "../file/segment/items.ts";
import type { RaftLogArguments, RaftLogPorts } from "./run.ts";
import { recover } from "../file/recovery.ts";
import { placeOf } from "./key-file.ts";

const SHOWN_BYTES = 16;

/** Prints every record. @throws RaftStoreError `corrupt` after all that is whole was printed. */
export async function dump(given: RaftLogArguments, ports: RaftLogPorts): Promise<number> {
  const { from, to, json } = given;
  const isRange = from > 0 || to < Number.MAX_SAFE_INTEGER;
  const { end, segments } = await recover(await placeOf(given, ports), (walked) => {
    const file = walked.segment.name;
    for (const item of walked.items) {
      if (isRange && !(item.type === "entry" && inRange(item.entry.index, from, to))) continue;
      ports.out(
        json
          ? JSON.stringify({ file, offset: walked.offset, ...plain(item) })
          : `${file} ${walked.offset}  ${inWords(item)}`,
      );
    }
  });
  const name = segments.at(-1)?.name;
  if (end?.torn === true && name !== undefined) {
    ports.err(`${name} ${end.offset}  an unfinished write, which the next open cuts off`);
  }
  return 0;
}

function inRange(index: number, from: number, to: number): boolean {
  return index >= from && index <= to;
}

function inWords(item: Item): string {
  switch (item.type) {
    case "mark":
      return "mark: all before is synced";
    case "hard-state": {
      const { term, vote, commit } = item.hardState;
      return `hard state: term ${term}, vote ${vote}, commit ${commit}`;
    }
    case "entry": {
      const { index, term, kind, data } = item.entry;
      const shown = Buffer.from(data.subarray(0, SHOWN_BYTES)).toString("hex");
      const rest = data.byteLength > SHOWN_BYTES ? "…" : "";
      return `entry ${index}: term ${term}, ${kind}, ${data.byteLength} bytes ${shown}${rest}`;
    }
    case "snapshot": {
      const { index, term, confState } = item.metadata;
      return `snapshot ${index}: term ${term}, voters ${confState.voters.join(" ")}`;
    }
  }
}

function plain(item: Item): object {
  switch (item.type) {
    case "mark":
      return { type: "mark" };
    case "hard-state":
      return { type: "hard-state", ...item.hardState };
    case "entry":
      return {
        type: "entry",
        ...item.entry,
        data: Buffer.from(item.entry.data).toString("base64"),
      };
    case "snapshot":
      return { type: "snapshot", ...item.metadata };
  }
}
