const DEFAULT_RATIO = 0.01;

/**
 * Starts tracing where OTEL_EXPORTER_OTLP_ENDPOINT is set, and loads nothing of it elsewhere. Answers how to send what is left and stop.
 * `onWarning` is told of a setting that is not understood, and once when the collector can't be reached.
 */
export async function startTracing(
  env: (name: string) => string | undefined,
  onWarning: (message: string) => void,
): Promise<() => Promise<void>> {
  const endpoint = env("OTEL_EXPORTER_OTLP_ENDPOINT");
  if (!endpoint) return async () => {};
  if (!URL.canParse(endpoint)) {
    onWarning("OTEL_EXPORTER_OTLP_ENDPOINT: expected an address, e.g. http://127.0.0.1:4318; nothing is traced");
    return async () => {};
  }
  const { startOpenTelemetry } = await import("../../workers/open-telemetry.ts");
  const serviceName = env("OTEL_SERVICE_NAME") || "bulkpatch";
  return startOpenTelemetry({ ratio: readRatio(env("OTEL_TRACES_SAMPLER_ARG"), onWarning), serviceName, onWarning });
}

function readRatio(text: string | undefined, onWarning: (message: string) => void): number {
  if (!text) return DEFAULT_RATIO;
  const ratio = Number(text);
  if (ratio >= 0 && ratio <= 1) return ratio;
  onWarning(`OTEL_TRACES_SAMPLER_ARG: expected a share from 0 to 1, got "${text}"; ${DEFAULT_RATIO} is used`);
  return DEFAULT_RATIO;
}
