// The socket to the server, and what its bytes mean.

const SERIES_AT = 12;

/** Read a frame: what one world looks like in one week. */
export function readFrame(bytes, layout) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [week, live, gone, held] = [view.getInt32(0, true), view.getUint16(4, true), view.getUint16(6, true), view.getUint16(8, true)];
  const series = {};
  layout.series.forEach((one, i) => { series[one.name] = view.getFloat32(SERIES_AT + 4 * i, true); });
  let at = SERIES_AT + 4 * layout.series.length;
  const take = (count) => { const part = bytes.subarray(at, at + count); at += count; return part; };
  const trust = take(layout.communities.length);
  const tension = take(layout.crossings.length);
  const open = take(layout.crossings.length);
  const ties = new Uint16Array(layout.crossings.length);
  for (let i = 0; i < ties.length; i++, at += 2) ties[i] = view.getUint16(at, true);
  const incidents = [];
  for (let i = 0; i < live; i++, at += 8) {
    incidents.push({ number: view.getUint32(at, true), crossing: view.getUint16(at + 4, true), kind: bytes[at + 6], rung: bytes[at + 7] });
  }
  const ended = [];
  for (let i = 0; i < gone; i++, at += 4) ended.push({ crossing: view.getUint16(at, true), rung: bytes[at + 2], how: bytes[at + 3] });
  const cohorts = [];
  for (let i = 0; i < held; i++, at += 4) cohorts.push({ crossing: view.getUint16(at, true), family: bytes[at + 2], done: bytes[at + 3] / 255 });
  return { week, series, trust, tension, open, ties, incidents, ended, cohorts };
}

/** Split what the server sends of a week into the frames of the two worlds. */
export function split(buffer) {
  const view = new DataView(buffer);
  const parts = [];
  for (let at = 0; at < buffer.byteLength;) {
    const size = view.getUint32(at, true);
    parts.push(new Uint8Array(buffer, at + 4, size));
    at += 4 + size;
  }
  return parts;
}

export const FULL = 4001;
const REFUSED = 4003;
const SOON = 500, LATEST = 5000; // milliseconds until it is tried again

/**
 * Open the socket, and again whenever it is lost.
 *
 * `heard` gets what the server says, `seen` the frames of a week; `lost` is called with a code when the socket is gone.
 */
export function talk({ heard, seen, lost }) {
  let socket = null, wait = SOON;
  const open = () => {
    socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/talk`);
    socket.binaryType = "arraybuffer";
    socket.onmessage = (event) => {
      wait = SOON;
      if (typeof event.data === "string") heard(JSON.parse(event.data)); else seen(event.data);
    };
    socket.onclose = ({ code }) => {
      lost(code);
      if (code === FULL || code === REFUSED) return;
      setTimeout(open, wait);
      wait = Math.min(2 * wait, LATEST);
    };
  };
  open();
  return (asked) => { if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(asked)); };
}
