import { readSecretVariable } from "../config.ts";
import { sendWaiting } from "../schedules/notify/sender.ts";
import type { Session } from "./session.ts";

/**
 * Sends what waits to be told, where no other process of the backend does; what is not accepted now is tried again later, by
 * whoever is alive then.
 */
export async function sendNotifications({ backend, config, terminal }: Session): Promise<void> {
  if (!backend.canWork) return;
  const warn = ({ message }: Error): void => terminal.warn(message);
  await sendWaiting({
    home: backend,
    secrets: config.webhookSecrets,
    environment: readSecretVariable,
    onError: warn,
  }).catch(warn);
}
