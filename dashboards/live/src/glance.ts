import type { LiveHub } from '../../../wire/live.ts';
import { formatPercent, plural } from './format.ts';
import type { Tone } from './path-look.ts';
import { placeInWords } from './sentence.ts';
import type { Tally } from './tally.ts';

/** One of the four answers at the top of the page. `href` leads to the particulars. */
export type Answer = {
  readonly question: string;
  readonly answer: string;
  readonly note: string;
  readonly tone: Tone;
  readonly href: string;
};

/** The four questions of a bad night: what is broken, whose fault, what was done, what is only proposed. */
export function glance(hub: LiveHub | undefined, tally: Tally): readonly [Answer, Answer, Answer, Answer] {
  return [broken(tally), fault(tally), done(tally), proposed(hub, tally)];
}

function broken({ paths, pathTotal }: Tally): Answer {
  const down = paths['hard-down'];
  const blind = paths.unknown + paths.unmeasurable + paths['probe-blocked'];
  const parts = [
    ...(down > 0 ? [`${down} hard-down`] : []),
    ...(paths.degraded > 0 ? [`${paths.degraded} degraded`] : []),
  ];
  const isBlind = blind > 0 && blind === pathTotal;
  const nothing = pathTotal === 0 || isBlind ? 'Not known' : 'Nothing seen';
  const worst = down > 0 ? 'hard-down' : 'degraded';
  return {
    question: 'What is broken',
    answer: parts.length > 0 ? parts.join(' · ') : nothing,
    note: `of ${plural(pathTotal, 'path')}${blind > 0 ? `; ${blind} without evidence` : ''}`,
    tone: down > 0 ? 'bad' : paths.degraded > 0 ? 'warn' : pathTotal === 0 || blind > 0 ? 'unknown' : 'good',
    href: parts.length > 0 ? `#/state/${worst}` : '#paths',
  };
}

function fault({ openVerdicts, paths }: Tally): Answer {
  const question = 'Whose fault';
  const [first, ...others] = openVerdicts;
  if (first === undefined) {
    const isTrouble = paths['hard-down'] + paths.degraded > 0;
    return {
      question,
      answer: isTrouble ? 'No verdict yet' : 'No open verdict',
      note: isTrouble ? 'the evidence does not suffice yet' : 'nobody is suspected',
      tone: isTrouble ? 'warn' : 'quiet',
      href: '#verdicts',
    };
  }
  const more = others.length > 0 ? `; ${others.length} more` : '';
  return {
    question,
    answer: placeInWords(first),
    note: `${first.certainty}, ${formatPercent(first.posterior)}, ${first.symptom}${more}`,
    tone: first.certainty === 'named' ? 'bad' : 'warn',
    href: `#/verdict/${encodeURIComponent(first.verdictId)}`,
  };
}

function done({ routes, routeTotal }: Tally): Answer {
  const waiting = routes.pending > 0 ? `${plural(routes.pending, 'route')} not applied yet` : '';
  const moved = routes.moved > 0 ? `${plural(routes.moved, 'route')} moved` : '';
  return {
    question: 'What was done',
    answer: moved || waiting || 'Nothing',
    note: moved && waiting ? waiting : `of ${plural(routeTotal, 'route')}`,
    tone: routes.moved + routes.pending > 0 ? 'warn' : 'quiet',
    href: '#routes',
  };
}

function proposed(hub: LiveHub | undefined, { routes }: Tally): Answer {
  const why = hub?.isStopped === true ? 'stop switch is on' : 'observe mode';
  return {
    question: 'Proposed only',
    answer: routes.proposed > 0 ? plural(routes.proposed, 'route change') : 'Nothing',
    note: routes.proposed > 0 ? `${why}: not carried out` : 'no change is waiting',
    tone: routes.proposed > 0 ? 'info' : 'quiet',
    href: '#routes',
  };
}
