import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import { requireRole } from './authorization-routes.ts';
import type { HubApi } from './hub-api.ts';
import { ErrorBody, pageOf, REFUSALS } from './view-schemas.ts';

const DeadLettersQuery = Type.Object(
  {
    limit: Type.Integer({ minimum: 1, maximum: 500, default: 100 }),
    after: Type.Optional(Type.String({ pattern: '^[0-9]{1,15}$', description: 'Cursor: those older than this id.' })),
  },
  { additionalProperties: false },
);
const DeadLetterView = Type.Object({
  id: Type.Integer(),
  deliveryId: Type.String(),
  actuator: Type.String(),
  hook: Type.String(),
  about: Type.String({ description: 'PBX and class.' }),
  attempts: Type.Integer(),
  madeAtEpochMs: Type.Number(),
  reason: Type.String(),
  body: Type.Unknown(),
});
const RetryParams = Type.Object({ deliveryId: Type.String({ maxLength: 300 }) });
const Done = Type.Object({ status: Type.Literal('done') });

/** `GET /api/v1/actuators/dead-letters`, and `POST …/:deliveryId/retry`: what webhooks and programs were not told of. */
export function actuatorRoutes(app: FastifyInstance, api: HubApi): void {
  app.get<{ Querystring: Static<typeof DeadLettersQuery> }>(
    '/api/v1/actuators/dead-letters',
    {
      onRequest: requireRole(api, 'operator'),
      schema: {
        tags: ['view'],
        summary: 'Deliveries to webhooks and programs that were given up, newest first.',
        querystring: DeadLettersQuery,
        response: { 200: pageOf(DeadLetterView), ...REFUSALS },
      },
    },
    async (request) => {
      const { limit, after } = request.query;
      const { items, nextCursor } = await api.deadLetters({
        limit,
        ...(after !== undefined && { cursor: Number(after) }),
      });
      const shown = items.map(({ attempts, actuator, body, deliveryId, hook, id, lane, lastReason, madeAtEpochMs }) => {
        const parsed: unknown = JSON.parse(body);
        return {
          id,
          deliveryId,
          actuator,
          hook,
          about: lane,
          attempts,
          madeAtEpochMs,
          reason: lastReason ?? '',
          body: parsed,
        };
      });
      return nextCursor === undefined ? { items: shown } : { items: shown, next: String(nextCursor) };
    },
  );

  app.post<{ Params: Static<typeof RetryParams> }>(
    '/api/v1/actuators/dead-letters/:deliveryId/retry',
    {
      onRequest: requireRole(api, 'operator'),
      schema: {
        tags: ['orders'],
        summary: 'Sends one that was given up again, under the same id.',
        params: RetryParams,
        response: { 200: Done, ...REFUSALS, 404: ErrorBody },
      },
    },
    async (request, reply) => {
      const { deliveryId } = request.params;
      if (await api.retryDelivery(deliveryId, request.actor)) return reply.send({ status: 'done' });
      return reply.code(404).send({ code: 'UNKNOWN_DELIVERY', message: `${deliveryId} is no dead letter` });
    },
  );
}
