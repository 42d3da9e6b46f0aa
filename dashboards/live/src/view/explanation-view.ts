import { formatPercent } from '../format.ts';
import { tierLook } from '../order-look.ts';
import { AskingView } from './asking-view.ts';
import { h } from './dom.ts';
import { patch } from './patch.ts';
import { chip, table, trunkLink } from './pieces.ts';

/** What `GET /api/v1/routes?explain=1` says of one trunk. */
type ExplainedTrunk = {
  readonly trunk: string;
  readonly shareRatio: number;
  readonly configuredPlace: number;
  readonly tier: string;
  /** 0 to 1 within its tier; absent where nothing was weighed. */
  readonly score?: number;
  readonly factors: readonly { readonly of: string; readonly factor: number }[];
  readonly why: string;
};

/** What it says of one route. */
type ExplainedRoute = {
  readonly pbx: string;
  readonly explanation?: { readonly isPanic: boolean; readonly trunks: readonly ExplainedTrunk[] };
  /** In observe mode: calls since the proposal stands, where they went and where they would have gone. */
  readonly observed?: {
    readonly actual: string;
    readonly proposed: string;
    readonly onActual: { readonly calls: number; readonly failed: number };
    readonly onProposed: { readonly calls: number; readonly failed: number };
  };
};

const HEADS = ['Trunk', 'Share', 'Tier', 'Score', 'Configured'] as const;

/** The explanation in the panel of a route, trunk by trunk. */
export function explanationView(
  token: () => string | undefined,
): AskingView<{ readonly items: readonly ExplainedRoute[] }> {
  return new AskingView({
    token,
    question: (subject) => {
      const [pbx = '', name = ''] = subject.split('/');
      return { path: 'api/v1/routes', query: { pbx, class: name, explain: '1' } };
    },
    draw: (host, { items: [route] }) => drawExplanation(host, route),
    unknown: 'The hub has no explanation of it.',
  });
}

/** The place in a panel that {@link explanationView} fills. */
export function explanationPlace(key: string): HTMLElement {
  return h('div', {
    id: 'explanation',
    class: 'figure-list',
    'data-opaque': true,
    'data-key': `explanation ${key}`,
    'data-subject': key,
  });
}

function drawExplanation(host: HTMLElement, route: ExplainedRoute | undefined): void {
  if (!route?.explanation) {
    patch(host, [h('p', { class: 'empty' }, 'The hub has not planned it anew yet.')]);
    return;
  }
  const { explanation, observed, pbx } = route;
  patch(host, [
    table(
      'Why each trunk stands where it does',
      HEADS,
      explanation.trunks.flatMap((trunk) => rows(pbx, trunk)),
    ),
    observed && h('p', { class: 'meta' }, observedText(observed)),
  ]);
}

/** A row of figures, and below it the sentence over the whole width. */
function rows(pbx: string, trunk: ExplainedTrunk): readonly HTMLElement[] {
  const { configuredPlace, factors, score, shareRatio, tier, why } = trunk;
  const lowered = factors.map(({ factor, of }) => `${of} × ${factor.toFixed(2)}`).join(', ');
  const weighed = lowered === '' ? 'nothing lowers it' : `lowered by ${lowered}`;
  const ground = score === undefined ? 'nothing was weighed' : weighed;
  return [
    h(
      'tr',
      { 'data-key': trunk.trunk, 'data-tier': tier },
      h('th', { scope: 'row' }, trunkLink(pbx, trunk.trunk)),
      h('td', { class: 'number' }, shareRatio === 0 ? 'standby' : formatPercent(shareRatio)),
      h('td', {}, chip(tierLook(tier))),
      h('td', { class: 'number', title: ground }, score === undefined ? '–' : score.toFixed(2)),
      h('td', { class: 'number' }, `place ${configuredPlace}`),
    ),
    h('tr', { 'data-key': `${trunk.trunk} why`, class: 'why-row' }, h('td', { colspan: 5, class: 'why' }, why)),
  ];
}

function observedText({ actual, onActual, onProposed, proposed }: NonNullable<ExplainedRoute['observed']>): string {
  const led = `${failedAt(actual, onActual)}, which leads`;
  return `Observe mode keeps score: ${led}; ${failedAt(proposed, onProposed)}, which is proposed.`;
}

function failedAt(trunk: string, { calls, failed }: { readonly calls: number; readonly failed: number }): string {
  return `${failed} of ${calls} calls failed at ${trunk}`;
}
