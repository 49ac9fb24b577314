import fc from "fast-check";
import { expect, test } from "vitest";
import { createSwarmStore } from "../src/create-store.ts";
import type { SwarmStore, Transaction } from "../src/store.ts";
import { createManualLog, settle } from "./manual-log.ts";
import { idOf, serviceDraft } from "./objects.ts";

const SLOTS = 4;

/** One transaction: reads slot `from`, writes what it read plus one to slot `to`; or deletes slot `to` if there. */
interface Plan {
  readonly from: number;
  readonly to: number;
  readonly remove: boolean;
}

type Step =
  | { readonly do: "write"; readonly plan: Plan }
  | { readonly do: "read" | "commit" | "restart" }
  | { readonly do: "refuse" | "lose" | "forget"; readonly at: number }
  | { readonly do: "relead"; readonly kept: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("write" as const),
      plan: fc.record({
        from: fc.nat(SLOTS - 1),
        to: fc.nat(SLOTS - 1),
        remove: fc.nat(4).map((n) => n === 0),
      }),
    }),
  },
  { weight: 4, arbitrary: fc.constant<Step>({ do: "commit" }) },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ do: "read" }, { do: "restart" }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom("refuse", "lose", "forget"), at: fc.nat(5) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("relead" as const), kept: fc.nat(4) }) },
);

/** The transaction, marked with its number so that its entry can be known again. */
function run(tx: Transaction, plan: Plan, mark: number): void {
  const source = tx.get("service", idOf(`s${plan.from}`));
  const target = tx.get("service", idOf(`s${plan.to}`));
  const draft = {
    ...serviceDraft(`s${plan.to}`, `name${plan.to}`),
    specVersion: (source?.specVersion ?? 0) + 1,
    updateStatus: { state: "updating", startedAtMs: mark, completedAtMs: undefined, message: "" },
  } as const;
  if (target === undefined) tx.create(draft);
  else if (plan.remove) tx.delete("service", target.id);
  else tx.update({ ...target, specVersion: draft.specVersion, updateStatus: draft.updateStatus });
}

/** The same on a plain map. */
function runModel(model: Map<number, number>, plan: Plan): void {
  if (plan.remove && model.has(plan.to)) model.delete(plan.to);
  else model.set(plan.to, (model.get(plan.from) ?? 0) + 1);
}

function valuesOf(store: SwarmStore): [number, number][] {
  return [...store.view().list("service")].map((service) => [
    Number(service.spec.name.slice(4)),
    service.specVersion,
  ]);
}

type Fate = "open" | "done" | "refused" | "unknown";

class World {
  readonly log = createManualLog();
  readonly store = createSwarmStore({ proposer: this.log, now: () => 10 });
  follower = this.#newFollower();
  readonly model = new Map<number, number>();
  readonly fates: Fate[] = [];
  readonly applied = new Set<number>();
  /** Transactions in the order of proposal, by the bytes that they proposed. */
  readonly plans = new Map<Uint8Array, { readonly plan: Plan; readonly mark: number }>();
  #writing: { readonly plan: Plan; readonly mark: number } | undefined;

  constructor() {
    const propose = this.log.propose.bind(this.log);
    this.log.propose = (data) => {
      this.plans.set(data, this.#writing!);
      return propose(data);
    };
    this.log.appliers.push((index, data) => this.#apply(index, data));
    this.store.startLeading();
  }

  #newFollower(): SwarmStore {
    return createSwarmStore({ proposer: this.log, now: () => 0 });
  }

  /** The follower starts anew from its own snapshot. */
  async #restart(): Promise<void> {
    const restored = this.#newFollower();
    await restored.restore(this.follower.view().index, this.follower.snapshot());
    this.follower = restored;
  }

  #apply(index: number, data: Uint8Array): void {
    const changes: number[] = [];
    const off = this.store.subscribe((event) => void changes.push(event.changes.length));
    this.store.apply(index, data);
    this.follower.apply(index, data);
    off();
    const { plan, mark } = this.plans.get(data)!;
    if (changes[0] === 0) return;
    this.applied.add(mark);
    runModel(this.model, plan);
    expect(valuesOf(this.store)).toEqual([...this.model].sort(([a], [b]) => a - b));
  }

  write(plan: Plan): void {
    const mark = this.fates.push("open") - 1;
    this.#writing = { plan, mark };
    this.#follow(
      mark,
      this.store.update((tx) => run(tx, plan, mark)),
    );
  }

  #follow(mark: number, promise: Promise<unknown>): void {
    void promise.then(
      () => (this.fates[mark] = "done"),
      (error: unknown) => {
        const { code } = error as { code: string };
        expect(["not-leader", "superseded", "unknown-outcome"]).toContain(code);
        this.fates[mark] = code === "unknown-outcome" ? "unknown" : "refused";
      },
    );
  }

  async perform(action: Step): Promise<void> {
    const { log, store } = this;
    switch (action.do) {
      case "write":
        this.write(action.plan);
        break;
      case "read":
        await Promise.race([store.update((tx) => tx.count("service")).catch(() => 0), settle()]);
        break;
      case "commit":
        if (log.pending > 0) log.commit();
        break;
      case "restart":
        await this.#restart();
        break;
      case "refuse":
        if (log.pending > 0) log.refuse(action.at % log.pending);
        break;
      case "lose":
      case "forget":
        if (log.pending > 0) log.forget(action.at % log.pending, action.do === "lose");
        break;
      case "relead":
        store.stopLeading();
        log.truncate(action.kept);
        while (log.pending > 0) log.commit();
        store.startLeading();
    }
    await settle();
  }
}

test("pipelined transactions behave as if run one by one, whatever is refused, lost or taken over", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: "max" }), async (steps) => {
      const world = new World();
      for (const action of steps) await world.perform(action);
      while (world.log.pending > 0) world.log.commit();
      await settle();
      world.fates.forEach((fate, mark) => {
        if (fate === "done") expect(world.applied.has(mark)).toBe(true);
        if (fate === "refused") expect(world.applied.has(mark)).toBe(false);
      });
      // After all that, the pipeline is not stuck: at the latest the second try goes through.
      const { plan } = { plan: { from: 0, to: 0, remove: false } };
      for (let i = 0; i < 2; i++) {
        world.write(plan);
        if (world.log.pending > 0) world.log.commit();
        await settle();
      }
      expect(world.fates.at(-1)).toBe("done");
      expect(world.fates).not.toContain("open");
      expect([...world.follower.view().list("service")]).toStrictEqual([
        ...world.store.view().list("service"),
      ]);
    }),
    { numRuns: 200 },
  );
});
