import type { SequentialModel } from "./operation.ts";

/** What is done to one value. `compare-and-set` outputs whether it did. */
export type RegisterInput =
  | { readonly kind: "read" }
  | { readonly kind: "write"; readonly value: string }
  | { readonly kind: "compare-and-set"; readonly expected: string; readonly value: string };

/** A read's value, whether a compare-and-set did set, and nothing of interest for a write. */
export type RegisterOutput = string | boolean;

/** One value, first the given one. */
export function registerModel(
  initial: string,
): SequentialModel<string, RegisterInput, RegisterOutput> {
  return { initial, step: stepRegister, fingerprint: (value) => value };
}

function stepRegister(
  state: string,
  input: RegisterInput,
  output: RegisterOutput | undefined,
): string | undefined {
  switch (input.kind) {
    case "read":
      return output === undefined || output === state ? state : undefined;
    case "write":
      return input.value;
    case "compare-and-set": {
      const sets = state === input.expected;
      if (output !== undefined && output !== sets) return undefined;
      return sets ? input.value : state;
    }
  }
}

/** The same on one of many keys; each is absent (undefined) at first. */
export interface MapInput {
  readonly key: string;
  readonly operation: RegisterInput | { readonly kind: "delete" };
}

/** A register per key, where the empty string stands for an absent value; deleting is writing it. */
export function mapModel(): SequentialModel<string, MapInput, RegisterOutput> {
  return {
    initial: "",
    step: (state, { operation }, output) =>
      operation.kind === "delete" ? "" : stepRegister(state, operation, output),
    fingerprint: (value) => value,
    partition: ({ key }) => key,
  };
}

/** An object of a store that numbers its changes: writes name the version that they read. */
export type VersionedInput =
  | { readonly kind: "get"; readonly id: string }
  | { readonly kind: "create"; readonly id: string; readonly value: string }
  | {
      readonly kind: "update";
      readonly id: string;
      readonly version: number;
      readonly value: string;
    }
  | { readonly kind: "remove"; readonly id: string; readonly version: number };

/**
 * `found` with what a get saw, `absent` when there is none, `written` with the new version, `removed`, and `refused` when
 * the version was stale, or the object there already.
 */
export type VersionedOutput =
  | { readonly kind: "found"; readonly version: number; readonly value: string }
  | { readonly kind: "written"; readonly version: number }
  | { readonly kind: "absent" | "removed" | "refused" };

/** `exact` is false after a write of unknown outcome: the version is then any number above. */
export interface VersionedObject {
  readonly value: string | undefined;
  readonly version: number;
  readonly exact: boolean;
}

/** A store of versioned objects, such as the swarm's: versions of an object only rise, also over its removal. */
export function versionedStoreModel(): SequentialModel<
  VersionedObject,
  VersionedInput,
  VersionedOutput
> {
  return {
    initial: { value: undefined, version: 0, exact: true },
    step: stepVersioned,
    fingerprint: ({ value, version, exact }) => `${String(exact)} ${version} ${value ?? "-"}`,
    partition: ({ id }) => id,
  };
}

function stepVersioned(
  state: VersionedObject,
  input: VersionedInput,
  output: VersionedOutput | undefined,
): VersionedObject | undefined {
  if (input.kind === "get") return seen(state, output);
  const fits = input.kind === "create" ? state.value === undefined : holds(state, input.version);
  if (output?.kind === "refused") return refused(state, input);
  if (!fits) return output === undefined ? state : undefined;
  if (input.kind === "remove") {
    const removed = { ...state, value: undefined, version: input.version };
    return output === undefined || output.kind === "removed" ? removed : undefined;
  }
  const least = input.kind === "create" ? state.version : input.version;
  if (output === undefined) return { value: input.value, version: least, exact: false };
  if (output.kind !== "written" || output.version <= least) return undefined;
  return { value: input.value, version: output.version, exact: true };
}

function holds({ value, version, exact }: VersionedObject, wanted: number): boolean {
  return value !== undefined && (exact ? wanted === version : wanted > version);
}

/** A refusal leaves all as it is; it is right when the write did not fit, which an inexact version never rules out. */
function refused(state: VersionedObject, input: VersionedInput): VersionedObject | undefined {
  if (input.kind === "create") return state.value === undefined ? undefined : state;
  const certain = input.kind !== "get" && state.exact && holds(state, input.version);
  return certain ? undefined : state;
}

function seen(
  state: VersionedObject,
  output: VersionedOutput | undefined,
): VersionedObject | undefined {
  if (output === undefined) return state;
  if (output.kind === "absent") return state.value === undefined ? state : undefined;
  if (output.kind !== "found" || output.value !== state.value) return undefined;
  if (!holds(state, output.version)) return undefined;
  return { ...state, version: output.version, exact: true };
}
