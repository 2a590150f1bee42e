import { domainToASCII, domainToUnicode } from "node:url";
import { getDomain } from "tldts";

/** A domain as it is compared: the part that somebody registers, in ASCII and as it is shown. */
export interface Domain {
  ascii: string;
  unicode: string;
}

/** What stands behind the last `@`, without its sub-domains (`mail.corp.example` is `corp.example`); null where there is no domain. */
export function domainOf(address: string): Domain | null {
  return parseDomain(address.slice(address.lastIndexOf("@") + 1));
}

export function parseDomain(text: string): Domain | null {
  const full = domainToASCII(text);
  if (full === "") return null;
  const ascii = getDomain(full, { allowPrivateDomains: true }) ?? full;
  return { ascii, unicode: domainToUnicode(ascii) };
}

/** `xn--80ak6aa92e.com, shown as аррӏе.com`; a plain name as it is. */
export function showDomain({ ascii, unicode }: Domain): string {
  return ascii === unicode ? ascii : `${ascii}, shown as ${unicode}`;
}
