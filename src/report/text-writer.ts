import type { Writable } from "node:stream";

/** Characters that are gathered before the stream is asked to take them. */
const PIECE = 64 * 1024;

/**
 * Writes text to a stream in pieces of about 64 Ki characters, each taken by the stream before the next is begun, so that
 * memory does not grow with the whole. Whatever fails in the stream is thrown by the call that meets it, as `explain` puts it.
 * The stream is left open.
 */
export class TextWriter {
  readonly #out: Writable;
  readonly #explain: (error: Error) => Error;
  #pending = "";

  constructor(out: Writable, explain: (error: Error) => Error = (error) => error) {
    this.#out = out;
    this.#explain = explain;
    // A failed write is thrown from `flush`; without a listener the same error would end the process as well.
    out.on("error", ignore);
  }

  async write(text: string): Promise<void> {
    this.#pending += text;
    if (this.#pending.length >= PIECE) await this.flush();
  }

  /** Hands over what is left. */
  async flush(): Promise<void> {
    const text = this.#pending;
    this.#pending = "";
    if (text === "") return;
    await new Promise<void>((resolve, reject) => {
      this.#out.write(text, (error) => (error ? reject(this.#explain(error)) : resolve()));
    });
  }
}

function ignore(): void {}
