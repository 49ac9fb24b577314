/** What every object carries besides its own fields. Objects are frozen plain records; ids are 25 characters `[0-9a-z]`. */
export interface ObjectMeta {
  readonly id: string;
  /** Log index of the entry that last changed the object. Updates name it; a stale one is refused. */
  readonly version: number;
  /** Unix milliseconds, the leader's clock; never earlier than what was written before, whoever led. */
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export type Labels = Readonly<Record<string, string>>;

/** What a user names and labels an object with. */
export interface Annotations {
  readonly name: string;
  readonly labels: Labels;
}
