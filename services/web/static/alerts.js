/** Whether somebody wants to hear and see calls while they do other things: two switches, off until they are used. */
import { say } from "./language.js";

const KEY = "callmonitor-alerts";
const byId = (id) => document.getElementById(id);
const sound = byId("alert-sound");
const notification = byId("alert-notification");

let audible = false;

/** What is wanted, as it was chosen in any tab of this browser. */
export const alerts = { sound: false, notification: false };

/** @param {() => void} onSound somebody has just asked for sound, by a click: browsers allow it now */
export function listenForAlerts(onSound) {
  read();
  show();
  sound.addEventListener("change", () => {
    set({ sound: sound.checked });
    if (sound.checked) onSound();
  });
  notification.addEventListener("change", async () => {
    const wanted = notification.checked;
    if (wanted && permission() === "default") await Notification.requestPermission();
    set({ notification: wanted && permission() === "granted" });
  });
  addEventListener("storage", ({ key }) => {
    if (key !== KEY && key !== null) return;
    read();
    show();
  });
}

/** @param {boolean} now whether this tab may be heard: not before somebody has used it */
export function showAudible(now) {
  audible = now;
  show();
}

/** @returns {boolean} whether a notification is wanted and will be seen */
export function notifies() {
  return alerts.notification && permission() === "granted";
}

function permission() {
  // Browsers offer it by HTTPS only, or deny it always.
  return "Notification" in globalThis && isSecureContext ? Notification.permission : "insecure";
}

function show() {
  const now = permission();
  sound.checked = alerts.sound;
  notification.checked = alerts.notification && now === "granted";
  notification.disabled = now === "insecure" || now === "denied";
  const why = now === "insecure" ? "notification-insecure" : now === "denied" ? "notification-denied" : "";
  byId("notification-hint").textContent = why === "" ? "" : say.text(why);
  byId("notification-hint").hidden = why === "";
  byId("sound-hint").hidden = !alerts.sound || audible;
  byId("alerts-button").dataset.on = String(sound.checked || notification.checked);
}

function set(changes) {
  Object.assign(alerts, changes);
  try {
    localStorage.setItem(KEY, JSON.stringify(alerts));
  } catch {
    // Forbidden: it holds for this tab.
  }
  show();
}

function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY)) ?? {};
    for (const name of Object.keys(alerts)) alerts[name] = kept[name] === true;
  } catch {
    // Nothing kept, or nothing of ours.
  }
}
