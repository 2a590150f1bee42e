import { expect, test } from "vitest";
import { adviceFor, commandWays } from "../../src/report/advice.ts";
import { groupOf } from "../../src/report/outcome-groups.ts";
import { OUTCOMES } from "../../src/runs/outcome.ts";

const WAYS = commandWays("RUN");

test("has a next step for every outcome but those that are in place", () => {
  for (const outcome of OUTCOMES) {
    const advice = adviceFor({ outcome }, WAYS);
    if (groupOf(outcome) === "in_place") expect(advice).toBeNull();
    else expect(advice).toMatch(/\S.{20,}/);
  }
});

test("names the command with the run's own id", () => {
  expect(
    adviceFor({ outcome: "failed", httpStatus: 503 }, commandWays("2026-11-20-brave-otter")),
  ).toMatchInlineSnapshot(
    `"Cloudflare was out of order for too long (www.cloudflarestatus.com tells more). Later: bulkpatch retry 2026-11-20-brave-otter"`,
  );
  expect(adviceFor({ outcome: "cancelled" }, WAYS)).toContain("bulkpatch retry RUN --only cancelled");
});

test("tells a spent request limit, an unreachable API and a broken one apart", () => {
  const advice = [429, null, 503].map((httpStatus) => adviceFor({ outcome: "failed", httpStatus }, WAYS));
  expect(new Set(advice).size).toBe(3);
  expect(advice[0]).toContain("BULKPATCH_RATE");
  expect(advice[1]).toContain("could not be reached");
});

function adviceOn(provenance: string | null): string | null {
  return adviceFor({ outcome: "rejected_directory_synced", provenance }, WAYS);
}

test("sends synced entries to the directory that they come from", () => {
  expect(adviceOn("SNOOPY-OFFICE_365")).toMatchInlineSnapshot(
    `"Change name and primary address in Microsoft Entra ID (entra.microsoft.com › Users, or the on-premises Active Directory that feeds it); the directory's next sync brings them into the registry. In the Cloudflare dashboard only the secondary e-mail can be edited (Email Security › Directories › Users › Edit). Can't be changed while the entry is synced: comments and other fields."`,
  );
  expect(adviceOn("SNOOPY-CASB_OFFICE_365")).toBe(adviceOn("SNOOPY-OFFICE_365"));
  expect(adviceOn("SNOOPY-GOOGLE_DIRECTORY")).toContain("Google Workspace");
  expect(adviceOn("SNOOPY-OKTA")).toContain("in the directory itself");
  expect(adviceOn(null)).toContain("in the directory itself");
});

test("says what one does where it is read", () => {
  const buttons = { sendFile: "upload it", liveList: "the list", tryAgain: "press it", tryCancelled: "upload that" };
  for (const outcome of OUTCOMES)
    expect(adviceFor({ outcome, httpStatus: 503 }, buttons) ?? "").not.toContain("bulkpatch");
});
