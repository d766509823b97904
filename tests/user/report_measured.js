// SPDX-License-Identifier: GPL-2.0-only
// What a browser made of a report, as JSON in an element of its own: tests/user/test_run.sh reads it.
// Each mark, span and tick has its time in the data; where it is drawn is measured, and turned into a
// time by two ticks of the axis.
const measured = [...document.querySelectorAll('svg.plots')].map(svg => {
  const middle = element => { const box = element.getBoundingClientRect(); return box.left + box.width / 2; };
  const ticks = [...svg.querySelectorAll('.time')];
  const first = ticks[0], last = ticks[ticks.length - 1];
  const begin = middle(first.querySelector('line')), end = middle(last.querySelector('line'));
  const time = x => +first.dataset.at + (x - begin) / (end - begin) * (last.dataset.at - first.dataset.at);
  const pixel = time(begin + 1) - time(begin);
  const plot = name => svg.querySelector(`[data-plot=${name}]`);
  const visible = element => { const box = element.getBoundingClientRect(); return box.width > 0 && box.height > 0; };
  const marks = [...svg.querySelectorAll('.mark')].map(mark => ({
    kind: mark.classList[1], at: +mark.dataset.at, drawn: time(middle(mark.querySelector('line'))),
    text: mark.querySelector('title').textContent }));
  const spans = [...svg.querySelectorAll('.span')].map(span => {
    const box = span.getBoundingClientRect();
    return { kind: span.classList[1], from: +span.dataset.from, to: +span.dataset.to, drawn: [time(box.left), time(box.right)] };
  });
  const near = (a, b) => Math.abs(a - b) < 1.5 * pixel;
  return {
    lines: [...plot('throughput').querySelectorAll('.line')].filter(visible).length,
    echoes: plot('delay').querySelectorAll('.dots circle').length,
    bars: [...plot('drops').querySelectorAll('.bar')].filter(visible).length,
    ticks_apart: ticks.every((tick, i) => near(time(middle(tick.querySelector('line'))), +tick.dataset.at)),
    inside: [...svg.querySelectorAll('text')].every(text =>
      text.getBoundingClientRect().right <= svg.getBoundingClientRect().right),
    marks, spans,
    in_place: marks.every(mark => near(mark.drawn, mark.at)) &&
      spans.every(span => near(span.drawn[0], span.from) && near(span.drawn[1], span.to)),
  };
});
const output = document.createElement('script');
output.type = 'application/json';
output.id = 'measured';
output.textContent = JSON.stringify({
  verdict: document.querySelector('#verdict').textContent,
  fetched: performance.getEntriesByType('resource').length,
  wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
  scenario: document.querySelector('#scenario').textContent.length,
  links: measured,
}).replaceAll('<', '\\u003c');
document.body.append(output);
