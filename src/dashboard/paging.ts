import { z } from "zod";

/** Items a page of a list, at the most. */
const MOST = 1_000;

/** What every list takes: how many, and after which. */
export const Paging = z.object({
  limit: z.coerce.number().int().min(1).max(MOST).default(50).describe(`items a page, 1 to ${MOST}`),
  after: z.string().max(200).optional().describe("`next` of the page before"),
});

/** What every list gives besides its items. */
export const Next = z.string().nullable().describe("`after` of the next page; null on the last one");
