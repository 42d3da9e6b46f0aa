import type { Figure } from '../../../wire/figures.ts';
import type { HubView } from './hub-view.ts';
import type { Expectation } from './scene.ts';
import { PROVIDERS } from './sim-fleet.ts';

type Way = Figure['direction'];

/** Figures of the calls of all PBXs at a trunk, by kind and direction. */
async function figuresAt(view: HubView, trunk: string) {
  const figures = (await view.figures(`*>${trunk}`)) ?? [];
  return (kind: Figure['kind'], direction: Way = 'none') =>
    figures.find((figure) => figure.kind === kind && figure.direction === direction);
}

/** Calls at every trunk have a good MOS both ways by their own RTCP, and lose nothing. */
export const callsAreGood: Expectation['look'] = async ({ view }) => {
  const words: string[] = [];
  for (const { trunk } of PROVIDERS) {
    const of = await figuresAt(view, trunk);
    const [there, back] = [of('mos-nb', 'forward'), of('mos-nb', 'reverse')];
    const isLossless = of('call-loss', 'forward')?.value === 0 && of('call-loss', 'reverse')?.value === 0;
    if (!there || !back || !isLossless || Math.min(there.value, back.value) < 4) return undefined;
    words.push(`${trunk} MOS ${there.value.toFixed(2)}/${back.value.toFixed(2)} (n ${there.n}/${back.n})`);
  }
  return words.join('; ');
};

/** Calls at a trunk lose both ways: the whole interval of either direction lies above 0.5 %. */
export function callsLoseBothWays(trunk: string): Expectation['look'] {
  return async ({ view }) => {
    const of = await figuresAt(view, trunk);
    const ways = (['forward', 'reverse'] as const).map((way) => ({
      loss: of('call-loss', way),
      mos: of('mos-nb', way),
    }));
    if (!ways.every(({ loss, mos }) => (loss?.low ?? 0) > 0.005 && mos !== undefined && mos.value < 4.3))
      return undefined;
    return ways.map(({ loss, mos }) => lossInWords(loss, mos)).join('; ');
  };
}

/** Calls at a trunk lose on the way there and nothing on the way back, while the trunk's paths stay healthy. */
export function callsLoseOneWay(trunk: string): Expectation['look'] {
  return async ({ view }) => {
    const of = await figuresAt(view, trunk);
    const [there, back] = [of('call-loss', 'forward'), of('call-loss', 'reverse')];
    const [mosThere, mosBack] = [of('mos-nb', 'forward'), of('mos-nb', 'reverse')];
    if (!there || !back || !mosThere || !mosBack || back.value > 0 || (there.low ?? 0) <= 0.002) return undefined;
    const paths = (await view.paths())?.filter((path) => path.trunk === trunk) ?? [];
    const isBlind = paths.length > 0 && paths.every(({ state }) => state === 'healthy');
    if (!isBlind || mosThere.value >= mosBack.value) return undefined;
    return `${lossInWords(there, mosThere)}; ${lossInWords(back, mosBack)}; OPTIONS see nothing`;
  };
}

/** What Asterisk tells of its calls and of itself is there too: ASR, post-dial delay, registration, and its qualify. */
export const signallingIsTold: Expectation['look'] = async ({ view }) => {
  const figures = (await view.figures('fra-1>d')) ?? [];
  const of = (kind: Figure['kind']) => figures.find((figure) => figure.kind === kind);
  const [asr, pdd, registration, qualify] = [of('asr'), of('pdd'), of('registration'), of('qualify-loss')];
  if (!asr || asr.value < 0.5 || !pdd || pdd.value < 200 || pdd.value > 2000) return undefined;
  if (registration?.value !== 1 || qualify?.value !== 0) return undefined;
  const calls = `fra-1 at d: ASR ${Math.round(asr.value * 100)} % of ${asr.n} calls, PDD ${Math.round(pdd.value)} ms`;
  return `${calls}, registered, its qualify lost 0 of ${qualify.n} tries`;
};

function lossInWords(loss: Figure | undefined, mos: Figure | undefined): string {
  const percent = (ratio = 0) => (ratio * 100).toFixed(1);
  const interval = `${percent(loss?.low)} to ${percent(loss?.high)} %`;
  return `${loss?.direction} ${percent(loss?.value)} % lost (${interval}, n ${loss?.n}), MOS ${mos?.value.toFixed(2)}`;
}
