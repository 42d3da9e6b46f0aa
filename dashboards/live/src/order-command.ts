/** An order to the hub. `path` is relative to the page. */
export type HubOrder = {
  readonly method: 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
};

/** The same order as a command for a shell: for one who may only look, to hand to one who may order. */
export function orderCommand({ body, method, path, query }: HubOrder, base: string): string {
  const url = new URL(path, base);
  url.hash = '';
  url.search = new URLSearchParams(query).toString();
  const data = body ? ` -H 'Content-Type: application/json' -d ${quoted(JSON.stringify(body))}` : '';
  return `curl -X ${method} ${quoted(url.toString())} -H "Authorization: Bearer $TOKEN"${data}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
