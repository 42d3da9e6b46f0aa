import type { LiveHub, LiveRoute } from '../../../../wire/live.ts';
import { giveOrder } from '../order-client.ts';
import { type HubOrder, orderCommand } from '../order-command.ts';
import { h } from './dom.ts';

type Role = LiveHub['role'];
type Choice = readonly [value: string, text: string];

const PIN_TIMES: readonly Choice[] = [
  ['3600', '1 hour'],
  ['28800', '8 hours'],
  ['86400', '1 day'],
  ['', 'until taken away'],
];
const MAINTENANCE_TIMES: readonly Choice[] = [
  ['3600', '1 hour'],
  ['7200', '2 hours'],
  ['28800', '8 hours'],
];

/** The form that pins a trunk of a route; for a viewer the command to hand to one who may order. */
export function pinForm(route: LiveRoute, role: Role): HTMLElement {
  const scope = { pbx: route.pbx, class: route.class };
  const [first = ''] = route.configured;
  if (!mayOrder(role)) {
    const body = { scope, trunks: [first], forS: 3600, reason: 'WHY' };
    return commandPlace(`pin ${route.pbx} ${route.class}`, 'To pin a trunk', { method: 'POST', path: PATHS.pin, body });
  }
  return orderForm('pin', `${route.pbx} ${route.class}`, 'Pin', [
    hiddenField('scope', JSON.stringify(scope)),
    select(
      'trunk',
      'Trunk to lead',
      route.configured.map((trunk) => [trunk, trunk]),
    ),
    select('forS', 'For', PIN_TIMES),
    h('label', { class: 'tick' }, h('input', { type: 'checkbox', name: 'force' }), 'also where it is hard-down'),
    reasonField(),
  ]);
}

/** The form that orders a maintenance of something a route has to do with. */
export function maintenanceForm(
  about: { readonly route: LiveRoute; readonly site: string | undefined; readonly providers: readonly string[] },
  role: Role,
): HTMLElement {
  const { providers, route, site } = about;
  if (!mayOrder(role)) {
    const body = { of: { trunk: route.configured[0] ?? '' }, forS: 3600, reason: 'WHY' };
    const order: HubOrder = { method: 'POST', path: PATHS.maintenance, body };
    return commandPlace(`maintenance ${route.pbx} ${route.class}`, 'To order a maintenance', order);
  }
  const places: readonly Choice[] = [
    ...route.configured.map((trunk): Choice => [`trunk ${trunk}`, `trunk ${trunk}`]),
    ...providers.map((provider): Choice => [`provider ${provider}`, `provider ${provider}`]),
    [`pbx ${route.pbx}`, `PBX ${route.pbx}: its routes rest`],
    ...(site === undefined ? [] : [[`site ${site}`, `site ${site}: its routes rest`] as const]),
  ];
  return orderForm('maintenance', `${route.pbx} ${route.class}`, 'Begin maintenance', [
    select('of', 'Maintenance of', places),
    select('forS', 'For', MAINTENANCE_TIMES),
    reasonField(),
  ]);
}

/** The stop switch of routing: what is not on can be thrown, what is on released. */
export function stopForm(isStopped: boolean, role: Role): HTMLElement {
  const word = isStopped ? 'release' : 'stop';
  if (!mayOrder(role)) {
    const text = isStopped ? 'To release it' : 'To stop routing';
    return commandPlace(`stop ${word}`, text, {
      method: 'POST',
      path: `api/v1/routes/${word}`,
      body: { reason: 'WHY' },
    });
  }
  return orderForm(word, '', isStopped ? 'Release routing' : 'Stop routing', [reasonField()]);
}

/** The button that takes an order away; nothing for a viewer. */
export function takeAwayForm(list: 'pins' | 'maintenance', id: string, role: Role): HTMLElement | undefined {
  if (!mayOrder(role)) return undefined;
  return orderForm('take-away', `${list} ${id}`, 'Take away', [
    hiddenField('path', `api/v1/routes/${list}/${encodeURIComponent(id)}`),
    reasonField(),
  ]);
}

