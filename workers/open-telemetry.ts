import { context, SpanStatusCode } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { setTimeout as delay } from "node:timers/promises";
import { type Tracer, traceWith } from "../src/tracing.ts";
import { VERSION } from "../src/version.ts";

/** A collector that is slower than this loses spans; it never holds up a command's end for longer than twice that. */
const EXPORT_TIMEOUT_MS = 2_000;

export interface OpenTelemetryOptions {
  /** The share of rows that are traced, with all that belongs to them: 0 to 1. */
  ratio: number;
  serviceName: string;
  /** Told once, when spans could not be sent. */
  onWarning: (message: string) => void;
}

/**
 * Sends the spans of this process to the collector that OTEL_EXPORTER_OTLP_ENDPOINT names (OTLP over HTTP); the exporter reads that and
 * OTEL_EXPORTER_OTLP_HEADERS itself. Answers how to send what is left and stop. Whatever the collector does, nothing is thrown.
 */
export function startOpenTelemetry({ ratio, serviceName, onWarning }: OpenTelemetryOptions): () => Promise<void> {
  const exporter = warnOnce(new OTLPTraceExporter({ timeoutMillis: EXPORT_TIMEOUT_MS }), onWarning);
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": serviceName, "service.version": VERSION }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  traceWith(makeTracer(provider));
  return async () => {
    traceWith(null);
    const shutdown = provider.shutdown().catch(() => undefined);
    await Promise.race([shutdown, delay(2 * EXPORT_TIMEOUT_MS, undefined, { ref: false })]);
    context.disable();
  };
}

function makeTracer(provider: TracerProvider): Tracer {
  const tracer = provider.getTracer("bulkpatch", VERSION);
  return async (name, attributes, work) =>
    await tracer.startActiveSpan(name, { attributes }, async (span) => {
      try {
        return await work((facts) => span.setAttributes(facts));
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR }); // without the message, which may show an entry
        throw error;
      } finally {
        span.end();
      }
    });
}

function warnOnce(exporter: SpanExporter, onWarning: (message: string) => void): SpanExporter {
  let warned = false;
  return {
    export: (spans, onResult) =>
      exporter.export(spans, (result) => {
        if (result.error && !warned) {
          warned = true;
          const { code } = result.error as NodeJS.ErrnoException;
          const found = code === undefined ? "no answer in time" : `failed with ${code}`;
          onWarning(`sending traces to OTEL_EXPORTER_OTLP_ENDPOINT: ${found}; the work goes on without them`);
        }
        onResult(result);
      }),
    forceFlush: async () => await exporter.forceFlush?.(),
    shutdown: async () => await exporter.shutdown(),
  };
}
