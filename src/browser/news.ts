// Asks whether there is news, and says so beside the link that is there anyway. Nothing that is being read moves.

const everyMs = 30_000;

const place = document.querySelector<HTMLElement>('[data-news]');

async function ask({ dataset, textContent }: HTMLElement): Promise<string> {
  if (document.hidden) return textContent ?? '';
  try {
    const answer = await fetch(dataset.news ?? '', { redirect: 'error', headers: { accept: 'application/json' } });
    const news: unknown = answer.ok ? await answer.json() : undefined;
    return typeof news === 'object' && news && 'words' in news ? String(news.words) : (textContent ?? '');
  } catch {
    // Signed out, or no network: the next page says which.
    return textContent ?? '';
  }
}

if (place) {
  const say = async () => {
    const words = await ask(place);
    // Said once, not every half minute.
    if (place.textContent !== words) place.textContent = words;
  };
  setInterval(() => void say(), everyMs);
}
