import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A loopback HTTP server on any port; it ends with the test. `answer` gets the whole body. */
export async function httpServer(
  answer: (request: IncomingMessage, body: string, response: ServerResponse) => void,
): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (part: string) => {
      body += part;
    });
    request.on('end', () => answer(request, body, response));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/RPC`, server };
}

type Held = { readonly uri: string; flags: string; readonly priority: number };

/** One dispatcher, answering in the very words of Kamailio 5.6.3 (`jsonrpcs` over `xhttp`), its faults included. */
export class StandInDispatcher {
  readonly sets = new Map<number, Held[]>();
  readonly asked: { method: string; params: readonly unknown[] }[] = [];
  readonly authorizations: (string | undefined)[] = [];
  /** Takes the place of every answer while it is set. */
  instead: ((response: ServerResponse) => void) | undefined;
  /** Says that it has set a state, and has not. */
  isLying = false;

  answer(request: IncomingMessage, body: string, response: ServerResponse): void {
    const { method, params = [] } = JSON.parse(body) as { method: string; params?: readonly (string | number)[] };
    this.asked.push({ method, params });
    this.authorizations.push(request.headers.authorization);
    if (this.instead) {
      this.instead(response);
      return;
    }
    if (method === 'dispatcher.list') this.#send(response, 200, { result: this.#list() });
    else if (method === 'dispatcher.set_state' && this.#set(params)) {
      this.#send(response, 200, { result: 'Ok. Dispatcher state updated.' });
    } else this.#send(response, 500, { error: { code: 500, message: 'State Update Failed' } });
  }

  flags(set = 1): readonly string[] {
    return (this.sets.get(set) ?? []).map(({ flags, uri }) => `${uri} ${flags}`);
  }

  #set([word, set, uri]: readonly (string | number)[]): boolean {
    const held = this.sets.get(Number(set))?.find((each) => each.uri === uri);
    if (!held) return false;
    const text = String(word);
    if (!this.isLying) held.flags = `${text.charAt(0).toUpperCase()}${text.charAt(1) === 'p' ? 'P' : 'X'}`;
    return true;
  }

  #list(): unknown {
    const records = [...this.sets].map(([id, held]) => ({
      SET: {
        ID: id,
        TARGETS: held.map(({ flags, priority, uri }) => ({
          DEST: { URI: uri, FLAGS: flags, PRIORITY: priority, ATTRS: { BODY: 'duid=x', WEIGHT: 0, SOCKET: null } },
        })),
      },
    }));
    return { NRSETS: records.length, RECORDS: records };
  }

  #send(response: ServerResponse, status: number, content: object): void {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', ...content, id: 1 }));
  }
}
