import type { LookupAddress } from "node:dns";
import dns from "node:dns";
import type { LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";

/** An address that belongs to somebody's own network and so is not asked for a spreadsheet. */
export class PrivateAddressError extends Error {
  override readonly name = "PrivateAddressError";
  readonly address: string;
  constructor(address: string) {
    super(`${address} is inside a private range`);
    this.address = address;
  }
}

/**
 * True for an address on the public internet. Not for private, loopback, link-local (cloud metadata), carrier-grade NAT, reserved, and the
 * IPv6 ranges in which an IPv4 address hides. Ranges: IANA special-purpose address registries, as ipaddr.js has them.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  return ipaddr.process(address).range() === "unicast";
}

/**
 * A look-up for `net.connect` and `tls.connect` that refuses when any of the name's addresses is not allowed. It is the look-up that the
 * connection itself uses, so a name can't answer one thing to the check and another to the connection.
 */
export function makeLookup(isAllowed: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    dns.lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) return callback(error, []);
      const inside = addresses.find(({ address }) => !isAllowed(address));
      if (inside) return callback(new PrivateAddressError(inside.address), []);
      const [first] = addresses;
      if (options.all || first === undefined) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
