import { SaxesParser } from "saxes";
import { SourceError } from "../source.ts";
import { damaged, type Parts, tooLarge } from "./parts.ts";

/** Characters between two tags; far more than a cell can hold (32,767). */
const LONGEST_TEXT = 1024 * 1024;

export type Attributes = Record<string, string>;

/** Called with names without their namespace prefix, which some programs write and others don't. */
export interface XmlHandler {
  open?(name: string, attributes: Attributes): void;
  text?(text: string): void;
  close?(name: string): void;
}

/**
 * Reads an XML part and calls the handler; yields after each chunk, so that the caller can take what has come together.
 * Entities of its own are not expanded and nothing outside the file is fetched.
 * @throws SourceError `xlsx_damaged`, `xlsx_too_large`
 */
export async function* readXml(parts: Parts, name: string, handler: XmlHandler): AsyncGenerator<void> {
  const parser = new SaxesParser();
  let sinceEvent = 0;
  parser.on("opentag", (tag) => {
    sinceEvent = 0;
    handler.open?.(localName(tag.name), tag.attributes);
  });
  parser.on("text", (text) => handler.text?.(text));
  parser.on("cdata", (text) => handler.text?.(text));
  parser.on("closetag", (tag) => {
    sinceEvent = 0;
    handler.close?.(localName(tag.name));
  });
  parser.on("error", (error) => {
    throw error;
  });
  const decoder = new TextDecoder();
  try {
    for await (const chunk of parts.read(name)) {
      parser.write(decoder.decode(chunk, { stream: true }));
      sinceEvent += chunk.length;
      if (sinceEvent > LONGEST_TEXT) throw tooLarge(parts.file, `a text of more than 1 MiB in ${name}`);
      yield;
    }
    parser.write(decoder.decode()).close();
  } catch (error) {
    throw error instanceof SourceError ? error : damaged(parts.file, error);
  }
  yield;
}

/** The whole part at once, for the small ones. */
export async function readSmallXml(parts: Parts, name: string, handler: XmlHandler): Promise<void> {
  const chunks = readXml(parts, name, handler);
  while ((await chunks.next()).done !== true);
}

function localName(name: string): string {
  const colon = name.indexOf(":");
  return colon === -1 ? name : name.slice(colon + 1);
}
