import { domainToASCII, domainToUnicode } from "node:url";
import { getDomain } from "tldts";

/** A domain as it is compared: the part that somebody registers, in ASCII and as it is shown. */
export interface Domain {
  ascii: string;
  unicode: string;
}

/** The registered part of a domain name (`corp.example` of `mail.corp.example`); null where the text is none. */
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
