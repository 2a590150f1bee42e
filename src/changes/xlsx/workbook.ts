import { posix } from "node:path";
import { show } from "../cells/show.ts";
import { SourceError } from "../source.ts";
import { damaged, type Parts } from "./parts.ts";
import { type Attributes, readSmallXml } from "./xml.ts";

/** A worksheet, in the order of its tabs. */
export interface Sheet {
  name: string;
  hidden: boolean;
  part: string;
}

/** What a workbook says of its parts. */
export interface Workbook {
  sheets: Sheet[];
  /** Dates count from 1904 (old Macs) instead of 1900. */
  from1904: boolean;
  stringsPart: string | null;
  stylesPart: string | null;
}

interface Relation {
  type: string;
  part: string;
}

/** Throws SourceError `xlsx_damaged`. */
export async function readWorkbook(parts: Parts): Promise<Workbook> {
  const part = (await readRelations(parts, "")).values().find((relation) => relation.type === "officeDocument")?.part;
  if (part === undefined) throw damaged(parts.file, new Error("it names no workbook"));
  const relations = await readRelations(parts, part);
  const sheets: Sheet[] = [];
  let from1904 = false;
  await readSmallXml(parts, part, {
    open(name, attributes) {
      if (name === "workbookPr") from1904 = ["1", "true"].includes(attributes["date1904"] ?? "");
      if (name !== "sheet") return;
      const relation = relations.get(relationId(attributes));
      // Sheets that hold only a chart are of another type.
      if (relation?.type !== "worksheet") return;
      const hidden = (attributes["state"] ?? "visible") !== "visible";
      sheets.push({ name: attributes["name"] ?? "", hidden, part: relation.part });
    },
  });
  if (sheets.length === 0) throw damaged(parts.file, new Error("it has no sheet"));
  const partOf = (type: string) => relations.values().find((relation) => relation.type === type)?.part ?? null;
  return { sheets, from1904, stringsPart: partOf("sharedStrings"), stylesPart: partOf("styles") };
}

/**
 * @param wanted name (case doesn't matter) or number from 1
 * @throws SourceError `sheet_not_found`
 */
export function findSheet(file: string, sheets: readonly Sheet[], wanted: string): Sheet {
  const name = wanted.trim().toLowerCase();
  const found =
    sheets.find((sheet) => sheet.name.trim().toLowerCase() === name) ??
    (/^\d+$/.test(name) ? sheets[Number(name) - 1] : undefined);
  if (found !== undefined) return found;
  throw new SourceError(
    "sheet_not_found",
    `${file}: expected a sheet ${show(wanted)}, found ${sheets
      .slice(0, 20)
      .map((sheet) => show(sheet.name))
      .join(", ")}`,
    "Give --sheet one of these names, or a number from 1.",
  );
}

/** What a part (`""`: the package) refers to, by relation id. */
async function readRelations(parts: Parts, part: string): Promise<Map<string, Relation>> {
  const folder = posix.dirname(part);
  const name = posix.join(folder, "_rels", `${posix.basename(part)}.rels`);
  const relations = new Map<string, Relation>();
  if (!parts.has(name)) return relations;
  await readSmallXml(parts, name, {
    open(element, attributes) {
      if (element !== "Relationship" || attributes["TargetMode"] === "External") return;
      const target = attributes["Target"] ?? "";
      relations.set(attributes["Id"] ?? "", {
        type: posix.basename(attributes["Type"] ?? ""),
        part: target.startsWith("/") ? target.slice(1) : posix.join(folder, target),
      });
    },
  });
  return relations;
}

/** `r:id`, whatever the prefix is. */
function relationId(attributes: Attributes): string {
  const key = Object.keys(attributes).find((name) => name.endsWith(":id"));
  return key === undefined ? "" : attributes[key]!;
}
