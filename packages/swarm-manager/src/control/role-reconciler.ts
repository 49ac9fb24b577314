import type { Node, SwarmStore } from "@waggle/swarm-state";
import type { Clock } from "../clock.ts";
import { type Logger, silentLogger } from "../logger.ts";
import { setManagerMembership } from "./joining.ts";
import type { MembershipPort } from "./membership.ts";

/** How long a change of role that could not be done now waits for the next try. */
const RETRY_DELAY_MS = 1_000;

/** What {@link createRoleReconciler} works on. */
export interface RoleReconcilerOptions {
  readonly store: SwarmStore;
  readonly membership: MembershipPort;
  readonly clock: Clock;
  /** Default: silent. */
  readonly logger?: Logger;
}

/** Carries promotions and demotions out. Runs on the leader only. */
export interface RoleReconciler {
  /** This manager leads from now on. */
  start(): void;
  /** It does not any more. What is under way is left to the next leader. */
  stop(): void;
}

/**
 * Takes every node that is to be a worker and still is a Raft member out of the group, one at a time and only while the
 * group keeps its quorum, then writes that down. Makes every node that is to be a manager and still is a learner of the
 * group a voter, as soon as it is caught up; one that never is delays nobody. The state alone says what is left to do, so
 * any leader can go on, and no learner stays one because somebody died.
 */
export function createRoleReconciler(options: RoleReconcilerOptions): RoleReconciler {
  return new Reconciler(options);
}

class Reconciler implements RoleReconciler {
  readonly #options: RoleReconcilerOptions;
  #unsubscribe: (() => void) | undefined;
  #cancelTimer: (() => void) | undefined;
  #working = false;
  readonly #promoting = new Set<number>();

  constructor(options: RoleReconcilerOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#unsubscribe !== undefined) return;
    this.#unsubscribe = this.#options.store.subscribe(({ changes, restored }) => {
      if (
        restored ||
        changes.some(({ object }) => object.kind === "node" && object.manager !== undefined)
      ) {
        void this.#work();
      }
    });
    void this.#work();
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  async #work(): Promise<void> {
    this.#promoteLearners();
    if (this.#working) return;
    this.#working = true;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    try {
      while (this.#unsubscribe !== undefined) {
        const node = [...this.#options.store.view().list("node")].find(isDemoted);
        if (node === undefined) break;
        if (!(await this.#demote(node))) {
          this.#retryLater();
          break;
        }
      }
    } finally {
      this.#working = false;
    }
  }

  /** Whether it was done. Failures are left to the next try, here or on the next leader. */
  async #demote(node: Node): Promise<boolean> {
    const { membership, store } = this.#options;
    const raftId = node.manager?.raftId;
    if (raftId === undefined || !membership.canRemoveManager(raftId)) return false;
    try {
      await membership.removeManager(raftId);
      await setManagerMembership(store, node.id, undefined);
      return true;
    } catch {
      return false;
    }
  }

  #promoteLearners(): void {
    const { membership, store } = this.#options;
    for (const { spec, manager } of store.view().list("node")) {
      if (manager === undefined || spec.role !== "manager") continue;
      if (!membership.isLearner(manager.raftId) || this.#promoting.has(manager.raftId)) continue;
      void this.#promote(manager.raftId);
    }
  }

  async #promote(raftId: number): Promise<void> {
    const { membership, logger = silentLogger } = this.#options;
    this.#promoting.add(raftId);
    try {
      await membership.promoteManager(raftId);
    } catch (error) {
      if (this.#unsubscribe === undefined) return;
      const reason = error instanceof Error ? error.message : String(error);
      logger.warn({ raftId, error: reason }, "a manager is not counted in the quorum yet");
      this.#retryLater();
    } finally {
      this.#promoting.delete(raftId);
    }
  }

  #retryLater(): void {
    if (this.#unsubscribe === undefined || this.#cancelTimer !== undefined) return;
    this.#cancelTimer = this.#options.clock.setTimer(RETRY_DELAY_MS, () => {
      this.#cancelTimer = undefined;
      void this.#work();
    });
  }
}

function isDemoted(node: Node): boolean {
  return node.spec.role === "worker" && node.manager !== undefined;
}
