/** An error as the system reports it: with a `code`. */
export class SystemError extends Error {
  override readonly name = "SystemError";
  readonly code: string;

  constructor(code: string, message: string, path: string) {
    super(`${code}: ${message}, ${path}`);
    this.code = code;
  }
}
