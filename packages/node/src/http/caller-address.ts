import { BlockList, isIP, isIPv6 } from "node:net";
import { BanyanError, type TrustedProxies } from "@banyan/core";

export interface Hop {
  /** The other end of the connection, where it is known. */
  readonly peer: string | undefined;
  /** `x-forwarded-for`, as it came. */
  readonly forwarded: string | undefined;
}

/** From where a caller asks, as far as that can be believed: of IPv6 the network of 64 bits, which one caller has whole. */
export type CallerAddress = (hop: Hop) => string | undefined;

/** Throws `config-invalid` for proxies that cannot be. */
export function callerAddress(trusted: TrustedProxies | undefined): CallerAddress {
  if (trusted === undefined) return ({ peer }) => peer && networkOf(peer);
  const isProxy = proxiesOf(trusted);
  return ({ peer, forwarded = "" }) => peer && networkOf(client(peer, forwarded, isProxy));
}

/** Each proxy adds, at the end, the address that it was reached from; so it is read from there, and only as far as proxies are known. */
function client(peer: string, forwarded: string, isProxy: (address: string, at: number) => boolean): string {
  const told = forwarded.split(",").map((part) => part.trim());
  let address = peer;
  for (let at = 0; isProxy(address, at); at++) {
    const before = told.at(-1 - at);
    if (before === undefined || isIP(before) === 0) break;
    address = before;
  }
  return address;
}

function proxiesOf(trusted: TrustedProxies): (address: string, at: number) => boolean {
  if ("hops" in trusted) {
    const { hops } = trusted;
    if (Number.isInteger(hops) && hops >= 1 && hops <= 10) return (_address, at) => at < hops;
    throw notProxies("`hops` is the number of proxies in front, from 1 to 10.");
  }
  const list = new BlockList();
  for (const one of trusted.addresses) add(list, one);
  return (address) => list.check(unmapped(address), isIPv6(unmapped(address)) ? "ipv6" : "ipv4");
}

function add(list: BlockList, given: string): void {
  const [address = "", bits, more] = given.split("/");
  const family = isIPv6(address) ? "ipv6" : "ipv4";
  const most = family === "ipv6" ? 128 : 32;
  const isNet = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= most);
  if (isIP(address) === 0 || more !== undefined || !isNet) throw notProxies(`"${given}" is no address and no network.`);
  list.addSubnet(address, bits === undefined ? most : Number(bits), family);
}

function networkOf(address: string): string {
  const plain = unmapped(address);
  if (!isIPv6(plain)) return plain;
  const [head = "", tail] = plain.replace(/%.*$/, "").split("::");
  const [before, after] = [head, tail ?? ""].map((part) => (part === "" ? [] : part.split(":"))) as [
    string[],
    string[],
  ];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array<string>(zeros).fill("0"), ...after].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(":")}::/64`;
}

/** IPv4 as IPv6 sockets tell it. */
function unmapped(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}

function notProxies(words: string): BanyanError {
  return new BanyanError("config-invalid", `\`http.trustProxy\` cannot be used as written: ${words}`, {
    remedy: "Say `{ hops: 1 }` for one proxy in front, or list the addresses of the proxies.",
  });
}
