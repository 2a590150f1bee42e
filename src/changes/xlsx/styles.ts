import type { Parts } from "./parts.ts";
import { readSmallXml } from "./xml.ts";

/** True for a style (the number that a cell carries) whose cells show a date or a time. */
export type IsDateStyle = (style: number) => boolean;

/** Number formats that every workbook has and that show dates. Source: ECMA-376 part 1, 18.8.30, and the East Asian ones. */
function isBuiltInDate(format: number): boolean {
  return (
    (format >= 14 && format <= 22) ||
    (format >= 27 && format <= 36) ||
    (format >= 45 && format <= 47) ||
    (format >= 50 && format <= 58)
  );
}

/** Quoted text, escaped characters, colours and conditions in a format code are not date parts; `[h]` is. */
const NOT_PARTS = /"[^"]*"|\\.|[_*].|\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi;

/** Which cell styles show dates; `part`: the styles' name in the workbook, null where it has none. */
export async function readDateFormats(parts: Parts, part: string | null): Promise<IsDateStyle> {
  if (part === null || !parts.has(part)) return () => false;
  const dateFormats = new Set<number>();
  const ownFormats = new Set<number>();
  const styles: number[] = [];
  let inCellStyles = false;
  await readSmallXml(parts, part, {
    open(name, attributes) {
      if (name === "numFmt") {
        const format = Number(attributes["numFmtId"]);
        ownFormats.add(format);
        if (/[ymdhs]/i.test((attributes["formatCode"] ?? "").replace(NOT_PARTS, "").replace(/general/gi, "")))
          dateFormats.add(format);
      } else if (name === "cellXfs") inCellStyles = true;
      else if (name === "xf" && inCellStyles) styles.push(Number(attributes["numFmtId"] ?? 0));
    },
    close(name) {
      if (name === "cellXfs") inCellStyles = false;
    },
  });
  return (style) => {
    const format = styles[style] ?? 0;
    return ownFormats.has(format) ? dateFormats.has(format) : isBuiltInDate(format);
  };
}
