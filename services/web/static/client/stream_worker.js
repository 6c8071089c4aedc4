/** The shared worker that holds the event stream for every tab of the browser that has the same address and holder. */
import { StreamHub } from "./stream_hub.js";

const hub = new StreamHub();

addEventListener("connect", (event) => hub.add(event.ports[0]));
