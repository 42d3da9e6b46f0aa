import { existsSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import fastifyStatic from '@fastify/static';
import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import { Ajv } from 'ajv';
import fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance, LogController } from 'fastify';
import { LIVE_CLOSE_TOKEN_NEEDED } from '../wire/live.ts';
import { actuatorRoutes } from './api/actuator-routes.ts';
import { hasRole } from './api/authorization-routes.ts';
import { evidenceRoutes } from './api/evidence-routes.ts';
import { figureRoutes } from './api/figure-routes.ts';
import { healthRoutes } from './api/health-routes.ts';
import type { HubApi } from './api/hub-api.ts';
import { journalRoutes } from './api/journal-routes.ts';
import { orderRoutes } from './api/order-routes.ts';
import { recordingRoutes } from './api/recording-routes.ts';
import { requestFaults } from './api/request-faults.ts';
import { routeOrderRoutes } from './api/route-order-routes.ts';
import { simulationRoutes } from './api/simulation-routes.ts';
import { traceRoutes } from './api/trace-routes.ts';
import { viewRoutes } from './api/view-routes.ts';
import { HubError } from './errors.ts';
import type { ProbeServer } from './ingest/probe-server.ts';
import { bearerToken, isLoopbackHost } from './ingest/token-check.ts';
import type { LiveServer } from './live/live-server.ts';
import { offeredToken } from './live/offered-token.ts';

/** What the app is built from; none of it listens by itself. */
export type AppParts = {
  readonly api: HubApi;
  readonly probes: ProbeServer;
  readonly live: LiveServer;
  readonly logger: FastifyBaseLogger;
  readonly softwareVersion: string;
  /** Folder of the built live page. Without it `/` says how to build it. */
  readonly livePageDir: string;
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer };
  /** An uplink came with a token that is no probe's: counted and journaled by the hub. */
  readonly onTokenRefused: (place: 'probe' | 'live', address: string) => void;
};

/** The page loads nothing from elsewhere and cannot be framed. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/** What the HTTP framework refuses by itself, in the codes of docs/errors.md. */
const REQUEST_CODES: ReadonlyMap<string, string> = new Map([
  ['FST_ERR_VALIDATION', 'BAD_REQUEST'],
  ['FST_ERR_CTP_INVALID_JSON_BODY', 'BAD_REQUEST'],
  ['FST_ERR_CTP_EMPTY_JSON_BODY', 'BAD_REQUEST'],
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'NOT_JSON'],
  ['FST_ERR_CTP_BODY_TOO_LARGE', 'TOO_LARGE'],
]);

function shownCode(code: string | undefined): string {
  const isForeign = code === undefined || code.startsWith('FST_');
  return REQUEST_CODES.get(code ?? '') ?? (isForeign ? 'REQUEST_FAILED' : code);
}

function shownMessage(fault: Error, statusCode: number): string {
  return statusCode === 415 ? 'a body needs Content-Type: application/json' : fault.message;
}

/**
 * Builds the hub's HTTP side: REST, OpenAPI at `/docs`, the live page, and the two WebSocket endpoints. The caller
 * listens and closes.
 */
