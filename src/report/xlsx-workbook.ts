import { strToU8, zipSync } from "fflate";
import { undefuse } from "../changes/defuse.ts";

/**
 * A workbook with one sheet, which Excel, LibreOffice and Google Sheets open right in any locale. Every cell is text, so that
 * nothing in it can run and no id loses digits; the header is bold and stays in view. Source: ECMA-376 part 1, 18 (SpreadsheetML).
 */
export function renderWorkbook(header: readonly string[], rows: readonly (readonly string[])[]): Uint8Array {
  const sheet = [header, ...rows].map((cells, i) => rowXml(i + 1, cells, i === 0)).join("");
  const parts = {
    "[Content_Types].xml": `${XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${MAIN}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${MAIN}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${MAIN}.styles+xml"/></Types>`,
    "_rels/.rels": `${XML}<Relationships xmlns="${RELS}"><Relationship Id="r1" Type="${OFFICE_RELS}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    "xl/_rels/workbook.xml.rels": `${XML}<Relationships xmlns="${RELS}"><Relationship Id="r1" Type="${OFFICE_RELS}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="${OFFICE_RELS}/styles" Target="styles.xml"/></Relationships>`,
    "xl/workbook.xml": `${XML}<workbook xmlns="${SHEET}" xmlns:r="${OFFICE_RELS}"><sheets><sheet name="registry" sheetId="1" r:id="r1"/></sheets></workbook>`,
    "xl/styles.xml": `${XML}<styleSheet xmlns="${SHEET}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf numFmtId="49" applyNumberFormat="1"/><xf numFmtId="49" fontId="1" applyNumberFormat="1" applyFont="1"/></cellXfs></styleSheet>`,
    "xl/worksheets/sheet1.xml": `${XML}<worksheet xmlns="${SHEET}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols><col min="1" max="${header.length}" width="28" customWidth="1" style="0"/></cols><sheetData>${sheet}</sheetData></worksheet>`,
  };
  return zipSync(Object.fromEntries(Object.entries(parts).map(([name, xml]) => [name, strToU8(xml)])));
}

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELS = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml";

function rowXml(number: number, cells: readonly string[], isHeader: boolean): string {
  const style = isHeader ? 1 : 0;
  const filled = cells.map((cell, i) =>
    cell === ""
      ? ""
      : `<c r="${columnName(i)}${number}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${escapeXml(protectedText(cell))}</t></is></c>`,
  );
  return `<row r="${number}">${filled.join("")}</row>`;
}

/** `A` … `Z`, `AA` …, from 0. */
function columnName(index: number): string {
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : columnName(Math.floor(index / 26) - 1) + last;
}

/** A text cell can't run, so it needs no defusing; but one that looks defused would lose its apostrophe when it is read. */
function protectedText(cell: string): string {
  return undefuse(cell) === cell ? cell : `'${cell}`;
}

function escapeXml(text: string): string {
  return text
    .replaceAll(/_(?=x[\da-fA-F]{4}_)/g, "_x005F_")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("\r", "_x000D_");
}
