import type { ChangeEvent } from "./store.ts";

type Listener = (event: ChangeEvent) => void;

/** How readers of events are treated. */
export interface WatchersOptions {
  readonly eventsMax: number;
  readonly onListenerError: (error: unknown) => void;
}

/** Those who follow the committed changes. */
export class Watchers {
  readonly #options: WatchersOptions;
  readonly #listeners = new Set<Listener>();

  constructor(options: WatchersOptions) {
    this.#options = options;
  }

  /** Tells every listener; one that throws is reported and does not keep the others from hearing. */
  publish(event: ChangeEvent): void {
    for (const listener of [...this.#listeners]) {
      if (!this.#listeners.has(listener)) continue;
      try {
        listener(event);
      } catch (error) {
        this.#options.onListenerError(error);
      }
    }
  }

  subscribe(listener: Listener): () => void {
    // A function of its own, so that the same listener can be subscribed twice.
    const own: Listener = (event) => listener(event);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  watch(): AsyncIterableIterator<ChangeEvent> {
    const queue = new EventQueue(this.#options.eventsMax);
    const unsubscribe = this.subscribe((event) => queue.push(event));
    const iterator: AsyncIterableIterator<ChangeEvent> = {
      next: () => queue.take(),
      return: () => {
        unsubscribe();
        queue.close();
        return Promise.resolve({ done: true, value: undefined });
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }
}

/** The events that one reader has not taken yet. When there are too many, one `restored` event stands for all. */
class EventQueue {
  readonly #eventsMax: number;
  #events: ChangeEvent[] = [];
  #readers: ((result: IteratorResult<ChangeEvent, undefined>) => void)[] = [];
  #closed = false;

  constructor(eventsMax: number) {
    this.#eventsMax = eventsMax;
  }

  push(event: ChangeEvent): void {
    const reader = this.#readers.shift();
    if (reader !== undefined) {
      reader({ done: false, value: event });
      return;
    }
    // A reader who is going to read everything anew needs nothing of what comes before it does so.
    const behind = this.#events[0]?.restored === true || this.#events.length >= this.#eventsMax;
    if (behind || event.restored)
      this.#events = [Object.freeze({ index: event.index, changes: [], restored: true })];
    else this.#events.push(event);
  }

  take(): Promise<IteratorResult<ChangeEvent, undefined>> {
    const event = this.#events.shift();
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    if (this.#closed) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  close(): void {
    this.#closed = true;
    this.#events = [];
    const readers = this.#readers;
    this.#readers = [];
    for (const reader of readers) reader({ done: true, value: undefined });
  }
}
