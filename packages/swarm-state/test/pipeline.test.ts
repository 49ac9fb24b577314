import { expect, test } from "vitest";
import type { SwarmStoreOptions } from "../src/options.ts";
import { createSwarmStore } from "../src/create-store.ts";
import type { SwarmStore, Transaction } from "../src/store.ts";
import { createManualLog, settle } from "./manual-log.ts";
import type { ManualLog } from "./manual-log.ts";
import { idOf, nodeDraft, serviceDraft, taskDraft } from "./objects.ts";

function setup(options: Partial<SwarmStoreOptions> = {}): { store: SwarmStore; log: ManualLog } {
  const log = createManualLog();
  const store = createSwarmStore({ proposer: log, now: () => 5_000, ...options });
  log.appliers.push((index, data) => store.apply(index, data));
  store.startLeading();
  return { store, log };
}

/** What became of a promise: its value, or the code it was rejected with. */
function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => value,
    (error: unknown) => (error as { code?: string }).code ?? error,
  );
}

const node =
  (word: string) =>
  (tx: Transaction): string => {
    tx.create(nodeDraft(word));
    return word;
  };

const rename = (name: string) => (tx: Transaction) => {
  const service = tx.get("service", idOf("s1"))!;
  tx.update({ ...service, spec: { ...service.spec, name } });
};

test("only a leader writes", async () => {
  const { store, log } = setup();
  store.stopLeading();
  let ran = false;
  const refused = store.update(() => {
    ran = true;
  });
  expect(await outcome(refused)).toBe("not-leader");
  expect([ran, log.pending]).toEqual([false, 0]);
});

test("a refused entry takes with it all that was built upon it, even what is in the log", async () => {
  const { store, log } = setup();
  const all = ["n1", "n2", "n3"].map((word) => outcome(store.update(node(word))));
  const reader = outcome(store.update((tx) => tx.count("node")));
  log.refuse(1);
  await settle();
  const again = outcome(store.update(node("n4")));
  while (log.pending > 0) log.commit();
  expect(await Promise.all(all)).toEqual(["n1", "not-leader", "not-leader"]);
  expect(await reader).toBe("not-leader");
  expect(await again).toBe("n4");
  expect([...store.view().list("node")].map(({ id }) => id)).toEqual([idOf("n1"), idOf("n4")]);
  expect(store.view().index).toBe(3);
});

test("the head is rebuilt after a refusal: a name taken by the lost one is free", async () => {
  const { store, log } = setup();
  void store.update((tx) => tx.create(serviceDraft("s1", "a")));
  const lost = outcome(store.update(rename("b")));
  log.refuse(1);
  expect(await lost).toBe("not-leader");
  const other = outcome(store.update((tx) => tx.create(serviceDraft("s2", "B"))));
  log.commit();
  log.commit();
  expect(await other).toBeUndefined();
  expect(store.view().byName("service", "a")?.id).toBe(idOf("s1"));
});

test("losing leadership rejects what is in flight; what is in the log all the same is applied", async () => {
  const { store, log } = setup();
  const first = outcome(store.update(node("n1")));
  const second = outcome(store.update(node("n2")));
  const reader = outcome(store.update((tx) => tx.count("node")));
  store.stopLeading();
  expect(await Promise.all([first, second, reader])).toEqual(Array(3).fill("unknown-outcome"));
  log.truncate(1);
  log.commit();
  store.startLeading();
  const third = outcome(store.update((tx) => [...tx.list("node")].map(({ id }) => id)));
  expect(await third).toEqual([idOf("n1")]);
});

test("an unknown outcome stays in the head until it shows", async () => {
  const { store, log } = setup();
  const first = outcome(store.update(node("n1")));
  log.forget(0, false);
  expect(await first).toBe("unknown-outcome");
  expect(await outcome(store.update((tx) => tx.count("node")))).toBe("unknown-outcome");
  const second = outcome(store.update(node("n2")));
  log.commit();
  log.commit();
  expect(await second).toBe("n2");
  expect(store.view().count("node")).toBe(2);
});

test("what was built upon a lost entry is superseded, and the next one goes through", async () => {
  const { store, log } = setup();
  void outcome(store.update(node("n1")));
  log.forget(0, true);
  await settle();
  const second = outcome(store.update(node("n2")));
  const third = outcome(store.update(node("n3")));
  log.commit();
  expect(await Promise.all([second, third])).toEqual(["superseded", "superseded"]);
  const fourth = outcome(store.update(node("n1")));
  log.commit();
  log.commit();
  expect(await fourth).toBe("n1");
  expect(store.view().count("node")).toBe(1);
});

