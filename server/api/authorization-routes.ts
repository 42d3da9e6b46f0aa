import type { FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import { bearerToken, isLoopbackHost, type KnownToken, ROLE_RANK } from '../ingest/token-check.ts';
import type { HubApi } from './hub-api.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Name of the token that asks, for the journal; `anonymous` on an open loopback view. */
    actor: string;
  }
}

/**
 * A hook that lets a request pass only with a token of at least this role; before its body is read.
 *
 * 401 where no usable token came, 403 where its role is too low. Probe tokens open no view.
 */
export function requireRole(api: HubApi, role: keyof typeof ROLE_RANK): onRequestAsyncHookHandler {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const text = bearerToken(request.headers.authorization);
    const known = text === undefined ? undefined : api.token(text);
    const isOpen = api.isAnonymousViewerAllowed && isLoopbackHost(request.headers.host);
    if (role === 'viewer' && text === undefined && isOpen) {
      request.actor = 'anonymous';
      return;
    }
    if (known?.kind !== 'user') {
      await reply
        .code(401)
        .header('www-authenticate', 'Bearer')
        .send({ code: 'TOKEN_REQUIRED', message: 'a bearer token of a user is needed' });
      return;
    }
    if (!hasRole(known, role)) {
      await reply
        .code(403)
        .send({ code: 'ROLE_TOO_LOW', message: `token ${known.name} is ${known.role}; ${role} is needed` });
      return;
    }
    request.actor = known.name;
  };
}

/** Whether a token may do what `role` may. */
export function hasRole(token: KnownToken & { readonly kind: 'user' }, role: keyof typeof ROLE_RANK): boolean {
  return ROLE_RANK[token.role] >= ROLE_RANK[role];
}
