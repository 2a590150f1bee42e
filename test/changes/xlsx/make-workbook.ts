import { strToU8, zipSync } from "fflate";

/** The parts of a small workbook, to be changed by a test; `rows` and `strings` are XML. */
export interface WorkbookParts {
  rows?: string;
  strings?: string;
  styles?: string;
  workbook?: string;
  /** Further parts, or others in the place of these. */
  parts?: Record<string, string | Uint8Array>;
}

const OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';

/** A workbook of one sheet, as bytes. */
export function makeWorkbook({ rows = "", strings, styles, workbook = "", parts = {} }: WorkbookParts): Buffer {
  const relation = (id: string, type: string, target: string) =>
    `<Relationship Id="${id}" Type="${OFFICE}/${type}" Target="${target}"/>`;
  const files: Record<string, string | Uint8Array> = {
    "[Content_Types].xml": "<Types/>",
    "_rels/.rels": `<Relationships>${relation("rId1", "officeDocument", "xl/workbook.xml")}</Relationships>`,
    "xl/workbook.xml": `<workbook ${MAIN} xmlns:r="${OFFICE}">${workbook}<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": `<Relationships>${relation("rId1", "worksheet", "worksheets/sheet1.xml")}${relation("rId2", "sharedStrings", "sharedStrings.xml")}${relation("rId3", "styles", "/xl/styles.xml")}</Relationships>`,
    "xl/worksheets/sheet1.xml": `<worksheet ${MAIN}><sheetData>${rows}</sheetData></worksheet>`,
    ...(strings === undefined ? {} : { "xl/sharedStrings.xml": `<sst ${MAIN}>${strings}</sst>` }),
    ...(styles === undefined ? {} : { "xl/styles.xml": `<styleSheet ${MAIN}>${styles}</styleSheet>` }),
    ...parts,
  };
  return Buffer.from(
    zipSync(
      Object.fromEntries(
        Object.entries(files).map(([name, content]) => [
          name,
          typeof content === "string" ? strToU8(content) : content,
        ]),
      ),
    ),
  );
}

/** A row of inline texts, as some exporters write them: without references. */
export function textRow(...cells: string[]): string {
  return `<row>${cells.map((cell) => `<c t="inlineStr"><is><t>${cell}</t></is></c>`).join("")}</row>`;
}

const part = (n: number) => `xl/worksheets/sheet${n + 1}.xml`;

/** A workbook of several sheets, in this order: name → rows as XML. */
export function makeSheets(sheets: Record<string, string>): Buffer {
  const names = Object.keys(sheets);
  return makeWorkbook({
    parts: {
      "xl/workbook.xml": `<workbook ${MAIN} xmlns:r="${OFFICE}"><sheets>${names
        .map((name, n) => `<sheet name="${name}" sheetId="${n + 1}" r:id="rId${n + 1}"/>`)
        .join("")}</sheets></workbook>`,
      "xl/_rels/workbook.xml.rels": `<Relationships>${names
        .map((_, n) => `<Relationship Id="rId${n + 1}" Type="${OFFICE}/worksheet" Target="/${part(n)}"/>`)
        .join("")}</Relationships>`,
      ...Object.fromEntries(
        names.map((name, n) => [part(n), `<worksheet ${MAIN}><sheetData>${sheets[name]}</sheetData></worksheet>`]),
      ),
    },
  });
}
