import type { Labels } from "./meta.ts";

/** What runs. The image name `process` means: run the command on the node itself. */
export interface ContainerSpec {
  readonly image: string;
  readonly labels: Labels;
  /** Replaces the image's entry point (Docker's `Command`). */
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly hostname: string;
  /** `KEY=value`. */
  readonly env: readonly string[];
  readonly dir: string;
  readonly user: string;
  /** Default `SIGTERM`. */
  readonly stopSignal: string;
  /** Time between the stop signal and SIGKILL. Default 10 000. */
  readonly stopGracePeriodMs: number;
  readonly tty: boolean;
  readonly init: boolean | undefined;
  readonly readOnly: boolean;
}

export interface ResourceAmounts {
  readonly nanoCpus: number;
  readonly memoryBytes: number;
}

export interface RestartPolicy {
  readonly condition: "none" | "on-failure" | "any";
  /** Default 5 000. */
  readonly delayMs: number;
  /** 0 means without limit. */
  readonly maxAttempts: number;
  /** Attempts are counted inside this window; 0 means since ever. */
  readonly windowMs: number;
}

export interface Placement {
  /** e.g. `node.role==manager`, `node.labels.zone != a`. */
  readonly constraints: readonly string[];
  /** Labels to spread over, outermost first, e.g. `node.labels.zone`. */
  readonly spread: readonly string[];
  /** 0 means without limit. */
  readonly maxReplicasPerNode: number;
  readonly platforms: readonly { readonly os: string; readonly architecture: string }[];
}

export interface LogDriver {
  readonly name: string;
  readonly options: Labels;
}

export interface TaskSpec {
  readonly container: ContainerSpec;
  readonly limits: ResourceAmounts;
  readonly reservations: ResourceAmounts;
  readonly restart: RestartPolicy;
  readonly placement: Placement;
  readonly logDriver: LogDriver | undefined;
  /** A counter: raising it replaces all tasks although nothing else changed. */
  readonly forceUpdate: number;
}
