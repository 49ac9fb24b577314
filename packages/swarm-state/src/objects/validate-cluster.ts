import { integer, matching, oneOf, shape } from "../internal/shape.ts";
import type { Check } from "../internal/shape.ts";
import type { Cluster, ClusterSpec } from "./cluster.ts";
import { annotationFields, count, metaFields, shortText } from "./validate-parts.ts";

export const checkCluster: Check = shape<Cluster>({
  ...metaFields,
  kind: oneOf(["cluster"]),
  spec: shape<ClusterSpec>({
    ...annotationFields,
    name: matching(/^.{1,1024}$/s, "a name"),
    taskHistoryLimit: integer(Number.MIN_SAFE_INTEGER),
    raftSnapshotIntervalEntries: count,
    raftTrailingEntries: count,
  }),
  joinSecrets: shape<Cluster["joinSecrets"]>({ worker: shortText, manager: shortText }),
});
