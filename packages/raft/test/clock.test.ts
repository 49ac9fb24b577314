import { expect, it } from "vitest";
import { after, atMost } from "../src/clock.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** A clock that tells how many of its timers were neither run nor taken back. */
class CountingClock extends VirtualClock {
  open = 0;

  override setTimer(delayMs: number, run: () => void): () => void {
    this.open += 1;
    const cancel = super.setTimer(delayMs, () => {
      this.open -= 1;
      run();
    });
    return () => {
      this.open -= 1;
      cancel();
    };
  }
}

it("work that ends or fails in time leaves no timer behind", async () => {
  const clock = new CountingClock();
  await atMost(clock, 1_000, Promise.resolve("done"));
  expect(clock.open).toBe(0);
  const failed = atMost(clock, 1_000, Promise.reject(new Error("broken")));
  await expect(failed).rejects.toThrow("broken");
  expect(clock.open).toBe(0);
});

it("waiting ends when its time has passed, and not before", async () => {
  const clock = new CountingClock();
  let isOver = false;
  const waiting = after(clock, 1_000).then(() => (isOver = true));
  clock.advance(999);
  await Promise.resolve();
  expect(isOver).toBe(false);
  clock.advance(1);
  await waiting;
  expect(clock.open).toBe(0);
});
