import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import { requireRole } from './authorization-routes.ts';
import type { HubApi } from './hub-api.ts';
import { ErrorBody, REFUSALS, TraceView } from './view-schemas.ts';

const TraceQuery = Type.Object(
  {
    key: Type.Optional(Type.String({ maxLength: 200, description: '`PBX>TARGET`: traces of the way of this path.' })),
    verdict: Type.Optional(Type.String({ maxLength: 100, description: 'Traces that belong to this verdict.' })),
  },
  { additionalProperties: false },
);

/** `GET /api/v1/traces`: traces of a path or of a verdict, newest first, each hop with its n and interval, for viewers. */
export function traceRoutes(app: FastifyInstance, api: HubApi): void {
  app.get<{ Querystring: Static<typeof TraceQuery> }>(
    '/api/v1/traces',
    {
      onRequest: requireRole(api, 'viewer'),
      schema: {
        tags: ['view'],
        summary: 'Traces of the way of a path, or of those that belong to a verdict, and what they say.',
        querystring: TraceQuery,
        response: { 200: Type.Object({ items: Type.Array(TraceView) }), ...REFUSALS, 404: ErrorBody },
      },
    },
    async (request, reply) => {
      const { key, verdict } = request.query;
      if ((key === undefined) === (verdict === undefined)) {
        return reply.code(400).send({ code: 'BAD_REQUEST', message: 'either key or verdict is needed' });
      }
      const items = await api.traces(key === undefined ? { verdictId: verdict ?? '' } : { key });
      if (items) return reply.send({ items });
      return key === undefined
        ? reply.code(404).send({ code: 'UNKNOWN_VERDICT', message: `no verdict ${verdict}` })
        : reply.code(404).send({ code: 'UNKNOWN_KEY', message: `no path ${key}` });
    },
  );
}
