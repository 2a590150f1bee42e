import { RequestError } from "../../explained-error.ts";

/** Who reads what is sent there, told by the address. */
export type ReceiverKind = "slack" | "teams" | "webhook";

/** A value of the environment, by its name. */
export type Environment = (name: string) => string | undefined;

const VARIABLE = /^env:([A-Za-z_][A-Za-z0-9_]*)$/;

/** The environment variable that holds the address, where `env:NAME` was given in its place; null: it is the address itself. */
export function variableOf(address: string): string | null {
  return VARIABLE.exec(address)?.[1] ?? null;
}

/** The address itself; null where the variable that holds it is not set here. */
export function resolveAddress(address: string, environment: Environment): string | null {
  const variable = variableOf(address);
  return variable === null ? address : (environment(variable) ?? null);
}

/** Host and no more: paths and queries of such addresses are secrets. The name of a variable is none. */
export function maskAddress(address: string): string {
  if (variableOf(address) !== null) return address;
  const url = URL.parse(address);
  if (url === null) return "an address that is not valid";
  return url.pathname === "/" && url.search === "" ? url.origin : `${url.origin}/…`;
}

/** In which form messages are sent to an address; told by its host. */
export function receiverOf(address: string): ReceiverKind {
  const { hostname } = new URL(address);
  if (hostname === "hooks.slack.com" || hostname === "hooks.slack-gov.com") return "slack";
  if (/(?:^|\.)(?:logic\.azure\.(?:com|us|cn)|api\.powerplatform\.com|webhook\.office\.com)$/.test(hostname))
    return "teams";
  return "webhook";
}

/**
 * Throws RequestError `notify_address` for one that can't be sent to; its message shows no secret. What a variable holds is seen
 * when it is sent. `from`: where it stands, for the message.
 */
export function assertNotifyAddress(address: string, allowPrivateAddress: boolean, from = "notifications"): void {
  if (variableOf(address) !== null) return;
  const refusal = (found: string, remedy: string): RequestError =>
    new RequestError("notify_address", `${from}: expected an https:// address or env:NAME, found ${found}`, remedy);
  if (address.startsWith("env:")) throw refusal("env: without the name of a variable", "write it like env:SLACK_URL");
  const url = URL.parse(address);
  if (url === null) throw refusal("one that is not valid", "write the whole address, with https:// at its beginning");
  if (url.protocol !== "https:" && !(url.protocol === "http:" && allowPrivateAddress)) {
    throw refusal(
      `${url.protocol}//${url.host}/…`,
      "use one that begins with https:// (http:// only with --allow-private-address)",
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw refusal("one with a user and password", "use one without; messages are signed (BULKPATCH_WEBHOOK_SECRET)");
  }
}
