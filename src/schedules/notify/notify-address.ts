import { RequestError } from "../../explained-error.ts";

/** Who reads what is sent there, told by the address. */
export type ReceiverKind = "slack" | "teams" | "webhook";

/** Host and no more: paths and queries of such addresses are secrets. */
export function maskAddress(address: string): string {
  const url = URL.parse(address);
  if (url === null) return "an address that is not valid";
  return url.pathname === "/" && url.search === "" ? url.origin : `${url.origin}/…`;
}

export function receiverOf(address: string): ReceiverKind {
  const { hostname } = new URL(address);
  if (hostname === "hooks.slack.com" || hostname === "hooks.slack-gov.com") return "slack";
  if (/(?:^|\.)(?:logic\.azure\.(?:com|us|cn)|api\.powerplatform\.com|webhook\.office\.com)$/.test(hostname))
    return "teams";
  return "webhook";
}

/** Throws RequestError `notify_address` for one that can't be sent to; its message shows no secret. */
export function assertNotifyAddress(address: string, allowPrivateAddress: boolean): void {
  const url = URL.parse(address);
  if (url === null) throw refusal("one that is not valid", "check the address");
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

function refusal(found: string, remedy: string): RequestError {
  return new RequestError("notify_address", `notifications: expected an https:// address, found ${found}`, remedy);
}
