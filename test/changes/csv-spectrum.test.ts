import spectrum from "csv-spectrum";
import { expect, test } from "vitest";
import { readSpreadsheet } from "./read-spreadsheet.ts";

interface Sample {
  name: string;
  csv: Buffer;
  json: Buffer;
}

const samples = await new Promise<Sample[]>((resolve, reject) => {
  spectrum((error: Error | null, found: Sample[]) => (error ? reject(error) : resolve(found)));
});

test("the public test set is there", () => expect(samples.length).toBeGreaterThanOrEqual(12));

/** What the set says of this one is of another version of the file. */
const OUTDATED = "location_coordinates";

test("a quote in the middle of a cell is text", async () => {
  const { csv } = samples.find((sample) => sample.name === OUTDATED)!;
  const { rows } = await readSpreadsheet(csv, { map: { "Contact Phone Number": "match_email" } });
  expect(rows).toHaveLength(1);
  expect(rows[0]!.cells.at(1)).toMatch(/^37.36'37\.8"N 121.2'17\.9"W$/);
});

test.each(samples.filter((sample) => sample.name !== OUTDATED).map((sample) => [sample.name, sample] as const))(
  "csv-spectrum %s reads as it should",
  async (_, { csv, json }) => {
    const firstHeader = csv.toString().split(/[,\r\n]/)[0]!;
    const { header, rows } = await readSpreadsheet(csv, { map: { [firstHeader]: "match_email" } });
    const records = rows.map((r) => Object.fromEntries(header.map((name, i) => [name, r.cells[i]])));
    expect(records).toEqual(JSON.parse(json.toString()));
  },
);