/** Gives the order of a form that is sent, with this tab's token, and says below it what it does. Called once. */
export function serveOrders(token: () => string | undefined): void {
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.dataset['order'] === undefined) return;
    event.preventDefault();
    void send(form, token());
  });
}

const PATHS = { pin: 'api/v1/routes/pins', maintenance: 'api/v1/routes/maintenance' } as const;

async function send(form: HTMLFormElement, token: string | undefined): Promise<void> {
  const order = orderOf(form);
  const button = form.querySelector('button');
  const said = form.querySelector('[data-said]');
  if (order === undefined || button === null || button.disabled) return;
  button.disabled = true;
  const answer = await giveOrder(order, token);
  button.disabled = false;
  if (answer.kind === 'done') {
    delete form.dataset['orderId'];
    form.reset();
  }
  if (said) said.textContent = answer.kind === 'done' ? answer.effect : `Not ordered: ${answer.why}.`;
}

function orderOf(form: HTMLFormElement): HubOrder | undefined {
  const data = new FormData(form);
  const text = (name: string): string => {
    const value = data.get(name);
    return typeof value === 'string' ? value : '';
  };
  const reason = text('reason').trim();
  const timed = { id: orderId(form), ...(text('forS') !== '' && { forS: Number(text('forS')) }), reason };
  const { order = '' } = form.dataset;
  switch (order) {
    case 'pin': {
      const scope: unknown = JSON.parse(text('scope'));
      const force = data.get('force') === null ? {} : { force: true };
      return { method: 'POST', path: PATHS.pin, body: { scope, trunks: [text('trunk')], ...force, ...timed } };
    }
    case 'maintenance': {
      const [kind = '', name = ''] = text('of').split(' ');
      return { method: 'POST', path: PATHS.maintenance, body: { of: { [kind]: name }, ...timed } };
    }
    case 'stop':
    case 'release':
      return { method: 'POST', path: `api/v1/routes/${order}`, body: { reason } };
    case 'take-away':
      return { method: 'DELETE', path: text('path'), query: { reason } };
    default:
      return undefined;
  }
}

/** The same until the order is taken: one that is sent again after no answer is known to be the same. */
function orderId(form: HTMLFormElement): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  form.dataset['orderId'] ??= `page-${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  return form.dataset['orderId'];
}

function mayOrder(role: Role): boolean {
  return role === 'operator' || role === 'admin';
}

function orderForm(kind: string, about: string, verb: string, fields: readonly Node[]): HTMLElement {
  const name = `${verb} ${about}`.trim();
  return h(
    'form',
    {
      class: 'order-form',
      'data-order': kind,
      'data-key': `form ${kind} ${about}`,
      'data-opaque': true,
      'aria-label': name,
    },
    ...fields,
    h('button', { type: 'submit', class: 'quiet' }, verb),
    h('span', { class: 'meta', role: 'status', 'data-said': '' }),
  );
}

function commandPlace(key: string, text: string, order: HubOrder): HTMLElement {
  return h(
    'details',
    { class: 'order-command', 'data-key': `command ${key}`, 'data-opaque': true },
    h('summary', {}, `${text}: the command for an operator`),
    h('code', {}, orderCommand(order, document.baseURI)),
  );
}

function select(name: string, label: string, choices: readonly Choice[]): HTMLElement {
  const options = choices.map(([value, text]) => h('option', { value }, text));
  return h('label', {}, label, h('select', { name }, ...options));
}

function hiddenField(name: string, value: string): HTMLElement {
  return h('input', { type: 'hidden', name, value });
}

function reasonField(): HTMLElement {
  return h(
    'label',
    {},
    'Reason',
    h('input', { type: 'text', name: 'reason', required: true, maxlength: 300, autocomplete: 'off' }),
  );
}
