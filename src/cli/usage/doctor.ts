import { defineUsage } from "../usage.ts";

export const doctorUsage = defineUsage({
  usage: "doctor",
  summary: "check settings, backend, token, permission, entitlement, clock and rate; changes nothing",
  examples: [["bulkpatch doctor", "a line for each check, with what to do"]],
  needsApi: false,
  takesApiFlags: true,
  despiteSettings: true,
  read: () => null,
});
