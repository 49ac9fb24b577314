import { bootstrapState, nodeId } from "../../src/index.ts";
import type {
  LocalMessage,
  Message,
  RaftCore,
  RaftOptions,
  RaftTrace,
  Ready,
  StorageAppend,
  StorageApply,
} from "../../src/index.ts";
import { openRaftCore } from "../../src/core.ts";
import type { CoreState } from "../../src/state.ts";

const NONE = new Uint8Array(0);
/** Far more than any test makes: effects that never end are a fault. */
const BATCHES_MAX = 1_000;

/** Node 1 of a group that writes asynchronously; the test plays its peers and its threads. */
export class Asynchronous {
  readonly core: RaftCore;
  readonly state: CoreState;
  readonly appends: StorageAppend[] = [];
  readonly applies: StorageApply[] = [];
  readonly sent: Message[] = [];
  readonly traced: RaftTrace[] = [];

  constructor(options: Partial<RaftOptions> = {}) {
    const opened = openRaftCore({
      id: nodeId(1),
      initial: bootstrapState([1, 2, 3].map(nodeId)),
      random: () => 0,
      preVote: false,
      checkQuorum: false,
      asyncStorageWrites: true,
      trace: (event) => this.traced.push(event),
      ...options,
    });
    this.core = opened.core;
    this.state = opened.state;
  }

  /** A message to this node; what the fields leave out is 0, empty, or the present term. */
  from(id: number, type: Message["type"], fields: object = {}): this {
    const defaults = { index: 0, logTerm: 0, commit: 0, entries: [], reject: false };
    const more = { rejectHint: 0, context: NONE, transfer: false, priority: 0 };
    const envelope = { from: id, to: 1, term: this.core.status().term, type };
    this.core.step({ ...defaults, ...more, ...envelope, ...fields } as unknown as Message);
    return this.run();
  }

  /** Takes all effects and leaves the requests to the threads. */
  run(): this {
    for (let batches = 0; this.core.hasReady(); batches += 1) {
      if (batches > BATCHES_MAX) throw new Error("there is always something to do");
      this.take(this.core.ready());
    }
    return this;
  }

  take(ready: Ready): void {
    this.sent.push(...ready.messages);
    for (const request of ready.storage) {
      if (request.type === "storage-append") this.appends.push(request);
      else this.applies.push(request);
    }
  }

  /** The first write is done. */
  write(): this {
    return this.#answer(this.appends.shift()!.responses);
  }

  /** The first batch is applied. */
  apply(): this {
    return this.#answer(this.applies.shift()!.responses);
  }

  #answer(responses: readonly (Message | LocalMessage)[]): this {
    for (const response of responses) {
      if (response.to === 1) this.core.stepLocal(response as LocalMessage);
      else this.sent.push(response as Message);
    }
    return this.run();
  }

  /** Finishes everything. */
  settle(): this {
    while (this.appends.length + this.applies.length > 0) {
      if (this.appends.length > 0) this.write();
      else this.apply();
    }
    return this;
  }
}
