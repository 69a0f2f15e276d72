// Another company's check in place of the slide: its script, its widget, and the token that it gives. A page that has one
// loads this first, and our own check (human-check.ts) once that is wanted: as a wait, for letters, or as the slide where
// the company cannot be reached. Nothing is decided here: what a token is worth, the server asks the company.

interface Provider {
  readonly name: string;
  readonly siteKey: string;
  readonly script: string;
  readonly action: string;
  readonly cdata: string;
}

interface Task {
  readonly challenge: string;
  readonly lifeMs: number;
  readonly provider: Provider;
}

interface Judged {
  readonly outcome: 'passed' | 'letters' | 'again';
  readonly why?: 'wrong' | 'early' | 'late' | 'unavailable';
  readonly task: Task;
}

interface Widgets {
  ready?(act: () => void): void;
  render(into: HTMLElement, options: Readonly<Record<string, unknown>>): unknown;
  execute?(siteKey: string, options: { readonly action: string }): PromiseLike<string>;
}

declare global {
  interface Window {
    turnstile?: Widgets;
    hcaptcha?: Widgets;
    grecaptcha?: Widgets;
  }
}

const patienceMs = 10_000;

const root = document.querySelector<HTMLElement>('[data-human-check]');
if (root) start(root, root.dataset);

function start(root: HTMLElement, data: DOMStringMap): void {
  const words: Record<string, string> = JSON.parse(data['words'] ?? '');
  const part = (name: string): HTMLElement => {
    const found = root.querySelector<HTMLElement>(`.check-${name}`);
    if (!found) throw new Error(name);
    return found;
  };
  const box = part('provider');
  const form = root.closest('form');
  const ours = new AbortController();
  const { signal } = ours;
  let isBusy = false;
  /** The button of a form that was sent while the answer was on its way. */
  let wanted: HTMLElement | null | undefined;

  const say = (news = '', fault = '') => {
    part('status').textContent = words[news] ?? '';
    part('error').textContent = words[fault] ?? '';
    if (fault) wanted = undefined;
  };

  const post = async (path: string, body: object) => {
    const response = await fetch(data['checks'] + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ purpose: data['purpose'], ...body }),
    });
    if (!response.ok) throw response;
    return response.json();
  };

  /** Our own check takes over, as it would in a page that came with this state. */
  const handOver = async (state: 'slide' | 'letters' | 'wait', fault = '') => {
    if (signal.aborted) return;
    ours.abort();
    box.hidden = true;
    part('slide').hidden = state === 'letters';
    data['humanCheck'] = state;
    await import(data['own'] ?? '');
    if (fault) say('', fault);
  };

  const stepIn = async () => {
    if (data['instead']) await handOver('slide', 'unavailable');
    else say('', 'unavailable');
  };

  const pass = () => {
    ours.abort();
    const hasFocus = root.contains(document.activeElement);
    box.hidden = true;
    root.classList.add('check-passed');
    const done = part('done');
    done.hidden = false;
    if (hasFocus) done.focus();
    say('passed');
    if (wanted !== undefined) form?.requestSubmit(wanted);
  };

  const follow = async ({ outcome, why, task }: Judged) => {
    if (outcome === 'passed') pass();
    else if (outcome === 'letters') {
      data['challenge'] = task.challenge;
      await handOver('letters');
    } else if (why === 'unavailable') await stepIn();
    else {
      say('', why);
      await ask();
    }
  };

  let asked = 0;
  const ask = async (): Promise<void> => {
    asked += 1;
    const own = asked;
    // What is shown meanwhile, or whoever took over, makes an older widget worthless.
    const isOld = () => signal.aborted || own !== asked;
    try {
      const { challenge, lifeMs, provider }: Task = await post('', { kind: 'provider' });
      // Renewed before it is too old, so that a person who comes back late finds it as it was.
      setTimeout(() => isOld() || isBusy || void ask(), lifeMs - 60_000);
      const token = await tokenOf(part('widget'), provider).catch(() => undefined);
      if (isOld()) return;
      if (token === undefined) return await stepIn();
      isBusy = true;
      say('checking');
      const judged = await post('/answers', { challenge, mode: 'provider', token });
      isBusy = false;
      if (!isOld()) await follow(judged);
    } catch (reason) {
      isBusy = false;
      say('', reason instanceof Response && reason.status === 429 ? 'tooMany' : 'failed');
    }
  };

  // The way on when no script comes.
  say();
  box.hidden = false;
  part('provider .check-wait').addEventListener('click', () => void handOver('wait'), { signal });
  form?.addEventListener(
    'submit',
    (event) => {
      event.preventDefault();
      if (isBusy) {
        wanted = event.submitter;
        return;
      }
      say('', 'missing');
      box.focus();
    },
    { signal },
  );
  void ask();
}

let loading: Promise<void> | undefined;

const load = (source: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = source;
    script.addEventListener('load', () => resolve());
    script.addEventListener('error', reject);
    setTimeout(reject, patienceMs);
    document.head.append(script);
  });

/** One token, of a new widget; rejects where the company cannot be reached or gives up. */
async function tokenOf(into: HTMLElement, { name, siteKey, script, action, cdata }: Provider): Promise<string> {
  await (loading ??= load(script));
  const widgets = name === 'turnstile' ? window.turnstile : name === 'hcaptcha' ? window.hcaptcha : window.grecaptcha;
  if (!widgets) throw new Error(name);
  // That of Turnstile is for scripts that wait for its script.
  if (name !== 'turnstile') await new Promise<void>((resolve) => (widgets.ready ? widgets.ready(resolve) : resolve()));
  if (name === 'recaptcha-v3' && widgets.execute) return widgets.execute(siteKey, { action });
  const place = document.createElement('div');
  into.replaceChildren(place);
  const language = document.documentElement.lang;
  return new Promise((resolve, reject) => {
    widgets.render(place, {
      sitekey: siteKey,
      callback: resolve,
      'error-callback': reject,
      theme: matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light',
      ...(name === 'turnstile' ? { action, cData: cdata, language } : { hl: language }),
    });
  });
}