test("an entry of another leader voids what had not seen it", async () => {
  const other = setup();
  const { store, log } = setup();
  void other.store.update(node("n7"));
  other.log.commit();
  const own = outcome(store.update(node("n1")));
  log.inject(other.log.entries[0]!);
  expect(await own).toBe("superseded");
  log.commit();
  expect([...store.view().list("node")].map(({ id }) => id)).toEqual([idOf("n7")]);
});

test("a proposer that throws, or rejects without saying how it went, leaves the outcome unknown", async () => {
  const broken = { propose: (): Promise<number> => Promise.reject(new RangeError("x")) };
  expect(await outcome(setup({ proposer: broken }).store.update(node("n1")))).toBe(
    "unknown-outcome",
  );
  const throwing = {
    propose: () => {
      throw new RangeError("x");
    },
  };
  expect(await outcome(setup({ proposer: throwing }).store.update(node("n1")))).toBe(
    "unknown-outcome",
  );
});

test("a restored state rejects what is in flight and goes on leading", async () => {
  const { store, log } = setup();
  const empty = store.snapshot();
  void store.update(node("n1"));
  log.commit();
  const flying = outcome(store.update(node("n2")));
  await store.restore(2, empty);
  expect(await flying).toBe("unknown-outcome");
  expect(await outcome(store.update((tx) => tx.count("node")))).toBe(0);
});

test("limits: changes, bytes of an object and of a transaction, transactions in flight", async () => {
  const { store, log } = setup({ transactionChangesMax: 2, transactionsInFlightMax: 2 });
  const many = store.update((tx) => ["n1", "n2", "n3"].forEach((word) => void node(word)(tx)));
  expect(await outcome(many)).toBe("too-large");
  const text = "x".repeat(130_000);
  const large = (word: string, texts: number) => (tx: Transaction) => {
    const draft = taskDraft(word);
    const container = { ...draft.spec.container, env: Array<string>(texts).fill(text) };
    tx.create({ ...draft, spec: { ...draft.spec, container } });
  };
  expect(await outcome(store.update(large("t1", 9)))).toBe("too-large");
  const both = store.update((tx) => {
    large("t1", 7)(tx);
    large("t2", 7)(tx);
  });
  expect(await outcome(both)).toBe("too-large");
  expect(log.pending).toBe(0);
  const first = outcome(store.update(node("n1")));
  void store.update(node("n2"));
  expect(await outcome(store.update(node("n3")))).toBe("busy");
  log.commit();
  expect(await first).toBe("n1");
  void store.update(node("n3"));
  expect(log.pending).toBe(2);
});

test("misuse is refused: an asynchronous, a nested, a late write, a limit out of bounds", async () => {
  const { store, log } = setup();
  const asynchronous = store.update(async (tx) => {
    await Promise.resolve();
    node("n1")(tx);
  });
  expect(await outcome(asynchronous)).toBe("misuse");
  let nested: Promise<unknown> = Promise.resolve();
  let kept: Transaction | undefined;
  void store.update((tx) => {
    nested = outcome(store.update(node("n2")));
    kept = tx;
  });
  expect(await nested).toBe("misuse");
  expect(() => kept!.create(nodeDraft("n3"))).toThrow("over");
  expect(() => kept!.delete("node", idOf("n3"))).toThrow("over");
  expect(log.pending).toBe(0);
  expect(() => setup({ transactionBytesMax: 0 })).toThrow("transactionBytesMax");
});

test("a transaction may be begun by one who hears of another", async () => {
  const { store, log } = setup();
  let second: Promise<unknown> | undefined;
  store.subscribe(() => {
    second ??= outcome(store.update((tx) => tx.update({ ...tx.get("node", idOf("n1"))! })));
  });
  void store.update(node("n1"));
  log.commit();
  log.commit();
  expect(await second).toBeUndefined();
  expect(store.view().get("node", idOf("n1"))?.version).toBe(2);
});

test("an object given to the store is frozen with all that is in it", async () => {
  const { store } = setup();
  const draft = serviceDraft("s1", "a");
  await outcome(
    store.update((tx) => {
      tx.create(draft);
      const read = tx.get("service", idOf("s1"))!;
      expect(Object.isFrozen(read.spec.task.container.env)).toBe(true);
      throw new RangeError("enough");
    }),
  );
});
