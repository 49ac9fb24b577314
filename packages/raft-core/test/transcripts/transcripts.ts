import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Mode } from "../conformance/interaction/environment.ts";
import { ownDirectives } from "./directives.ts";

/** Our own transcripts, sorted. */
export function transcriptFiles(): readonly string[] {
  return readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith(".txt"))
    .sort()
    .map((name) => join(import.meta.dirname, name));
}

/** The same mode with the directives of our own transcripts. */
export function withOwnDirectives(mode: Mode): Mode {
  return { ...mode, extend: ownDirectives };
}
