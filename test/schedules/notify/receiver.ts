import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Receiver {
  url: string;
  received: Received[];
  /** Waits until so many have come. */
  until(count: number): Promise<Received[]>;
  close(): Promise<void>;
}

/** A receiver of notifications on loopback. `answer`: the status for each message, or what to do with it instead. */
export async function startReceiver(
  answer: (nth: number, response: ServerResponse) => number | null = () => 204,
): Promise<Receiver> {
  const received: Received[] = [];
  const waiting = new Set<() => void>();
  const read = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = Buffer.concat(await request.toArray()).toString("utf8");
    received.push({ method: request.method!, path: request.url!, headers: request.headers, body });
    const status = answer(received.length, response);
    if (status !== null) response.writeHead(status, status === 302 ? { location: "/elsewhere" } : {}).end();
    for (const look of waiting) look();
  };
  const server = createServer((request, response) => void read(request, response));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/secret-path`,
    received,
    until: async (count) => {
      if (received.length < count) {
        await new Promise<void>((enough) => {
          const look = (): void => {
            if (received.length < count) return;
            waiting.delete(look);
            enough();
          };
          waiting.add(look);
        });
      }
      return received;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
