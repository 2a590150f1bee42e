import { type Outcome, OUTCOME_LABELS, OUTCOMES, totalOf } from "../runs/outcome.ts";
import type { Run } from "../runs/run.ts";
import { viewOf } from "../runs/view.ts";
import { createNotifier, type Receivers } from "../schedules/notify/notifier.ts";
import { noticesFor, type NotifyOn } from "../schedules/notify/notify-on.ts";
import { formatCount } from "../wording.ts";
import { sendNotifications } from "./send-notifications.ts";
import type { Session } from "./session.ts";

/** Tells how a run ended, or why it rests, and waits a little for the receivers. Never throws: the run is what it is. */
export async function tellEnd(session: Session, runId: string, to: Receivers & { on: NotifyOn }): Promise<void> {
  const { backend, terminal } = session;
  const warn = ({ message }: Error): void => terminal.note(`${terminal.style("yellow", "warning:")} ${message}`);
  try {
    const run = await backend.runs.get(runId);
    if (run === null) return;
    const rejected = totalOf(run.outcomes) - run.outcomes.updated - run.outcomes.unchanged;
    const [kind] = noticesFor(
      { state: run.state === "finished" ? "done" : "failed", reason: run.reason, rows: run.rows, rejected },
      [],
      to.on,
    );
    if (kind === undefined) return;
    const notifier = createNotifier({ home: backend, onError: warn });
    await notifier.notify(
      {
        kind,
        about: "run",
        title: `Run ${run.id} (${run.name}) is ${run.state}`,
        details: detailsOf(run),
        data: { run: viewOf(run) },
        at: Date.now(),
      },
      to,
    );
    await notifier.close();
    await sendNotifications(session);
  } catch (error) {
    warn(error as Error);
  }
}

function detailsOf({ outcomes, reason }: Run): string[] {
  const counted = OUTCOMES.filter((outcome) => outcomes[outcome] > 0).map(
    (outcome: Outcome) => `${OUTCOME_LABELS[outcome]}: ${formatCount(outcomes[outcome])}`,
  );
  return reason === null ? counted : [reason, ...counted];
}
