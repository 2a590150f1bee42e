import { z } from "zod";
import { html, type Html } from "../../html.ts";
import { formRoute, pageRoute } from "../route.ts";

const Next = z.string().max(2_000).optional();

/** The page where one logs in; with the code of the address that `serve` printed it opens the session itself. */
export const loginPage = pageRoute({
  path: "/login",
  right: "public",
  query: z.object({ code: z.string().max(200).optional(), next: Next, wrong: z.string().optional() }),
  render: async ({ desk, query, reply }) => {
    if (query.code !== undefined && desk.door.redeem(query.code, reply)) {
      void reply.status(303).header("location", "/");
      return { title: "Logged in", main: html`<p><a href="/">Go on</a></p>` };
    }
    const notice =
      query.code !== undefined
        ? "This address was used already, or is of an earlier start. Log in with the token."
        : query.wrong === undefined
          ? null
          : "This is not a token of this installation.";
    return { title: "Log in", main: loginForm(query.next, notice) };
  },
});

/** Tries of one address in a quarter of an hour. */
const TRIES = { max: 30, timeWindow: 15 * 60_000 };

export const loginSubmit = formRoute({
  path: "/login",
  right: "public",
  tries: TRIES,
  body: z.object({ token: z.string().max(1_024), next: Next }),
  handle: async ({ desk, body, reply }) => {
    const next = ownPath(body.next);
    if (desk.door.logIn(body.token.trim(), reply)) return next;
    return `/login?wrong=1&next=${encodeURIComponent(next)}`;
  },
});

export const logoutSubmit = formRoute({
  path: "/logout",
  right: "public",
  handle: async ({ desk, visitor, reply }) => {
    await desk.door.logOut(visitor, reply);
    return "/login";
  },
});

/** A page of this server, and never another server's. */
function ownPath(next: string | undefined): string {
  return next !== undefined && /^\/(?![/\\])[\w\-./~%?&=:+,]*$/.test(next) ? next : "/";
}

function loginForm(next: string | undefined, notice: string | null): Html {
  return html`<h1>Log in</h1>
    ${notice && html`<p class="notice" role="alert">${notice}</p>`}
    <form method="post" action="/login" class="login">
      <input type="hidden" name="next" value="${ownPath(next)}" />
      <label for="token">Token</label>
      <input id="token" name="token" type="password" autocomplete="current-password" required autofocus />
      <button>Log in</button>
    </form>
    <p class="muted">
      It is the value of BULKPATCH_DASHBOARD_TOKEN (or of BULKPATCH_DASHBOARD_VIEWER_TOKEN, to look only), or the one
      that bulkpatch serve printed when it started.
    </p>`;
}
