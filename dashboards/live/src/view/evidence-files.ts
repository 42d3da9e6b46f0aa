import { EVIDENCE_FORMS, type EvidenceForm, fetchEvidence } from '../evidence-client.ts';
import { h } from './dom.ts';

/** How long a file is held for the browser to take it. */
const HOLD_MS = 60_000;

/** The files that the evidence of a verdict can be had as; {@link serveEvidenceFiles} answers its buttons. */
export function evidenceFiles(verdictId: string): HTMLElement {
  const buttons = EVIDENCE_FORMS.map((form) =>
    h('button', { type: 'button', 'data-evidence': form, 'data-verdict': verdictId }, form.toUpperCase()),
  );
  return h(
    'p',
    { class: 'evidence-files' },
    'To give away: ',
    ...buttons,
    h('span', { class: 'meta', role: 'status', 'data-evidence-said': '', 'data-opaque': '' }),
  );
}

/**
 * Fetches the file of a pressed button with this tab's token and hands it to the browser as a download. Called once.
 *
 * @param token - of this tab; a plain link could not carry it.
 */
export function serveEvidenceFiles(token: () => string | undefined): void {
  document.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('button[data-evidence]') : null;
    if (button instanceof HTMLButtonElement) void download(button, token());
  });
}

async function download(button: HTMLButtonElement, token: string | undefined): Promise<void> {
  const form = EVIDENCE_FORMS.find((each: EvidenceForm) => each === button.dataset['evidence']);
  const verdictId = button.dataset['verdict'];
  if (form === undefined || verdictId === undefined || button.disabled) return;
  const said = button.parentElement?.querySelector('[data-evidence-said]');
  button.disabled = true;
  const answer = await fetchEvidence(verdictId, form, token);
  button.disabled = false;
  if (said) said.textContent = answer.kind === 'file' ? '' : ` Not to be had: ${answer.why}.`;
  if (answer.kind === 'failed') return;
  const address = URL.createObjectURL(answer.blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = answer.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), HOLD_MS);
}
