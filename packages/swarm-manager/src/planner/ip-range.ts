interface IpAddress {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** A test whether an address is the given one or, for `10.0.0.0/8`, in the given range; `undefined` if malformed. */
export function createIpMatcher(text: string): ((address: string) => boolean) | undefined {
  const [base, prefix, ...rest] = text.split("/");
  const network = parseIp(base ?? "");
  if (network === undefined || rest.length > 0) return undefined;
  if (prefix !== undefined && !/^\d{1,3}$/.test(prefix)) return undefined;
  const length = prefix === undefined ? network.bits : Number(prefix);
  if (length > network.bits) return undefined;
  const shift = BigInt(network.bits - length);
  return (address) => {
    const ip = parseIp(address);
    return ip?.bits === network.bits && ip.value >> shift === network.value >> shift;
  };
}

function parseIp(text: string): IpAddress | undefined {
  const value = text.includes(":") ? parseIpV6(text) : parseIpV4(text);
  if (value === undefined) return undefined;
  return { bits: text.includes(":") ? 128 : 32, value };
}

function parseIpV4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256))
    return undefined;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function parseIpV6(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const gap = 8 - head.length - tail.length;
  if (halves.length === 2 ? gap < 1 : gap !== 0) return undefined;
  const groups = [...head, ...Array<string>(gap).fill("0"), ...tail];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}
