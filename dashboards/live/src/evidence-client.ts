/** Forms that the hub gives the evidence of a verdict in. */
export const EVIDENCE_FORMS = ['html', 'json', 'csv', 'zip'] as const;
/** One of {@link EVIDENCE_FORMS}. */
export type EvidenceForm = (typeof EVIDENCE_FORMS)[number];

/** What came of asking for a file. */
export type EvidenceAnswer =
  | { readonly kind: 'file'; readonly name: string; readonly blob: Blob }
  | { readonly kind: 'failed'; readonly why: string };

/** Asks the hub for the evidence of a verdict as a file. Never rejects. */
export async function fetchEvidence(
  verdictId: string,
  form: EvidenceForm,
  token: string | undefined,
): Promise<EvidenceAnswer> {
  const url = new URL(`api/v1/verdicts/${encodeURIComponent(verdictId)}/evidence.${form}`, document.baseURI);
  url.hash = '';
  url.search = '';
  try {
    const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` };
    const response = await fetch(url, { cache: 'no-store', ...(headers && { headers }) });
    if (!response.ok) return { kind: 'failed', why: `the hub answered ${response.status}` };
    const name = `evidence-${verdictId.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 120)}.${form}`;
    return { kind: 'file', name, blob: await response.blob() };
  } catch (cause) {
    return { kind: 'failed', why: cause instanceof Error ? cause.message : 'no answer' };
  }
}
