import { html, type Html } from "../../html.ts";
import type { OccasionState } from "../../schedules/schedule-store.ts";
import type { ScheduleState } from "../../schedules/schedule.ts";
import type { Run } from "../../runs/run.ts";
import { formatDuration } from "../../wording.ts";
import type { RunProgress } from "../../runs/run-progress.ts";

/** How a state looks: its sign says the same as its colour. */
type Tone = "good" | "busy" | "waits" | "bad" | "over";
const SIGNS: Record<Tone, string> = { good: "✓", busy: "▸", waits: "‖", bad: "!", over: "·" };

/** What a run does at this moment, in words: nothing is said to run that waits. */
export function runState(run: Run, progress: RunProgress | null): Html {
  const [tone, text] = wordsFor(run, progress);
  return badge(tone, text);
}

function wordsFor(run: Run, progress: RunProgress | null): [Tone, string] {
  switch (run.state) {
    case "finished":
      return run.outcomes.failed > 0 ? ["waits", "finished, rows failed"] : ["good", "finished"];
    case "cancelled":
      return ["over", "cancelled"];
    case "halted":
    case "interrupted":
      return ["bad", run.state];
    case "paused":
    case "pausing":
    case "cancelling":
      return ["waits", run.state];
    case "planning":
    case "queueing":
      return ["busy", run.state];
    case "running":
      return RUNNING[progress?.doing ?? "sending"] ?? ["busy", "running"];
  }
}

const RUNNING: Partial<Record<RunProgress["doing"], [Tone, string]>> = {
  nobody: ["bad", "waits: nobody works on it"],
  throttled: ["waits", "waits for the rate limit"],
  retrying: ["waits", "waits to try again"],
};

/** `about 4 min 10 s left`; null where nothing is being sent. */
export function timeLeft({ secondsLeft }: RunProgress): string | null {
  return secondsLeft === null ? null : `about ${formatDuration(secondsLeft * 1_000)} left`;
}

/** A schedule's state as a badge. */
export function scheduleState(state: ScheduleState): Html {
  return badge(({ active: "good", paused: "waits", held: "bad" } as const)[state], state);
}

const OCCASION_TONES: Record<OccasionState, Tone> = {
  running: "busy",
  done: "good",
  in_sync: "good",
  drift: "waits",
  held: "bad",
  skipped: "over",
  expired: "waits",
  failed: "bad",
};

/** An occasion's state as a badge. */
export function occasionState(state: OccasionState): Html {
  return badge(OCCASION_TONES[state], state.replace("_", " "));
}

function badge(tone: Tone, text: string): Html {
  return html`<span class="state ${tone}"><span aria-hidden="true">${SIGNS[tone]}</span> ${text}</span>`;
}
