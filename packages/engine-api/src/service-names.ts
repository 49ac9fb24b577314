import { randomInt } from "node:crypto";

const adjectives = [
  "amber",
  "brave",
  "bright",
  "busy",
  "calm",
  "clever",
  "eager",
  "fleet",
  "gentle",
  "golden",
  "happy",
  "keen",
  "lively",
  "merry",
  "nimble",
  "patient",
  "quick",
  "quiet",
  "steady",
  "sunny",
] as const;

const nouns = [
  "acacia",
  "aster",
  "borage",
  "clover",
  "daisy",
  "drone",
  "heather",
  "hive",
  "honey",
  "lavender",
  "linden",
  "meadow",
  "nectar",
  "orchard",
  "pollen",
  "poppy",
  "rosemary",
  "sage",
  "thyme",
  "violet",
] as const;

const NUMBERS = 10_000;

/** A name for a service whose creator gave none, e.g. `brave_clover_4711`: 4 million of them, made to be told apart. */
export function randomServiceName(): string {
  const adjective = adjectives[randomInt(adjectives.length)] ?? adjectives[0];
  const noun = nouns[randomInt(nouns.length)] ?? nouns[0];
  return `${adjective}_${noun}_${randomInt(NUMBERS)}`;
}
