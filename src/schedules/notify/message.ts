import type { Notice } from "./notice.ts";
import type { ReceiverKind } from "./notify-address.ts";

/** Slack takes 3,000 characters in a section, Teams some 28 kB in all. */
const MOST_CHARACTERS = 2_800;
/** Of one detail, before it is escaped, which may make it five times as long. */
const MOST_OF_ONE = 400;

/** A notice as its receiver takes it, JSON. */
export function renderMessage(notice: Notice, receiver: ReceiverKind): string {
  switch (receiver) {
    case "slack":
      return JSON.stringify(slackMessage(notice));
    case "teams":
      return JSON.stringify(teamsMessage(notice));
    case "webhook":
      return JSON.stringify(webhookMessage(notice));
  }
}

/** Source: Standard Webhooks 1.0, "Payload structure". */
function webhookMessage({ kind, about, title, details, data, at }: Notice): object {
  return {
    type: `${about}.${kind}`,
    timestamp: new Date(at).toISOString(),
    data: { title, details, ...data },
  };
}

function slackMessage({ title, details }: Notice): object {
  return {
    text: escapeSlack(title),
    blocks: [
      slackSection(`*${escapeSlack(title)}*`),
      ...(details.length > 0 ? [slackSection(linesThatFit(details, escapeSlack, "\n"))] : []),
    ],
  };
}

function slackSection(text: string): object {
  return { type: "section", text: { type: "mrkdwn", text } };
}

/** An adaptive card, as a Workflows address takes it: Office connectors are gone. */
function teamsMessage({ title, details }: Notice): object {
  return {
    type: "message",
    summary: title,
    attachments: [
      {
        contentType: "application/vnd.microsoft.card.adaptive",
        content: {
          $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
          type: "AdaptiveCard",
          version: "1.4",
          body: [
            cardBlock(escapeCard(title), { weight: "Bolder" }),
            ...(details.length > 0 ? [cardBlock(linesThatFit(details, escapeCard, "\n\n"), { spacing: "Small" })] : []),
          ],
        },
      },
    ],
  };
}

function cardBlock(text: string, more: object): object {
  return { type: "TextBlock", text, wrap: true, ...more };
}

/** As many of the lines as there is room for, each escaped, and how many are left out. */
function linesThatFit(lines: readonly string[], escape: (text: string) => string, between: string): string {
  const kept: string[] = [];
  let length = 0;
  for (const line of lines) {
    const characters = Array.from(line);
    const clipped = characters.length <= MOST_OF_ONE ? line : `${characters.slice(0, MOST_OF_ONE).join("")}…`;
    const escaped = escape(clipped);
    length += escaped.length + between.length;
    if (length > MOST_CHARACTERS) return [...kept, `… and ${lines.length - kept.length} more`].join(between);
    kept.push(escaped);
  }
  return kept.join(between);
}

/** Nobody is called, and no link is made, by what stands in a spreadsheet. */
function escapeSlack(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll(/[*_~`]/g, "\u200B$&");
}

/** Adaptive cards read a part of Markdown: no links or emphasis come from what stands in a spreadsheet. */
function escapeCard(text: string): string {
  return text.replaceAll(/[\\[\]()*_#`]/g, "\\$&");
}
