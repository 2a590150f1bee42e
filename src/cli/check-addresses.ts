import { readSecretVariable } from "../config.ts";
import type { Receivers } from "../schedules/notify/notifier.ts";
import { assertNotifyAddress, variableOf } from "../schedules/notify/notify-address.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Looks at the addresses that are given as `env:NAME`, before anything depends on them. Warns of a variable that is not set here:
 * whoever sends may have it. Throws RequestError `notify_address` for one that holds something else than an address.
 */
export function checkAddresses(
  { addresses, heartbeat, allowPrivateAddress }: Receivers,
  { warn }: Pick<Terminal, "warn">,
): void {
  for (const address of heartbeat === null ? addresses : [...addresses, heartbeat]) {
    const variable = variableOf(address);
    if (variable === null) continue;
    const value = readSecretVariable(variable);
    if (value === undefined)
      warn(`${variable} is not set here: set it where the work is done, or nothing can be sent there`);
    else assertNotifyAddress(value, allowPrivateAddress, variable);
  }
}
