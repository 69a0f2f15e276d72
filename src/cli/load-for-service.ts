// What `rekey serve` and `rekey worker` begin with: the settings, whole, and a log that has named their risks.
import { createLog, type Log } from '../base/log.ts';
import { type Loaded, loadSettings } from '../config/load.ts';
import { type SettingName, settingNames } from '../config/settings.ts';

/** `config`: the settings file; variables count before it. Throws one fault with everything that is wrong. */
export async function loadForService(config: string | undefined): Promise<Loaded<SettingName> & { readonly log: Log }> {
  const loaded = await loadSettings({ environment: process.env, file: config, needed: settingNames });
  const log = createLog('info');
  for (const risk of loaded.warnings) log.warn({}, risk);
  return { ...loaded, log };
}
