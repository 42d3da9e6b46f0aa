import { type RawData, WebSocket } from 'ws';
import { MAX_FRAME_BYTES } from '../../wire/codec.ts';
import { shownTlsFault } from '../connection-log.ts';

const HANDSHAKE_MS = 5000;
const PING_EVERY_MS = 3000;
/** Silence after which a peer is dead; seen at the next ping, so within 10 s at the latest. */
const DEAD_AFTER_MS = 7000;
const CLOSE_WAIT_MS = 1000;

/** Sent but still in this process, in bytes: above the first no more is given to the socket, below the second again. */
const CONGESTED_BYTES = 1_048_576;
const RELIEVED_BYTES = 262_144;
const CONGESTION_CHECK_MS = 50;

/** What one connection tells its owner. `onClosed` comes exactly once, and nothing after it. */
export type HubConnectionEvents = {
  readonly onOpened: () => void;
  /** A text message. */
  readonly onText: (text: string) => void;
  /** A message of another kind than the protocol has; it was passed over. */
  readonly onBinary: () => void;
  readonly onCongestion: (isCongested: boolean) => void;
  /** Comes with every ping sent, about each 3 s. */
  readonly onTick: () => void;
  readonly onClosed: (why: HubConnectionEnd) => void;
};

/** Why a connection ended or never was. `reason` names no secret. */
export type HubConnectionEnd = {
  readonly code: 'closed' | 'unreachable' | 'token-refused' | 'http-refused' | 'dead-peer' | 'protocol-fault';
  readonly reason: string;
};

/** How a connection is made. */
export type HubConnectionOptions = {
  readonly url: URL;
  /** Sent as `Authorization: Bearer`; never logged. */
  readonly token: string;
  /** PEM certificates that the hub's must descend from, instead of the system's. */
  readonly ca?: string;
  readonly clock: { readonly nowMs: () => number };
};

/** One WebSocket connection to a hub. Every call after its end does nothing. */
export type HubConnection = {
  readonly send: (text: string) => void;
  /** Ends it: cleanly where the peer answers within a second. */
  readonly close: () => void;
};

/**
 * Opens one connection: no compression, no redirects, messages of at most 256 KiB, TLS verified, pings every 3 s and the
 * peer given up for dead when silent (TCP alone would notice after many minutes).
 */
export function openHubConnection(options: HubConnectionOptions, events: HubConnectionEvents): HubConnection {
  const { url, token, ca, clock } = options;
  let isEnded = false;
  let isCongested = false;
  let heardAtMs = clock.nowMs();
  let end: HubConnectionEnd = { code: 'closed', reason: 'the connection closed' };
  let heartbeat: NodeJS.Timeout | undefined;
  let relief: NodeJS.Timeout | undefined;
  let closing: NodeJS.Timeout | undefined;
  const socket = new WebSocket(url, {
    headers: { authorization: `Bearer ${token}` },
    perMessageDeflate: false,
    followRedirects: false,
    handshakeTimeout: HANDSHAKE_MS,
    maxPayload: MAX_FRAME_BYTES,
    maxFragments: 16,
    maxBufferedChunks: 256,
    ...(ca === undefined ? {} : { ca }),
  });

  const beat = (): void => {
    if (clock.nowMs() - heardAtMs > DEAD_AFTER_MS) {
      end = { code: 'dead-peer', reason: `nothing heard for ${DEAD_AFTER_MS} ms` };
      socket.terminate();
      return;
    }
    socket.ping();
    events.onTick();
  };
  const watchRelief = (): void => {
    clearTimeout(relief);
    if (isEnded) return;
    if (socket.bufferedAmount <= RELIEVED_BYTES) {
      isCongested = false;
      events.onCongestion(false);
    } else {
      relief = setTimeout(watchRelief, CONGESTION_CHECK_MS);
    }
  };
  const heard = (): void => {
    heardAtMs = clock.nowMs();
  };

  socket.on('open', () => {
    heard();
    heartbeat = setInterval(beat, PING_EVERY_MS);
    events.onOpened();
  });
  socket.on('pong', heard);
  socket.on('ping', heard);
  socket.on('message', (data: RawData, isBinary: boolean) => {
    heard();
    if (isBinary) events.onBinary();
    else events.onText(textOf(data));
  });
  socket.on('unexpected-response', (request, response) => {
    const status = response.statusCode ?? 0;
    const isToken = status === 401 || status === 403;
    end = { code: isToken ? 'token-refused' : 'http-refused', reason: `the hub answered ${status}` };
    request.destroy();
    socket.terminate();
  });
  socket.on('error', (cause) => {
    if (end.code !== 'closed') return;
    end = {
      code: heartbeat === undefined ? 'unreachable' : 'protocol-fault',
      reason: shownTlsFault(cause.message).slice(0, 300),
    };
  });
  socket.on('close', (code, reason) => {
    clearInterval(heartbeat);
    clearTimeout(relief);
    clearTimeout(closing);
    if (isEnded) return;
    isEnded = true;
    const detail = end.code === 'closed' ? `closed with ${code} ${reason.toString().slice(0, 100)}`.trim() : end.reason;
    events.onClosed({ code: end.code, reason: detail });
  });

  return {
    send: (text) => {
      if (socket.readyState !== WebSocket.OPEN) return;
      socket.send(text);
      if (isCongested || socket.bufferedAmount <= CONGESTED_BYTES) return;
      isCongested = true;
      events.onCongestion(true);
      relief = setTimeout(watchRelief, CONGESTION_CHECK_MS);
    },
    close: () => {
      if (socket.readyState === WebSocket.CONNECTING) {
        socket.terminate();
        return;
      }
      socket.close(1000);
      closing ??= setTimeout(() => socket.terminate(), CLOSE_WAIT_MS);
    },
  };
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8');
}
