/** Where spans go, by the names that OpenTelemetry gives its settings everywhere. */
export interface TracingSettings {
  /** OTEL_EXPORTER_OTLP_ENDPOINT, e.g. `http://127.0.0.1:4318`. */
  endpoint: string;
  /** OTEL_EXPORTER_OTLP_HEADERS: may hold a key of the collector. */
  headers: Record<string, string>;
  /** OTEL_SERVICE_NAME, default `bulkpatch`. */
  serviceName: string;
  /** OTEL_TRACES_SAMPLER_ARG: the share of rows that are traced, with all that belongs to them: 0 to 1, default 0.01. */
  ratio: number;
}

const DEFAULT_RATIO = 0.01;

/** Null where no endpoint is set. What is not understood is only warned of: other programs read these settings, too. */
export function readTracing(
  settings: Record<string, string | undefined>,
  onWarning: (message: string) => void,
): TracingSettings | null {
  const endpoint = settings["OTEL_EXPORTER_OTLP_ENDPOINT"]?.trim();
  if (!endpoint) return null;
  if (!/^https?:/.test(endpoint) || !URL.canParse(endpoint)) {
    onWarning("OTEL_EXPORTER_OTLP_ENDPOINT: expected an address, e.g. http://127.0.0.1:4318; nothing is traced");
    return null;
  }
  return {
    endpoint,
    headers: readHeaders(settings["OTEL_EXPORTER_OTLP_HEADERS"] ?? ""),
    serviceName: settings["OTEL_SERVICE_NAME"] || "bulkpatch",
    ratio: readRatio(settings["OTEL_TRACES_SAMPLER_ARG"], onWarning),
  };
}

/** `name=value,other=value`, the values encoded as in an address. */
function readHeaders(text: string): Record<string, string> {
  const pairs = text.split(",").flatMap((pair) => {
    const [, name, value] = /^\s*([^=\s]+)\s*=(.*)$/.exec(pair) ?? [];
    return name === undefined ? [] : [[name, decoded(value!.trim())]];
  });
  return Object.fromEntries(pairs) as Record<string, string>;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function readRatio(text: string | undefined, onWarning: (message: string) => void): number {
  if (!text) return DEFAULT_RATIO;
  const ratio = Number(text);
  if (ratio >= 0 && ratio <= 1) return ratio;
  onWarning(`OTEL_TRACES_SAMPLER_ARG: expected a share from 0 to 1, got "${text}"; ${DEFAULT_RATIO} is used`);
  return DEFAULT_RATIO;
}
