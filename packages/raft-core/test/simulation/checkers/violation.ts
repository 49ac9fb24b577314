/** What a run of a correct group never shows. */
export class Violation extends Error {
  override readonly name = "Violation";
}
