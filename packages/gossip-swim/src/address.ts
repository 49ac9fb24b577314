/** Where a node is reached: streams and datagrams use the same host and port. */
export interface Address {
  /** Host name or IP literal; 1 to `hostBytesMax` bytes. */
  readonly host: string;
  /** 1 to 65 535. */
  readonly port: number;
}

/** Whether two addresses are the same, letter by letter: names are not resolved. */
export function isSameAddress(a: Address, b: Address): boolean {
  return a.port === b.port && a.host === b.host;
}
