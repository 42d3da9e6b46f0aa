import type { LiveMessage } from '../../../wire/live.ts';
import { type Changed, mergeChanged, UNCHANGED } from './changed.ts';
import { type DeepLink, parseDeepLink } from './deep-link.ts';
import { formatDuration } from './format.ts';
import { addPoint, type History } from './history.ts';
import { LiveClient, type Receipt } from './live-client.ts';
import { type ClockPair, judgeFreshness } from './staleness.ts';
import { EMPTY_STATE, fold, reconnected, type ViewState } from './state.ts';
import { tallyFleet } from './tally.ts';
import { keepToken, readToken } from './token-store.ts';
import { byId, setText } from './view/dom.ts';
import { serveEvidenceFiles } from './view/evidence-files.ts';
import { explanationView } from './view/explanation-view.ts';
import { figuresView } from './view/figures-view.ts';
import { drawGlance, drawHeader, drawLegend } from './view/glance-view.ts';
import { drawJournal } from './view/journal-view.ts';
import { MatrixView } from './view/matrix-view.ts';
import { serveOrders } from './view/order-forms.ts';
import { drawOrders } from './view/orders-view.ts';
import { drawPanel } from './view/panel-view.ts';
import { drawProbes } from './view/probes-view.ts';
import { drawRoutes } from './view/routes-view.ts';
import type { Scene } from './view/scene.ts';
import { SignInView } from './view/sign-in-view.ts';
import { tracesView } from './view/traces-view.ts';
import { drawVerdicts } from './view/verdicts-view.ts';

/** Paths whose points are kept from the start; in a larger fleet only those that are opened are. */
const HISTORY_PATHS = 1000;

/** The page: folds messages into the state, and draws once a frame what they touched. */
export class LiveApp {
  readonly #matrix = new MatrixView();
  readonly #figures = figuresView(readToken);
  readonly #traces = tracesView(readToken);
  readonly #explanation = explanationView(readToken);
  readonly #signIn = new SignInView((token) => this.#useToken(token));
  readonly #history = new Map<string, History>();
  #state: ViewState = EMPTY_STATE;
  #pending: Changed = UNCHANGED;
  #isFrameAsked = false;
  #lastWord: ClockPair | undefined;
  #link: DeepLink = { kind: 'none' };
  #opener: Element | null = null;
  #client: LiveClient | undefined;
  #chart: { readonly host: HTMLElement; readonly set: (history: History) => void } | undefined;

