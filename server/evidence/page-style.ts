/** Style of an evidence page, on screen and on A4. Its digest stands in the page's own policy, so it must be used as it is. */
export const PAGE_STYLE = `
@page { size: A4; margin: 14mm 12mm 16mm; }
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 62rem; background: #fff; color: #1b1f23; font: 15px/1.45 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .4rem; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 1.8rem 0 .5rem; padding-bottom: .2rem; border-bottom: 2px solid #1b1f23; break-after: avoid; }
h3 { font-size: .95rem; margin: 1rem 0 .3rem; break-after: avoid; overflow-wrap: anywhere; }
p { margin: .4rem 0; overflow-wrap: anywhere; }
.meta, caption, .note { color: #57606a; font-size: .85rem; }
.summary { border-left: 4px solid #b3261e; padding: .2rem 0 .2rem .9rem; font-size: 1rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .82rem; margin: .3rem 0 .8rem; }
caption { text-align: left; padding-bottom: .25rem; caption-side: top; }
th, td { text-align: left; vertical-align: top; padding: .22rem .5rem .22rem 0; border-bottom: 1px solid #d0d7de; overflow-wrap: anywhere; }
thead { display: table-header-group; }
thead th { border-bottom: 1.5px solid #57606a; }
tr { break-inside: avoid; }
tbody th { font-weight: 600; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tr.inside th { color: #8c1d18; }
tr.sum td, tr.sum th { font-weight: 700; border-top: 1.5px solid #57606a; }
.time { white-space: nowrap; font-variant-numeric: tabular-nums; }
.digest { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .7rem; overflow-wrap: anywhere; }
figure { margin: .6rem 0 1rem; break-inside: avoid; }
figcaption { font-size: .85rem; color: #57606a; }
.empty { color: #57606a; font-style: italic; }
svg { width: 100%; height: auto; display: block; }
svg text { font-size: 11px; fill: #57606a; }
svg .grid { stroke: #d0d7de; stroke-width: 1; fill: none; }
svg .tick { stroke: #57606a; fill: none; }
svg .time-of-verdict { fill: #fff1d6; }
svg .band.inside { fill: #b3261e; fill-opacity: .18; }
svg .band.control { fill: #1b5e9e; fill-opacity: .16; }
svg .line { fill: none; stroke-width: 2.2; }
svg .line.inside { stroke: #b3261e; }
svg .line.control { stroke: #1b5e9e; stroke-width: 1.6; stroke-dasharray: 5 2; }
@media print {
  body { padding: 0; max-width: none; font-size: 10pt; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  .scroll { overflow: visible; }
}
`;
