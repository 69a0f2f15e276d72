// "Did you mean gmail.com?": offered to whoever types an address, never forced, and from the text alone, so that it says
// nothing about any account.

const commonDomains = [
  'gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com ymail.com icloud.com me.com',
  'mac.com aol.com proton.me protonmail.com mail.com email.com gmx.com zoho.com fastmail.com hey.com pm.me',
  'tutanota.com tuta.com comcast.net verizon.net att.net hotmail.es outlook.es yahoo.es live.es',
  'telefonica.net movistar.es terra.es ono.com orange.es hotmail.com.ar yahoo.com.ar live.com.ar',
  'outlook.com.ar fibertel.com.ar speedy.com.ar arnet.com.ar hotmail.com.mx yahoo.com.mx live.com.mx',
  'prodigy.net.mx yahoo.com.co yahoo.com.pe yahoo.com.ve hotmail.cl outlook.cl live.cl yahoo.cl vtr.net',
  'cantv.net adinet.com.uy latinmail.com hotmail.co.uk outlook.co.uk yahoo.co.uk live.co.uk btinternet.com',
  'sky.com talktalk.net yahoo.co.in hotmail.fr outlook.fr yahoo.fr live.fr orange.fr wanadoo.fr free.fr',
  'sfr.fr laposte.net gmx.de gmx.net web.de t-online.de freenet.de hotmail.de outlook.de yahoo.de live.de',
  'libero.it virgilio.it tiscali.it alice.it hotmail.it outlook.it yahoo.it live.it tim.it hotmail.com.br',
  'outlook.com.br yahoo.com.br uol.com.br bol.com.br terra.com.br sapo.pt hotmail.nl mail.ru yandex.ru',
  'yandex.com wp.pl o2.pl interia.pl seznam.cz qq.com 163.com 126.com naver.com yahoo.co.jp yahoo.com.au',
  'yahoo.ca hotmail.ca outlook.com.au live.com.au shaw.ca',
]
  .join(' ')
  .split(' ');

/**
 * The address with the common mail domain that was probably meant; `undefined` where none is near, where the domain is
 * one of them, or where this is no address.
 */
export function suggestAddress(typed: string): string | undefined {
  const at = typed.lastIndexOf('@');
  const domain = typed.slice(at + 1).toLowerCase();
  if (at < 1 || domain.length > 30 || commonDomains.includes(domain)) return undefined;
  let best: { known: string; distance: number } | undefined;
  for (const known of commonDomains) {
    const distance = editDistance(domain, known);
    if (distance <= reach(domain, known) && (best === undefined || distance < best.distance))
      best = { known, distance };
  }
  return best && `${typed.slice(0, at)}@${best.known}`;
}

/** Two slips in a long name, one in a short one; under the same name another country's ending is mostly meant. */
const reach = (domain: string, known: string): number =>
  known.length < 9 || domain.split('.')[0] === known.split('.')[0] ? 1 : 2;

/** Damerau's distance (optimal string alignment): letters missing, added, changed, or two neighbours swapped. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (isSame ? 0 : 1),
        isSwap ? (beforeLast[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
