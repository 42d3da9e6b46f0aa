import { askHub, type HubQuestion } from '../api-client.ts';
import { h } from './dom.ts';
import { patch } from './patch.ts';

const REFRESH_MS = 3000;

type Asked = { readonly subject: string; readonly host: HTMLElement; readonly stop: AbortController };

/** How a part of a panel is filled by asking the hub for more than the live feed carries. */
export type AskingParts<Body> = {
  readonly token: () => string | undefined;
  readonly question: (subject: string) => HubQuestion;
  /** Draws an answer, or says what its being empty means. */
  readonly draw: (host: HTMLElement, body: Body) => void;
  /** Said where the hub knows nothing of the subject. */
  readonly unknown: string;
};

/** A part of an open panel that asks the hub at once and every few seconds while it is open. */
export class AskingView<Body> {
  readonly #parts: AskingParts<Body>;
  #asked: Asked | undefined;

  constructor(parts: AskingParts<Body>) {
    this.#parts = parts;
  }

  /** Fills this element with what its `data-subject` names, or none. May be called at every drawing. */
  show(host: HTMLElement | null): void {
    const subject = host?.dataset['subject'];
    if (host !== null && this.#asked?.subject === subject && this.#asked?.host === host) return;
    this.#asked?.stop.abort();
    this.#asked = undefined;
    if (host === null || subject === undefined) return;
    this.#asked = { subject, host, stop: new AbortController() };
    void this.#keepAsking(this.#asked);
  }

  async #keepAsking({ host, subject, stop: { signal } }: Asked): Promise<void> {
    const { draw, question, token, unknown } = this.#parts;
    while (!signal.aborted && host.isConnected) {
      const answer = await askHub<Body>(question(subject), token(), signal);
      if (signal.aborted) return;
      if (answer.kind === 'body') {
        host.removeAttribute('data-stale');
        draw(host, answer.body);
      } else say(host, answer.kind === 'none' ? unknown : `Not to be had: ${answer.why}.`);
      await new Promise((resolve) => setTimeout(resolve, REFRESH_MS));
    }
  }
}

/** Says why there is nothing; what is there stays, marked as old. */
function say(host: HTMLElement, text: string): void {
  if (host.querySelector('details') === null) patch(host, [h('p', { class: 'empty' }, text)]);
  else host.setAttribute('data-stale', text);
}

/** The `data-key` of each `details` below that a person has opened: drawn anew, they stay open. */
export function openedKeys(host: HTMLElement): ReadonlySet<string> {
  const opened = host.querySelectorAll('details[open]');
  return new Set([...opened].map((element) => element.getAttribute('data-key') ?? ''));
}
