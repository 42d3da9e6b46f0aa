import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';

/** One received action: header pairs without `Action` and `ActionID`. */
export type ReceivedAction = {
  readonly name: string;
  readonly actionId: string | undefined;
  readonly fields: readonly (readonly [string, string])[];
};

/** One header of a packet to be written. */
export type Line = readonly [key: string, value: string];

/** What a session needs of the PBX it belongs to. */
export type SessionHost = {
  readonly username: string;
  readonly secret: string;
  readonly refusesLogin: () => boolean;
  readonly isStalled: () => boolean;
  readonly answer: (action: ReceivedAction) => readonly (readonly Line[])[];
  readonly isFullyBooted: () => boolean;
  readonly uptimeS: () => number;
};

const MAX_LINE_BYTES = 1024;

/**
 * One manager connection of the simulated PBX. Its answers are those recorded from Asterisk 22.10.1: same headers, same
 * order, same texts, including what is refused before the login and what a line of more than 1,024 bytes meets.
 */
export class SimManagerSession {
  readonly #host: SessionHost;
  readonly #socket: Socket;
  #rest = '';
  #lines: string[] = [];
  #isTooLong = false;
  #challenge: string | undefined;
  #events: ReadonlySet<string> | undefined;

  constructor(socket: Socket, host: SessionHost) {
    this.#host = host;
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding('utf8');
    socket.on('data', (text) => this.#read(String(text)));
    if (!host.isStalled()) socket.write('Asterisk Call Manager/11.0.0\r\n');
  }

  /** Whether events of this class reach the session: logged in, and the mask has the class. */
  hears(eventClass: string): boolean {
    return this.#events !== undefined && (this.#events.has('on') || this.#events.has(eventClass));
  }

  /** Writes one packet. */
  write(lines: readonly Line[]): void {
    if (!this.#host.isStalled() && this.#socket.writable) this.#socket.write(toText(lines));
  }

  /** Writes the first part of a packet, up to the given share of its bytes, and breaks the connection off. */
  cutWithin(lines: readonly Line[], share: number): void {
    const text = toText(lines);
    this.#socket.write(text.slice(0, Math.floor(text.length * share)), () => this.#socket.destroy());
  }

  /** Breaks the connection off. */
  destroy(): void {
    this.#socket.destroy();
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\r\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') this.#endAction();
      else this.#addLine(line);
    }
  }

  #addLine(line: string): void {
    if (Buffer.byteLength(line) + 2 > MAX_LINE_BYTES) this.#isTooLong = true;
    else this.#lines.push(line);
  }

  #endAction(): void {
    const pairs = this.#lines.map((line): Line => {
      const [, key = '', value = ''] = /^([^:]*):\s*(.*)$/.exec(line) ?? [];
      return [key, value];
    });
    const isTooLong = this.#isTooLong;
    this.#lines = [];
    this.#isTooLong = false;
    const valueUnder = (wanted: string): string | undefined => pairs.find(([key]) => key.toLowerCase() === wanted)?.[1];
    const actionId = valueUnder('actionid');
    if (isTooLong) this.write(error(actionId, 'Failed to parse message: line too long'));
    const name = valueUnder('action');
    if (name === undefined || isTooLong) {
      this.write(error(undefined, 'Missing action in request'));
      return;
    }
    const fields = pairs.filter(([key]) => !['action', 'actionid'].includes(key.toLowerCase()));
    this.#act({ name, actionId, fields });
  }

  #act(action: ReceivedAction): void {
    const { name, actionId } = action;
    switch (name.toLowerCase()) {
      case 'challenge':
        this.#giveChallenge(action);
        return;
      case 'login':
        this.#login(action);
        return;
      case 'logoff':
        this.write([['Response', 'Goodbye'], ...ofAction(actionId), ['Message', 'Thanks for all the fish.']]);
        this.#socket.end();
        return;
      default:
        if (this.#events === undefined) this.write(error(actionId, 'Permission denied'));
        else for (const packet of this.#host.answer(action)) this.write(packet);
    }
  }

  #giveChallenge(action: ReceivedAction): void {
    if (fieldOf(action, 'AuthType') !== 'MD5') {
      this.write(error(action.actionId, 'Must specify AuthType'));
      return;
    }
    this.#challenge = String(258_296_179);
    this.write([['Response', 'Success'], ...ofAction(action.actionId), ['Challenge', this.#challenge]]);
  }

  #login(action: ReceivedAction): void {
    const { username, secret, refusesLogin, isFullyBooted, uptimeS } = this.#host;
    const key = createHash('md5').update(`${this.#challenge}${secret}`).digest('hex');
    const isProven =
      fieldOf(action, 'AuthType') === 'MD5'
        ? this.#challenge !== undefined && fieldOf(action, 'Key') === key
        : fieldOf(action, 'Secret') === secret;
    if (!isProven || fieldOf(action, 'Username') !== username || refusesLogin()) {
      this.write(error(action.actionId, 'Authentication failed'));
      this.#socket.end();
      return;
    }
    this.#events = new Set((fieldOf(action, 'Events') ?? 'on').split(',').map((name) => name.trim()));
    this.write([['Response', 'Success'], ...ofAction(action.actionId), ['Message', 'Authentication accepted']]);
    if (isFullyBooted() && this.hears('system')) this.write(fullyBooted(uptimeS()));
  }
}

/** The event by which Asterisk says that all its modules are up. */
export function fullyBooted(uptimeS: number): readonly Line[] {
  const seconds = String(Math.floor(uptimeS));
  return [
    ['Event', 'FullyBooted'],
    ['Privilege', 'system,all'],
    ['Uptime', seconds],
    ['LastReload', seconds],
    ['Status', 'Fully Booted'],
  ];
}

/** `Response: Error` with its text. */
export function error(actionId: string | undefined, message: string): readonly Line[] {
  return [['Response', 'Error'], ...ofAction(actionId), ['Message', message]];
}

/** The `ActionID` line of an answer, when the action had one. */
export function ofAction(actionId: string | undefined): readonly Line[] {
  return actionId === undefined ? [] : [['ActionID', actionId]];
}

/** First value of a field, without regard to case; undefined where it is missing. */
export function fieldOf(action: ReceivedAction, key: string): string | undefined {
  return action.fields.find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];
}

function toText(lines: readonly Line[]): string {
  return `${lines.map(([key, value]) => `${key}: ${value}\r\n`).join('')}\r\n`;
}
