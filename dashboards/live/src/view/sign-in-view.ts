import { byId, setText } from './dom.ts';

const WORDS = {
  asked: 'Sign in with another token. It is kept until this tab is closed.',
  'token-needed': 'This hub shows itself only to those with a token. It is kept until this tab is closed.',
  'token-refused': 'The hub does not know this token. Check it and try again.',
  forbidden: 'This token may not view. Use one with the role viewer, operator or admin.',
} as const;

/** The form that asks for a token. The token leaves it only towards the hub, never into the address. */
export class SignInView {
  readonly #dialog = byId('sign-in', HTMLDialogElement);
  readonly #field = byId('token', HTMLInputElement);

  /** @param onToken - called with the token typed, or `undefined` to view without one. */
  constructor(onToken: (token: string | undefined) => void) {
    byId('sign-in-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      const token = this.#field.value.trim();
      this.#field.value = '';
      this.close();
      onToken(token === '' ? undefined : token);
    });
    byId('sign-in-open', HTMLButtonElement).addEventListener('click', () => this.ask('asked'));
    byId('sign-in-close', HTMLButtonElement).addEventListener('click', () => this.close());
  }

  /** Opens the form and says why. */
  ask(why: keyof typeof WORDS): void {
    setText(byId('sign-in-why', HTMLElement), WORDS[why]);
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#field.focus();
  }

  /** Closes the form, if it is open. */
  close(): void {
    if (this.#dialog.open) this.#dialog.close();
  }
}
