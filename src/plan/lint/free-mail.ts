import { createRequire } from "node:module";

let domains: Set<string> | null = null;

/** True for a domain where anybody gets an address. The list (package email-providers, 8,760 domains) is read when it is first asked. */
export function isFreeMail(ascii: string): boolean {
  domains ??= new Set(createRequire(import.meta.url)("email-providers/all.json") as string[]);
  return domains.has(ascii);
}
