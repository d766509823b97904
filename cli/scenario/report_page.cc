// SPDX-License-Identifier: GPL-2.0-only
#include "cli/scenario/report_page.h"

namespace vnet::cli {

const std::string_view kReportStyle = R"CSS(
:root {
  --page: #fbfbfa; --card: #fff; --ink: #1c1e21; --soft: #5d646d; --rule: #e2e4e7; --code: #f3f4f5;
  --s1: #2a62c8; --s2: #c65d0e;
  --d1: #b3382c; --d2: #b07d12; --d3: #7448b8; --d4: #0f857a; --d5: #a83a78; --d6: #66707c;
  --fault: #b3382c; --impair: #7448b8; --link: #66707c; --command: #3f4650; --note: #0f857a;
  --good: #1c7a45; --bad: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15171a; --card: #1c1f23; --ink: #e8eaed; --soft: #a0a7b0; --rule: #33383f; --code: #24282d;
    --s1: #7aa7ff; --s2: #ff9f5a;
    --d1: #ff8479; --d2: #e3b44c; --d3: #b697f0; --d4: #4cc4b6; --d5: #ee8cc0; --d6: #a3adb8;
    --fault: #ff8479; --impair: #b697f0; --link: #a3adb8; --command: #c3c9d1; --note: #4cc4b6;
    --good: #5ccb8b; --bad: #ff8479;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 14px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 24px 20px 48px; }
h1 { font-size: 24px; line-height: 1.25; margin: 0 0 12px; display: flex; gap: 12px; align-items: center; flex-wrap: wrap; }
h2 { font-size: 16px; margin: 0 0 10px; }
small { font-size: 12px; font-weight: 400; color: var(--soft); }
section, header { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: 16px 18px; margin: 0 0 16px; }
.badge { font-size: 13px; letter-spacing: .04em; font-weight: 650; border: 1.5px solid; border-radius: 999px; padding: 2px 12px; }
.good { color: var(--good); } .bad { color: var(--bad); }
dl { display: flex; flex-wrap: wrap; gap: 8px 28px; margin: 0; }
dt { color: var(--soft); font-size: 12px; } dd { margin: 0; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 500; color: var(--soft); font-size: 12px; }
th, td { padding: 4px 10px 4px 0; border-bottom: 1px solid var(--rule); vertical-align: top; overflow-wrap: anywhere; }
tbody tr:last-child td { border-bottom: 0; }
.num { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.met td:first-child { color: var(--good); white-space: nowrap; }
.unmet td:first-child { color: var(--bad); white-space: nowrap; font-weight: 650; }
table.marks { margin-top: 10px; } table.marks .num:first-child { width: 36px; }
.number { display: inline-block; min-width: 20px; padding: 0 4px; border-radius: 10px; text-align: center; font-size: 11px; line-height: 20px; color: var(--card); background: var(--soft); }
.number.fault { background: var(--fault); } .number.impair { background: var(--impair); } .number.link { background: var(--link); }
.number.command { background: var(--command); } .number.note { background: var(--note); }
.scroll { overflow-x: auto; position: relative; }
svg.plots { display: block; width: 100%; min-width: 640px; height: auto; font: 11px system-ui, "Noto Sans", "DejaVu Sans", sans-serif; }
svg text { fill: var(--soft); }
svg .title { fill: var(--ink); font-weight: 600; font-size: 12.5px; } svg .title tspan { fill: var(--soft); font-weight: 400; font-size: 11px; }
svg .key, svg .unit, svg .value { text-anchor: end; } svg .empty, svg .time text, svg .mark text { text-anchor: middle; }
svg .value, svg .time text, svg .key { font-variant-numeric: tabular-nums; }
svg .grid { stroke: var(--rule); stroke-width: 1; } svg .time line { stroke: var(--soft); }
svg .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
svg .line.s1 { stroke: var(--s1); } svg .line.s2 { stroke: var(--s2); }
svg .dots.s1 { fill: var(--s1); } svg .missing { stroke: var(--bad); stroke-width: 1.4; }
.s1 { fill: var(--s1); } .s2 { fill: var(--s2); }
.d1 { fill: var(--d1); } .d2 { fill: var(--d2); } .d3 { fill: var(--d3); } .d4 { fill: var(--d4); } .d5 { fill: var(--d5); } .d6 { fill: var(--d6); }
svg .mark line { stroke-width: 1; stroke-dasharray: 3 3; stroke: var(--c); } svg .mark circle { fill: var(--c); }
svg .mark text { fill: var(--card); font-size: 10px; font-weight: 600; }
svg .span { fill: var(--c); opacity: .1; }
svg .fault { --c: var(--fault); } svg .impair { --c: var(--impair); } svg .link { --c: var(--link); }
svg .command { --c: var(--command); } svg .note { --c: var(--note); }
svg .cursor { stroke: var(--ink); stroke-width: .8; }
.readout { position: absolute; top: 0; pointer-events: none; background: var(--card); border: 1px solid var(--rule); border-radius: 4px; padding: 0 6px; font-size: 12px; font-variant-numeric: tabular-nums; display: none; }
pre { background: var(--code); border-radius: 6px; padding: 10px 12px; margin: 8px 0 0; overflow-x: auto; font: 12px/1.45 ui-monospace, "DejaVu Sans Mono", monospace; }
code { font: 12.5px ui-monospace, "DejaVu Sans Mono", monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
details { border-bottom: 1px solid var(--rule); padding: 6px 0; } details:last-child { border-bottom: 0; } summary { cursor: pointer; }
.notes { color: var(--soft); font-size: 12.5px; } .notes p { margin: 0; max-width: 78ch; }
@media print {
  :root { --page: #fff; --card: #fff; --ink: #000; --soft: #444; --rule: #ccc; --code: #f6f6f6; }
  main { max-width: none; padding: 0; } section, header { break-inside: avoid; border-color: #bbb; } #commands, section:has(#scenario) { break-inside: auto; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } .readout { display: none !important; }
}
)CSS";

// A line at the mouse, and the time there. Without it the page has all that it has.
const std::string_view kReportScript = R"JS(
for (const svg of document.querySelectorAll('svg.plots')) {
  const cursor = svg.querySelector('.cursor'), box = svg.parentElement;
  const readout = box.appendChild(document.createElement('div'));
  readout.className = 'readout';
  const ticks = [...svg.querySelectorAll('.time')];
  const x = tick => +tick.querySelector('line').getAttribute('x1');
  const first = ticks[0], last = ticks.find(tick => +tick.dataset.at > 0);
  if (!last) continue;
  const scale = (last.dataset.at - first.dataset.at) / (x(last) - x(first));
  const hide = () => { cursor.setAttribute('x1', -9); cursor.setAttribute('x2', -9); readout.style.display = 'none'; };
  svg.addEventListener('mouseleave', hide);
  svg.addEventListener('mousemove', event => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse()).x;
    const time = (at - x(first)) * scale;
    if (time < 0 || time > svg.dataset.end) return hide();
    cursor.setAttribute('x1', at); cursor.setAttribute('x2', at);
    readout.textContent = time.toFixed(3) + ' s';
    readout.style.display = 'block';
    readout.style.left = event.clientX - box.getBoundingClientRect().left + box.scrollLeft + 8 + 'px';
  });
}
)JS";

const std::string_view kReportNotes = R"HTML(<section class="notes"><p>
Throughput is what arrived at a device, in bytes of the wire, between two looks at its counters. Round trip is measured by an ICMP
echo from the first end to the second, which is traffic as any other; a stroke at the bottom is one that was not answered.
Drops are counted by the devices, those of both ends together; each reason's sum stands beside its name. Marks are numbered by time:
what lasted is shaded, from the device's own events. Before time 0 the lab was set up.</p></section>
)HTML";

}  // namespace vnet::cli
