import type { FastifyInstance, FastifyReply } from 'fastify';
import Type, { type Static } from 'typebox';
import type { OrderOutcome } from '../route-orders-runner.ts';
import { requireRole } from './authorization-routes.ts';
import type { HubApi } from './hub-api.ts';
import { page } from './page.ts';
import {
  MaintenanceOrder,
  MaintenanceView,
  OrderId,
  PinOrder,
  PinView,
  RoutingStopOrder,
  RoutingStopView,
} from './route-order-schemas.ts';
import { ErrorBody, PageQuery, pageOf, REFUSALS } from './view-schemas.ts';

const ListQuery = Type.Object(PageQuery, { additionalProperties: false });
const Given = Type.Object({
  status: Type.Literal('done'),
  id: Type.String(),
  isRepeated: Type.Boolean({ description: 'The same order was in force under this id already; nothing was changed.' }),
  effect: Type.String({ description: 'What it does to the routes as they stand.' }),
});
const Done = Type.Object({ status: Type.Literal('done') });
const OrderParams = Type.Object({ id: OrderId });
const TakenAway = Type.Object(
  { reason: Type.String({ minLength: 1, maxLength: 300 }) },
  { additionalProperties: false },
);
const ORDERED = {
  200: Given,
  ...REFUSALS,
  404: ErrorBody,
  409: ErrorBody,
  413: ErrorBody,
  415: ErrorBody,
  429: ErrorBody,
} as const;

/**
 * `/api/v1/routes/{pins,maintenance,stop,release}`: what a person orders of routes. Viewers see it, operators order; every order is on
 * disk and in the journal before it is in force (safety rule 7).
 */
export function routeOrderRoutes(app: FastifyInstance, api: HubApi): void {
  const viewing = { onRequest: requireRole(api, 'viewer') };
  const ordering = { onRequest: requireRole(api, 'operator') };
  const shown = () => api.routeOrders.shown();

  app.get<{ Querystring: Static<typeof ListQuery> }>(
    '/api/v1/routes/pins',
    {
      ...viewing,
      schema: list('Pins in force: of several for a route the narrowest holds, of equals the later one.', PinView),
    },
    (request) => page(shown().pins, ({ id }) => id, request.query),
  );

  app.post<{ Body: PinOrder }>(
    '/api/v1/routes/pins',
    {
      ...ordering,
      schema: { tags: ['orders'], summary: 'Trunks to lead, for some routes.', body: PinOrder, response: ORDERED },
    },
    async (request, reply) => answer(reply, await api.routeOrders.pin(request.body, request.actor)),
  );

  app.get<{ Querystring: Static<typeof ListQuery> }>(
    '/api/v1/routes/maintenance',
    { ...viewing, schema: list('Maintenances in force and to come.', MaintenanceView) },
    (request) => page(shown().maintenance, ({ id }) => id, request.query),
  );

  app.post<{ Body: MaintenanceOrder }>(
    '/api/v1/routes/maintenance',
    {
      ...ordering,
      schema: {
        tags: ['orders'],
        summary: 'A time in which a trunk or provider is not used while another can, or a PBX or site rests.',
        body: MaintenanceOrder,
        response: ORDERED,
      },
    },
    async (request, reply) => answer(reply, await api.routeOrders.maintain(request.body, request.actor)),
  );

  for (const kind of ['pin', 'maintenance'] as const) {
    app.delete<{ Params: Static<typeof OrderParams>; Querystring: Static<typeof TakenAway> }>(
      kind === 'pin' ? '/api/v1/routes/pins/:id' : '/api/v1/routes/maintenance/:id',
      {
        ...ordering,
        schema: {
          tags: ['orders'],
          summary: `Takes a ${kind} away. One that is over already is done.`,
          params: OrderParams,
          querystring: TakenAway,
          response: { 200: Done, ...REFUSALS, 404: ErrorBody },
        },
      },
      async (request, reply) => {
        const { id } = request.params;
        const by = { actor: request.actor, reason: request.query.reason };
        const outcome = await api.routeOrders.takeAway(kind, id, by);
        if (outcome === 'done') return reply.send({ status: 'done' });
        return reply.code(404).send({ code: 'UNKNOWN_ORDER', message: `params.id: no ${kind} ${id} is known` });
      },
    );
  }

  app.get(
    '/api/v1/routes/stop',
    {
      ...viewing,
      schema: {
        tags: ['view'],
        summary: 'Whether the hub may change routes, and who used the switch last.',
        response: { 200: RoutingStopView, ...REFUSALS },
      },
    },
    () => shown().routingStop,
  );

  for (const word of ['stop', 'release'] as const) {
    app.post<{ Body: Static<typeof RoutingStopOrder> }>(
      `/api/v1/routes/${word}`,
      {
        ...ordering,
        schema: {
          tags: ['orders'],
          summary:
            word === 'stop'
              ? "The hub changes no route from now on; the probes' own marks on hard-down trunks go on."
              : 'The hub may change routes again.',
          body: RoutingStopOrder,
          response: { 200: RoutingStopView, ...REFUSALS, 413: ErrorBody, 415: ErrorBody },
        },
      },
      async (request) => api.routeOrders.setStopped(word === 'stop', request.actor, request.body.reason),
    );
  }
}

function list(summary: string, item: Parameters<typeof pageOf>[0]) {
  return { tags: ['view'], summary, querystring: ListQuery, response: { 200: pageOf(item), ...REFUSALS } };
}

function answer(reply: FastifyReply, outcome: OrderOutcome): FastifyReply {
  switch (outcome.kind) {
    case 'done':
    case 'repeated': {
      const { effect, id, kind } = outcome;
      return reply.send({ status: 'done', id, isRepeated: kind === 'repeated', effect });
    }
    case 'faults': {
      const isUnknown = outcome.faults.every(({ fault }) => fault === 'unknown-name');
      const message = outcome.faults.map(({ sentence }) => `body.${sentence}`).join('; ');
      return isUnknown
        ? reply.code(404).send({ code: 'UNKNOWN_SCOPE', message })
        : reply.code(400).send({ code: 'BAD_REQUEST', message });
    }
    case 'conflict':
      return reply.code(409).send({ code: 'ORDER_CONFLICT', message: `body.id: ${outcome.message}` });
    case 'too-many':
      return reply.code(429).send({ code: 'TOO_MANY_ORDERS', message: outcome.message });
    default:
      return outcome satisfies never;
  }
}
