// `rekey config`: what is set, from where, and what is risky. Secrets are masked, so that it may be shown to others.
import { loadSettings } from '../config/load.ts';
import { isSecret, presets, settingNames, type SettingName, variableOf } from '../config/settings.ts';

interface Shown {
  readonly setting: SettingName;
  readonly variable: string;
  readonly value: unknown;
  /** A variable, a file, `preset` or `default`. */
  readonly from: string;
}

export async function showConfig({ config, json }: { config?: string; json: boolean }): Promise<void> {
  const loaded = await loadSettings({ environment: process.env, file: config, needed: settingNames });
  const { settings, sources, warnings } = loaded;
  const shown = settingNames.map((setting): Shown => {
    const value = setting === 'keys' ? settings.keys.map(({ id }) => `${id}:***`) : settings[setting];
    return {
      setting,
      variable: variableOf(setting),
      value: isSecret(setting) && typeof value === 'string' ? maskPassword(value) : (value ?? null),
      from: sources.get(setting) ?? (setting in presets[settings.preset] ? 'preset' : 'default'),
    };
  });
  if (json) {
    console.log(JSON.stringify({ settings: shown, warnings }));
    return;
  }
  const rows = shown.map(({ setting, value, from }) => [setting, inWords(value), from]);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) console.log(row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  '));
  if (warnings.length > 0) console.log(`\nRisky:\n${warnings.map((each) => `  ${each}`).join('\n')}`);
}

const inWords = (value: unknown): string => (value === null ? '(none)' : [value].flat().map(String).join(', '));

/** `smtps://user:password@host` as `smtps://***@host`, as some mail services take one token for both, and every other secret in the query as well. */
const maskPassword = (address: string): string =>
  address.replace(/(:\/\/)[^/]*@/, '$1***@').replace(/([?&]\w*(?:pass|secret|token|key)\w*=)[^&]*/gi, '$1***');
