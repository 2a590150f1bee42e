import { scheduleView, occasionView } from "./view.ts";
import type { Keeper } from "./keeper.ts";
import type { NoticeKind } from "./notify/notice.ts";
import { noticesFor, type Outcome } from "./notify/notify-on.ts";
import { decodeOccasion, type Occasion } from "./occasion.ts";
import type { Schedule } from "./schedule.ts";

/** Earlier occasions that are looked at, to tell what is news. */
const EARLIER = 50;

/** Puts what somebody wants to hear of an occasion that begins or has ended on its way. It never fails, and waits for no receiver. */
export async function tell(keeper: Keeper, schedule: Schedule, occasion: Occasion): Promise<void> {
  const { notifier, home, onError } = keeper;
  const to = schedule.settings.notify;
  if (!notifier || to === null) return;
  try {
    if (occasion.state === "running") return await notifier.heartbeat("start", `Schedule ${schedule.name} begins`, to);
    if (occasion.state !== "skipped" && occasion.state !== "expired") {
      const step = occasion.state === "failed" || occasion.state === "held" ? "fail" : "success";
      await notifier.heartbeat(step, titleOf(schedule, occasion), to);
    }
    const before = (await home.schedules.occasions(schedule.name, EARLIER, occasion.dueAt)).map(decodeOccasion);
    for (const kind of noticesFor(outcomeOf(occasion), before, to.on)) {
      await notifier.notify(
        {
          kind,
          about: "schedule",
          title: titleOf(schedule, occasion, kind),
          details: [...(schedule.held?.shown ?? []), ...(occasion.digest ? [`digest ${occasion.digest}`] : [])],
          data: { schedule: scheduleView(schedule, null, keeper.now()), occasion: occasionView(occasion) },
          at: keeper.now(),
        },
        to,
      );
    }
  } catch (error) {
    onError?.(error as Error, schedule.name);
  }
}

/** Tells those who want to hear of holds that the schedule has paused itself, since nobody decided on one. */
export async function tellPaused(keeper: Keeper, schedule: Schedule): Promise<void> {
  const { notifier, home, onError, now } = keeper;
  const { name, held, paused } = schedule;
  const to = schedule.settings.notify;
  if (!notifier || to === null || held === null || !to.on.kinds.includes("held")) return;
  try {
    const occasions = (await home.schedules.occasions(name, EARLIER)).map(decodeOccasion);
    const last = occasions.find(({ state }) => state === "held") ?? null;
    await notifier.notify(
      {
        kind: "held",
        about: "schedule",
        title: `Schedule ${name} paused itself: ${paused!.reason} (${held.message})`,
        details: [
          "nothing is planned or sent any more until it is resumed",
          ...held.shown,
          ...(held.digest ? [`digest ${held.digest}`] : []),
        ],
        data: { schedule: scheduleView(schedule, null, now()), occasion: last && occasionView(last) },
        at: now(),
      },
      to,
    );
  } catch (error) {
    onError?.(error as Error, name);
  }
}

function outcomeOf({ state, reason, counts }: Occasion): Outcome {
  return { state, reason, rows: counts?.rows ?? 0, rejected: counts?.rejected ?? 0 };
}

function titleOf({ name }: Schedule, { state, message }: Occasion, kind?: NoticeKind): string {
  const what = kind === "recovered" ? `recovered, ${state}` : state;
  return `Schedule ${name}: ${what.replace("_", " ")}${message === null ? "" : ` (${message})`}`;
}
