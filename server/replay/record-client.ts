import { readFileSync } from 'node:fs';
import { get as getPlain } from 'node:http';
import { get as getTls } from 'node:https';

/** Whose frames to record, and for how long. */
export type RecordOptions = {
  /** The hub's address, `https://…` or `http://…`. */
  readonly hub: URL;
  readonly token: string;
  readonly caFile: string | undefined;
  readonly forS: number;
  /** Takes whole lines. Where it gives a promise, the hub is read no further before that settles. */
  readonly onText: (text: string) => void | Promise<void>;
  readonly signal: AbortSignal;
};

/**
 * Records from a live hub until its time is over or the signal comes; only whole lines are handed on.
 *
 * @returns lines recorded, the configuration included.
 * @throws an `Error` that says what the hub answered, or that the connection was cut.
 */
export async function recordFrom({ hub, token, caFile, forS, onText, signal }: RecordOptions): Promise<number> {
  const url = new URL(`/api/v1/recording?forS=${forS}`, hub);
  const headers = { authorization: `Bearer ${token}` };
  const tls = caFile === undefined ? {} : { ca: readFileSync(caFile) };
  let [lines, rest] = [0, ''];
  return await new Promise<number>((resolve, reject) => {
    const end = (cause: Error): void => (signal.aborted ? resolve(lines) : reject(cause));
    const get = url.protocol === 'https:' ? getTls : getPlain;
    const request = get(url, { headers, signal, ...tls }, (response) => {
      response.setEncoding('utf8');
      const isOk = response.statusCode === 200;
      response.on('data', (text: string) => {
        rest += text;
        const wholeTo = rest.lastIndexOf('\n') + 1;
        if (!isOk || wholeTo === 0) return;
        const whole = rest.slice(0, wholeTo);
        rest = rest.slice(wholeTo);
        lines += whole.split('\n').length - 1;
        const taken = onText(whole);
        if (!taken) return;
        response.pause();
        taken.then(() => response.resume(), end);
      });
      response.on('error', end);
      response.on('end', () => {
        if (isOk) resolve(lines);
        else reject(new Error(`the hub answered ${response.statusCode}: ${rest.slice(0, 500)}`));
      });
    });
    request.on('error', end);
  });
}
