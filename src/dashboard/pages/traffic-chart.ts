import { html, type Html } from "../../html.ts";
import { MINUTE_MS, type TrafficCount } from "../../runs/traffic.ts";
import { countOf, formatCount } from "../../wording.ts";
import { time } from "../../report/page/about-section.ts";

/** A longer time makes bars of more minutes, a shorter one leaves room at the right. */
const MOST_BARS = 72;
const FEWEST_BARS = 24;
const WIDTH = 720;
const HEIGHT = 120;

const KINDS = ["patch", "get", "list", "failed"] as const;
type Kind = (typeof KINDS)[number];
const LABELS: Record<Kind, string> = {
  patch: "updates",
  get: "single look-ups",
  list: "pages of the listing",
  failed: "refused or not answered",
};

/** Requests by kind from a time up to now, in at most 73 bars. Says in words what it shows, for those who don't see it. */
export function trafficChart(counts: readonly TrafficCount[], from: number, now: number): Html {
  const barMs = Math.max(MINUTE_MS, Math.ceil((now - from) / MOST_BARS / MINUTE_MS) * MINUTE_MS);
  const start = Math.floor(from / barMs) * barMs;
  const length = Math.max(FEWEST_BARS, Math.floor((now - start) / barMs) + 1);
  const bars = Array.from({ length }, () => ({ patch: 0, get: 0, list: 0, failed: 0 }));
  for (const { minute, kind, status, requests } of counts) {
    const bar = bars[Math.floor((minute - start) / barMs)];
    if (bar) bar[status === "2xx" ? kind : "failed"] += requests;
  }
  const most = Math.max(1, ...bars.map(totalOf));
  const all = bars.reduce((sum, bar) => sum + totalOf(bar), 0);
  if (all === 0) return html`<p class="muted">No requests since ${time(from)}.</p>`;
  return html`<figure class="traffic">
    <svg
      viewBox="0 0 ${WIDTH} ${HEIGHT}"
      preserveAspectRatio="none"
      role="img"
      aria-label="${countOf(all, "request")} over time"
    >
      ${bars.map((bar, i) => renderBar(bar, { x: (i * WIDTH) / length, width: WIDTH / length - 1 }, most))}
    </svg>
    <figcaption>
      ${countOf(all, "request")} since ${time(from)}, ${formatCount(most)} at the most in
      ${countOf(barMs / MINUTE_MS, "minute")}:
      ${KINDS.map(
        (kind) =>
          html`<span class="kind"
            ><svg class="key" viewBox="0 0 10 10" aria-hidden="true">
              <rect class="${kind}" width="10" height="10" /></svg
            >${LABELS[kind]}</span
          > `,
      )}
    </figcaption>
  </figure>`;
}

function renderBar(bar: Record<Kind, number>, { x, width }: { x: number; width: number }, most: number): Html {
  let y = HEIGHT;
  return html`${KINDS.map((kind) => {
    const height = (bar[kind] / most) * HEIGHT;
    y -= height;
    return height === 0
      ? null
      : html`<rect
          class="${kind}"
          x="${x.toFixed(1)}"
          y="${y.toFixed(1)}"
          width="${width.toFixed(1)}"
          height="${height.toFixed(1)}"
        />`;
  })}`;
}

function totalOf(bar: Record<Kind, number>): number {
  return KINDS.reduce((sum, kind) => sum + bar[kind], 0);
}
