import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import { requireRole } from './authorization-routes.ts';
import type { HubApi } from './hub-api.ts';
import { page } from './page.ts';
import { CallView, ErrorBody, FigureSheetView, PageQuery, pageOf, REFUSALS } from './view-schemas.ts';

const SheetQuery = Type.Object(
  { key: Type.String({ maxLength: 200, description: '`PBX>TARGET` of a path, or `PBX>TRUNK` of its calls.' }) },
  { additionalProperties: false },
);
const CallQuery = Type.Object(
  {
    ...PageQuery,
    windowMs: Type.Integer({ minimum: 60_000, maximum: 3_600_000, default: 3_600_000 }),
    pbx: Type.Optional(Type.String({ maxLength: 32 })),
    trunk: Type.Optional(Type.String({ maxLength: 32 })),
  },
  { additionalProperties: false },
);

/** `GET /api/v1/{figures,calls}`: every figure with its n, window, interval and source, for viewers. */
export function figureRoutes(app: FastifyInstance, api: HubApi): void {
  const shared = { onRequest: requireRole(api, 'viewer') };

  app.get<{ Querystring: Static<typeof SheetQuery> }>(
    '/api/v1/figures',
    {
      ...shared,
      schema: {
        tags: ['view'],
        summary: 'Every figure of one path, or of the calls of one PBX at one trunk, with what it stands on.',
        querystring: SheetQuery,
        response: { 200: FigureSheetView, ...REFUSALS, 404: ErrorBody },
      },
    },
    (request, reply) => {
      const sheet = api.figures(request.query.key);
      if (sheet) return reply.send(sheet);
      return reply.code(404).send({ code: 'UNKNOWN_KEY', message: `no path and no calls of ${request.query.key}` });
    },
  );

  app.get<{ Querystring: Static<typeof CallQuery> }>(
    '/api/v1/calls',
    {
      ...shared,
      schema: {
        tags: ['view'],
        summary: 'What became of the calls of each PBX at each trunk, all together and by edge and class.',
        querystring: CallQuery,
        response: { 200: pageOf(CallView), ...REFUSALS },
      },
    },
    (request) => {
      const { pbx, trunk, windowMs, ...paging } = request.query;
      const rows = api
        .calls(windowMs)
        .filter((row) => (pbx ?? row.pbx) === row.pbx && (trunk ?? row.trunk) === row.trunk);
      return page(rows, ({ key }) => key, paging);
    },
  );
}
