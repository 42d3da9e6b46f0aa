import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import type { Logger } from 'pino';
import type { EventBody } from '../wire/probe-frames.ts';
import { AmiClient } from './asterisk/ami/ami-client.ts';
import { AstDbClient } from './asterisk/astdb/astdb-client.ts';
import { followAsterisk } from './asterisk-side-runner.ts';
import { measureBetweenSites } from './between-sites-runner.ts';
import type { ProbeConfig } from './config-schema.ts';
import { asteriskLog } from './connection-log.ts';
import { ControlRunner } from './control/control-runner.ts';
import { takeHubOrder } from './control/hub-orders.ts';
import { DutiesRunner } from './duties-runner.ts';
import { helloFrame } from './hello.ts';
import { readHostIdentity } from './host-identity-client.ts';
import { watchInterfaces } from './measure/host/interface-probe.ts';
import { canRunMtr } from './measure/trace/mtr-probe.ts';
import { startMeasuring } from './measuring-runner.ts';
import { CallBook } from './metrics/call-book.ts';
import { InterfaceBook } from './metrics/interface-book.ts';
import { MeasureBook } from './metrics/measure-book.ts';
import { ProbeMetrics, serveMetrics } from './metrics/metrics-server.ts';
import { TestCallBook } from './metrics/test-call-book.ts';
import { openProbeMemory } from './probe-memory-store.ts';
import { ProbePlaces } from './probe-places-runner.ts';
import { type ProbeSecrets, trunkCredentials } from './probe-secrets.ts';
import { TestCallRunner } from './test-call-runner.ts';
import { TraceRunner } from './trace-runner.ts';
import { MeasurementQueue } from './uplink/measurement-queue.ts';
import { createUplink } from './uplink/uplink-client.ts';

const DRIFT_EVERY_MS = 30_000;
const TICK_MS = 1000;
const MTR = 'mtr';
const INTERFACES_EVERY_MS = 10_000;

/** What a probe is started with beside its configuration. */
export type ProbeOptions = {
  readonly logger: Logger;
  readonly softwareVersion: string;
  /** Measuring has ended by a broken invariant; the probe is of no use any more and should be closed. Must not throw. */
  readonly onEnded: (cause: unknown) => void;
};

/** A probe at work. `close` ends its measuring and connections; Asterisk goes on by what AstDB holds. */
export type RunningProbe = { readonly metricsPort: number; readonly close: () => Promise<void> };

/**
 * Starts a probe: measuring begins at once, with or without Asterisk and the hub, which come and go.
 *
 * @throws OutboxError, or an `Error` of the system, where the data folder or the metrics address cannot be used.
 */
