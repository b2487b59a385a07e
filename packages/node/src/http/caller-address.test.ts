import type { TrustedProxies } from "@banyan/core";
import { expect, test } from "vitest";
import { callerAddress } from "./caller-address.ts";

const one = { hops: 1 };
const near = { addresses: ["10.0.0.0/8", "192.0.2.7", "fd00::/8"] };

test.each<[string, TrustedProxies | undefined, string | undefined, string | undefined, string | undefined]>([
  ["nothing is believed unless it is said", undefined, "10.0.0.1", "203.0.113.9", "10.0.0.1"],
  ["the last address is the proxy's word", one, "10.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9"],
  ["two proxies", { hops: 2 }, "10.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"],
  ["more proxies than addresses", { hops: 5 }, "10.0.0.1", "203.0.113.9", "203.0.113.9"],
  ["no header", one, "10.0.0.1", undefined, "10.0.0.1"],
  ["no address", one, "10.0.0.1", "203.0.113.9, unknown", "10.0.0.1"],
  ["a proxy by its network", near, "10.1.2.3", "1.1.1.1, 203.0.113.9, 10.9.9.9", "203.0.113.9"],
  ["a proxy by its address", near, "192.0.2.7", "203.0.113.9", "203.0.113.9"],
  ["a proxy as IPv6 sockets tell it", near, "::ffff:10.1.2.3", "203.0.113.9", "203.0.113.9"],
  ["a proxy of IPv6", near, "fd12::1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["somebody else says so", near, "203.0.113.1", "10.0.0.1", "203.0.113.1"],
  ["IPv4 in IPv6", undefined, "::ffff:203.0.113.9", undefined, "203.0.113.9"],
  ["one network of IPv6", undefined, "2001:DB8::9", undefined, "2001:db8:0:0::/64"],
  ["the same one", undefined, "2001:db8:0:0:ffff::1%eth0", undefined, "2001:db8:0:0::/64"],
  ["this machine", undefined, "::1", undefined, "0:0:0:0::/64"],
  ["no connection", one, undefined, "203.0.113.9", undefined],
])("%s", (...[, trusted, peer, forwarded, address]) => {
  expect(callerAddress(trusted)({ peer, forwarded })).toBe(address);
});

test.each([
  { hops: 0 },
  { hops: 1.5 },
  { hops: Infinity },
  { addresses: ["proxy.example.test"] },
  { addresses: ["10.0.0.0/33"] },
  { addresses: ["10.0.0.0/"] },
  { addresses: ["0.0.0.0/0"] },
  { addresses: ["10.0.0.0/8/8"] },
])("what can be no proxy is refused: %j", (trusted) => {
  expect(() => callerAddress(trusted)).toThrow("trustProxy");
});
