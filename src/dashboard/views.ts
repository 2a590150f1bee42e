import { z } from "zod";
import { OUTCOMES } from "../runs/outcome.ts";
import { RUN_STATES } from "../runs/run.ts";

/** The objects of the HTTP API, as the command line's `--json` gives them: snake_case, times in ISO 8601. */

const Time = z.iso.datetime();

export const OutcomeCountsView = z.record(z.enum(OUTCOMES), z.int());

export const RunView = z
  .object({
    id: z.string().describe("readable and easy to type, e.g. 2026-11-24-brave-otter"),
    name: z.string().describe("the spreadsheet's name"),
    state: z.enum(RUN_STATES),
    reason: z.string().nullable().describe("why it is in this state"),
    rows: z.int(),
    outcomes: OutcomeCountsView,
    requests: z.object({ total: z.int(), retries: z.int(), throttled: z.int() }),
    created_at: Time,
    finished_at: Time.nullable(),
    report_dir: z.string().nullable(),
  })
  .meta({ id: "Run" });
