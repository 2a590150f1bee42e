import { defineUsage } from "../usage.ts";
import { UsageError } from "../usage-error.ts";
export const initUsage = defineUsage({
  usage: "init",
  summary: "ask for token and account, check them, and write them into .env",
  examples: [["bulkpatch init", "the token is not shown; .env is readable by you alone"]],
  needsApi: false,
  takesApiFlags: true,
  read: (_args, _flags, { canAsk }) => {
    if (canAsk) return null;
    throw new UsageError(
      "init asks for the token, and here is no terminal to ask on",
      "write CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID into a file .env, or set them in the environment",
    );
  },
});
