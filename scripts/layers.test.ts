import { describe, expect, it } from 'vitest';
import { findImportFaults } from './layers.ts';

const faultsOf = (files: Record<string, string>) => findImportFaults(new Map(Object.entries(files)));

describe('the layer rule', () => {
  it('lets a folder import from its left, itself and nothing else', () => {
    expect(
      faultsOf({
        'src/base/clock.ts': '',
        'src/mail/smtp.ts': "import type { Clock } from '../base/clock.ts';",
        'src/mail/outbox.ts': "import { smtp } from './smtp.ts';",
      }),
    ).toEqual([]);
  });

  it('refuses an import to the right, in every form of import', () => {
    for (const text of [
      "import { outbox } from '../mail/outbox.ts';",
      "import type { Outbox } from '../mail/outbox.ts';",
      "import {\n  outbox,\n} from '../mail/outbox.ts';",
      "export * from '../mail/outbox.ts';",
      "import '../mail/outbox.ts';",
      "const { outbox } = await import('../mail/outbox.ts');",
    ]) {
      expect(faultsOf({ 'src/base/clock.ts': text, 'src/mail/outbox.ts': '' })).toEqual([
        'src/base/clock.ts imports src/mail/outbox.ts: base -> mail; imports go only leftwards',
      ]);
    }
  });

  it('refuses a neighbour on the same step', () => {
    expect(faultsOf({ 'src/mail/outbox.ts': "import '../audit/audit.ts';", 'src/audit/audit.ts': '' })).toEqual([
      'src/mail/outbox.ts imports src/audit/audit.ts: mail -> audit; neighbours on one step do not import each other',
    ]);
  });

  it('lets the attacks run what a client or a test has, take types of anything, and no part of the server', () => {
    expect(
      faultsOf({
        'attack/walk.ts': "import '../src/testing/browser.ts';\nimport type { S } from '../src/config/settings.ts';",
        'attack/cheat.ts': "import { limits } from '../src/limits/limits.ts';",
        'attack/own-target.ts': "import { limits } from '../src/limits/limits.ts';",
        'src/testing/browser.ts': '',
        'src/config/settings.ts': '',
        'src/limits/limits.ts': '',
      }),
    ).toEqual(['attack/cheat.ts imports src/limits/limits.ts: attack/ knows a target from outside']);
  });

  it('refuses a cycle inside one folder, and names it once', () => {
    expect(
      faultsOf({
        'src/mail/a.ts': "import './b.ts';",
        'src/mail/b.ts': "import './c.ts';",
        'src/mail/c.ts': "import './a.ts';",
      }),
    ).toEqual(['a cycle: src/mail/a.ts -> src/mail/b.ts -> src/mail/c.ts -> src/mail/a.ts']);
  });

  it('lets browser/ import only itself, and nothing import browser/', () => {
    expect(
      faultsOf({
        'src/browser/slider.ts': "import '../base/clock.ts';",
        'src/base/clock.ts': '',
        'src/http/server.ts': "import '../browser/slider.ts';",
      }),
    ).toEqual([
      'src/browser/slider.ts imports src/base/clock.ts: browser/ stands alone',
      'src/http/server.ts imports src/browser/slider.ts: browser/ stands alone',
    ]);
  });

  it('lets client/ take types from anywhere and nothing else, and only browser/ take its code', () => {
    const files = {
      'src/client/work.ts': '',
      'src/refusals.ts': '',
      'src/browser/check.ts': "import '../client/work.ts';",
    };
    expect(
      faultsOf({
        ...files,
        'src/client/client.ts': "import type { Refusal } from '../refusals.ts'; import './work.ts';",
      }),
    ).toEqual([]);
    expect(
      faultsOf({
        ...files,
        'src/client/client.ts': "import type { A } from './work.ts';\nimport { refusals } from '../refusals.ts';",
        'src/http/server.ts': "import '../client/work.ts';",
      }),
    ).toEqual([
      'src/client/client.ts imports src/refusals.ts: client/ stands alone',
      'src/http/server.ts imports src/client/work.ts: client/ stands alone',
    ]);
  });

  it('keeps testing/ and examples/ out of the product, except for the CLI', () => {
    const files = { 'src/testing/mailbox.ts': '', 'examples/shop/shop.ts': '' };
    const text = "import '../testing/mailbox.ts'; import '../../examples/shop/shop.ts';";
    expect(faultsOf({ ...files, 'src/cli/demo.ts': text })).toEqual([]);
    expect(faultsOf({ ...files, 'src/mail/smtp.ts': text })).toHaveLength(2);
  });

  it('refuses an unknown folder, a missing file and an imported test', () => {
    expect(
      faultsOf({
        'src/utils/text.ts': "import '../base/clock.ts';",
        'src/base/clock.ts': "import './gone.ts';",
        'src/mail/a.ts': "import '../base/clock.test.ts';",
        'src/base/clock.test.ts': "import '../mail/a.ts';",
      }),
    ).toEqual(
      expect.arrayContaining([
        'src/base/clock.ts imports src/base/gone.ts, which does not exist',
        'src/utils/text.ts imports src/base/clock.ts: utils has no place in the layers',
        'src/mail/a.ts imports the test src/base/clock.test.ts',
      ]),
    );
  });
});
