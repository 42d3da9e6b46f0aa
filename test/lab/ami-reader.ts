import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Lab } from './lab.ts';
import { startRelay } from './relay.ts';
import type { Site } from './two-sites.ts';

/** One message: its headers, the last of a name counting. */
export type AmiMessage = Readonly<Record<string, string>>;

/**
 * Reads one Asterisk by a manager connection of its own, beside the product and without its code: a question takes a
 * millisecond where the console takes a process. One question at a time is asked of a key.
 *
 * @see Asterisk 22: AMI actions DBGet and Login, event ContactStatus
 */
export class AmiReader {
  readonly #socket: Socket;
  readonly #waiting = new Map<string, (message: AmiMessage) => void>();
  readonly #listeners: ((message: AmiMessage) => void)[] = [];
  #rest = '';
  #nextId = 1;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => this.#take(text));
  }

  /** Logs in at a site's Asterisk. @throws Error when it refuses. */
  static async open(lab: Lab, site: Pick<Site, 'pbx' | 'amiLogin'>): Promise<AmiReader> {
    const path = join(lab.folder, `ami-${site.pbx.host.name}`);
    await startRelay(lab, site.pbx.host, path, '127.0.0.1:5038');
    const socket = createConnection(path);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    socket.on('error', (error) => console.error(`AMI of ${site.pbx.host.name}: ${error.message}`));
    const reader = new AmiReader(socket);
    const { user, secret } = site.amiLogin;
    const answer = await reader.#ask({ Action: 'Login', Username: user, Secret: secret });
    if (answer['Response'] !== 'Success') throw new Error(`${site.pbx.host.name}: login refused: ${answer['Message']}`);
    return reader;
  }

  /** Called for every event from now on. */
  onEvent(listener: (message: AmiMessage) => void): void {
    this.#listeners.push(listener);
  }

  /** One AstDB value of the family `trunkward`; undefined where the key is not there. */
  async get(key: string): Promise<string | undefined> {
    const message = await this.#ask({ Action: 'DBGet', Family: 'trunkward', Key: key });
    return message['Event'] === 'DBGetResponse' ? message['Val'] : undefined;
  }

  close(): void {
    this.#socket.destroy();
  }

  async #ask(fields: Readonly<Record<string, string>>): Promise<AmiMessage> {
    const id = `read-${this.#nextId}`;
    this.#nextId += 1;
    const lines = Object.entries({ ...fields, ActionID: id }).map(([name, value]) => `${name}: ${value}\r\n`);
    const answer = new Promise<AmiMessage>((resolve) => {
      this.#waiting.set(id, resolve);
    });
    this.#socket.write(`${lines.join('')}\r\n`);
    return await answer;
  }

  #take(text: string): void {
    const parts = (this.#rest + text).replace(/^Asterisk Call Manager.*\r\n/, '').split('\r\n\r\n');
    this.#rest = parts.pop() ?? '';
    for (const part of parts) {
      const message: AmiMessage = Object.fromEntries(
        part.split('\r\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
      );
      this.#settle(message);
      if (message['Event'] !== undefined) for (const listener of this.#listeners) listener(message);
    }
  }

  /** `DBGet` answers with a response and then an event that holds the value. */
  #settle(message: AmiMessage): void {
    const id = message['ActionID'] ?? '';
    const isForerunner = message['Message'] === 'Result will follow';
    if (isForerunner || message['Event'] === 'DBGetComplete') return;
    this.#waiting.get(id)?.(message);
    this.#waiting.delete(id);
  }
}
