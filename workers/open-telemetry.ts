import { createHash, randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { context, SpanKind, type SpanOptions, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type ReadableSpan,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { BullMQOtel } from "bullmq-otel";
import type { TracingSettings } from "../src/tracing-settings.ts";
import { type SpanFacts, type Tracer, traceWith } from "../src/tracing.ts";
import { VERSION } from "../src/version.ts";
import { traceJobsWith } from "./job-telemetry.ts";

/** A collector that is slower than this loses spans; it never holds up a command's end for longer than twice that. */
const EXPORT_TIMEOUT_MS = 2_000;
/** The scope of BullMQ's own spans. */
const JOBS = "bullmq";
/** All that is told of a job; a failure's reason, for one, may name a person. */
const JOB_FACTS = new Set([
  "bullmq.queue.name",
  "bullmq.queue.operation",
  "bullmq.job.id",
  "bullmq.job.name",
  "bullmq.job.attempts.made",
]);

export interface OpenTelemetryOptions extends TracingSettings {
  /** Told once, when spans could not be sent. */
  onWarning: (message: string) => void;
}

/**
 * Sends the spans of this process, and BullMQ's of each job it takes up, to a collector (OTLP over HTTP). Answers how to send what
 * is left and stop. Whatever the collector does, nothing is thrown.
 */
export function startOpenTelemetry({
  endpoint,
  headers,
  ratio,
  serviceName,
  onWarning,
}: OpenTelemetryOptions): () => Promise<void> {
  const url = `${endpoint.replace(/\/+$/, "")}/v1/traces`;
  const exporter = new OTLPTraceExporter({ url, headers, timeoutMillis: EXPORT_TIMEOUT_MS });
  const ids = new TraceIds();
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": serviceName, "service.version": VERSION }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    idGenerator: ids,
    spanProcessors: [new BatchSpanProcessor({ exporter: warnOnce(discreet(exporter), onWarning) })],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  traceWith(makeTracer(provider, ids));
  traceJobsWith(new BullMQOtel({ tracerName: JOBS, version: VERSION }));
  return async () => {
    traceWith(null);
    traceJobsWith(null);
    const shutdown = provider.shutdown().catch(() => undefined);
    await Promise.race([shutdown, delay(2 * EXPORT_TIMEOUT_MS, undefined, { ref: false })]);
    trace.disable();
    context.disable();
  };
}

/** Ids of traces: of a thing always the same one, so that its share is drawn alike wherever it is traced; otherwise a new one. */
class TraceIds {
  #thing: string | null = null;

  /** `begin` begins a span, at once; if it is the first of a trace, that is the thing's. */
  of<T>(thing: string, begin: () => T): T {
    this.#thing = thing;
    try {
      return begin();
    } finally {
      this.#thing = null;
    }
  }

  generateTraceId(): string {
    if (this.#thing === null) return randomBytes(16).toString("hex");
    const thing = this.#thing;
    this.#thing = null;
    return createHash("sha256").update(thing).digest("hex").slice(0, 32);
  }

  generateSpanId(): string {
    return randomBytes(8).toString("hex");
  }
}

function makeTracer(provider: TracerProvider, ids: TraceIds): Tracer {
  const tracer = provider.getTracer("bulkpatch", VERSION);
  return async (name, facts, work, thing) => {
    const begin = () =>
      tracer.startActiveSpan(name, optionsOf(facts, thing), async (span) => {
        try {
          return await work((more) => span.setAttributes(more));
        } catch (error) {
          span.setStatus({ code: SpanStatusCode.ERROR }); // without the message, which may show an entry
          throw error;
        } finally {
          span.end();
        }
      });
    return await (thing === undefined ? begin() : ids.of(thing, begin));
  };
}

/** A thing's trace is its own; the job that it is done in is named by a link. */
function optionsOf(attributes: SpanFacts, thing: string | undefined): SpanOptions {
  if (thing === undefined) return { attributes };
  const job = trace.getActiveSpan();
  return { attributes, root: true, links: job ? [{ context: job.spanContext() }] : [] };
}

/** Of BullMQ's spans only those of a job's go, and of them what can't name a person. */
function discreet(exporter: SpanExporter): SpanExporter {
  return {
    export: (spans, onResult) =>
      exporter.export(
        spans.filter((span) => !isOfBullmq(span) || span.kind === SpanKind.CONSUMER).map(withoutTexts),
        onResult,
      ),
    forceFlush: async () => await exporter.forceFlush?.(),
    shutdown: async () => await exporter.shutdown(),
  };
}

function withoutTexts(span: ReadableSpan): ReadableSpan {
  if (!isOfBullmq(span)) return span;
  const attributes = Object.fromEntries(Object.entries(span.attributes).filter(([name]) => JOB_FACTS.has(name)));
  return Object.create(span, {
    attributes: { value: attributes },
    events: { value: [] },
    status: { value: { code: span.status.code } },
  }) as ReadableSpan;
}

function isOfBullmq({ instrumentationScope }: ReadableSpan): boolean {
  return instrumentationScope.name === JOBS;
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
