import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import { requireRole } from './authorization-routes.ts';
import type { HubApi } from './hub-api.ts';
import { JournalView, pageOf, REFUSALS } from './view-schemas.ts';

const JournalQuerySchema = Type.Object(
  {
    limit: Type.Integer({ minimum: 1, maximum: 500, default: 100 }),
    after: Type.Optional(Type.String({ pattern: '^[0-9]{1,15}$', description: 'Cursor: entries older than this id.' })),
    kind: Type.Optional(Type.String({ maxLength: 64 })),
    pbx: Type.Optional(Type.String({ maxLength: 32 })),
  },
  { additionalProperties: false },
);

/** `GET /api/v1/journal`: every verdict, proposal, flip and order, newest first. */
export function journalRoutes(app: FastifyInstance, api: HubApi): void {
  app.get<{ Querystring: Static<typeof JournalQuerySchema> }>(
    '/api/v1/journal',
    {
      onRequest: requireRole(api, 'viewer'),
      schema: {
        tags: ['view'],
        summary: 'The journal, newest first.',
        querystring: JournalQuerySchema,
        response: { 200: pageOf(JournalView), ...REFUSALS },
      },
    },
    async (request) => {
      const { limit, after, kind, pbx } = request.query;
      const items = await api.journal({
        limit,
        ...(after !== undefined && { before: Number(after) }),
        ...(kind !== undefined && { kind }),
        ...(pbx !== undefined && { pbx }),
      });
      const last = items.at(-1);
      return items.length === limit && last ? { items, next: String(last.id) } : { items };
    },
  );
}
