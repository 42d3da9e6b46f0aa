import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { LiveHub } from '../wire/live.ts';
import { EdgeRunner } from './actuate/edge-runner.ts';
import { openHooks } from './actuate/hooks-runner.ts';
import type { HubApi, JournalRecord } from './api/hub-api.ts';
import { buildApp } from './app.ts';
import { assignPolicy } from './assign/assign-policy.ts';
import { AssignRunner } from './assign/assign-runner.ts';
import { edgeViews, pathDuties } from './assign/assignment-view.ts';
import { MeshDuties } from './assign/mesh-duties.ts';
import { recallCalls } from './call-recall.ts';
import type { HubConfig } from './config-schema.ts';
import type { Verdict } from './correlate/verdict.ts';
import { FLAP_MS } from './correlate/verdict-annals.ts';
import { Engine } from './engine.ts';
import { loadMemory } from './engine-memory-store.ts';
import { enginePolicy } from './engine-policy.ts';
import { EvidenceRunner } from './evidence/evidence-runner.ts';
import { PackRunner } from './evidence/pack-runner.ts';
import { buildFleet } from './fleet.ts';
import { HousekeepingRunner, retentionOf } from './housekeeping-runner.ts';
import { type PictureSources, picture } from './hub-picture.ts';
import { HubRunner } from './hub-runner.ts';
import type { HubSecrets } from './hub-secrets.ts';
import { hubClock } from './hub-time-client.ts';
import { ProbeServer } from './ingest/probe-server.ts';
import { JournalRunner } from './journal-runner.ts';
import { KnownTokens } from './known-tokens-client.ts';
import { openLines } from './lines-runner.ts';
import { type LivePicture, LiveServer } from './live/live-server.ts';
import { withMeshAbsence } from './mesh-absence.ts';
import { observeAssignments, observeMesh } from './metrics/assignment-metrics.ts';
import { PassGauges } from './metrics/pass-metrics.ts';
import { HubMetrics } from './metrics/registry-server.ts';
import { ModesRunner } from './modes-runner.ts';
import { TraceOrderRunner } from './orders/trace-order-runner.ts';
import { PassNews } from './pass-news.ts';
import type { PassResult } from './pass-result.ts';
import { callSheet } from './paths/quality/call-sheet.ts';
import { PlanRunner } from './plan-runner.ts';
import { Recorder } from './replay/recorder-server.ts';
import { RouteOrdersRunner } from './route-orders-runner.ts';
import { classMode } from './routing/class-mode.ts';
import { shutDown } from './shutdown.ts';
import { SimulationRunner } from './simulation-runner.ts';
import { portions, type Steps } from './steps.ts';
import { openStore, type Store } from './store/database-store.ts';
import { lockFolder, makeFolder } from './store/folder-lock-store.ts';
import type { JournalEntry } from './store/journal-store.ts';
import { shownTraces, tracesOfVerdict } from './verdict-traces.ts';

/** A hub that listens. `close` ends its connections, saves its memory and closes its store. */
export type RunningHub = { readonly url: string; readonly close: () => Promise<void> };

/** What a hub is started with beside its configuration. */
export type HubOptions = { readonly logger: FastifyBaseLogger; readonly softwareVersion: string };

/**
 * Starts a hub: store first, then what an earlier life remembered, then the doors.
 *
 * @throws StoreError when the store cannot be opened or another hub runs on its folder; an `Error` of the system when the address cannot be listened on.
 */
export async function startHub(config: HubConfig, secrets: HubSecrets, options: HubOptions): Promise<RunningHub> {
  const nowMs = hubClock();
  await makeFolder(config.dataDir);
  const lock = lockFolder(config.dataDir);
  let store: Store | undefined;
  try {
    store = await openStore({
      driver: config.store.driver,
      file: join(config.dataDir, 'hub.sqlite3'),
      clock: { nowEpochMs: nowMs },
    });
    const hub = await startOn(store, nowMs, { config, secrets, options });
    return { ...hub, close: () => shutDown([() => hub.close(), lock.release]) };
  } catch (cause) {
    await shutDown([() => store?.close(), lock.release]);
    throw cause;
  }
}

/** PBXs that are given what they are to measure before others get a turn. */
const STEP_DUTIES = 200;

type HubInput = { readonly config: HubConfig; readonly secrets: HubSecrets; readonly options: HubOptions };

