import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSource, type SourceSurroundings } from "../../src/changes/open-source.ts";
import { openHttps } from "../../src/changes/https-bytes.ts";
import { isPublicAddress } from "../../src/changes/public-address.ts";
import { SourceError } from "../../src/changes/source.ts";
import { type HttpsServer, startHttpsServer } from "./https-server.ts";

const CSV = "email,name\na@x.org,A\n";

let server: HttpsServer;
beforeEach(async () => {
  server = await startHttpsServer((request, response) => {
    const path = new URL(request.url!, "https://x").pathname;
    const redirects: Record<string, string> = {
      "/moved": "/list.csv",
      "/moved-to-http": "http://localhost:1/list.csv",
      "/moved-inside": "https://169.254.169.254/latest/meta-data",
      "/round": "/round",
    };
    if (redirects[path] !== undefined) response.writeHead(302, { location: redirects[path] }).end();
    else if (path === "/list.csv") response.end(CSV);
    else if (path === "/list.csv.gz") response.end(gzipSync(CSV));
    else if (path === "/big.csv") response.end(CSV + "b@x.org,B\n".repeat(300_000));
    else if (path === "/stalls.csv") response.write(CSV);
    else if (path === "/breaks.csv") {
      response.writeHead(200, { "content-length": 1000 });
      response.write(CSV, () => response.destroy());
    } else if (path === "/login") response.end("<!doctype html><title>Sign in</title>");
    else if (path === "/secret") response.writeHead(403).end("no");
    else if (path !== "/silent") response.writeHead(404).end("no");
  });
});
afterEach(() => server.close());

async function read(path: string, surroundings: SourceSurroundings = {}, allowPrivateAddress = true) {
  const address = path.startsWith("/") ? server.origin + path : path;
  const source = await openSource(address, { allowPrivateAddress }, { ca: server.ca, ...surroundings });
  try {
    const cells: string[][] = [];
    for await (const row of source.rows()) cells.push(row.cells);
    return { name: source.name, path: source.path, cells };
  } finally {
    await source.close();
  }
}

