import { evidenceCsv } from './evidence-csv.ts';
import { evidenceHtml } from './evidence-html.ts';
import type { EvidencePack } from './evidence-pack.ts';
import { packJson, type Sha256 } from './seal-pack.ts';
import { storedZip } from './stored-zip.ts';

/** The forms in which a pack is given away, by the ending of its file. */
export type PackForm = 'html' | 'json' | 'csv' | 'zip';

/** What writing needs from the outside. */
export type FormDeps = {
  readonly sha256: Sha256;
  /** SHA-256 of the page's style, base64. */
  readonly styleDigest: string;
};

/** Writes a sealed pack as one file, its bytes. `zip` holds the other three of the same moment and a list for `sha256sum -c`. */
export function writeForm(pack: EvidencePack, form: PackForm, { sha256, styleDigest }: FormDeps): Uint8Array {
  switch (form) {
    case 'html':
      return new TextEncoder().encode(evidenceHtml(pack, styleDigest));
    case 'json':
      return new TextEncoder().encode(packJson(pack));
    case 'csv':
      return new TextEncoder().encode(evidenceCsv(pack));
    case 'zip': {
      const files = [
        { name: 'evidence.html', text: evidenceHtml(pack, styleDigest) },
        { name: 'evidence.json', text: packJson(pack) },
        { name: 'evidence.csv', text: evidenceCsv(pack) },
      ];
      const sums = files.map(({ name, text }) => `${sha256(text)}  ${name}\n`).join('');
      return storedZip([...files, { name: 'SHA256SUMS', text: sums }]);
    }
    default:
      return form satisfies never;
  }
}
