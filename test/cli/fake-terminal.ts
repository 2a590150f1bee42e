import type { Terminal } from "../../src/cli/terminal.ts";

/** A terminal without colours that keeps what it is told to show, as `lines`. */
export function fakeTerminal({ isLive = false, columns = 100 }: { isLive?: boolean; columns?: number } = {}): {
  terminal: Terminal;
  lines: string[];
} {
  const lines: string[] = [];
  const show = (text: string): void => void lines.push(text);
  const terminal: Terminal = {
    json: false,
    isLive,
    canAsk: false,
    print: show,
    printJson: () => undefined,
    note: show,
    warn: show,
    redraw: show,
    endRedraw: () => undefined,
    columns: () => columns,
    confirm: async () => false,
    style: (_style, text) => text,
  };
  return { terminal, lines };
}