/** `code: message`, the port taken out. */
async function refusal(...of: Parameters<typeof read>): Promise<string> {
  const error = await read(...of).then(
    () => null,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(SourceError);
  const { code, message, remedy } = error as SourceError;
  return `${code}: ${message} → ${remedy}`.replaceAll(`:${server.port}`, "");
}

describe("an https address", () => {
  test("is read like a file, also packed and behind a redirect", async () => {
    for (const path of ["/list.csv", "/list.csv.gz", "/moved"])
      expect((await read(path)).cells).toEqual([["a@x.org", "A"]]);
    expect(server.requests).toEqual(["GET /list.csv", "GET /list.csv.gz", "GET /moved", "GET /list.csv"]);
  });

  test("shows and keeps nothing of what follows its question mark, where a secret may stand", async () => {
    expect(await read("/list.csv")).toMatchObject({ name: "list.csv", path: `${server.origin}/list.csv` });
    expect(await read("/list.csv?sig=s3cret")).toMatchObject({ name: "list.csv", path: null });
    for (const path of ["/secret?sig=s3cret", "/none?sig=s3cret", "/round?sig=s3cret"])
      expect(await refusal(path)).not.toContain("s3cret");
    expect(await refusal("https://user:s3cret@localhost/list.csv")).toMatchInlineSnapshot(
      `"address_has_password: https://localhost/list.csv: expected an address without user and password, found one with them → Use an address that needs none, or download the file and give its path."`,
    );
  });

  test("inside a private range is refused unless it is allowed, by name and by number, before anything is sent", async () => {
    expect(await refusal("/list.csv", {}, false)).toMatchInlineSnapshot(
      `"address_private: https://localhost/list.csv: expected a public address, found 127.0.0.1, which is inside a private range → If that is where it is meant to come from, allow it with --allow-private-address."`,
    );
    expect(await refusal(`https://127.0.0.1:${server.port}/list.csv`, {}, false)).toMatchInlineSnapshot(
      `"address_private: https://127.0.0.1/list.csv: expected a public address, found 127.0.0.1, which is inside a private range → If that is where it is meant to come from, allow it with --allow-private-address."`,
    );
    expect(await refusal("https://[::ffff:10.0.0.1]/list.csv", {}, false)).toMatchInlineSnapshot(
      `"address_private: https://[::ffff:a00:1]/list.csv: expected a public address, found ::ffff:a00:1, which is inside a private range → If that is where it is meant to come from, allow it with --allow-private-address."`,
    );
    expect(await refusal("https://0x7f.1/list.csv", {}, false)).toMatchInlineSnapshot(
      `"address_private: https://127.0.0.1/list.csv: expected a public address, found 127.0.0.1, which is inside a private range → If that is where it is meant to come from, allow it with --allow-private-address."`,
    );
    expect(server.requests).toEqual([]);
  });

  test("that is not https, or redirects to one that is not, is refused", async () => {
    expect(await refusal("http://localhost/list.csv")).toMatchInlineSnapshot(
      `"address_not_https: http://localhost/list.csv: expected an https:// address, found http:// → Use an address that begins with https://, or download the file and give its path."`,
    );
    expect(await refusal("/moved-to-http")).toMatchInlineSnapshot(
      `"address_not_https: http://localhost:1/list.csv: expected an https:// address, found http:// in a redirect → Use an address that begins with https://, or download the file and give its path."`,
    );
    expect(await refusal("https://")).toMatchInlineSnapshot(
      `"address_not_https: expected an https:// address, found one that is not valid → Check the address."`,
    );
  });

  test("has a certificate that must be right", async () => {
    expect(await refusal("/list.csv", { ca: undefined })).toMatchInlineSnapshot(
      `"download_failed: https://localhost/list.csv: the download failed: self-signed certificate; if the root CA is installed locally, try running Node.js with --use-system-ca → Check the address and the network, and try again."`,
    );
  });

  test("that has no list gets a clear line", async () => {
    expect(await refusal("/none.csv")).toMatchInlineSnapshot(
      `"download_failed: https://localhost/none.csv: expected a file, found the status 404 → Check the address; the file may have been moved."`,
    );
    expect(await refusal("/secret")).toMatchInlineSnapshot(
      `"download_failed: https://localhost/secret: expected a file, found the status 403 → The server wants a login. Use an address that needs none, or download the file and give its path."`,
    );
    expect(await refusal("/login")).toMatchInlineSnapshot(
      `"web_page: login: expected a spreadsheet, found a web page or XML → If it came from a download, you may have been asked to log in; if it opens in Excel, save it there as "CSV UTF-8" or .xlsx."`,
    );
    expect(await refusal("/round")).toMatchInlineSnapshot(
      `"download_failed: https://localhost/round: expected a file, found more than 5 redirects → Give the address that the redirects lead to."`,
    );
    expect(await refusal("/breaks.csv")).toMatchInlineSnapshot(
      `"download_failed: https://localhost/breaks.csv: the download failed: other side closed → Check the address and the network, and try again."`,
    );
  });

  test("that sends too much, or too slowly, is given up", async () => {
    expect(await refusal("/big.csv", { downloadLimits: { maxBytes: 1024 * 1024 } })).toMatchInlineSnapshot(
      `"download_too_large: https://localhost/big.csv: expected at most 1 MiB, found more → Download the file yourself and give its path, or publish a smaller one."`,
    );
    expect(await refusal("/stalls.csv", { downloadLimits: { totalMs: 300 } })).toMatchInlineSnapshot(
      `"download_failed: https://localhost/stalls.csv: the download failed: it took too long → Check the address and the network, and try again."`,
    );
    expect(await refusal("/silent", { downloadLimits: { totalMs: 300 } })).toMatchInlineSnapshot(
      `"download_failed: https://localhost/silent: the download failed: it took too long → Check the address and the network, and try again."`,
    );
  });

  test("of a Google sheet gets told how to export", async () => {
    for (const path of ["d/1aB/edit#gid=0", "d/1aB/edit?usp=sharing", "u/0/d/1aB/view", "d/1aB/", "d/1aB"]) {
      const told = await refusal(`https://docs.google.com/spreadsheets/${path}`);
      expect(told).toMatch(/^address_is_sheet_link: .*opens Google Sheets/);
      // Never to publish it: this is a list of people worth impersonating.
      expect(told).toContain("choose File > Download > Comma-separated values (.csv), and give that file");
      expect(told).not.toMatch(/publish/i);
    }
  });
});

/** The test's own server counts as public, so that only the redirect can be what is refused. */
const isAllowed = (address: string) => address === "127.0.0.1" || isPublicAddress(address);

test("a redirect into a private range is refused", async () => {
  const options = { isAllowed, ca: server.ca };
  await expect(openHttps(`${server.origin}/moved-inside`, options)).rejects.toMatchObject({ code: "address_private" });
  const bytes = await openHttps(`${server.origin}/moved`, options);
  await bytes.close();
});

test.each([
  "127.0.0.1",
  "10.1.2.3",
  "172.16.0.1",
  "192.168.1.1",
  "169.254.169.254",
  "100.64.0.1",
  "0.0.0.0",
  "224.0.0.1",
  "255.255.255.255",
  "192.0.2.1",
  "::1",
  "::",
  "fe80::1",
  "fd00::1",
  "::ffff:10.0.0.1",
  "64:ff9b::a00:1",
  "2002:a00:1::1",
  "2001:db8::1",
  "not an address",
])("%s is not public", (address) => expect(isPublicAddress(address)).toBe(false));

test.each(["1.1.1.1", "142.250.74.110", "2606:4700:4700::1111", "::ffff:1.1.1.1"])("%s is public", (address) => {
  expect(isPublicAddress(address)).toBe(true);
});
