import { assertNotifyAddress } from "../../schedules/notify/notify-address.ts";
import { defineUsage } from "../usage.ts";
import { UsageError } from "../usage-error.ts";
export const notifyUsage = defineUsage({
  usage: "notify <test> <url>",
  summary: "send a test message to an address for notifications",
  examples: [
    [
      "bulkpatch notify test https://hooks.slack.com/services/…",
      "Slack's form; Teams' and plain webhooks are told apart",
    ],
    ["bulkpatch notify test env:SLACK_URL", "the address that an environment variable holds, as --notify takes it"],
    ["bulkpatch notify test http://127.0.0.1:9000/hook --allow-private-address", "a receiver of your own"],
  ],
  options: (command) =>
    command.option("--allow-private-address", "also an address inside a private network, or a plain http one"),
  needsApi: false,
  read: ([what, to], { allowPrivateAddress = false }: { allowPrivateAddress?: boolean }) => {
    if (what !== "test")
      throw new UsageError(`notify: expected test, found "${what}"`, "write bulkpatch notify test URL");
    assertNotifyAddress(to!, allowPrivateAddress);
    return { to: to!, allowPrivateAddress };
  },
});