export async function buildApp(parts: AppParts): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: parts.logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 65_536,
    routerOptions: { maxParamLength: 1000 },
    ...(parts.tls && { https: { ...parts.tls, minVersion: 'TLSv1.2' as const } }),
  });
  app.decorateRequest('actor', '');
  checkStrictly(app);
  app.addHook('onSend', async (request, reply) => {
    void reply.header('x-content-type-options', 'nosniff').header('referrer-policy', 'no-referrer');
    const hasPolicy = request.url.startsWith('/docs') || reply.hasHeader('content-security-policy');
    if (!hasPolicy) void reply.header('content-security-policy', PAGE_POLICY);
  });
  app.setErrorHandler((fault: FastifyError, request, reply) => {
    const statusCode = fault.statusCode ?? (fault instanceof HubError && fault.retryable ? 503 : 500);
    if (statusCode >= 500) request.log.error({ err: fault }, 'request failed');
    return reply.code(statusCode).send({
      code: shownCode(fault.code),
      message: statusCode >= 500 ? 'the hub could not do this; its log says why' : shownMessage(fault, statusCode),
    });
  });
  app.setSchemaErrorFormatter((faults, part) => new Error(requestFaults(faults, part)));
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ code: 'NOT_FOUND', message: `nothing answers ${request.method} here` }),
  );
  await app.register(fastifySwagger, {
    openapi: {
      info: { title: 'Trunkward hub', version: parts.softwareVersion },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
      security: [{ bearer: [] }],
    },
  });
  await app.register(fastifySwaggerUi, { routePrefix: '/docs', staticCSP: true });
  healthRoutes(app, parts.api);
  viewRoutes(app, parts.api);
  figureRoutes(app, parts.api);
  traceRoutes(app, parts.api);
  evidenceRoutes(app, parts.api);
  journalRoutes(app, parts.api);
  orderRoutes(app, parts.api);
  routeOrderRoutes(app, parts.api);
  simulationRoutes(app, parts.api);
  actuatorRoutes(app, parts.api);
  recordingRoutes(app, parts.api);
  await livePage(app, parts.livePageDir);
  acceptUpgrades(app, parts);
  return app;
}

/** Texts of an address are read as the numbers they stand for; a body says what it means: null is no release of a stop. */
function checkStrictly(app: FastifyInstance): void {
  const shared = { removeAdditional: false, useDefaults: true, allErrors: true } as const;
  const ofBody = new Ajv(shared);
  const ofAddress = new Ajv({ ...shared, coerceTypes: true });
  app.setValidatorCompiler(({ schema, httpPart }) => (httpPart === 'body' ? ofBody : ofAddress).compile(schema));
}

async function livePage(app: FastifyInstance, dir: string): Promise<void> {
  if (existsSync(dir)) {
    await app.register(fastifyStatic, { root: dir, prefix: '/', cacheControl: false });
    return;
  }
  app.get('/', { schema: { hide: true } }, (_request, reply) =>
    reply
      .code(503)
      .type('text/plain')
      .send(
        'The live page is not built: run `npm ci && npm run build:live` in the folder of the hub, and start it again.\n',
      ),
  );
}

function acceptUpgrades(app: FastifyInstance, parts: AppParts): void {
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const path = request.url?.split('?')[0];
    if (path === '/api/v1/probe') acceptProbe(parts, request, socket, head);
    else if (path === '/api/v1/live') acceptView(parts, request, socket, head);
    else turnAway(socket, '404 Not Found');
  });
  app.addHook('preClose', async () => {
    parts.probes.close();
    parts.live.close();
  });
}

function acceptProbe(parts: AppParts, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const text = bearerToken(request.headers.authorization);
  const known = text === undefined ? undefined : parts.api.token(text);
  if (known?.kind !== 'probe') {
    parts.onTokenRefused('probe', request.socket.remoteAddress ?? 'unknown');
    turnAway(socket, '401 Unauthorized');
    return;
  }
  parts.probes.accept(request, socket, head, { pbx: known.pbx, probe: known.probe });
}

function acceptView(parts: AppParts, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  if (!isSameOrigin(request)) {
    turnAway(socket, '403 Forbidden');
    return;
  }
  const text = offeredToken(request.headers['sec-websocket-protocol']);
  const isOpen = parts.api.isAnonymousViewerAllowed && isLoopbackHost(request.headers.host);
  if (text === undefined && isOpen) {
    parts.live.accept(request, socket, head, 'viewer');
    return;
  }
  const known = text === undefined ? undefined : parts.api.token(text);
  if (known?.kind === 'user' && hasRole(known, 'viewer')) {
    parts.live.accept(request, socket, head, known.role);
    return;
  }
  if (text !== undefined) parts.onTokenRefused('live', request.socket.remoteAddress ?? 'unknown');
  parts.live.refuse(
    request,
    socket,
    head,
    LIVE_CLOSE_TOKEN_NEEDED,
    text === undefined ? 'a token is needed' : 'this token is not good',
  );
}

/** A page of another site must not read the fleet through a viewer's browser (RFC 6455 §10.2). */
function isSameOrigin(request: IncomingMessage): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

/** Answers an upgrade with a status and ends the connection, both ways: a peer may not keep its half open. */
function turnAway(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}
