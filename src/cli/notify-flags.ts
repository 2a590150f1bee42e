import type { Command } from "commander";
import type { Receivers } from "../schedules/notify/notifier.ts";
import { assertNotifyAddress } from "../schedules/notify/notify-address.ts";
import { type NotifyOn, parseNotifyOn } from "../schedules/notify/notify-on.ts";
import { UsageError } from "./usage-error.ts";

/** Flags about who is told what. */
export interface NotifyFlags {
  notify?: string[];
  notifyOn?: string;
  allowPrivateAddress?: boolean;
}

export function addNotifyFlags(command: Command): Command {
  return command
    .optionsGroup("Who is told how it went:")
    .option(
      "--notify <url>",
      "who is told: a webhook, Slack or Teams address, or env:NAME, a variable that holds it; may be given again",
      (text, before) => [...((before as string[] | undefined) ?? []), text],
    )
    .option("--notify-on <kinds>", "what is told: failed, held, rejected (rejected:5%), recovered, done");
}

/** Null where nobody is to be told. `otherwise`: what is told where `--notify-on` says nothing. */
export function notifyOptionsOf(
  { notify: addresses = [], notifyOn, allowPrivateAddress = false }: NotifyFlags,
  otherwise: NotifyOn,
  heartbeat: string | null = null,
): (Receivers & { on: NotifyOn }) | null {
  const on = notifyOn === undefined ? otherwise : parseNotifyOn(notifyOn, otherwise.failAfter);
  if (on === null) {
    throw new UsageError(
      `--notify-on: expected kinds of news, found "${notifyOn}"`,
      "write it like --notify-on failed,held,rejected:5%,recovered,done",
    );
  }
  for (const address of heartbeat === null ? addresses : [...addresses, heartbeat]) {
    assertNotifyAddress(address, allowPrivateAddress);
  }
  return addresses.length === 0 && heartbeat === null ? null : { addresses, heartbeat, allowPrivateAddress, on };
}
