import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import type { Logger } from 'pino';
import type { HubFrame } from '../wire/hub-frames.ts';
import type { EventBody } from '../wire/probe-frames.ts';
import { AmiClient } from './asterisk/ami/ami-client.ts';
import { AstDbClient } from './asterisk/astdb/astdb-client.ts';
import { type CallFinding, CallTracker } from './asterisk/calls/call-tracker.ts';
import { MediaWatch } from './asterisk-media-runner.ts';
import { AsteriskPoll } from './asterisk-poll-runner.ts';
import { AsteriskWatch } from './asterisk-watch-runner.ts';
import type { ProbeConfig } from './config-schema.ts';
import { ControlRunner } from './control/control-runner.ts';
import { ControlStore } from './control/control-store.ts';
import { DutiesRunner } from './duties-runner.ts';
import { DutiesStore } from './duties-store.ts';
import { type LocatedEdges, namedEdges } from './edge-place.ts';
import { helloFrame } from './hello.ts';
import { readHostIdentity } from './host-identity-client.ts';
import { LocationRunner } from './location-runner.ts';
import { watchInterfaces } from './measure/host/interface-probe.ts';
import { MeshRunner } from './measure/rtp/mesh-runner.ts';
import { canRunMtr } from './measure/trace/mtr-probe.ts';
import { startMeasuring } from './measuring-runner.ts';
import { meshPeers } from './mesh-peers.ts';
import { CallBook } from './metrics/call-book.ts';
import { InterfaceBook } from './metrics/interface-book.ts';
import { MeasureBook } from './metrics/measure-book.ts';
import { MeshBook } from './metrics/mesh-book.ts';
import { ProbeMetrics, serveMetrics } from './metrics/metrics-server.ts';
import { TestCallBook } from './metrics/test-call-book.ts';
import { type ProbeSecrets, trunkCredentials } from './probe-secrets.ts';
import { callingTargets, dialledForms, probeTargets, unlocatedEdges } from './probe-targets.ts';
import { TestCallRunner } from './test-call-runner.ts';
import { TestCallStore } from './test-call-store.ts';
import { TraceRunner } from './trace-runner.ts';
import { MeasurementQueue } from './uplink/measurement-queue.ts';
import { OutboxStore } from './uplink/outbox-store.ts';
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
  let targets = probeTargets(config);
  const limits = {
    trunks: new Set(config.trunks.map(({ trunk }) => trunk)),
    classes: new Set(config.classes.map((entry) => entry.class)),
  };
  const outbox = OutboxStore.open(config.dataDir, clock.epochMs());
  const store = new ControlStore(config.dataDir);
  const loaded = await store.load();
  if (loaded.fault !== undefined) onFault('control memory', new Error(loaded.fault));
  const dutiesStore = new DutiesStore(config.dataDir);
  const storedDuties = await dutiesStore.load();
  if (storedDuties.fault !== undefined) onFault('assignment', new Error(storedDuties.fault));
  const testCallStore = await TestCallStore.open(config.dataDir);
  if (testCallStore.fault !== undefined) onFault('test call journal', new Error(testCallStore.fault));
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
  const astdb = new AstDbClient(ami, { classes: [...limits.classes], trunks: [...limits.trunks] });
  const control = new ControlRunner({
    astdb,
    store,
    memory: loaded.memory,
    limits,
    targets: markTargets(config, new Map()),
    classes: config.classes,
    markMs: config.downMarkS * 1000,
    clock,
    sendPlanResult: (frame) => uplink.sendPlanResult(frame),
    sendReadBack: (frame) => uplink.sendReadBack(frame),
    emit,
    onFault,
  });
  const trunks = config.trunks.map((configured) => ({
    trunk: configured.trunk,
    endpoint: configured.endpoint,
    registration: configured.registration,
    get edges() {
      return dialledForms(configured, locations.located);
    },
  }));
  const describe = () =>
    [...targets, ...unlocatedMarks(config, locations.located)].map(({ description }) => description);
  const locations = new LocationRunner({
    edges: namedEdges(config),
    options: config.dns,
    clock,
    onMeasurement: (measurement) => {
      const { edge, outcome, trunk } = measurement;
      metrics.count('nameLookups', { trunk, edge, outcome });
      uplink.sendBatchSoon(measurement, false);
    },
    onChanged: (located) => {
      targets = probeTargets(config, located);
      for (const [name, places] of located) {
        const [trunk = '', edge = ''] = name.split('.');
        metrics.set('edgeAddresses', places.length, { trunk, edge });
      }
      measuring.retarget(targets);
      control.retarget(markTargets(config, located));
      uplink.sendTargets({ v: 1, type: 'targets', targets: describe() });
    },
    onFault,
  });
  const calls = new CallTracker(trunks, [...limits.classes]);
  const media = new MediaWatch({
    ami,
    calls,
    nowMs: clock.nowMs,
    onMedia: (measurement) => {
      callBook.takeMedia(measurement);
      uplink.sendBatchSoon(measurement, false);
    },
    onUnreadable: (place) => metrics.count('rtcpUnreadable', { place }),
    onFault,
  });
  const poll = new AsteriskPoll({
    ami,
    trunks,
    nowMs: clock.nowMs,
    onMeasurement: (measurement, isChanged) => {
      callBook.takeSignalling(measurement);
      uplink.sendBatchSoon(measurement, isChanged);
    },
    onFault,
  });
  const watch = new AsteriskWatch({
    ami,
    calls,
    media,
    poll,
    clock,
    emit,
    onFault,
    onFinding: (finding) => takeFinding(finding),
    onUp: (isFullyBooted) => {
      if (isFullyBooted) void control.asteriskUp();
      else control.asteriskConnected();
    },
    onLost: () => control.asteriskLost(),
  });
  const queue = new MeasurementQueue();
  const ca = config.hub.caFile === undefined ? undefined : await readFile(config.hub.caFile, 'utf8');
  const server = await serveMetrics(metrics, config.metrics, () => {
    for (const trunk of limits.trunks)
      metrics.set('downMarks', control.markedTrunks.includes(trunk) ? 1 : 0, { trunk });
    metrics.set('asteriskConnected', watch.version === undefined ? 0 : 1);
    metrics.set('hubConnected', uplink.phase() === 'flowing' ? 1 : 0);
    metrics.set('probeAlone', duties.isAlone ? 1 : 0);
    metrics.set('optionsWithheld', measuring.withheldByBudget());
    metrics.set('outboxEvents', outbox.counts.events);
    metrics.set('measurementsDropped', queue.dropped);
    metrics.set('amiEventsIgnored', calls.ignoredEvents);
    metrics.set('rtcpForeign', media.foreignReports);
    metrics.set('liveLegs', calls.liveLegs);
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
        canTrace,
        targets,
        descriptions: describe(),
      }),
    outbox,
    queue,
    onFrame: (frame) => {
      takeFrame(control, frame);
      traces.take(frame);
      duties.take(frame);
    },
    onState: (report) => logger.info({ report }, 'uplink'),
    clock,
    random: Math.random,
  });
  const takeFinding = (finding: CallFinding): void => {
    switch (finding.kind) {
      case 'invite': {
        const { measurement } = finding;
        const { trunk, edge, outcome } = measurement;
        callBook.takeInvite(measurement);
        uplink.sendBatchSoon(measurement, true);
        if (outcome === 'answered') control.learn({ kind: 'invite-answered', trunk, edge });
        return;
      }
      case 'call-ended':
        callBook.takeEnd(finding.body);
        emit(finding.body);
        return;
      case 'end-unknown': {
        const text = `the end of call ${finding.uniqueId} on trunk ${finding.trunk} was not seen`;
        emit({ kind: 'probe-note', code: 'call-end-unknown', text });
        return;
      }
      default:
        finding satisfies never;
    }
  };

  const traces = new TraceRunner({
    program: MTR,
    ...config.trace,
    targets: () => targets,
    sourceAddress: config.sourceAddress,
    heldFence: () => control.heldFence,
    emit,
    onEnded: (outcome) => metrics.count('traces', { outcome }),
    onFault,
  });
  const meshBook = new MeshBook(metrics);
  const mesh = new MeshRunner({
    peers: meshPeers(config),
    sourceAddress: config.sourceAddress,
    port: config.mesh.port,
    limits: config.mesh,
    onMeasurement: (measurement) => {
      meshBook.take(measurement);
      uplink.sendBatchSoon(measurement, false);
    },
    onSamples: (target, rttsMs, latesMs) => meshBook.takeSamples(target, rttsMs, latesMs),
    onRefused: (reason, count) => meshBook.takeRefused(reason, count),
    onOwnDrops: (count) => meshBook.takeOwnDrops(count),
    onFault,
  });
  const measuring = startMeasuring({
    config,
    targets,
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
    targets: () => targets,
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
    stored: storedDuties.frame,
    save: (frame) => void dutiesStore.save(frame).catch((cause: unknown) => onFault('assignment', cause)),
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
    poll.tick();
    control.learn({ kind: 'tick' });
    duties.tick();
    testCalls.tick();
    mesh.setLiveCalls(calls.liveLegs);
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
  void locations.start();
  ami.start();
  const address = server.address();
  return {
    metricsPort: typeof address === 'object' && address ? address.port : 0,
    close: async () => {
      clearInterval(tick);
      clearInterval(drift);
      locations.close();
      server.close();
      server.closeAllConnections();
      stopInterfaces.abort();
      await interfaces;
      await traces.close();
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

/** An edge by name that is not found yet stands among them, never asked: its trunk is not down without it. */
function markTargets(config: ProbeConfig, located: LocatedEdges) {
  return [...callingTargets(probeTargets(config, located)), ...unlocatedMarks(config, located)];
}

function unlocatedMarks(config: ProbeConfig, located: LocatedEdges) {
  return unlocatedEdges(config, located).map((description) => {
    return { target: description.target, trunk: description.trunk, description, address: '', port: 0 };
  });
}

function takeFrame(control: ControlRunner, frame: HubFrame): void {
  switch (frame.type) {
    case 'welcome':
      control.takeModes(frame.modes, frame.fence);
      control.tellReadBack();
      return;
    case 'modes':
      control.takeModes(frame.modes, frame.fence);
      return;
    case 'plan':
      control.takePlan(frame);
      return;
    case 'command':
      control.takeCommand(frame);
      return;
    case 'refuse':
    case 'ack':
    case 'leases':
    case 'bans':
    case 'assignment':
      return;
    default:
      frame satisfies never;
  }
}
