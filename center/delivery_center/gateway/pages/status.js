// The status page: asks every service how it is doing and puts the answers side by side.
"use strict";

const SERVICES = ["template", "identity", "intake", "project", "dispatch", "notify", "reporting"];
const EVERY = 5000; // milliseconds
// Figures that need somebody when they are above this; the calendar when it is below. The alert rules say the same.
const LIMITS = {
  parked: 0, wakes: Infinity, waiting: Infinity, oldest_waiting_seconds: Infinity, oldest_wake_seconds: 60,
  timers_late: Infinity, timers_late_seconds: 120, oldest_due_seconds: 900,
};
const CALENDAR_DAYS = 60;
const OUTBOX_SECONDS = 60;

const form = document.getElementById("sign-in");
const message = document.getElementById("message");
let tokens = null;

async function call(path, options = {}) {
  const headers = { "Content-Type": "application/json" };
  if (tokens) headers.Authorization = `Bearer ${tokens.access_token}`;
  const answer = await fetch(path, { ...options, headers, cache: "no-store" });
  const body = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(body.detail || String(answer.status)), { status: answer.status });
  return body;
}

function row(cells, alarm) {
  const line = document.createElement("tr");
  if (alarm) line.className = "alarm";
  for (const cell of cells) {
    const place = line.insertCell();
    place.textContent = String(cell);
    if (typeof cell === "number") place.className = "number";
  }
  return line;
}

function fill(id, rows) {
  document.querySelector(`#${id} tbody`).replaceChildren(...rows);
}

function isAlarm(own) {
  return Object.entries(own).some(([name, value]) =>
    name === "calendar_days" ? value < CALENDAR_DAYS : value > (LIMITS[name] ?? Infinity));
}

function show(found) {
  const last = Object.fromEntries(found.filter((s) => s.outbox).map((s) => [s.service, s.outbox.last]));
  fill("services", found.map((s) => {
    if (s.error) return row([s.service, "", "", s.error], true);
    const own = Object.entries(s.own).map(([name, value]) => `${name} ${Math.round(value)}`).join(", ");
    const late = s.outbox !== null && s.outbox.oldest_seconds > OUTBOX_SECONDS;
    return row([s.service, s.outbox ? s.outbox.waiting : "–", s.outbox ? Math.round(s.outbox.oldest_seconds) : "–", own],
      late || isAlarm(s.own));
  }));
  fill("feeds", found.flatMap((s) => s.feeds ?? []).map((f) => {
    const behind = f.source in last ? Math.max(last[f.source] - f.position, 0) : "?";
    return row([f.feed, f.source, f.position, behind, f.parked, Math.round(f.oldest_parked_seconds)], f.parked > 0);
  }));
}

async function renew() {
  if (new Date(tokens.expires_at) - Date.now() > 2 * EVERY) return;
  const body = JSON.stringify({ refresh_token: tokens.refresh_token });
  tokens = await call("/api/v1/sessions/refresh", { method: "POST", body });
}

async function refresh() {
  await renew();
  const found = await Promise.all(SERVICES.map((service) =>
    call(`/api/v1/${service}-status`).catch((error) => {
      if (error.status === 401 || error.status === 403) throw error;
      return { service, error: error.message };
    })));
  show(found);
  message.textContent = new Date().toLocaleTimeString("zh-CN");
  document.getElementById("figures").hidden = false;
}

async function watch() {
  try {
    await refresh();
    setTimeout(watch, EVERY);
  } catch (error) {
    tokens = null;
    form.hidden = false;
    message.textContent = error.message;
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const given = Object.fromEntries(new FormData(form));
    tokens = await call("/api/v1/sessions", { method: "POST", body: JSON.stringify(given) });
    form.hidden = true;
    form.elements.password.value = "";
    await watch();
  } catch (error) {
    message.textContent = error.message;
  }
});
