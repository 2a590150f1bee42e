import type { TracingSettings } from "../tracing-settings.ts";

/**
 * Starts tracing where it is set, and loads nothing of it elsewhere. Answers how to send what is left and stop. `onWarning` is told
 * once when the collector can't be reached.
 */
export async function startTracing(
  settings: TracingSettings | null,
  onWarning: (message: string) => void,
): Promise<() => Promise<void>> {
  if (settings === null) return async () => {};
  const { startOpenTelemetry } = await import("../../workers/open-telemetry.ts");
  return startOpenTelemetry({ ...settings, onWarning });
}
