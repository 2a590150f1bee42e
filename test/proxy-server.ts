import { createServer, type IncomingMessage, request } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

export interface ProxyServer {
  /** `http://127.0.0.1:…` */
  address: string;
  /** What it was asked for, in order: `CONNECT host:port`, or `GET http://host/path`. */
  asked: string[];
  close(): Promise<void>;
}

/** A real proxy on loopback: it tunnels, forwards, and sends every host to one port of this machine. */
export async function startProxyServer(toPort: number, { password }: { password?: string } = {}): Promise<ProxyServer> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const expected = password === undefined ? undefined : `Basic ${Buffer.from(password).toString("base64")}`;
  const isRefused = (call: IncomingMessage): boolean =>
    expected !== undefined && call.headers["proxy-authorization"] !== expected;
  const server = createServer((call, response) => {
    asked.push(`${call.method} ${call.url}`);
    if (isRefused(call)) return void response.writeHead(407).end();
    const { pathname, search } = new URL(call.url!);
    const options = { port: toPort, method: call.method, path: pathname + search, headers: call.headers };
    const onward = request(options, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.writeHead(502).end());
    call.pipe(onward);
  });
  server.on("connect", (call: IncomingMessage, client: Socket) => {
    asked.push(`CONNECT ${call.url}`);
    if (isRefused(call)) return void client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    const target = connect(toPort, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      client.pipe(target).pipe(client);
    });
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy()).on("close", () => sockets.delete(socket));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
