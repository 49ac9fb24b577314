import { integer, list, matching, maybe, number, shape, text, textMap } from "../internal/shape.ts";
import type { Check, Fields } from "../internal/shape.ts";
import { LIST_ITEMS_MAX, LONG_TEXT_MAX, SHORT_TEXT_MAX } from "../limits.ts";
import type { Annotations, ObjectMeta } from "./meta.ts";
import type { NodeResources } from "./node.ts";
import type { ResourceAmounts } from "./task-spec.ts";

const ID_PATTERN = /^[0-9a-z]{25}$/;

/** Whether `id` is one that an object may have: 25 characters `[0-9a-z]`. */
export function isObjectId(id: string): boolean {
  return ID_PATTERN.test(id);
}

export const checkId: Check = matching(ID_PATTERN, "an id of 25 characters [0-9a-z]");
export const shortText: Check = text(SHORT_TEXT_MAX);
export const longText: Check = text(LONG_TEXT_MAX);
export const longTexts: Check = list(longText, LIST_ITEMS_MAX);
export const labels: Check = textMap(LIST_ITEMS_MAX, LONG_TEXT_MAX);
/** Not negative; times, counts and sizes. */
export const amount: Check = number(0);
export const count: Check = integer(0);

export const annotationFields: Fields<Annotations> = { name: shortText, labels };

/**
 * Version and times are the store's own, and not in every form of an object: a draft has none yet, an entry of the log
 * has no version.
 */
export const metaFields: Fields<ObjectMeta> = {
  id: checkId,
  version: maybe(integer(Number.MIN_SAFE_INTEGER)),
  createdAtMs: maybe(number()),
  updatedAtMs: maybe(number()),
};

export const resources: Check = shape<ResourceAmounts & NodeResources>({
  nanoCpus: amount,
  memoryBytes: amount,
});