export async function startProbe(
  config: ProbeConfig,
  secrets: ProbeSecrets,
  { logger, softwareVersion, onEnded }: ProbeOptions,
): Promise<RunningProbe> {
  const clock = { nowMs: () => performance.now(), epochMs: () => Date.now() };
  const metrics = new ProbeMetrics();
  const callBook = new CallBook(metrics);
  const onFault = (place: string, cause: unknown): void => {
    metrics.count('faults', { place });
    logger.error({ err: cause, place }, 'fault of the probe');
  };
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  const limits = {
    trunks: new Set(config.trunks.map(({ trunk }) => trunk)),
    classes: new Set(config.classes.map((entry) => entry.class)),
  };
  const {
    control: remembered,
    duties: dutiesMemory,
    outbox,
    testCalls: testCallStore,
  } = await openProbeMemory(config.dataDir, clock.epochMs(), onFault);
  const canTrace = config.trace.isEnabled && (await canRunMtr(MTR));
  const testCallBook = new TestCallBook(metrics);
  const credentials = trunkCredentials(config, secrets);
  const identity = {
    ...(await readHostIdentity()),
    instanceId: randomUUID(),
    softwareVersion,
    configHash: createHash('sha256').update(JSON.stringify(config)).digest('hex'),
  };

  const emit = (body: EventBody): void => {
    outbox
      .append(body, { occurredAtMs: clock.nowMs(), occurredAtEpochMs: clock.epochMs() })
      .then(() => uplink.notifyOutbox())
      .catch((cause: unknown) => {
        metrics.count('outboxRejected');
        onFault('outbox', cause);
      });
  };
  const ami = new AmiClient({
    address: { host: config.ami.host, port: config.ami.port },
    username: config.ami.username,
    readSecret: () => secrets.amiSecret.reveal(),
    auth: 'md5',
    eventMask: 'system,call,reporting',
  });
  ami.onState(asteriskLog(logger));
  const astdb = new AstDbClient(ami, { classes: [...limits.classes], trunks: [...limits.trunks] });
  const places = new ProbePlaces({
    config,
    clock,
    onLookup: (measurement) => {
      const { edge, outcome, trunk } = measurement;
      metrics.count('nameLookups', { trunk, edge, outcome });
      uplink.sendBatchSoon(measurement, false);
    },
    onChanged: () => {
      for (const [{ edge, trunk }, count] of places.addressCounts())
        metrics.set('edgeAddresses', count, { trunk, edge });
      measuring.retarget(places.targets);
      control.retarget(places.markTargets);
      uplink.sendTargets({ v: 1, type: 'targets', targets: places.descriptions });
    },
    onFault,
  });
  const control = new ControlRunner({
    astdb,
    store: remembered.store,
    memory: remembered.memory,
    limits,
    targets: places.markTargets,
    classes: config.classes,
    markMs: config.downMarkS * 1000,
    clock,
    sendPlanResult: (frame) => uplink.sendPlanResult(frame),
    sendReadBack: (frame) => uplink.sendReadBack(frame),
    emit,
    onFault,
  });
  const { calls, media, poll, watch } = followAsterisk({
    ami,
    trunks: places.trunks,
    classes: [...limits.classes],
    clock,
    book: callBook,
    metrics,
    control,
    send: (measurement, isUrgent) => uplink.sendBatchSoon(measurement, isUrgent),
    onDialled: (trunk, edge) => measuring.called(trunk, edge),
    emit,
    onFault,
  });
  const queue = new MeasurementQueue();
  const ca = config.hub.caFile === undefined ? undefined : await readFile(config.hub.caFile, 'utf8');
  const server = await serveMetrics(metrics, config.metrics, () => {
    for (const trunk of limits.trunks)
      metrics.set('downMarks', control.markedTrunks.includes(trunk) ? 1 : 0, { trunk });
    metrics.set('asteriskConnected', watch.isConnected ? 1 : 0);
    metrics.set('hubConnected', uplink.phase() === 'flowing' ? 1 : 0);
    metrics.set('probeAlone', duties.isAlone ? 1 : 0);
    metrics.set('optionsWithheld', measuring.withheldByBudget());
    metrics.set('outboxEvents', outbox.counts.events);
    metrics.set('measurementsDropped', queue.dropped);
    metrics.set('amiEventsIgnored', calls.ignoredEvents);
    metrics.set('rtcpForeign', media.foreignReports);
    metrics.set('liveLegs', calls.liveLegs);
    metrics.set('liveLegsKnown', watch.liveLegs === undefined ? 0 : 1);
    metrics.set('testCallsOpen', testCalls.openCalls);
  });
  const uplink = createUplink({
    urls: config.hub.urls,
    token: secrets.hubToken.reveal(),
    allowPlaintext: config.hub.allowPlaintext,
    ...(ca !== undefined && { ca }),
    fence: control.heldFence,
    hello: (heldFence) =>
      helloFrame(config, identity, {
        nowMs: clock.nowMs(),
        epochMs: clock.epochMs(),
        heldFence: Math.max(heldFence, control.heldFence),
        outboxPending: outbox.counts.events,
        plan: control.readBack,
        asteriskVersion: watch.version,
        asteriskAway: watch.away,
        canTrace,
        targets: places.targets,
        descriptions: places.descriptions,
      }),
    outbox,
    queue,
    onFrame: (frame) => {
      takeHubOrder(control, frame);
      traces.take(frame);
      line.take(frame);
      duties.take(frame);
    },
    onState: (report) => logger[report.kind === 'phase' ? 'info' : 'warn']({ report }, 'uplink'),
    clock,
    random: Math.random,
  });
  const traces = new TraceRunner({
    program: MTR,
    ...config.trace,
    targets: () => places.targets,
    sourceAddress: config.sourceAddress,
    heldFence: () => control.heldFence,
    emit,
    onEnded: (outcome) => metrics.count('traces', { outcome }),
    onFault,
  });
  const { line, mesh } = measureBetweenSites({
    config,
    metrics,
    liveCalls: () => watch.liveLegs,
    heldFence: () => control.heldFence,
    send: (measurement) => uplink.sendBatchSoon(measurement, false),
    onFault,
  });
  const measuring = startMeasuring({
    config,
    targets: places.targets,
    credentials,
    book: new MeasureBook(metrics),
    metrics,
    userAgent: `Trunkward/${softwareVersion}`,
    clock,
    droppedMeasurements: () => queue.dropped,
    onMeasurement: (measurement, isUrgent) => uplink.sendBatchSoon(measurement, isUrgent),
    onOptions: ({ target, sentAtMs, outcome }, lossRatio) =>
      control.learn({ kind: 'attempt', target, sentAtMs, isAnswered: outcome.kind === 'answered', lossRatio }),
    onReading: (reading) => {
      mesh.setClock(reading.clock);
      uplink.sendInstrument(reading);
    },
    onIcmpFault: (target, text) => logger.warn({ target, text }, 'ICMP measuring changed'),
    onFault,
    onEnded,
  });
  const testCalls = new TestCallRunner({
    targets: () => places.targets,
    entries: config.testCalls,
    store: testCallStore,
    sourceAddress: config.sourceAddress,
    credentialsOf: (trunk) => credentials.get(trunk),
    userAgent: `Trunkward/${softwareVersion}`,
    clock,
    onMeasurement: (measurement) => {
      testCallBook.take(measurement);
      uplink.sendBatchSoon(measurement, false);
    },
    onFault,
  });
  const duties = new DutiesRunner({
    ...clock,
    stored: dutiesMemory.frame,
    save: (frame) => void dutiesMemory.store.save(frame).catch((cause: unknown) => onFault('assignment', cause)),
    isHubHeard: () => uplink.phase() === 'flowing',
    onMesh: (assigned) => mesh.assign(assigned),
    onTestCalls: (assigned, hubClockOffsetMs) => testCalls.assign(assigned, hubClockOffsetMs),
    onPaces: (paces) => {
      measuring.setPaces(paces);
      const left = [...paces].flatMap(([target, { isAsked }]) => (isAsked ? [] : [target]));
      if (left.length > 0) control.learn({ kind: 'left-to-others', targets: left });
    },
  });
  const interfaceBook = new InterfaceBook(metrics);
  const stopInterfaces = new AbortController();
  const interfaces = watchInterfaces({
    file: '/proc/net/dev',
    everyMs: INTERFACES_EVERY_MS,
    clock,
    onMeasurements: (measurements) => {
      for (const measurement of measurements) {
        interfaceBook.take(measurement);
        uplink.sendBatchSoon(measurement, false);
      }
    },
    onUnreadable: (text) => logger.warn({ text }, 'interfaces are not measured'),
    signal: stopInterfaces.signal,
  }).catch((cause: unknown) => onFault('interfaces', cause));
  const tick = setInterval(() => {
    media.tick();
    watch.tick();
    poll.tick();
    control.learn({ kind: 'tick' });
    duties.tick();
    testCalls.tick();
    mesh.setLiveCalls(watch.liveLegs ?? config.mesh.yieldAtCalls);
  }, TICK_MS);
  const drift = setInterval(() => {
    control.checkDrift();
    control.checkPlanAge();
  }, DRIFT_EVERY_MS);
  if (outbox.setAside !== undefined) {
    const text = `the outbox was damaged; what it held is in ${outbox.setAside.split('/').at(-1) ?? ''}, not sent`;
    emit({ kind: 'probe-note', code: 'outbox-damaged', text });
  }
  void testCalls.recover();
  void places.start();
  ami.start();
  const address = server.address();
  return {
    metricsPort: typeof address === 'object' && address ? address.port : 0,
    close: async () => {
      clearInterval(tick);
      clearInterval(drift);
      places.close();
      server.close();
      server.closeAllConnections();
      stopInterfaces.abort();
      await interfaces;
      await traces.close();
      await line.close();
      await mesh.close();
      await testCalls.close();
      await testCallStore.close();
      await measuring.stop();
      await control.settled();
      await uplink.close();
      ami.close();
      await outbox.close();
    },
  };
}
