// A link marked `data-prepares` leads to a file that may take a while to write: says so beside it, for how long it has
// been, and when it is done. The server answers with a cookie of the name that the address asks for.
const SHOW_AFTER_MS = 1500;
const EVERY_MS = 500;
const GIVE_UP_MS = 15 * 60 * 1000;

const statusBeside = (link) => {
  const place = link.parentElement;
  const shown = place.querySelector("[data-prepares-status]");
  if (shown) return shown;
  const made = document.createElement("span");
  made.dataset.preparesStatus = "";
  made.className = "govuk-hint";
  made.setAttribute("role", "status");
  place.append(" ", made);
  return made;
};

const watch = (link, name) => {
  const began = Date.now();
  const status = statusBeside(link);
  const timer = window.setInterval(() => {
    const ms = Date.now() - began;
    const isDone = document.cookie.split("; ").includes(`${name}=1`);
    if (isDone || ms > GIVE_UP_MS) {
      window.clearInterval(timer);
      if (status.textContent) status.textContent = isDone ? `${link.textContent} file ready: your browser saves it.` : "";
      document.cookie = `${name}=; Max-Age=0; Path=/; SameSite=Lax`;
    } else if (ms > SHOW_AFTER_MS) {
      // Every ten seconds, so that a screen reader does not count along.
      const seconds = Math.floor(ms / 10000) * 10;
      const sofar = seconds ? ` ${seconds} seconds so far.` : "";
      const text = `Writing the ${link.textContent} file. You can go on working.${sofar}`;
      if (status.textContent !== text) status.textContent = text;
    }
  }, EVERY_MS);
};

export const makePrepares = (link) => {
  link.addEventListener("click", () => {
    const name = `ready_${Math.random().toString(36).slice(2, 12)}`;
    const address = new URL(link.href);
    address.searchParams.set("ready", name);
    link.href = address.href;
    watch(link, name);
  });
};
