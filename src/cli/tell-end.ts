import { checkAddresses } from "./check-addresses.ts";
import { createNotifier, type Receivers } from "../schedules/notify/notifier.ts";
import type { NotifyOn } from "../schedules/notify/notify-on.ts";
import { sendNotifications } from "./send-notifications.ts";
import type { Session } from "./session.ts";

/** Notes where a run's end is to be told, before it begins: whoever ends it may be another process. */
export async function noteWhomToTell(
  { backend, terminal }: Session,
  runId: string,
  to: Receivers & { on: NotifyOn },
): Promise<void> {
  checkAddresses(to, terminal);
  const notifier = createNotifier({
    home: backend,
    onError: ({ message }) => terminal.warn(message),
  });
  await notifier.tellEndOf(runId, to);
  await notifier.close();
}

/**
 * Where somebody wants to be told of a run: tells now how it ended, or why it rests, and waits a little for the receivers. Never
 * throws: the run is what it is.
 */
export async function tellEnd(session: Session, runId: string): Promise<void> {
  const { backend, terminal } = session;
  const warn = ({ message }: Error): void => terminal.warn(message);
  try {
    const notifier = createNotifier({ home: backend, onError: warn });
    const isWanted = await notifier.hurry(runId);
    await notifier.close();
    if (isWanted) await sendNotifications(session);
  } catch (error) {
    warn(error as Error);
  }
}
