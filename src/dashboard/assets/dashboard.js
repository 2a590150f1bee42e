// @ts-check
"use strict";

/*
 * All of this is comfort: every page reads and acts without it. It keeps pages up to date, asks before what can't be taken back,
 * shows times in the reader's zone, and uploads with a progress line.
 */
(() => {
  /** One at a time, and no more often than this. */
  const FRESH_EVERY_MS = 1_000;
  const doc = document;

  // Times in the reader's zone; the one in UTC stays at hand.
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const formatSeconds = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
  const showTimes = () => {
    for (const time of doc.querySelectorAll("time:not([title])")) {
      const at = new Date(time.getAttribute("datetime") ?? "");
      time.setAttribute("title", time.textContent ?? "");
      time.textContent = (time.hasAttribute("data-seconds") ? formatSeconds : format).format(at);
    }
  };

  // A page is put up to date by fetching it once more: the server alone knows how it looks.
  let wanted = false;
  let busy = false;
  let last = 0;
  /** The page as it is now; null where the session is over: then the login takes its place. */
  const askForPage = async () => {
    last = Date.now();
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (!answer.redirected || new URL(answer.url).pathname !== "/login") return answer;
    location.reload();
    return null;
  };
  const morphing = {
    ignoreActiveValue: true,
    callbacks: {
      /**
       * A form that somebody has begun to fill in stays: what was chosen there the server's page does not have.
       * @param {Node} old
       */
      beforeNodeMorphed(old) {
        if (!(old instanceof HTMLFormElement)) return true;
        return [...old.elements].every((field) => {
          if (field instanceof HTMLInputElement)
            return field.value === field.defaultValue && field.checked === field.defaultChecked;
          if (!(field instanceof HTMLSelectElement)) return true;
          const first = [...field.options].findIndex((option) => option.defaultSelected);
          return field.selectedIndex === Math.max(0, first);
        });
      },
    },
  };
  const refresh = async () => {
    wanted = true;
    if (busy || doc.hidden || !doc.querySelector("main[data-live]")) return;
    busy = true;
    while (wanted) {
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, last + FRESH_EVERY_MS - Date.now())));
      wanted = false;
      try {
        const answer = await askForPage();
        if (!answer?.ok) break;
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
        const main = doc.querySelector("main");
        // @ts-ignore it comes with the page
        if (fresh && main) Idiomorph.morph(main, fresh, morphing);
        showTimes();
      } catch {
        break; // the event stream says that the connection is lost
      }
    }
    busy = false;
  };
  doc.addEventListener("visibilitychange", () => !doc.hidden && void refresh());

  // One connection for all tabs of a browser: whoever holds the lock listens, and tells the others.
  const others = new BroadcastChannel("bulkpatch");
  /** @param {boolean} lost */
  const showConnection = (lost) => {
    const line = doc.getElementById("connection");
    if (!line) return;
    line.hidden = !lost;
    line.textContent = lost ? "Connection lost; trying again" : "";
    if (!lost) void refresh();
  };
  others.addEventListener("message", ({ data }) =>
    data === "news" ? void refresh() : showConnection(data === "lost"),
  );
  /** @param {"news" | "lost" | "back"} what */
  const tell = (what) => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has no origin to name
    others.postMessage(what);
    if (what === "news") void refresh();
    else showConnection(what === "lost");
  };
  const listen = () =>
    new Promise((done) => {
      const source = new EventSource("/api/v1/events");
      let lost = false;
      source.addEventListener("open", () => {
        if (lost) tell("back");
        lost = false;
      });
      source.addEventListener("error", () => {
        if (!lost) tell("lost");
        lost = true;
        if (source.readyState !== EventSource.CLOSED) return;
        // Refused, as after a logout elsewhere: if it is not that, it is tried again from the start.
        void askForPage().catch(() => null);
        setTimeout(done, 5_000);
      });
      for (const name of ["happened", "run", "schedule", "budget", "workers"])
        source.addEventListener(name, () => tell("news"));
    });
  const holdConnection = async () => {
    for (;;) {
      if (navigator.locks) await navigator.locks.request("bulkpatch-events", listen);
      else await listen();
    }
  };
  if (doc.querySelector("header.site")) void holdConnection();

  // What can't be taken back is asked for first.
  doc.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement)) return;
    const question = form.dataset.ask;
    if (question && !confirm(question)) return event.preventDefault();
    if (form.hasAttribute("data-upload")) return upload(form, event);
    if (form.method === "post") for (const button of form.querySelectorAll("button")) button.disabled = true;
  });
  window.addEventListener("pageshow", () => {
    for (const button of doc.querySelectorAll("button:disabled")) button.removeAttribute("disabled");
  });

  /**
   * @param {HTMLFormElement} form
   * @param {Event} event
   */
  function upload(form, event) {
    event.preventDefault();
    const line = form.querySelector("[data-progress]");
    const button = form.querySelector("button");
    /** @param {string} text */
    const say = (text) => line && (line.textContent = text);
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      say(loaded < total ? `${Math.floor((100 * loaded) / total)}% uploaded` : "Comparing with the registry …");
    });
    request.addEventListener("error", () => {
      say("The upload broke off. Try again.");
      if (button) button.disabled = false;
    });
    request.addEventListener("load", () => {
      // The answer is the plan's page, or the page that says what is wrong with the file.
      if (request.status < 400) return location.assign(request.responseURL);
      const told = new DOMParser().parseFromString(request.responseText, "text/html").querySelector("main");
      say(told?.textContent?.replace(/\s+/g, " ").trim() ?? "It could not be uploaded.");
      if (button) button.disabled = false;
    });
    if (button) button.disabled = true;
    request.send(new FormData(form));
  }

  for (const place of doc.querySelectorAll(".drop")) {
    const input = place.querySelector("input");
    place.addEventListener("dragover", (event) => {
      event.preventDefault();
      place.classList.add("over");
    });
    place.addEventListener("dragleave", () => place.classList.remove("over"));
    place.addEventListener("drop", (event) => {
      event.preventDefault();
      place.classList.remove("over");
      const { dataTransfer } = /** @type {DragEvent} */ (event);
      if (input && dataTransfer && dataTransfer.files.length > 0) input.files = dataTransfer.files;
    });
  }

  showTimes();
})();
