import { defineUsage, type Usage } from "../usage.ts";

export const pauseUsage = controlUsage(
  "pause",
  "stop sending for a run; rows that wait keep waiting",
  "what is in flight ends; `bulkpatch resume` goes on",
);

export const cancelUsage = controlUsage(
  "cancel",
  "end a run; rows that were not tried are `cancelled`",
  "what is in flight ends; it can't be resumed",
);

function controlUsage(name: string, summary: string, example: string): Usage<unknown, { id: string }> {
  return defineUsage({
    usage: `${name} <run>`,
    summary,
    examples: [[`bulkpatch ${name} brave-otter`, example]],
    needsApi: false,
    read: ([id]) => ({ id: id! }),
  });
}
