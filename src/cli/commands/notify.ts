import { randomUUID } from "node:crypto";
import { readSecretVariable } from "../../config.ts";
import { RequestError } from "../../explained-error.ts";
import { deliver, type Delivery } from "../../schedules/notify/deliver.ts";
import {
  assertNotifyAddress,
  maskAddress,
  receiverOf,
  resolveAddress,
  variableOf,
} from "../../schedules/notify/notify-address.ts";
import { switchOn } from "../../schedules/notify/sender.ts";
import { EXIT } from "../exit-codes.ts";
import { withSession } from "../session.ts";
import type { notifyUsage } from "../usage/notify.ts";
import type { Work } from "../usage.ts";

export const doNotify: Work<typeof notifyUsage> = async ({ to: given, allowPrivateAddress }, { config, terminal }) => {
  const to = addressIn(given, allowPrivateAddress);
  const receiver = receiverOf(to);
  const signed = receiver === "webhook" && config.webhookSecrets.length > 0;
  const now = Date.now();
  const notice = {
    kind: "test" as const,
    about: "run" as const,
    title: "bulkpatch: this is a test message",
    details: ["Notifications of schedules and runs will look like this."],
    data: {},
    at: now,
  };
  const delivery = await deliver(
    { id: `msg_${randomUUID()}`, to, allowPrivateAddress, what: { kind: "notice", notice } },
    { secrets: config.webhookSecrets, now: () => now, proxy: config.proxy },
  );
  if (delivery.kind !== "accepted") throw notAccepted(to, delivery);
  await withSession(config, terminal, ({ backend }) => switchOn(backend.leases, to)).catch(({ message }: Error) =>
    terminal.note(`The address can't be switched on again where it answered 410 before: ${message}`),
  );
  terminal.print(`${maskAddress(to)} accepted the message (${delivery.status}).`);
  terminal.print(
    receiver === "webhook"
      ? signed
        ? "It was signed with BULKPATCH_WEBHOOK_SECRET."
        : "It was not signed: set BULKPATCH_WEBHOOK_SECRET, so that the receiver can tell whose it is."
      : "Look in the channel whether it arrived there: an accepted message may still be dropped behind it.",
  );
  terminal.printJson({ accepted: true, status: delivery.status, receiver, signed });
  return EXIT.done;
};

/** Throws RequestError `notify_address` where it is in a variable that is not set. */
function addressIn(given: string, allowPrivateAddress: boolean): string {
  const to = resolveAddress(given, readSecretVariable);
  if (to !== null) {
    assertNotifyAddress(to, allowPrivateAddress, variableOf(given) ?? undefined);
    return to;
  }
  throw new RequestError(
    "notify_address",
    `notifications: expected an address in the environment variable ${variableOf(given)}, found none`,
    "set it in the environment or in a file `.env` here",
  );
}

function notAccepted(to: string, delivery: Exclude<Delivery, { kind: "accepted" }>): RequestError {
  const found = delivery.kind === "gone" ? "it answered 410: it wants no messages any more" : delivery.because;
  return new RequestError(
    "notification_not_accepted",
    `sending a test message to ${maskAddress(to)}: ${found}`,
    "check the address, and whether its receiver is switched on, then try again",
  );
}
