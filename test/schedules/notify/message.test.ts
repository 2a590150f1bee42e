import { expect, it } from "vitest";
import { renderMessage } from "../../../src/schedules/notify/message.ts";
import type { Notice } from "../../../src/schedules/notify/notice.ts";

const NOTICE: Notice = {
  kind: "failed",
  about: "schedule",
  title: "nightly failed: <hr.csv> is empty",
  details: ["row 5: *bold* [link](https://evil.example)", "<!channel>"],
  data: {},
  at: 0,
};

it("Slack's form calls nobody and makes no link of what stands in a spreadsheet", () => {
  expect(JSON.parse(renderMessage(NOTICE, "slack"))).toMatchInlineSnapshot(`
    {
      "blocks": [
        {
          "text": {
            "text": "*nightly failed: &lt;hr.csv&gt; is empty*",
            "type": "mrkdwn",
          },
          "type": "section",
        },
        {
          "text": {
            "text": "row 5: ​*bold​* [link](https://evil.example)
    &lt;!channel&gt;",
            "type": "mrkdwn",
          },
          "type": "section",
        },
      ],
      "text": "nightly failed: &lt;hr.csv&gt; is empty",
    }
  `);
});

it("Teams' form is an adaptive card with a summary", () => {
  expect(JSON.parse(renderMessage(NOTICE, "teams"))).toMatchInlineSnapshot(`
    {
      "attachments": [
        {
          "content": {
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "body": [
              {
                "text": "nightly failed: <hr.csv> is empty",
                "type": "TextBlock",
                "weight": "Bolder",
                "wrap": true,
              },
              {
                "spacing": "Small",
                "text": "row 5: \\*bold\\* \\[link\\]\\(https://evil.example\\)

    <!channel>",
                "type": "TextBlock",
                "wrap": true,
              },
            ],
            "type": "AdaptiveCard",
            "version": "1.4",
          },
          "contentType": "application/vnd.microsoft.card.adaptive",
        },
      ],
      "summary": "nightly failed: <hr.csv> is empty",
      "type": "message",
    }
  `);
});

it("long messages keep inside what Slack and Teams take", () => {
  const long = { ...NOTICE, details: Array.from({ length: 5_000 }, (_, i) => `row ${i} 🦦`) };
  const { blocks } = JSON.parse(renderMessage(long, "slack")) as { blocks: { text: { text: string } }[] };
  expect(blocks[1]!.text.text.length).toBeLessThanOrEqual(3_000);
  expect(renderMessage(long, "teams").length).toBeLessThan(28_000);
});
