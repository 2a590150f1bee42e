import { describe, expect, test } from "vitest";
import { assertAllowedHost } from "../../src/changes/guarded-dispatcher.ts";
import { openHttps } from "../../src/changes/https-bytes.ts";
import { isPublicAddress } from "../../src/changes/public-address.ts";
import { NO_PROXIES } from "../../src/proxy.ts";
import { Secret } from "../../src/secret.ts";
import { startProxyServer } from "../proxy-server.ts";
import { startHttpsServer } from "./https-server.ts";

const proxyAt = (address: string) => ({ ...NO_PROXIES, https: new Secret(address) });
const ELSEWHERE = proxyAt("http://proxy.example.com:3128");

describe("through a proxy, which resolves names itself", () => {
  test("a list is downloaded, and a redirect into the company's network is not followed", async () => {
    const server = await startHttpsServer((call, response) => {
      if (call.url === "/list.csv") response.end("email\n");
      else response.writeHead(302, { location: "https://10.0.0.1/secret" }).end();
    });
    const proxy = await startProxyServer(server.port);
    const options = { ca: server.ca, proxy: proxyAt(proxy.address), isAllowed: isPublicAddress };
    try {
      const bytes = await openHttps("https://files.example.test/list.csv", options);
      expect(Buffer.concat(await Array.fromAsync(bytes.chunks)).toString()).toBe("email\n");
      await bytes.close();
      await expect(openHttps("https://files.example.test/moved", options)).rejects.toMatchObject({
        code: "address_private",
      });
      expect(new Set(proxy.asked)).toEqual(new Set(["CONNECT files.example.test:443"]));
    } finally {
      await proxy.close();
      await server.close();
    }
  });

  test.each<[host: string, addresses: string[] | null, found: string | null]>([
    ["files.example.com", ["93.184.215.14"], null],
    ["files.example.com", null, null],
    ["inside.example.com", ["93.184.215.14", "10.1.2.3"], "10.1.2.3"],
    ["metadata.internal", null, "metadata.internal"],
    ["intranet", null, "intranet"],
    ["169.254.169.254", null, "169.254.169.254"],
    ["[fd00::1]", null, "fd00::1"],
  ])("%s that resolves to %j here", async (host, addresses, found) => {
    const resolve = async () => {
      if (addresses === null) throw new Error("ENOTFOUND");
      return addresses.map((address) => ({ address }));
    };
    const url = new URL(`https://${host}/list.csv`);
    const looked = assertAllowedHost(url, { isAllowed: isPublicAddress, proxy: ELSEWHERE }, resolve);
    if (found === null) await looked;
    else await expect(looked).rejects.toMatchObject({ name: "PrivateAddressError", address: found });
    await assertAllowedHost(url, { isAllowed: () => true, proxy: ELSEWHERE }, resolve);
  });
});