async function startOn(store: Store, nowMs: () => number, { config, secrets, options }: HubInput): Promise<RunningHub> {
  const { logger, softwareVersion } = options;
  const startedAtMs = nowMs();
  const hubInstanceId = randomUUID();
  const metrics = new HubMetrics();
  const onFault = (place: string, cause: unknown): void => {
    metrics.count('faults', { place: place.split(' ')[0] ?? place });
    logger.error({ err: cause, place }, 'fault of the hub');
  };
  let fence = await store.fence.take();
  const fleet = buildFleet(config);
  const loaded = await loadMemory(store.memory);
  for (const fault of loaded.faults) onFault('memory', new Error(`memory of ${fault} is not understood and left out`));
  const engine = new Engine(fleet, enginePolicy(config));
  engine.recall(loaded.memory, await storedVerdicts(store, nowMs()), nowMs());
  const recalled = await recallCalls(engine, store.events, nowMs());

  const passNews = new PassNews();
  const gauges = new PassGauges(metrics);
  const changedAtMs = new Map<string, number>();
  const live = new LiveServer(() => show(), nowMs);
  const journal = new JournalRunner(store, metrics, (changes) => live.publish(changes), onFault);
  await journal.load();
  if (recalled.isCut) {
    const sentence = `more calls ended in the last hour than are read back at a start: its figures begin with the newest ${recalled.counted}`;
    journal.write({ kind: 'calls-cut', actor: 'hub', sentence });
  }
  const modes = new ModesRunner(store, fleet);
  for (const entry of await modes.load(config)) journal.noted(entry);
  const hooks = await openHooks({
    config: config.actuators,
    secrets: secrets.actuators ?? new Map(),
    store: store.deliveries,
    journal,
    metrics,
    nowMs,
    onFault,
  });
  const edgeDeps = {
    drift: config.routing.drift,
    journal,
    isJournalWritable: () => store.isJournalWritable,
    isStopped: () => modes.isPlanningStopped,
    metrics,
    nowMs,
    onFault,
  };
  const edges = config.actuators.kamailio.map((edge) => {
    return new EdgeRunner({ ...edgeDeps, edge, secret: secrets.actuators?.get(`kamailio ${edge.name}`) });
  });
  const plans = new PlanRunner({
    store,
    journal,
    metrics,
    nowMs,
    planValidMs: config.routing.planValidMs,
    drift: config.routing.drift,
    news: hooks.news,
    fence: () => fence,
    isStopped: () => modes.isPlanningStopped,
    modeOf: (pbx, name) => classMode(modes.of(pbx), name),
    send: (pbx, frame) => probes.send(pbx, frame),
    onFault,
  });
  const routeOrders = new RouteOrdersRunner({
    store,
    fleet,
    routes: () => runner.routes,
    demand: (orders) => engine.demand(orders),
    noted: (entry) => journal.noted(entry),
    onChange: () => {
      modes.stopRouting(routeOrders.isRoutingStopped);
      live.publish([{ kind: 'orders', value: routeOrders.shown }]);
    },
    nowMs,
    onFault,
  });
  await routeOrders.load();
  modes.stopRouting(routeOrders.isRoutingStopped);
  const mesh = new MeshDuties({
    policy: config.mesh,
    supply: { newSession: randomUUID, newKey: () => randomBytes(32).toString('base64url') },
    onNote: (note) => {
      journal.writeSparsely({ kind: note.kind, actor: 'hub', sentence: note.sentence }, note.about, nowMs());
      observeMesh(metrics, note, mesh.streamCount);
    },
  });
  const assign = new AssignRunner({
    policy: assignPolicy(config),
    mesh: (pbxes, atMs) => mesh.duties(pbxes, atMs),
    meshMeasured: (pbx, measurements, atMs) => mesh.measured(pbx, measurements, atMs),
    nowMs,
    fence: () => fence,
    send: (pbx, frame) => probes.send(pbx, frame),
    onPlan: function* (plan) {
      for (const some of portions([...plan.duties], STEP_DUTIES)) {
        engine.assign(pathDuties({ duties: new Map(some) }));
        yield;
      }
      observeAssignments(metrics, plan);
    },
    onNote: ({ kind, about, sentence }) => journal.writeSparsely({ kind, actor: 'hub', sentence }, about, nowMs()),
  });
  const traces = new TraceOrderRunner({
    nowMs,
    fence: () => fence,
    send: (pbx, frame) => probes.send(pbx, frame),
    onOrdered: () => metrics.count('tracesOrdered'),
  });
  const lines = await openLines({
    config,
    fleet,
    engine,
    store,
    journal,
    metrics,
    mesh,
    nowMs,
    fence: () => fence,
    send: (pbx, frame) => probes.send(pbx, frame),
  });
  const simulations = new SimulationRunner({
    engine,
    modes: { of: (pbx) => modes.planned(pbx) },
    nowMs,
    fleet,
    routing: config.routing,
  });
  const surroundings = new EvidenceRunner({
    store,
    watched: () => engine.watched(),
    counts: (key, direction, sinceMs) => engine.quality.counts(key, direction, sinceMs),
    onFault,
  });
  const packs = new PackRunner({
    store,
    fleet,
    zoneOf: new Map(config.providers.flatMap(({ provider, timeZone }) => (timeZone ? [[provider, timeZone]] : []))),
    tracesOf: (verdict) => tracesOfVerdict(verdict, store.events, traces),
    retention: retentionOf(config),
    softwareVersion,
    nowMs,
  });
  const runner: HubRunner = new HubRunner({
    hubInstanceId,
    fleet,
    engine,
    store,
    journal,
    modes,
    plans,
    routeOrders,
    assign,
    traces,
    lines,
    evidence: surroundings,
    metrics,
    nowMs,
    fence: () => fence,
    raiseFence: async (above) => {
      const taken = await store.fence.take(above);
      fence = Math.max(fence, taken);
      tellModes();
      const sentence = `fence raised to ${fence}: a probe knew ${above} from another database of this hub`;
      journal.write({ kind: 'fence-raised', actor: 'hub', sentence });
    },
    onPass: (pass) => afterPass(pass),
    onFault,
  });
  const recorder = new Recorder(config, nowMs);
  const probes = new ProbeServer(recorder.around(runner));

  const hub = (): Omit<LiveHub, 'role'> => ({
    hubInstanceId,
    softwareVersion,
    startedAtEpochMs: startedAtMs,
    isStopped: modes.isStopped,
    fleetRoutingMode: modes.fleetRoutingMode,
    isJournalWritable: store.isJournalWritable,
  });
  const sources = (): PictureSources => ({
    hub: hub(),
    statuses: [...runner.statuses.values()],
    healths: runner.latest?.healths ?? [],
    verdicts: runner.verdicts,
    routes: runner.routes,
    fence,
    readBackOf: (pbx) => engine.routesReadBack(pbx),
    downMarksOf: (pbx) => engine.downMarks(pbx),
    nowMs: nowMs(),
    changedAtMs,
    startedAtMs,
    orders: routeOrders.shown,
    journal: journal.latest,
  });
  const show = (): LivePicture => picture(sources());
  const afterPass = function* (pass: PassResult): Steps<void> {
    for (const edge of edges) edge.passed(pass.routes);
    for (const route of pass.routes) if (route.isChanged) changedAtMs.set(`${route.pbx} ${route.class}`, nowMs());
    yield* passNews.steps(pass, sources(), (changes) => live.publish(changes));
    gauges.observe(pass, runner.statuses.values());
    metrics.set('journalWritable', store.isJournalWritable ? 1 : 0);
    gauges.observeOrders(routeOrders.shown, modes.isPlanningStopped, nowMs());
    metrics.set('liveViews', live.viewCount);
    metrics.set('recordings', recorder.count);
  };

  const tellModes = (): void => {
    for (const pbx of probes.connected()) probes.send(pbx, { v: 1, type: 'modes', fence, modes: modes.of(pbx) });
  };
  const inForce = async <Outcome>(ordered: Promise<Outcome>): Promise<Outcome> => {
    const outcome = await ordered;
    await runner.pass();
    return outcome;
  };
  const tokens = new KnownTokens(config, secrets);
  const api: HubApi = {
    picture: show,
    plannedRoutes: () => runner.routes,
    observed: (pbx, name) => runner.observed(pbx, name),
    simulate: (question, actor) => simulations.ask(question, actor),
    journal: async ({ limit, before, kind, pbx }) => {
      const page = await store.journal.list({
        limit,
        order: 'newest',
        ...(before !== undefined && { cursor: before }),
        ...(kind !== undefined && { kinds: [kind] }),
        ...(pbx !== undefined && { scope: { pbx } }),
      });
      return page.items.map(journalRecord);
    },
    verdictEvidence: async (verdictId) => {
      const verdict = await store.verdicts.get(verdictId);
      if (!verdict) return undefined;
      const evidence = await store.verdicts.evidence(verdictId, { limit: 500, order: 'newest' });
      const latest: unknown = verdict.latest;
      const made = await tracesOfVerdict(latest as Verdict, store.events, traces);
      return { verdict: verdict.latest, snapshots: evidence.items, traces: made };
    },
    traces: (of) => shownTraces(of, { engine, store, traces, probeOf: fleet.probeOf }),
    evidencePack: async (verdictId, numbers, actor, form) => {
      const pack = await packs.make(verdictId, numbers, form);
      if (pack === undefined || pack === 'busy') return pack;
      metrics.count('evidencePacks', { kind: numbers });
      if (numbers === 'full') {
        const sentence = `${actor} took the evidence of ${pack.place} with full telephone numbers`;
        await journal.append({ kind: 'evidence-taken', actor, sentence, detail: { verdictId } });
      }
      return pack.body;
    },
    assignments: () => edgeViews(assign.plan),
    meshStreams: () => mesh.views(nowMs()),
    figures: (key) => withMeshAbsence(engine.figures(key, nowMs()), key, { engine, mesh }),
    calls: (windowMs, by) => engine.calls(windowMs, nowMs(), by).map((row) => callSheet(row, windowMs)),
    record: (forMs, actor) => {
      const stream = recorder.begin(forMs);
      const sentence = `${actor} records what all probes send, for ${forMs / 1000} s`;
      if (stream) journal.write({ kind: 'recording-started', actor, sentence });
      return stream;
    },
    modes: () => modes.all,
    setMode: async (order) => {
      const entry = await modes.set(order);
      if (!entry) return 'unknown-scope';
      journal.noted(entry);
      tellModes();
      await runner.pass();
      return 'done';
    },
    setStopped: async (isStopped, actor, reason) => {
      journal.noted(await modes.setStopped(isStopped, actor, reason));
      tellModes();
      await runner.pass();
    },
    routeOrders: {
      shown: () => routeOrders.shown,
      pin: (order, actor) => inForce(routeOrders.pin(order, actor)),
      maintain: (order, actor) => inForce(routeOrders.maintain(order, actor)),
      takeAway: (kind, id, by) => inForce(routeOrders.takeAway(kind, id, by)),
      setStopped: (isStopped, actor, reason) => inForce(routeOrders.setStopped(isStopped, actor, reason)),
    },
    deadLetters: (request) => store.deliveries.dead(request),
    retryDelivery: (deliveryId, actor) => hooks.runner.retry(deliveryId, actor),
    metrics: () => metrics.expose(),
    notReady: () => (store.isJournalWritable ? [] : ['the journal cannot be written']),
    token: (text) => tokens.find(text),
    isAnonymousViewerAllowed: config.listen.allowAnonymousViewer,
  };
  const app = await buildApp({
    api,
    probes,
    live,
    logger,
    softwareVersion,
    livePageDir: fileURLToPath(new URL('../dist/live', import.meta.url)),
    ...(config.listen.tls && { tls: await readTls(config.listen.tls) }),
    onTokenRefused: (place, address) => {
      metrics.count('framesRefused', { code: 'wrong-token' });
      const sentence = `refused a ${place} connection from ${address}: its token is not known here`;
      journal.writeSparsely({ kind: 'token-refused', actor: 'hub', sentence }, `${place} ${address}`, nowMs());
    },
  });
  const url = await listen(app, config);
  runner.start();
  journal.write({ kind: 'hub-started', actor: 'hub', sentence: `hub ${softwareVersion} started with fence ${fence}` });
  const house = new HousekeepingRunner({ store, engine, evidence: surroundings, config, nowMs, onFault });
  return {
    url,
    close: () =>
      shutDown([
        () => {
          house.stop();
          runner.stop();
          recorder.close();
        },
        () => packs.close(),
        () => hooks.runner.close(),
        ...edges.map((edge) => () => edge.close()),
        () => app.close(),
        () => house.saveMemory(),
        () => store.close(),
      ]),
  };
}

/** Verdicts that an earlier life of the hub left open, or cleared within a day; it wrote them itself, so they are taken as they are. */
async function storedVerdicts(store: Store, nowMs: number): Promise<readonly Verdict[]> {
  const open = await store.verdicts.allOpen();
  const cleared = await store.verdicts.clearedSince(nowMs - FLAP_MS);
  return [...open, ...cleared].map(({ latest }: { readonly latest: unknown }) => latest as Verdict);
}

async function readTls({ certFile, keyFile }: { readonly certFile: string; readonly keyFile: string }) {
  return { cert: await readFile(certFile), key: await readFile(keyFile) };
}

async function listen(app: FastifyInstance, { listen: { host, port } }: HubConfig): Promise<string> {
  return app.listen({ host, port });
}

function journalRecord(entry: JournalEntry): JournalRecord {
  const { id, atEpochMs, kind, actor, sentence, scope, detail } = entry;
  return { id, atEpochMs, kind, actor, sentence, scope, detail };
}