  /** Connects and draws; called once. */
  start(): void {
    const url = new URL('api/v1/live', document.baseURI);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    url.hash = '';
    url.search = '';
    this.#client = new LiveClient(url, readToken(), {
      onOpen: () => {
        this.#state = reconnected(this.#state);
      },
      onMessage: (message) => this.#take(message),
      onRefused: (why) => this.#signIn.ask(why),
    });
    serveEvidenceFiles(readToken);
    serveOrders(readToken);
    addEventListener('hashchange', () => this.#follow());
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && this.#link.kind !== 'none') location.hash = '#/';
    });
    byId('matrix-filter', HTMLInputElement).addEventListener('input', () => this.#matrix.drawAll(this.#state));
    byId('journal-filter', HTMLInputElement).addEventListener('input', () => drawJournal(this.#scene()));
    byId('routes-all', HTMLInputElement).addEventListener('change', () => drawRoutes(this.#scene()));
    setInterval(() => this.#tick(), 1000);
    this.#follow();
    this.#tick();
  }

  #take(message: LiveMessage): Receipt {
    const folded = fold(this.#state, message);
    this.#state = folded.state;
    if (folded.kind !== 'taken') {
      return folded.kind === 'gap' && folded.resume !== undefined
        ? { isTaken: false, resume: folded.resume }
        : { isTaken: false };
    }
    this.#lastWord = clockPair();
    this.#record(folded.changed);
    this.#pending = mergeChanged(this.#pending, folded.changed);
    if (!this.#isFrameAsked) {
      this.#isFrameAsked = true;
      requestAnimationFrame(() => this.#drawPending());
    }
    return { isTaken: true };
  }

  #record({ isAll, paths }: Changed): void {
    const isSmall = this.#state.paths.size <= HISTORY_PATHS;
    for (const key of isAll ? this.#state.paths.keys() : paths) {
      const path = this.#state.paths.get(key);
      if (path === undefined) this.#history.delete(key);
      const isKept = isSmall || this.#history.has(key);
      if (path !== undefined && isKept)
        this.#history.set(key, addPoint(this.#history.get(key) ?? [], path, this.#state.atEpochMs));
    }
  }

  #scene(): Scene {
    const now = clockPair();
    const freshness = judgeFreshness(this.#lastWord, now);
    const sinceMs = freshness.kind === 'waiting' ? 0 : freshness.silentForMs;
    return {
      state: this.#state,
      tally: tallyFleet(this.#state),
      freshness,
      nowEpochMs: this.#state.atEpochMs + sinceMs,
    };
  }

  #drawPending(): void {
    this.#isFrameAsked = false;
    const changed = this.#pending;
    this.#pending = UNCHANGED;
    const scene = this.#scene();
    if (changed.isShape) this.#matrix.drawAll(scene.state);
    else {
      this.#matrix.drawPaths(scene.state, changed.paths);
      this.#matrix.drawProbes(scene.state, changed.pbxes);
    }
    drawHeader(scene);
    drawGlance(scene);
    if (changed.isAll || changed.paths.size > 0) drawLegend(scene);
    if (changed.isAll || changed.verdicts.size > 0) drawVerdicts(scene);
    if (changed.isAll || changed.isHub || changed.routes.size > 0) drawRoutes(scene);
    if (changed.isAll || changed.isHub) drawOrders(scene);
    if (changed.isAll || changed.pbxes.size > 0) drawProbes(scene);
    if (changed.isAll || changed.isJournal) drawJournal(scene);
    if (changed.isAll || changed.isHub) this.#drawFooter(scene);
    const isQuiet = changed.paths.size + changed.verdicts.size + changed.routes.size + changed.pbxes.size === 0;
    if (this.#link.kind !== 'none' && (changed.isAll || changed.isHub || !isQuiet)) this.#drawPanel(scene);
  }

  #drawFooter({ state: { hub } }: Scene): void {
    if (hub === undefined) return;
    setText(
      byId('hub-line', HTMLElement),
      `Hub ${hub.softwareVersion}, instance ${hub.hubInstanceId}, viewed as ${hub.role}`,
    );
    setText(byId('role', HTMLElement), hub.role);
  }

  #tick(): void {
    const scene = this.#scene();
    drawHeader(scene);
    drawGlance(scene);
    if (scene.freshness.kind !== 'live') return;
    for (const element of document.querySelectorAll<HTMLElement>('[data-since]')) {
      setText(element, formatDuration(scene.nowEpochMs - Number(element.dataset['since'])));
    }
  }

  #follow(): void {
    const link = parseDeepLink(location.hash);
    const wasOpen = this.#link.kind !== 'none';
    if (!wasOpen) this.#opener = document.activeElement;
    this.#link = link;
    if (link.kind === 'path' && !this.#history.has(link.key)) this.#history.set(link.key, []);
    this.#drawPanel(this.#scene());
    if (link.kind !== 'none') {
      byId('panel', HTMLElement).scrollTop = 0;
      byId('panel-title', HTMLElement).focus();
    } else if (wasOpen && this.#opener instanceof HTMLElement && location.hash === '#/') {
      this.#opener.focus();
    }
  }

  #drawPanel(scene: Scene): void {
    drawPanel(this.#link, scene);
    this.#figures.show(document.getElementById('figures'));
    this.#traces.show(document.getElementById('traces'));
    this.#explanation.show(document.getElementById('explanation'));
    const host = document.getElementById('chart');
    if (host === null || this.#link.kind !== 'path') {
      this.#chart = undefined;
      return;
    }
    const history = this.#history.get(this.#link.key) ?? [];
    if (this.#chart?.host === host) this.#chart.set(history);
    else void this.#openChart(host, history);
  }

  async #openChart(host: HTMLElement, history: History): Promise<void> {
    this.#chart = { host, set: () => {} };
    const { drawChart } = await import('./view/chart.ts');
    if (this.#chart?.host === host && host.isConnected) this.#chart = { host, set: drawChart(host, history) };
  }

  #useToken(token: string | undefined): void {
    keepToken(token);
    this.#client?.signIn(token);
  }
}

function clockPair(): ClockPair {
  return { monotonicMs: performance.now(), epochMs: Date.now() };
}
