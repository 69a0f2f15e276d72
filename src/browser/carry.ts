// Carries what was typed at sign-in over to the recovery page, in the URL's fragment: that part of an address never
// reaches a server, a log or a Referer header.

const name = 'identifier';

/** Links to the recovery page inside `root` take along what stands in its identifier field, however they are opened. */
export function carryIdentifier(root: ParentNode & EventTarget): void {
  const carry = ({ target }: Event): void => {
    const link = target instanceof Element ? target.closest('a') : null;
    if (!link || !new URL(link.href).pathname.endsWith('/recover')) return;
    const field = root.querySelector<HTMLInputElement>(`input[name="${name}"]`);
    const url = new URL(link.href);
    url.hash = field?.value ? new URLSearchParams({ [name]: field.value }).toString() : '';
    link.href = url.href;
  };
  // Enter and click; the middle button; "open in a new tab" from the menu.
  for (const type of ['click', 'auxclick', 'contextmenu']) root.addEventListener(type, carry);
}

/** What was carried here; the address is cleaned, so that it is not left in the history or in a shared link. */
export function takeIdentifier(): string | undefined {
  const carried = new URLSearchParams(location.hash.slice(1)).get(name);
  if (carried === null) return undefined;
  history.replaceState(history.state, '', location.pathname + location.search);
  return carried;
}

/** What this page held when it was left: reload and back find it again. It stays in the browser. */
export function keptIdentifier(): string | undefined {
  const kept: unknown = history.state;
  return typeof kept === 'string' ? kept : undefined;
}

export const keepIdentifier = (typed: string): void => history.replaceState(typed, '');
