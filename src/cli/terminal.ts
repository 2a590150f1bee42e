import { visibleJson, visibleText } from "../visible-text.ts";
import { cutTo, renderStyled, showsColours, type Style, styled } from "./styled-text.ts";
import { wrap } from "./wrap.ts";

/**
 * Where a command's text goes: results on standard output, everything else on standard error. Whatever it is given, it sends no
 * control character but line breaks, and colours only to a stream that shows them.
 */
export interface Terminal {
  /** A line of the result. */
  print(text: string): void;
  /** The one JSON document of `--json`. */
  printJson(value: unknown): void;
  /** A line about how it goes; not part of the result. */
  note(text: string): void;
  /** A note of something that somebody should look at; the work goes on. */
  warn(text: string): void;
  /** Replaces the line that is being redrawn; does nothing where standard error is not a terminal. */
  redraw(line: string): void;
  /** Ends the redrawn line. */
  endRedraw(): void;
  /** Standard error is a terminal that a person looks at, and `--json` was not asked for. */
  isLive: boolean;
  json: boolean;
  columns(): number;
  /** Yes or no; false without a terminal. */
  confirm(question: string): Promise<boolean>;
  canAsk: boolean;
  style(style: Style, text: string): string;
}

/** The terminal of this process. `json`: `--json` was asked for. */
export function openTerminal(json: boolean): Terminal {
  const isLive = process.stderr.isTTY && !json;
  const canAsk = process.stdin.isTTY && process.stderr.isTTY && !json;
  let redrawing = false;
  // `bulkpatch … | head`: whoever read us has gone, which is not our failure
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  const clear = (): void => {
    if (redrawing) process.stderr.write("\r\u001B[2K");
    redrawing = false;
  };
  const note = (text: string): void => {
    clear();
    process.stderr.write(`${lines(text, process.stderr)}\n`);
  };
  return {
    json,
    isLive,
    canAsk,
    print(text) {
      clear();
      if (!json) process.stdout.write(`${lines(text, process.stdout)}\n`);
    },
    printJson(value) {
      if (json) process.stdout.write(`${visibleJson(JSON.stringify(value, null, 2))}\n`);
    },
    note,
    warn: (text) => note(`${styled("yellow", "warning:")} ${text}`),
    redraw(line) {
      if (!isLive) return;
      clear();
      // What wraps could not be cleared; the last column is left out, as some terminals wrap there.
      process.stderr.write(renderStyled(cutTo(visibleText(line), columns() - 1), showsColours(process.stderr)));
      redrawing = true;
    },
    endRedraw() {
      if (redrawing) process.stderr.write("\n");
      redrawing = false;
    },
    columns,
    async confirm(question) {
      if (!canAsk) return false;
      const { ask } = await import("./ask.ts");
      for (;;) {
        const answer = await ask(`${lines(question, process.stderr)} [y/N] `);
        if (/^(y|yes)$/i.test(answer)) return true;
        if (/^(n|no)?$/i.test(answer)) return false;
        process.stderr.write("Please answer y or n.\n");
      }
    },
    style: styled,
  };
}

function columns(): number {
  return process.stderr.columns || 80; // 0: a terminal that does not know its width
}

/** Lines as a stream takes them; on a terminal no word is broken. */
function lines(text: string, stream: NodeJS.WriteStream): string {
  const fitting = stream.isTTY && stream.columns > 0 ? wrap(text, stream.columns) : text;
  return renderStyled(fitting, showsColours(stream));
}
