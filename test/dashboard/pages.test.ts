import { HtmlValidate } from "html-validate";
import { describe, expect, it, type TestContext } from "vitest";
import { commentSheet } from "../runs/decided-rows.ts";
import { finishRefusedRun, OPERATOR, useDashboards, VIEWER } from "./dashboard-world.ts";
import { setUpHeldSchedule } from "./held-schedule.ts";

const validator = new HtmlValidate({
  root: true,
  extends: ["html-validate:standard"],
  rules: { "no-trailing-whitespace": "off", "void-style": "off", "no-implicit-button-type": "off" },
});

const dashboards = useDashboards({ rows: 6 });

/** A run of which two rows were refused, and its neighbour that waits. */
async function setUp(context: TestContext): Promise<{ refused: string; waiting: string; plan: string }> {
  const world = await dashboards.setUp(context);
  const message = "<script>alert(1)</script> is no name";
  const { run, crew } = await finishRefusedRun(world, world.entries.slice(2, 4), message);
  await crew.stop();
  const waiting = await world.startRun();
  const form = new FormData();
  form.append("file", new Blob([commentSheet(world.entries)]), "<b>people</b>.csv");
  const answer = await world.ask("/new", { method: "POST", body: form });
  return { refused: run.id, waiting: waiting.id, plan: answer.headers.get("location")! };
}

async function pageOf(path: string, token = OPERATOR): Promise<{ status: number; text: string }> {
  const answer = await dashboards.world.ask(path, { headers: { authorization: `Bearer ${token}` } });
  return { status: answer.status, text: await answer.text() };
}

async function problemsIn(text: string): Promise<string[]> {
  const { results } = await validator.validateString(text);
  return results.flatMap(({ messages }) => messages.map((m) => `${m.line}: ${m.message}`));
}

describe("pages", () => {
  it("are valid HTML, without a script, a style or a tag from outside in them", async (context) => {
    const { refused, plan } = await setUp(context);
    const rows = `/runs/${refused}/rows`;
    const lists = ["/", "/runs", "/schedules", "/workers", "/budget", rows];
    const others = ["/new", plan, `/runs/${refused}`, `${rows}/4`, "/login", "/runs/none", "/nothing"];
    for (const path of [...lists, ...others]) {
      const { text } = await pageOf(path);
      expect({ path, problems: await problemsIn(text) }).toEqual({ path, problems: [] });
      expect(text).not.toMatch(/<script(?! src)|<style|style="|<b>people|onclick/);
    }
  });

  it("of a schedule that is held are valid, too", async (context) => {
    const { world, serving, name } = await setUpHeldSchedule(await dashboards.backend(context));
    try {
      for (const path of ["/", "/schedules", `/schedules/${name}`]) {
        const headers = { authorization: `Bearer ${OPERATOR}` };
        const text = await (await fetch(`${serving.listening}${path}`, { headers })).text();
        expect(text).toContain(name);
        expect({ path, problems: await problemsIn(text) }).toEqual({ path, problems: [] });
      }
    } finally {
      await serving.close();
      await world.close();
    }
  });

  it("say what needs somebody first, and where nobody works", async (context) => {
    const { waiting } = await setUp(context);
    const { text } = await pageOf("/");
    expect(text).toMatch(/<h1 class="verdict">\d+ things? needs? you/);
    expect(text).toContain(`changes.csv (${waiting}) is running, and no process works on it`);
    expect(text).toContain("Start `bulkpatch worker`");
    expect((await pageOf(`/runs/${waiting}`)).text).toContain("waits: nobody works on it");
  });

  it("show an operator what can be done, and a viewer no button", async (context) => {
    const { refused, waiting } = await setUp(context);
    const operator = await pageOf(`/runs/${waiting}`);
    expect(operator.text).toContain(`action="/runs/${waiting}/pause"`);
    expect(operator.text).toContain("6 rows will not be tried");
    expect((await pageOf(`/runs/${refused}`)).text).toContain(`action="/runs/${refused}/retry"`);
    const viewer = await pageOf(`/runs/${waiting}`, VIEWER);
    expect(viewer.text).not.toMatch(/action="\/runs/);
    expect((await pageOf("/new", VIEWER)).status).toBe(403);
  });

  it("find rows by outcome and text, and lead from page to page", async (context) => {
    const { refused } = await setUp(context);
    const all = await pageOf(`/runs/${refused}/rows?limit=4`);
    expect(all.text).toContain(`href="/runs/${refused}/rows?limit=4&amp;after=3"`);
    const some = await pageOf(`/runs/${refused}/rows?outcome=rejected_by_api&q=&code=`);
    expect(some.text.match(/\/rows\/\d+"/g)).toEqual(['/rows/4"', '/rows/5"']);
    expect(some.text).toContain("&lt;script&gt;alert(1)&lt;/script&gt; is no name");
  });
});
