import { z } from "zod";

/** The run that an address is about. */
export const RunParams = z.object({ run: z.string().min(1).max(100) });

export const RowParams = RunParams.extend({
  row: z.coerce.number().int().min(1).describe("as the spreadsheet shows it"),
});
