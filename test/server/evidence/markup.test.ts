import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeText, markup } from '../../../server/evidence/markup.ts';

describe('markup', () => {
  it('makes every sign of HTML inert, in text and in attributes', () => {
    expect(markup`<td title="${`"><script>alert('1')</script>&`}">`.text).toBe(
      '<td title="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;">',
    );
  });

  it('puts markup in as it is, once escaped and never twice', () => {
    const inner = markup`<b>${'<i>'}</b>`;
    expect(markup`<p>${inner}${[inner, inner]}${undefined}${false}${7}</p>`.text).toBe(
      '<p><b>&lt;i&gt;</b><b>&lt;i&gt;</b><b>&lt;i&gt;</b>7</p>',
    );
  });

  it('shows signs that turn a line around or that HTML forbids as a replacement', () => {
    expect(escapeText('a\u202eb\u0000c\u2066d\ud800e')).toBe('a\ufffdb\ufffdc\ufffdd\ufffde');
    expect(escapeText('tab\tline\n\u{1f4de}')).toBe('tab\tline\n\u{1f4de}');
  });

  it('leaves no sign of markup, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeText(text)).not.toMatch(/[<>"']|&(?!amp;|lt;|gt;|quot;|#39;)/);
      }),
    );
  });
});
