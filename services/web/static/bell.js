/** Makes itself heard, and seen in other windows, while a call comes in: in one tab of the browser only. */
import { alerts, notifies } from "./alerts.js";
import { say } from "./language.js";

/** A call that is gone sooner, in milliseconds, was a blocked number: nobody wants to hear of it. */
const HEED = 350;
/** From chime to chime, in milliseconds. */
const PAUSE = 4000;
/** Chimes per call: who has not come by then is not there. */
const CHIMES = 6;
/** Two tones, in Hz, and when each begins and how long it sounds, in seconds. */
const TONES = [
  [659.26, 0, 0.5],
  [880, 0.18, 0.9],
];
const LOUDNESS = 0.14;

/** The calls that ring. @type {Map<string, {chimes: number, timer: number, notification: Notification | null, text: string}>} */
const ringing = new Map();
let audio = null;
let onAudible = () => {};

/**
 * Browsers let a page make sounds once somebody has used it, after every load anew.
 * @param {(audible: boolean) => void} onChange whether this tab may be heard
 */
export function listenForUse(onChange) {
  onAudible = onChange;
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => alerts.sound && wake());
}

/** Let one hear what was just switched on. */
export async function tryOut() {
  await wake();
  chime();
}

/** @param {import("./client/calls.js").Entry[]} entries the calls of this moment @param {boolean} onDuty this tab is the one */
export function ring(entries, onDuty) {
  const inbound = entries.filter(({ call }) => call.state === "ringing" && call.direction === "inbound");
  const now = new Map(onDuty ? inbound.map((entry) => [entry.call.id, entry]) : []);
  for (const id of [...ringing.keys()]) if (!now.has(id)) stop(id);
  for (const [id, entry] of now) {
    if (!ringing.has(id)) start(id, entry);
    else if (ringing.get(id).notification) notify(id, entry); // the name may have come
  }
}

function start(id, entry) {
  const timer = setTimeout(() => {
    if (notifies()) notify(id, entry);
    chimeFor(id);
  }, HEED);
  ringing.set(id, { chimes: 0, timer, notification: null, text: "" });
}

function stop(id) {
  const call = ringing.get(id);
  clearTimeout(call.timer);
  call.notification?.close();
  ringing.delete(id);
}

function chimeFor(id) {
  const call = ringing.get(id);
  if (alerts.sound) chime();
  call.chimes += 1;
  if (call.chimes < CHIMES) call.timer = setTimeout(() => chimeFor(id), PAUSE);
}

function notify(id, entry) {
  const call = ringing.get(id);
  const said = say.of(entry);
  const title = say.text("notification-title", { who: say.inOneLine(said) });
  const body = [said.company, said.number, said.note, said.office].filter(Boolean).join("\n");
  if (call.text === title + body) return;
  call.text = title + body;
  // The same tag: one notification that changes, not two.
  call.notification = new Notification(title, { body, tag: id, lang: document.documentElement.lang, silent: true });
  call.notification.addEventListener("click", () => focus());
}

async function wake() {
  audio ??= new AudioContext();
  if (audio.state !== "running") await audio.resume();
  onAudible(true);
}

function chime() {
  if (audio?.state !== "running") return;
  const start = audio.currentTime + 0.02;
  for (const [pitch, after, length] of TONES) {
    const tone = new OscillatorNode(audio, { type: "sine", frequency: pitch });
    const loudness = new GainNode(audio, { gain: 0 });
    loudness.gain.setValueAtTime(0, start + after);
    loudness.gain.linearRampToValueAtTime(LOUDNESS, start + after + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, start + after + length);
    tone.connect(loudness).connect(audio.destination);
    tone.start(start + after);
    tone.stop(start + after + length);
  }
}
