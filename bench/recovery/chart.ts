// A chart of bars as SVG: drawn from the figures alone, so that it shows what was measured and nothing else.
interface Bar {
  readonly group: string;
  readonly label: string;
  readonly value: number;
  readonly isOwn: boolean;
}

const [width, left, right, line, gap] = [900, 300, 70, 26, 34];

export function drawBars({ title, about, bars }: { title: string; about: string; bars: readonly Bar[] }): string {
  const most = Math.max(...bars.map(({ value }) => value));
  const parts: string[] = [];
  let y = 64;
  for (const [at, { group, label, value, isOwn }] of bars.entries()) {
    if (bars[at - 1]?.group !== group) {
      parts.push(text(16, y + 18, nameOf(group), 'font-weight="600"'));
      y += gap;
    }
    const long = Math.max(1, ((width - left - right) * value) / most);
    const colour = isOwn ? '#0b6e4f' : label.startsWith('floor') ? '#b8b8b8' : '#6b7fa3';
    parts.push(
      text(left - 10, y + 15, label, 'text-anchor="end"'),
      `<rect x="${left}" y="${y}" width="${long.toFixed(1)}" height="20" rx="2" fill="${colour}"/>`,
      text(left + long + 8, y + 15, value.toFixed(1)),
    );
    y += line;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y + 16}" font-family="system-ui, sans-serif" font-size="14" fill="#1d1d1f" role="img" aria-label="${escaped(title)}">
<rect width="100%" height="100%" fill="#ffffff"/>
${text(16, 28, title, 'font-size="18" font-weight="600"')}
${text(16, 50, about, 'font-size="12" fill="#555555"')}
${parts.join('\n')}
</svg>
`;
}

const nameOf = (group: string): string => (group === 'postgres' ? 'PostgreSQL' : group === 'sqlite' ? 'SQLite' : group);

const text = (x: number, y: number, words: string, more = ''): string =>
  `<text x="${x.toFixed(1)}" y="${y}" ${more}>${escaped(words)}</text>`;

const escaped = (words: string): string =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
