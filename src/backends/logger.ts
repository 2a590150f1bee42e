/** Where a backend tells of its troubles; a pino logger fits. */
export interface BackendLogger {
  warn(fields: Record<string, unknown>, message: string): void;
  info(fields: Record<string, unknown>, message: string): void;
}

/** Logs nothing. */
export const silent: BackendLogger = { warn: () => {}, info: () => {} };
