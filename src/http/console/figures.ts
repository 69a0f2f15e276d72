// The figures of the desk, as a page and as a file. For leads and auditors.
import type { Desk } from '../../desk/desk.ts';
import { figureDays, type FigureDays, figuresInCsv } from '../../desk/figures.ts';
import { show } from '../handler.ts';
import type { AgentCall, AgentHandlers } from './agent-call.ts';
import { figuresPage } from './figures-page.ts';

export function figureHandlers({
  desk,
}: {
  readonly desk: Pick<Desk, 'figures'>;
}): AgentHandlers<'support.figures' | 'support.figures.file'> {
  const daysOf = ({ visit }: AgentCall): FigureDays => {
    const asked = Number(visit.url.searchParams.get('days'));
    return figureDays.find((days) => days === asked) ?? 30;
  };

  return {
    async 'support.figures'(call) {
      const days = daysOf(call);
      const figures = await desk.figures(call.agent, days);
      return show(call, figuresPage(call.frame, { agent: call.agent, days, figures }));
    },

    async 'support.figures.file'(call) {
      const days = daysOf(call);
      const figures = await desk.figures(call.agent, days);
      return call.context.body(figuresInCsv(figures), 200, {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': `attachment; filename="figures-${days}-days.csv"`,
      });
    },
  };
}
