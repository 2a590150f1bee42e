import { describeOdd } from "../registry/entry.ts";
import { countOf } from "../wording.ts";
import type { RegistryView } from "./registry-view.ts";

const NAMED = 3;

/** What is odd about the registry as the API shows it, a sentence each. */
export function registryNotes(view: RegistryView): string[] {
  const notes: string[] = [];
  const named: string[] = [];
  let odd = 0;
  for (const { id, odd: fields } of view.odd()) {
    odd += 1;
    if (named.length < NAMED)
      named.push(`${id === "" ? "one without an id" : id} (${fields!.map(describeOdd).join("; ")})`);
  }
  if (odd > 0) {
    const more = odd > named.length ? ` and ${odd - named.length} more` : "";
    notes.push(
      `${countOf(odd, "entry", "entries")} of the registry can't be read in every field: ${named.join(", ")}${more}. Rows that depend on such a field are not sent.`,
    );
  }
  if (view.unlisted > 0) {
    notes.push(
      `The API's listing lacks ${countOf(view.unlisted, "entry", "entries")} that the rows name by id; each was read by itself. A row that names such an entry by its address finds none.`,
    );
  }
  return notes;
}
