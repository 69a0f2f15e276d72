// The signs that a case may be played, on its page: where to look twice.
import { html } from 'hono/html';
import type { Signal } from '../../desk/signals.ts';
import type { Frame, Html } from '../pages/layout.ts';

export const signalBlock = ({ t }: Frame, signals: readonly Signal[]): Html | string =>
  signals.length === 0
    ? ''
    : html`<section class="note signals" aria-labelledby="signals"><h2 id="signals">${t('desk.signals')}</h2>
<ul>${signals.map(({ name, count }) => html`<li>${t(`desk.signal-${name}`, { count })}</li>`)}</ul>
<p>${t('desk.signals-about')}</p></section>`;
