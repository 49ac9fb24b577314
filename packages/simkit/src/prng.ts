import { assert } from "./internal/assert.ts";

/** A seeded source of random numbers. Same seed and same calls: same numbers, to the bit, on every platform. */
export interface Random {
  /** A number in [0, 1) with 32 random bits. */
  next(): number;
  /** An integer in [0, below). `below` is a positive safe integer of at most 2^32. */
  integer(below: number): number;
  /** A number in [from, to); both ends may be fractions. */
  range(from: number, to: number): number;
  /** True with the given probability; 0 is never, 1 is always. */
  chance(probability: number): boolean;
  /** One element of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
  /** A shuffled copy; the argument stays as it is. */
  shuffle<T>(list: readonly T[]): T[];
  /**
   * An independent stream named by `label`. It depends on the seed and the label only, not on how many numbers were
   * drawn before, so that adding a consumer leaves the others' numbers alone.
   */
  fork(label: string): Random;
}

/** Mixes one 32-bit word (the finaliser of MurmurHash3). */
function mix(word: number): number {
  let x = word | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** FNV-1a over UTF-16 code units, from a 32-bit start. */
function hashLabel(label: string, start: number): number {
  let hash = (start ^ 0x811c9dc5) >>> 0;
  for (let index = 0; index < label.length; index += 1)
    hash = Math.imul(hash ^ label.charCodeAt(index), 0x01000193) >>> 0;
  return mix(hash);
}

type State = [number, number, number, number];

/** Four state words from a 53-bit seed by a Weyl sequence, as splitmix does. */
function stateOf(seed: number): State {
  const low = seed >>> 0;
  const high = Math.floor(seed / 4294967296) >>> 0;
  const word = (n: number): number => mix(low + Math.imul(n, 0x9e3779b9)) ^ mix(high + n);
  const state: State = [word(1) >>> 0, word(2) >>> 0, word(3) >>> 0, word(4) >>> 0];
  if (state.every((part) => part === 0)) state[0] = 1;
  return state;
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** One step of xoshiro128**. */
function nextWord(state: State): number {
  const result = Math.imul(rotateLeft(Math.imul(state[1], 5), 7), 9) >>> 0;
  const shifted = state[1] << 9;
  state[2] ^= state[0];
  state[3] ^= state[1];
  state[1] ^= state[2];
  state[0] ^= state[3];
  state[2] ^= shifted;
  state[3] = rotateLeft(state[3], 11);
  return result;
}

/**
 * A xoshiro128** generator. Not for secrets.
 * @param seed a safe integer, not negative
 */
export function createRandom(seed: number): Random {
  assert(Number.isSafeInteger(seed) && seed >= 0, `seed must be a safe integer >= 0: ${seed}`);
  const state = stateOf(seed);
  const next = (): number => nextWord(state) / 4294967296;
  const integer = (below: number): number => {
    assert(Number.isInteger(below) && below > 0 && below <= 4294967296, `bad bound: ${below}`);
    return Math.floor(next() * below);
  };
  return {
    next,
    integer,
    range: (from, to) => {
      assert(to >= from, `bad range: ${from}..${to}`);
      return from + next() * (to - from);
    },
    chance: (probability) => next() < probability,
    pick: (list) => {
      assert(list.length > 0, "cannot pick from an empty list");
      return list[integer(list.length)] as (typeof list)[number];
    },
    shuffle: (list) => shuffled(list, integer),
    fork: (label) => createRandom(forkSeed(seed, label)),
  };
}

function forkSeed(seed: number, label: string): number {
  const low = hashLabel(label, seed >>> 0);
  const high = hashLabel(label, mix(Math.floor(seed / 4294967296) + 0x2545f491));
  return (high & 0x1fffff) * 4294967296 + low;
}

function shuffled<T>(list: readonly T[], integer: (below: number) => number): T[] {
  const copy = [...list];
  for (let last = copy.length - 1; last > 0; last -= 1) {
    const other = integer(last + 1);
    const held = copy[last] as T;
    copy[last] = copy[other] as T;
    copy[other] = held;
  }
  return copy;
}
